import { useEffect, useState } from 'react'
import { client } from '@/lib/client'
import { KINDS } from '@/lib/words'

const WORDS: Record<string, string> = {
  created: 'was added',
  paused: 'is paused',
  resumed: 'goes on',
  retrying: 'will be tried again',
  completed: 'has completed',
  failed: 'has failed',
  cancelled: 'was cancelled',
}

/** Tells screen readers of transitions, never of progress; of many at once only their number. */
export function Announcer() {
  const [text, setText] = useState('')
  useEffect(() => {
    const events = client.live.events()
    let heard: string[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    void (async () => {
      for await (const event of events) {
        const words = event.type === 'event' ? WORDS[event.event] : undefined
        if (event.type !== 'event' || !words) continue
        const job = client.live.jobs.get(event.job)
        heard.push(`${job?.name ?? KINDS[event.kind]} ${words}`)
        timer ??= setTimeout(() => {
          setText(heard.length > 3 ? `${heard.length} changes: ${heard.at(-1)}` : heard.join('. '))
          heard = []
          timer = undefined
        }, 700)
      }
    })()
    return () => {
      clearTimeout(timer)
      void events.return?.()
    }
  }, [])
  return (
    <div aria-live="polite" className="sr-only" data-announcer>
      {text}
    </div>
  )
}
