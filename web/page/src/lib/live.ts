import type { Job, Progress } from '@sluice/client'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { client } from './client'

const { live } = client

/** The job of an upload, once the server knows of it. */
export function useJobIfAny(id: string | undefined): Job | undefined {
  const subscribe = useCallback(
    (changed: () => void) => {
      if (!id) return () => {}
      const off = live.jobs.on(id, changed)
      const release = live.watch(id)
      return () => {
        off()
        release()
      }
    },
    [id],
  )
  return useSyncExternalStore(subscribe, () => (id ? live.jobs.get(id) : undefined))
}

/** How far a job is: what ticks say while it runs, else its document. */
export function useProgress(job: Job): Progress {
  const tick = useSyncExternalStore(
    useCallback(changed => live.ticks.on(job.id, changed), [job.id]),
    () => live.ticks.get(job.id),
  )
  return job.state === 'running' ? (tick ?? job.progress) : { ...(tick ?? job.progress), ...over(job) }
}

/** What has ended has the last word in its document; nothing that stands still has a speed. */
function over(job: Job): Partial<Progress> {
  const still = { rate: undefined, eta: undefined } as Partial<Progress>
  return job.state === 'completed' ? { ...job.progress, ...still, percent: 100 } : still
}

/** The present moment, told once in so many milliseconds. */
export function useNow(every = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

const STALLED_AFTER = 8_000

/** Since when a running job has moved nothing, in milliseconds; watched by one clock for all. */
class Stalls {
  private readonly last = new Map<string, { bytes: number; percent: number; at: number }>()
  private readonly listeners = new Set<() => void>()
  private stalled: ReadonlyMap<string, number> = new Map()
  private timer: ReturnType<typeof setInterval> | undefined

  on = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    this.timer ??= setInterval(() => this.look(), 1_000)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) {
        clearInterval(this.timer)
        this.timer = undefined
      }
    }
  }

  since = (id: string): number | undefined => this.stalled.get(id)

  private look(): void {
    const now = Date.now()
    const found = new Map<string, number>()
    const running = new Set<string>()
    for (const job of live.jobs.all()) {
      if (job.state !== 'running') continue
      running.add(job.id)
      const { bytes, percent } = live.ticks.get(job.id) ?? job.progress
      const known = this.last.get(job.id)
      if (!known || known.bytes !== bytes || known.percent !== percent)
        this.last.set(job.id, { bytes, percent, at: now })
      else if (now - known.at >= STALLED_AFTER) found.set(job.id, known.at)
    }
    for (const id of this.last.keys()) if (!running.has(id)) this.last.delete(id)
    const changed = found.size !== this.stalled.size || [...found.keys()].some(id => !this.stalled.has(id))
    if (!changed) return
    this.stalled = found
    for (const listener of this.listeners) listener()
  }
}

const stalls = new Stalls()

export const useStalledSince = (id: string) => useSyncExternalStore(stalls.on, () => stalls.since(id))

export interface Totals {
  running: number
  waiting: number
  paused: number
  failed: number
  over: number
}

export function useTotals(jobs: readonly Job[]): Totals {
  return useMemo(() => {
    const totals: Totals = { running: 0, waiting: 0, paused: 0, failed: 0, over: 0 }
    for (const { state } of jobs) {
      if (state === 'running') totals.running++
      else if (state === 'pending') totals.waiting++
      else if (state === 'paused') totals.paused++
      else if (state === 'failed') totals.failed++
      else totals.over++
    }
    return totals
  }, [jobs])
}
