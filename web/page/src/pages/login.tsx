import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { Button, buttonLook } from '@/components/ui/button'
import { TextField } from '@/components/ui/field'
import { Card, Failed } from '@/components/ui/parts'
import { client } from '@/lib/client'
import { cn } from '@/lib/cn'
import { auth } from '@/lib/server'

/** Where to come back to; only within this page. */
const back = (word: string | null) => (word && /^\/(?!\/)/.test(word) ? word : '/')

export default function Login() {
  const [search] = useSearchParams()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const { data: known } = useQuery({ queryKey: ['auth'], queryFn: auth })
  const failed = search.get('failed')
  const login = useMutation({
    mutationFn: () => client.login(username, password),
    // Loaded anew, so that nothing of another user stays.
    onSuccess: () => location.replace(back(search.get('back'))),
  })
  return (
    <main className="grid h-full place-items-center overflow-y-auto p-4">
      <div className="w-full max-w-sm">
        <div className="mb-5 flex items-center justify-center gap-2.5">
          <img src="/favicon.svg" alt="" className="size-8" />
          <h1 className="text-xl font-semibold tracking-tight">Sluice</h1>
        </div>
        <Card>
          <form
            className="space-y-4 p-5"
            onSubmit={event => {
              event.preventDefault()
              login.mutate()
            }}
          >
            <TextField
              label="User"
              autoComplete="username"
              autoFocus
              required
              value={username}
              onChange={event => setUsername(event.target.value)}
            />
            <TextField
              label="Password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={event => setPassword(event.target.value)}
            />
            {login.error ? (
              <Failed failure={login.error} />
            ) : (
              failed && <Failed failure={{ message: 'The single sign-on let nobody in.', code: failed }} />
            )}
            <Button type="submit" variant="solid" className="w-full" disabled={login.isPending}>
              {login.isPending ? 'Signing in' : 'Sign in'}
            </Button>
            {known?.issuer && (
              <a
                href={`${known.issuer}?back=${encodeURIComponent(back(search.get('back')))}`}
                className={cn(buttonLook('outline'), 'w-full')}
              >
                Single sign-on
              </a>
            )}
          </form>
        </Card>
      </div>
    </main>
  )
}
