import { useJobs } from '@sluice/react'
import { CircleHelp, Command, Menu as MenuIcon, Moon, Sun } from 'lucide-react'
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { isTyping } from '@/components/job/list'
import { useTotals } from '@/lib/live'
import { PAGES } from '@/lib/pages'
import { usePresence } from '@/lib/presence'
import { choose, useTheme } from '@/lib/theme'
import { Announcer } from './announcer'
import { ConnectionDot, Interruption } from './connection'
import { Teller } from './teller'
import { Button } from './ui/button'
import { IconButton } from './ui/icon-button'
import { Kbd } from './ui/parts'

const Palette = lazy(() => import('./palette'))
const Keys = lazy(() => import('./keys'))
const More = lazy(() => import('./more'))
const Detail = lazy(() => import('./job/detail'))

export function Shell({ children }: { children: ReactNode }) {
  const [location, go] = useLocation()
  const [search, setSearch] = useSearchParams()
  const [palette, setPalette] = useState(false)
  const [keys, setKeys] = useState(false)
  const [more, setMore] = useState(false)
  const look = useTheme()
  usePresence()

  useEffect(() => {
    let after = 0
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setPalette(open => !open)
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') setKeys(true)
      else if (event.key === 'g') after = Date.now()
      else if (Date.now() - after < 1_500) {
        after = 0
        const page = PAGES.find(one => one.letter === event.key)
        if (page) go(page.path)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [go])

  const job = search.get('job') ?? undefined
  const close = () =>
    setSearch(
      before => {
        const next = new URLSearchParams(before)
        next.delete('job')
        return next
      },
      { replace: true },
    )

  const other = look === 'dark' ? 'light' : 'dark'
  const nav = (
    <>
      {PAGES.map(page => (
        <Entry key={page.path} {...page} here={location === page.path} onGo={() => setMore(false)} />
      ))}
    </>
  )

  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-50 rounded bg-raised p-2 focus:not-sr-only focus:fixed focus:left-2 focus:top-2"
      >
        To the content
      </a>
      <aside className="hidden w-14 shrink-0 flex-col border-r border-line bg-surface md:flex lg:w-52">
        <Link href="/" className="flex h-14 items-center gap-2.5 px-4 font-semibold tracking-tight" aria-label="Sluice">
          <img src="/favicon.svg" alt="" className="size-6" />
          <span className="hidden text-[0.9375rem] lg:inline">Sluice</span>
        </Link>
        <nav aria-label="Pages" className="flex flex-1 flex-col gap-0.5 overflow-y-auto px-2">
          {nav}
        </nav>
        <div className="flex flex-col gap-2 border-t border-line p-2">
          <div className="flex flex-col gap-0.5 lg:flex-row lg:items-center">
            <Button variant="ghost" size="sm" className="flex-1 justify-start px-2" onClick={() => setPalette(true)}>
              <Command aria-hidden />
              <span className="sr-only lg:not-sr-only">Commands</span>
              <span className="ml-auto hidden gap-0.5 lg:flex" aria-hidden>
                <Kbd>⌘</Kbd>
                <Kbd>K</Kbd>
              </span>
            </Button>
          </div>
          <div className="flex flex-col items-center gap-1 lg:flex-row">
            <div className="min-w-0 flex-1 px-2 py-1">
              <span className="hidden lg:block">
                <ConnectionDot />
              </span>
              <span className="lg:hidden">
                <ConnectionDot bare />
              </span>
            </div>
            <IconButton icon={CircleHelp} label="Keys" onClick={() => setKeys(true)} className="max-lg:hidden" />
            <IconButton
              icon={look === 'dark' ? Sun : Moon}
              label={`Switch to ${other}`}
              onClick={() => choose(other)}
            />
          </div>
        </div>
      </aside>
      <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-surface px-4 md:hidden">
        <img src="/favicon.svg" alt="" className="size-5" />
        <span className="flex-1 text-sm font-semibold">
          {PAGES.find(page => page.path === location)?.label ?? 'Sluice'}
        </span>
        <ConnectionDot bare />
        <IconButton icon={look === 'dark' ? Sun : Moon} label={`Switch to ${other}`} onClick={() => choose(other)} />
      </header>
      <main id="main" className="flex min-h-0 min-w-0 flex-1 flex-col">
        {children}
      </main>
      <nav aria-label="Pages" className="flex h-14 shrink-0 border-t border-line bg-surface md:hidden">
        {PAGES.slice(0, 4).map(page => (
          <Link
            key={page.path}
            href={page.path}
            aria-current={location === page.path ? 'page' : undefined}
            className="flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-2xs text-faint aria-[current=page]:font-medium aria-[current=page]:text-accent"
          >
            <page.icon className="size-5" aria-hidden />
            {page.label}
          </Link>
        ))}
        <button
          type="button"
          className="flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs text-faint"
          onClick={() => setMore(true)}
        >
          <MenuIcon className="size-5" aria-hidden />
          More
        </button>
      </nav>
      <Interruption />
      <Announcer />
      <Teller />
      <Suspense>
        {keys && <Keys onClose={() => setKeys(false)} />}
        {more && <More here={location} onClose={() => setMore(false)} />}
        {palette && <Palette onClose={() => setPalette(false)} onKeys={() => setKeys(true)} />}
        {job && <Detail id={job} onClose={close} />}
      </Suspense>
    </div>
  )
}

export function Entry({
  path,
  label,
  icon: Icon,
  here,
  onGo,
  full,
}: {
  path: string
  label: string
  icon: typeof Sun
  here: boolean
  onGo: () => void
  full?: boolean
}) {
  return (
    <Link
      href={path}
      onClick={onGo}
      title={label}
      aria-current={here ? 'page' : undefined}
      className={`flex h-9 items-center gap-2.5 rounded-md px-2.5 text-[0.8125rem] font-medium text-soft hover:bg-sunk hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent ${full ? '' : 'max-lg:justify-center'}`}
    >
      <Icon className="size-[1.125rem] shrink-0" aria-hidden />
      <span className={full ? '' : 'sr-only lg:not-sr-only'}>{label}</span>
      {path === '/' && <Running />}
    </Link>
  )
}

function Running() {
  const { running, failed } = useTotals(useJobs())
  if (running + failed === 0) return null
  return (
    <span className="ml-auto hidden items-center gap-1.5 text-xs lg:flex">
      {failed > 0 && <span className="text-bad">{failed} failed</span>}
      {running > 0 && <span className="text-faint">{running}</span>}
    </span>
  )
}
