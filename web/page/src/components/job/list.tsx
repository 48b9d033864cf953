import type { Job } from '@sluice/client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { act } from '@/lib/acts'
import { useWide } from '@/lib/wide'
import { BatchRow } from './batch-row'
import { JobRow } from './row'

type Line =
  { type: 'job'; key: string; job: Job; inner: boolean } | { type: 'batch'; key: string; jobs: readonly Job[] }

interface Props {
  jobs: readonly Job[]
  /** Jobs of one batch as one line that opens. */
  grouped?: boolean
  picked: ReadonlySet<string>
  onPicked: (picked: ReadonlySet<string>) => void
  onOpen: (id: string) => void
  label: string
  onEnd?: () => void
}

/** Any number of jobs: only what is seen is drawn, and every line has its height beforehand, so that nothing jumps. */
export function JobList({ jobs, grouped = true, picked, onPicked, onOpen, label, onEnd }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const lines = useMemo(() => laidOut(jobs, grouped, open), [jobs, grouped, open])
  const wide = useWide()
  const box = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<string>()
  const anchor = useRef<string>(undefined)

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: index =>
      !wide ? 108 : lines[index]?.type === 'job' && (lines[index] as { inner: boolean }).inner ? 48 : 60,
    getItemKey: index => lines[index]?.key ?? index,
    overscan: 6,
  })
  useEffect(() => virtual.measure(), [wide, virtual])

  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (onEnd && last >= lines.length - 10) onEnd()
  }, [last, lines.length, onEnd])

  const pick = useCallback(
    (id: string, range: boolean) => {
      const ids = lines.flatMap(line => (line.type === 'job' ? [line.job.id] : []))
      const next = new Set(picked)
      const from = range && anchor.current ? ids.indexOf(anchor.current) : -1
      if (from >= 0) {
        const to = ids.indexOf(id)
        ids.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(one => next.add(one))
      } else if (!next.delete(id)) next.add(id)
      anchor.current = id
      onPicked(next)
    },
    [lines, picked, onPicked],
  )
  const toggle = useCallback((batch: string) => setOpen(now => toggled(now, batch)), [])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      const index = lines.findIndex(line => line.key === active)
      const line = lines[index]
      const go = (to: number) => {
        const found = lines[Math.max(0, Math.min(lines.length - 1, to))]
        if (!found) return
        setActive(found.key)
        virtual.scrollToIndex(lines.indexOf(found))
        event.preventDefault()
      }
      switch (event.key) {
        case 'j':
          return go(index + 1)
        case 'k':
          return go(index < 0 ? 0 : index - 1)
        case 'Escape':
          if (picked.size > 0) onPicked(new Set())
          return
        case 'a':
          return onPicked(new Set(jobs.map(job => job.id)))
      }
      if (!line) return
      if (line.type === 'batch') {
        if (event.key === 'o') toggle(line.key)
        return
      }
      const { job } = line
      if (event.key === 'o') onOpen(job.id)
      else if (event.key === 'x') pick(job.id, false)
      else if (event.key === 'c' && job.links.cancel) void act('cancel', job.id)
      else if (event.key === 'p' && job.links.pause) void act('pause', job.id)
      else if (event.key === 'p' && job.links.resume) void act('resume', job.id)
      else if (event.key === 'r' && job.links.retry) void act('retry', job.id)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [lines, active, jobs, picked, onPicked, onOpen, pick, toggle, virtual])

  return (
    <div
      ref={box}
      role="list"
      aria-label={label}
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto overflow-x-hidden outline-offset-[-2px]"
    >
      <div className="relative w-full" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => {
          const line = lines[item.index]
          if (!line) return null
          return (
            <div
              key={item.key}
              role="listitem"
              aria-setsize={lines.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {line.type === 'batch' ? (
                <BatchRow batch={line.key} jobs={line.jobs} open={open.has(line.key)} onToggle={toggle} />
              ) : (
                <JobRow
                  job={line.job}
                  inner={line.inner}
                  picked={picked.has(line.job.id)}
                  active={active === line.key}
                  onPick={pick}
                  onOpen={onOpen}
                />
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function laidOut(jobs: readonly Job[], grouped: boolean, open: ReadonlySet<string>): Line[] {
  const batches = new Map<string, Job[]>()
  if (grouped) for (const job of jobs) if (job.batch) put(batches, job.batch, job)
  const lines: Line[] = []
  const told = new Set<string>()
  for (const job of jobs) {
    const together = job.batch ? batches.get(job.batch) : undefined
    if (!together || together.length < 2) lines.push({ type: 'job', key: job.id, job, inner: false })
    else if (!told.has(job.batch!)) {
      told.add(job.batch!)
      lines.push({ type: 'batch', key: job.batch!, jobs: together })
      if (open.has(job.batch!)) {
        // What failed is looked for first.
        const files = [...together].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'))
        for (const file of files) lines.push({ type: 'job', key: file.id, job: file, inner: true })
      }
    }
  }
  return lines
}

function toggled(set: ReadonlySet<string>, word: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(word)) next.add(word)
  return next
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.closest('input:not([type=checkbox]), textarea, select, [role=dialog], [role=menu]') !== null ||
      target.isContentEditable)
  )
}

function put(batches: Map<string, Job[]>, batch: string, job: Job): void {
  const jobs = batches.get(batch)
  if (jobs) jobs.push(job)
  else batches.set(batch, [job])
}
