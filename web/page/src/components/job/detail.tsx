import type { Job, JobEvent, Sample } from '@sluice/client'
import { useJobDocument } from '@sluice/react'
import { useQuery } from '@tanstack/react-query'
import { Copy, FileDown, Pause, Play, RotateCcw, SkipBack, Trash2, Undo2, X } from 'lucide-react'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { toast } from 'sonner'
import Graph from '@/components/graph'
import { Throughput } from '@/components/throughput'
import { Button, buttonLook } from '@/components/ui/button'
import { Panel } from '@/components/ui/dialog'
import { Failed, Loading, Note } from '@/components/ui/parts'
import { act, complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { bytes, capital, duration, left, millis, moment, plural, rate, time } from '@/lib/format'
import { useProgress, useStalledSince } from '@/lib/live'
import { isOver, KINDS, nextStep, stageLabel, stallReason, STATES } from '@/lib/words'
import { Bar } from './bar'
import { StateIcon, stateTone } from './kind'
import { amount } from './says'

/** All that is known of one job, live while it runs, to be replayed when it has ended. */
export default function Detail({ id, onClose }: { id: string; onClose: () => void }) {
  const job = useJobDocument(id)
  const looked = useQuery({ queryKey: ['job', id], queryFn: () => client.jobs.get(id), enabled: !job })
  const shown = job ?? looked.data
  return (
    <Panel
      open
      onClose={onClose}
      shape="sheet"
      title={shown?.name ?? 'Job'}
      description={
        shown &&
        `${KINDS[shown.kind]}, ${shown.owner === 'local' ? '' : `of ${shown.owner}, `}created ${moment(shown.created)}`
      }
      footer={shown && <Acts job={shown} onGone={onClose} />}
    >
      {shown ? <About job={shown} /> : looked.isError ? <Failed failure={looked.error} /> : <Loading rows={4} />}
    </Panel>
  )
}

function About({ job }: { job: Job }) {
  const progress = useProgress(job)
  const stalledSince = useStalledSince(job.id)
  return (
    <div className="space-y-5">
      <section aria-label="State">
        <div className="mb-2 flex items-center gap-2 text-sm">
          <StateIcon state={job.state} />
          <span className={`font-semibold ${stateTone(job.state)}`}>{STATES[job.state]}</span>
          <span className="text-faint">{amount(progress)}</span>
          <span className="ml-auto text-soft">
            {progress.rate && job.state === 'running'
              ? `${rate(progress.rate)}${progress.eta !== undefined ? `, ${left(progress.eta)}` : ''}`
              : ''}
          </span>
        </div>
        <Bar job={job} progress={progress} stalled={stalledSince !== undefined} />
        {progress.current && job.state === 'running' && (
          <p className="mt-1.5 truncate text-xs text-faint">{progress.current}</p>
        )}
      </section>
      {stalledSince !== undefined && (
        <Note tone="warn">
          Nothing has moved since {time(stalledSince)}: {stallReason(job)}. It goes on by itself when that passes;
          pausing or cancelling works all the same.
        </Note>
      )}
      {job.error && job.state !== 'completed' && job.state !== 'running' && (
        <div className="rounded-lg bg-bad-soft px-3.5 py-2.5 text-[0.8125rem]">
          <p className="font-medium break-words text-bad">{job.error.message}</p>
          <p className="mt-0.5">{nextStep(job.error, job.kind)}</p>
          <p className="mt-1 text-xs text-soft">
            {job.error.code}, attempt {job.attempt}
          </p>
        </div>
      )}
      {job.state === 'cancelled' && job.receipt && (
        <Note tone="ok">
          Decided in {millis(job.receipt.requestMillis)}
          {job.receipt.lastByteMillis !== undefined &&
            `, last byte handed on after ${millis(job.receipt.lastByteMillis)}`}
          {job.receipt.cleanup === 'done' ? '; nothing is left behind.' : '; what is left is being cleaned up.'}
        </Note>
      )}
      <Part title={isOver(job.state) ? 'How it went' : 'Throughput'}>
        {isOver(job.state) ? <Replay job={job} /> : <Throughput job={job.id} height={120} />}
      </Part>
      <Part title="Stages">
        <StageTimes job={job} />
      </Part>
      {job.kind === 'operation' && isOver(job.state) && (
        <Part title="Files">
          <Report job={job} />
        </Part>
      )}
      <Part title="Facts">
        <Facts job={job} />
      </Part>
      <Part title="Events">
        <Timeline job={job} />
      </Part>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="label mb-1.5">{title}</h3>
      {children}
    </section>
  )
}

function StageTimes({ job }: { job: Job }) {
  return (
    <ol className="overflow-hidden rounded-lg border border-line text-[0.8125rem]">
      {job.stages.map(stage => {
        const over = stage.ended ?? (stage.started && isOver(job.state) ? job.ended : undefined)
        const now = stage.name === job.stage && job.state === 'running'
        return (
          <li
            key={stage.name}
            className={`flex items-center gap-3 border-b border-line px-3 py-1.5 last:border-0 ${now ? 'bg-accent-soft' : ''}`}
          >
            <span className="flex-1">{stageLabel(stage.name)}</span>
            <span className="text-xs text-faint">
              {stage.from} – {stage.to} %
            </span>
            <span className="w-24 text-right text-soft">
              {stage.started ? (over ? duration((Date.parse(over) - Date.parse(stage.started)) / 1000) : 'now') : '–'}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

const SPEED = 4_000

/** The thinned history of a job, once more, in a few seconds. */
function Replay({ job }: { job: Job }) {
  const { data, isPending, error } = useQuery({
    queryKey: ['job', job.id, 'history', job.seq],
    queryFn: () => client.jobs.history(job.id),
  })
  if (error) return <Failed failure={error} />
  if (isPending) return <div className="h-40 animate-breathe rounded-lg bg-sunk" />
  if (data.length < 2) return <p className="text-[0.8125rem] text-soft">It was over too soon for a curve.</p>
  return <Reel job={job} samples={data} />
}

function Reel({ job, samples }: { job: Job; samples: Sample[] }) {
  const first = Date.parse(samples[0]!.at)
  const last = Math.max(Date.parse(samples.at(-1)!.at), first + 1)
  const [at, setAt] = useState(1)
  const [playing, setPlaying] = useState(false)
  useEffect(() => {
    if (!playing) return
    let frame = 0
    let before = performance.now()
    const step = (now: number) => {
      const passed = now - before
      before = now
      setAt(place => {
        const next = Math.min(1, place + passed / SPEED)
        if (next === 1) setPlaying(false)
        return next
      })
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [playing])
  const until = first + at * (last - first)
  const seen = samples.filter(sample => Date.parse(sample.at) <= until)
  const now = seen.at(-1) ?? samples[0]!
  const [xs, ys] = useMemo(
    () => [seen.map(sample => Date.parse(sample.at) / 1000), seen.map(sample => sample.rate)],
    [seen.length],
  )
  return (
    <div className="rounded-lg border border-line p-2">
      <Graph
        xs={xs}
        ys={ys}
        from={first / 1000}
        to={last / 1000}
        height={110}
        label={`Speed of ${job.name} from ${time(first)} to ${time(last)}`}
      />
      <div className="mt-1 flex items-center gap-2">
        <Button
          size="sm"
          onClick={() => {
            if (at === 1) setAt(0)
            setPlaying(!playing)
          }}
        >
          {playing ? <Pause aria-hidden /> : at === 1 ? <SkipBack aria-hidden /> : <Play aria-hidden />}
          {playing ? 'Stop' : 'Replay'}
        </Button>
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={time(until)}
          min={0}
          max={1000}
          value={Math.round(at * 1000)}
          onChange={event => {
            setPlaying(false)
            setAt(Number(event.target.value) / 1000)
          }}
          className="min-w-0 flex-1 accent-(--accent)"
        />
        <span className="w-44 text-right text-xs text-soft">
          {Math.floor(now.percent)} %, {bytes(now.bytes)}, {rate(now.rate)}
        </span>
      </div>
    </div>
  )
}

/** Who looked at the file of an import, and what they saw. */
function scanned(scan: unknown): string | undefined {
  return typeof scan === 'object' && scan !== null && 'sentence' in scan ? String(scan.sentence) : undefined
}

function Facts({ job }: { job: Job }) {
  const command = `sluice jobs ${job.id}`
  const rows: [string, ReactNode][] = [
    ['Source', job.source],
    ['Target', job.target],
    ['Attempt', job.attempt > 1 ? job.attempt : undefined],
    ['Started', job.started && moment(job.started)],
    ['Ended', job.ended && moment(job.ended)],
    ['Cancelled by', job.cancelledBy && capital(job.cancelledBy)],
    ['Scan', scanned(job.facts.scan)],
    ...Object.entries(job.facts)
      .filter(([, value]) => value !== null && typeof value !== 'object')
      .map(([name, value]): [string, ReactNode] => [
        capital(name.replace(/([A-Z])/g, ' $1').toLowerCase()),
        /bytes|size/i.test(name) && typeof value === 'number' ? bytes(value) : String(value),
      ]),
    ['Id', job.id],
  ]
  return (
    <>
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-[0.8125rem]">
        {rows
          .filter(([, value]) => value !== undefined && value !== '')
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-faint">{name}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
      </dl>
      <button
        type="button"
        className="mt-2 inline-flex max-w-full items-center gap-2 rounded-md bg-sunk px-2 py-1 font-mono text-xs text-soft hover:text-ink"
        onClick={() => void navigator.clipboard.writeText(command).then(() => toast('Copied'), complain)}
      >
        <span className="truncate">{command}</span>
        <Copy className="size-3.5 shrink-0" aria-label="Copy the command" />
      </button>
    </>
  )
}

function Report({ job }: { job: Job }) {
  const { data, error } = useQuery({
    queryKey: ['report', job.id, job.seq],
    queryFn: () => client.operations.report(job.id),
  })
  if (error) return <Failed failure={error} />
  if (!data) return <Loading rows={2} />
  const failed = data.files.filter(file => file.state === 'failed')
  return (
    <div className="space-y-2 text-[0.8125rem]">
      {data.sequences.slice(0, 50).map(line => (
        <p key={line.text} className="break-words">
          <span className="text-faint">{capital(line.state)}</span> {line.text}
        </p>
      ))}
      {failed.slice(0, 50).map(file => (
        <div key={file.source} className="rounded-md bg-bad-soft px-2.5 py-1.5">
          <p className="break-words font-medium">{file.source}</p>
          <p className="text-bad">{file.error}</p>
          {file.code && <p className="text-xs text-soft">{nextStep({ code: file.code })}</p>}
        </div>
      ))}
      <a
        className="inline-flex items-center gap-1.5 font-medium text-accent underline-offset-2 hover:underline"
        href={client.operations.reportUrl(job.id)}
      >
        <FileDown className="size-4" aria-hidden /> The report of {plural(data.files.length, 'file')} as CSV
      </a>
    </div>
  )
}

function Timeline({ job }: { job: Job }) {
  const { data, error } = useQuery({
    queryKey: ['events', job.id, job.seq],
    queryFn: () => client.jobs.events(job.id),
    placeholderData: before => before,
  })
  if (error) return <Failed failure={error} />
  if (!data) return <Loading rows={2} />
  return (
    <ol className="space-y-1 text-[0.8125rem]">
      {data.map(event => (
        <li key={event.seq} className="flex gap-3">
          <time className="w-16 shrink-0 text-faint" dateTime={event.at}>
            {time(event.at)}
          </time>
          <span className="min-w-0 break-words">{told(event)}</span>
        </li>
      ))}
    </ol>
  )
}

function told({ event, data }: JobEvent): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  switch (event) {
    case 'stage':
      return `Stage ${stageLabel(text(data.stage))}`
    case 'note':
      return text((data.note as { text?: unknown } | undefined)?.text) || text(data.text) || 'Note'
    case 'failed':
    case 'retrying':
      return `${event === 'failed' ? 'Failed' : 'To be tried again'}: ${text((data.error as { message?: unknown } | undefined)?.message)}`
    case 'facts':
      return 'More became known'
    default:
      return capital(event)
  }
}

function Acts({ job, onGone }: { job: Job; onGone: () => void }) {
  const { links } = job
  const gone = (what: Promise<unknown>) => void what.then(onGone, complain)
  return (
    <>
      {links.content && (
        <a href={links.content} className={buttonLook('outline', 'sm')} download>
          <FileDown aria-hidden /> Save the file
        </a>
      )}
      {links.undo && (
        <Button
          size="sm"
          onClick={() => gone(job.kind === 'import' ? client.imports.undo(job.id) : client.operations.undo(job.id))}
        >
          <Undo2 aria-hidden /> Undo
        </Button>
      )}
      {links.pause && (
        <Button size="sm" onClick={() => void act('pause', job.id)}>
          <Pause aria-hidden /> Pause
        </Button>
      )}
      {links.resume && (
        <Button size="sm" onClick={() => void act('resume', job.id)}>
          <Play aria-hidden /> Resume
        </Button>
      )}
      {links.retry && (
        <Button size="sm" onClick={() => void act('retry', job.id)}>
          <RotateCcw aria-hidden /> Retry
        </Button>
      )}
      {links.cancel && (
        <Button size="sm" variant="danger" onClick={() => void act('cancel', job.id)}>
          <X aria-hidden /> Cancel
        </Button>
      )}
      {isOver(job.state) && (
        <Button size="sm" variant="ghost" onClick={() => gone(client.jobs.remove(job.id))}>
          <Trash2 aria-hidden /> Forget
        </Button>
      )}
    </>
  )
}
