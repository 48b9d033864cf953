import type { Job, Progress } from '@sluice/client'
import { bytes } from '@/lib/format'
import { STATES } from '@/lib/words'

/** How far it is. Amber stands still, stripes mean that nobody knows how much there is. */
export function Bar({
  job,
  progress,
  stalled,
  slim,
}: {
  job: Job
  progress: Progress
  stalled?: boolean
  slim?: boolean
}) {
  const known = job.state !== 'running' || progress.percent > 0 || progress.totalBytes !== undefined
  const percent = Math.max(0, Math.min(100, progress.percent))
  const fill =
    job.state === 'failed'
      ? 'bg-bad'
      : job.state === 'completed'
        ? 'bg-ok'
        : job.state === 'paused' || stalled
          ? 'bg-warn'
          : job.state === 'running'
            ? 'bg-live'
            : 'bg-strong'
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${job.name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(known ? { 'aria-valuenow': Math.round(percent) } : {})}
      aria-valuetext={`${STATES[job.state]}, ${Math.round(percent)} %, ${bytes(progress.bytes)}`}
      className={`relative w-full overflow-hidden rounded-full bg-sunk ${slim ? 'h-1' : 'h-1.5'}`}
    >
      {known ? (
        <div
          className={`h-full w-full origin-left rounded-full ${fill}`}
          style={{ transform: `scaleX(${percent / 100})` }}
        />
      ) : (
        <div className="h-full w-2/5 animate-drift rounded-full bg-live/70" />
      )}
    </div>
  )
}
