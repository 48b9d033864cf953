import type { Job } from '@sluice/client'
import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  EllipsisVertical,
  FileDown,
  Pause,
  Play,
  RotateCcw,
  X,
} from 'lucide-react'
import { memo } from 'react'
import { IconButton } from '@/components/ui/icon-button'
import { Button } from '@/components/ui/button'
import { Choices } from '@/components/ui/menu'
import { act, move } from '@/lib/acts'
import { useProgress, useStalledSince } from '@/lib/live'
import { isOver } from '@/lib/words'
import { Bar } from './bar'
import { KindIcon, StateIcon } from './kind'
import { amount, says } from './says'
import { Stages } from './stages'

interface Props {
  job: Job
  inner: boolean
  picked: boolean
  active: boolean
  onPick: (id: string, range: boolean) => void
  onOpen: (id: string) => void
}

export const JobRow = memo(function JobRow({ job, inner, picked, active, onPick, onOpen }: Props) {
  return (
    <div
      className={`job-row border-b border-line transition-colors hover:bg-sunk/60 ${picked ? 'bg-accent-soft/50' : ''} ${active ? 'shadow-[inset_3px_0_0_var(--accent)]' : ''}`}
      data-inner={inner || undefined}
      data-job={job.id}
      data-state={job.state}
    >
      <input
        type="checkbox"
        data-part="pick"
        aria-label={`Select ${job.name}`}
        checked={picked}
        onChange={() => {}}
        onClick={event => onPick(job.id, event.shiftKey)}
        className="size-4 accent-(--accent)"
      />
      <span data-part="kind">
        <KindIcon kind={job.kind} />
      </span>
      <div data-part="name" className="min-w-0">
        <button
          type="button"
          onClick={() => onOpen(job.id)}
          className="block max-w-full truncate rounded-sm text-left font-medium hover:underline"
          title={job.name}
        >
          {job.name}
        </button>
        <Whereabouts job={job} />
      </div>
      <Moving job={job} />
      <div data-part="acts" className="flex justify-end">
        <Acts job={job} />
      </div>
    </div>
  )
})

function Whereabouts({ job }: { job: Job }) {
  const from = job.source ? job.source.replace(/^https?:\/\//, '') : ''
  const to = job.target ?? ''
  const text = from && to && from !== job.name ? `${from} → ${to}` : to ? `→ ${to}` : from
  return (
    <p className="truncate text-xs text-faint" title={text}>
      {text || ' '}
    </p>
  )
}

/** The part of a row that ticks change. */
function Moving({ job }: { job: Job }) {
  const progress = useProgress(job)
  const stalledSince = useStalledSince(job.id)
  const { now, more, tone } = says(job, progress, stalledSince)
  return (
    <>
      <div data-part="bar" className="flex min-w-0 flex-col gap-1.5">
        <div className="flex h-[1.125rem] items-center gap-2 text-xs">
          <div className="min-w-0 flex-1">{isOver(job.state) ? <Ended job={job} /> : <Stages job={job} />}</div>
          <span className="shrink-0 whitespace-nowrap text-faint">{amount(progress)}</span>
          <span className="w-11 shrink-0 whitespace-nowrap text-right font-medium">
            {job.state === 'cancelled' ? '–' : `${Math.floor(progress.percent)} %`}
          </span>
        </div>
        <Bar job={job} progress={progress} stalled={stalledSince !== undefined} />
      </div>
      <div data-part="says" className="min-w-0 text-xs">
        <p className={`flex items-center gap-1.5 text-[0.8125rem] font-medium lg:justify-end ${tone}`}>
          <StateIcon state={job.state} />
          <span className="truncate">{now}</span>
        </p>
        <p className="truncate text-faint" title={more}>
          {more}
        </p>
      </div>
    </>
  )
}

function Ended({ job }: { job: Job }) {
  if (job.state === 'cancelled' && job.receipt) {
    const { cleanup } = job.receipt
    return <span className="text-faint">{cleanup === 'done' ? 'nothing left behind' : 'cleaning up'}</span>
  }
  if (job.state === 'failed') return <span className="text-faint">{job.error?.code}</span>
  return <Stages job={job} />
}

const WHY: Record<string, string> = {
  completed: 'it has completed',
  failed: 'it has failed',
  cancelled: 'it was cancelled',
  pending: 'it has not begun',
  paused: 'it is paused',
  running: 'it runs',
}

function Acts({ job }: { job: Job }) {
  const can = job.links
  const why = WHY[job.state]
  const waits = job.state === 'pending' && job.position !== undefined
  const more = [
    ...(waits
      ? [
          { icon: ArrowUpToLine, label: 'To the front', act: () => void move(job.id, 1), refused: job.position === 1 },
          {
            icon: ArrowUp,
            label: 'One up',
            act: () => void move(job.id, job.position! - 1),
            refused: job.position === 1,
          },
          { icon: ArrowDown, label: 'One down', act: () => void move(job.id, job.position! + 1) },
          { icon: ArrowDownToLine, label: 'To the end', act: () => void move(job.id, 1_000_000) },
        ]
      : []),
    ...(can.content
      ? [{ icon: FileDown, label: 'Save the file', act: () => void window.open(can.content, '_self') }]
      : []),
  ]
  return (
    <>
      {job.state === 'failed' ? (
        <IconButton
          icon={RotateCcw}
          label={`Retry ${job.name}`}
          refused={can.retry ? undefined : 'start it anew instead'}
          onClick={() => void act('retry', job.id)}
        />
      ) : job.state === 'paused' ? (
        <IconButton
          icon={Play}
          label={`Resume ${job.name}`}
          refused={can.resume ? undefined : why}
          onClick={() => void act('resume', job.id)}
        />
      ) : (
        <IconButton
          icon={Pause}
          label={`Pause ${job.name}`}
          refused={can.pause ? undefined : why}
          onClick={() => void act('pause', job.id)}
        />
      )}
      <IconButton
        icon={X}
        label={`Cancel ${job.name}`}
        refused={can.cancel ? undefined : why}
        className="hover:text-bad"
        onClick={() => void act('cancel', job.id)}
      />
      {more.length === 0 ? (
        <span className="size-8 shrink-0 max-sm:hidden" />
      ) : (
        <Choices
          trigger={
            <Button variant="ghost" size="icon" aria-label={`More for ${job.name}`}>
              <EllipsisVertical aria-hidden />
            </Button>
          }
          choices={more}
        />
      )}
    </>
  )
}
