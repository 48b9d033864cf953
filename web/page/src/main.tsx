import { SluiceError } from '@sluice/client'
import { SluiceProvider } from '@sluice/react'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Component, lazy, StrictMode, Suspense, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { Toaster } from 'sonner'
import { Route, Switch } from 'wouter'
import { client } from './lib/client'
import { Shell } from './components/shell'
import { Button } from './components/ui/button'
import { Failed, Loading } from './components/ui/parts'
import { useTheme } from './lib/theme'
import Transfers from './pages/transfers'
import './style.css'

const Upload = lazy(() => import('./pages/upload'))
const Download = lazy(() => import('./pages/download'))
const Disks = lazy(() => import('./pages/disks'))
const Import = lazy(() => import('./pages/import'))
const History = lazy(() => import('./pages/history'))
const Insight = lazy(() => import('./pages/insight'))
const Settings = lazy(() => import('./pages/settings'))
const Login = lazy(() => import('./pages/login'))

/** Whoever has to sign in comes back to where they were. */
function signIn(error: unknown): void {
  if (!(error instanceof SluiceError && error.status === 401) || location.pathname === '/login') return
  location.assign(`/login?back=${encodeURIComponent(location.pathname + location.search)}`)
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: signIn }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; what did not answer may.
      retry: (failures, error) =>
        failures < 3 && !(error instanceof SluiceError && error.status >= 400 && error.status < 500),
    },
  },
})

/** A page that breaks says so, and the others go on. */
class Fence extends Component<{ children: ReactNode }, { failure?: Error }> {
  override state: { failure?: Error } = {}

  static getDerivedStateFromError(failure: Error) {
    return { failure }
  }

  override render() {
    if (!this.state.failure) return this.props.children
    return (
      <div className="mx-auto w-full max-w-lg space-y-3 p-6">
        <Failed failure={{ message: `This page broke: ${this.state.failure.message}` }} />
        <Button onClick={() => location.reload()}>Load it again</Button>
      </div>
    )
  }
}

function Toasts() {
  return (
    <Toaster theme={useTheme()} position="bottom-right" closeButton visibleToasts={4} containerAriaLabel="Messages" />
  )
}

function App() {
  return (
    <Switch>
      <Route path="/login">
        <Suspense fallback={<Loading />}>
          <Login />
        </Suspense>
      </Route>
      <Route>
        <Shell>
          <Fence>
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/" component={Transfers} />
                <Route path="/upload" component={Upload} />
                <Route path="/download" component={Download} />
                <Route path="/disks" component={Disks} />
                <Route path="/import" component={Import} />
                <Route path="/history" component={History} />
                <Route path="/insight" component={Insight} />
                <Route path="/settings" component={Settings} />
              </Switch>
            </Suspense>
          </Fence>
        </Shell>
      </Route>
    </Switch>
  )
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SluiceProvider client={client}>
      <QueryClientProvider client={queries}>
        <App />
        <Toasts />
      </QueryClientProvider>
    </SluiceProvider>
  </StrictMode>,
)
