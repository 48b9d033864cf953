import type { Job } from '@sluice/client'
import { ChevronRight, Pause, Play, RotateCcw, X } from 'lucide-react'
import { memo } from 'react'
import { IconButton } from '@/components/ui/icon-button'
import { complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { bytes, left, plural, rate } from '@/lib/format'
import { useNow } from '@/lib/live'
import { isOver, KINDS } from '@/lib/words'
import { KindIcon } from './kind'

interface Props {
  batch: string
  jobs: readonly Job[]
  open: boolean
  onToggle: (batch: string) => void
}

/** Jobs that belong together, as one line; its figures are the sums of theirs. */
export const BatchRow = memo(function BatchRow({ batch, jobs, open, onToggle }: Props) {
  useNow(500)
  const sum = summed(jobs)
  const first = jobs[jobs.length - 1]!
  const running = jobs.filter(job => job.state === 'running').length
  const failed = jobs.filter(job => job.state === 'failed').length
  const over = jobs.filter(job => isOver(job.state)).length
  const name = `${KINDS[first.kind]} of ${plural(jobs.length, 'file')}`
  const call = (what: 'cancel' | 'pause' | 'resume' | 'retry') => void client.batches[what](batch).catch(complain)
  const alive = over < jobs.length
  return (
    <div className="job-row border-b border-line bg-surface" data-batch={batch}>
      <span data-part="pick" className="size-4" />
      <span data-part="kind">
        <KindIcon kind={first.kind} />
      </span>
      <div data-part="name" className="min-w-0">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => onToggle(batch)}
          className="flex max-w-full items-center gap-1 rounded-sm text-left font-medium hover:underline"
        >
          <ChevronRight
            className={`size-4 shrink-0 text-faint transition-transform ${open ? 'rotate-90' : ''}`}
            aria-hidden
          />
          <span className="truncate">{name}</span>
        </button>
        <p className="truncate pl-5 text-xs text-faint">
          {first.name}
          {jobs.length > 1 && ` and ${plural(jobs.length - 1, 'other')}`}
        </p>
      </div>
      <div data-part="bar" className="flex min-w-0 flex-col gap-1.5">
        <div className="flex h-[1.125rem] items-center gap-2 text-xs text-faint">
          <span className="flex-1 truncate">
            {over} of {jobs.length} done{failed > 0 && <span className="text-bad">, {failed} failed</span>}
          </span>
          <span>{sum.total > sum.bytes ? `${bytes(sum.bytes)} of ${bytes(sum.total)}` : bytes(sum.bytes)}</span>
          <span className="w-11 whitespace-nowrap text-right font-medium text-ink">{Math.floor(sum.percent)} %</span>
        </div>
        <div
          role="progressbar"
          aria-label={`Progress of ${name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(sum.percent)}
          className="h-1.5 overflow-hidden rounded-full bg-sunk"
        >
          <div
            className={`h-full origin-left rounded-full ${alive ? 'bg-live' : failed ? 'bg-bad' : 'bg-ok'}`}
            style={{ transform: `scaleX(${sum.percent / 100})` }}
          />
        </div>
      </div>
      <div data-part="says" className="min-w-0 text-xs">
        <p className="truncate text-[0.8125rem] font-medium">
          {alive ? (running ? rate(sum.rate) : 'Waiting') : 'Ended'}
        </p>
        <p className="truncate text-faint">
          {!alive
            ? '\u00a0'
            : sum.rate > 0 && sum.total > sum.bytes
              ? left((sum.total - sum.bytes) / sum.rate)
              : `${running} running`}
        </p>
      </div>
      <div data-part="acts" className="flex justify-end">
        {jobs.some(job => job.links.retry) ? (
          <IconButton icon={RotateCcw} label="Retry what failed" onClick={() => call('retry')} />
        ) : jobs.some(job => job.links.pause) ? (
          <IconButton icon={Pause} label="Pause all" onClick={() => call('pause')} />
        ) : (
          <IconButton
            icon={Play}
            label="Resume all"
            refused={jobs.some(job => job.links.resume) ? undefined : 'nothing is paused'}
            onClick={() => call('resume')}
          />
        )}
        <IconButton
          icon={X}
          label="Cancel all"
          className="hover:text-bad"
          refused={alive ? undefined : 'all have ended'}
          onClick={() => call('cancel')}
        />
        <span className="size-8 shrink-0 max-sm:hidden" />
      </div>
    </div>
  )
})

function summed(jobs: readonly Job[]): { bytes: number; total: number; rate: number; percent: number } {
  let done = 0
  let total = 0
  let speed = 0
  let percent = 0
  for (const job of jobs) {
    const progress = client.live.ticks.get(job.id) ?? job.progress
    done += progress.bytes
    total += progress.totalBytes ?? progress.bytes
    if (job.state === 'running') speed += progress.rate ?? 0
    percent += job.state === 'completed' ? 100 : progress.percent
  }
  return { bytes: done, total, rate: speed, percent: total > 0 ? (100 * done) / total : percent / jobs.length }
}
