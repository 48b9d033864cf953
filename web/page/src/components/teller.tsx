import type { JobEvent } from '@sluice/client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { toast } from 'sonner'
import { useLocation } from 'wouter'
import { client } from '@/lib/client'
import { choices, show, telling, type Choices, type Outcome } from '@/lib/notify'
import { KINDS, nextStep } from '@/lib/words'

const WORDS: Record<Outcome, string> = { completed: 'Completed', failed: 'Failed', cancelled: 'Cancelled' }

const TOGETHER = 600

/** Says when a job has ended: on the page while it is looked at, by the browser while it is not. */
export function Teller() {
  const [, go] = useLocation()
  const { data } = useQuery({ queryKey: ['notify', 'choices'], queryFn: choices, staleTime: 60_000 })
  const chosen = useRef<Choices | undefined>(data)
  useEffect(() => {
    chosen.current = data
  }, [data])
  useEffect(() => {
    const events = client.live.events()
    let ended: JobEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const say = () => {
      tellOf(ended, job => go(`/?job=${job}`))
      ended = []
      timer = undefined
    }
    void (async () => {
      for await (const event of events) {
        if (event.type !== 'event' || !chosen.current?.[event.kind]?.includes(event.event as Outcome)) continue
        ended.push(event)
        timer ??= setTimeout(say, TOGETHER)
      }
    })()
    return () => {
      clearTimeout(timer)
      void events.return?.()
    }
  }, [go])
  return null
}

/** Many at once are told as one. */
function tellOf(ended: readonly JobEvent[], open: (job: string) => void): void {
  const last = ended.at(-1)
  if (!last) return
  const failed = ended.filter(event => event.event === 'failed')
  const job = (failed[0] ?? last).job
  const title =
    ended.length === 1
      ? `${WORDS[last.event as Outcome]}: ${client.live.jobs.get(last.job)?.name ?? KINDS[last.kind]}`
      : `${ended.length} jobs have ended${failed.length > 0 ? `, ${failed.length} of them failed` : ''}`
  const error = failed[0]?.data.error as { code: string; message: string } | undefined
  const body = error
    ? [error.message, nextStep({ code: error.code }, last.kind)].filter(Boolean).join('. ')
    : ended.length > 1
      ? ''
      : KINDS[last.kind]
  const how = telling()
  if (document.visibilityState === 'hidden') {
    if (how === 'open') void show(title, body, job, job)
    return
  }
  // What is pushed is shown by the browser already.
  if (how === 'push') return
  const kind = failed.length > 0 ? toast.error : last.event === 'completed' ? toast.success : toast
  kind(title, { description: body, action: { label: 'Show', onClick: () => open(job) } })
}
