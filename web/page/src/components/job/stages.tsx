import type { Job } from '@sluice/client'
import { Check, Circle } from 'lucide-react'
import { duration } from '@/lib/format'
import { stageLabel } from '@/lib/words'

/** More than so many are folded in a row, but for the one that it is in. */
const FEW = 3

/** What a job goes through, where it is, and how long each took. */
export function Stages({ job, times }: { job: Job; times?: boolean }) {
  return (
    <ol className="flex min-w-0 items-center gap-1 overflow-hidden" aria-label="Stages">
      {job.stages.map(stage => {
        const done = !!stage.ended || job.state === 'completed'
        const now = !done && stage.name === job.stage && job.state === 'running'
        const folded = job.stages.length > FEW && !now && !times
        const took =
          stage.started && stage.ended ? (Date.parse(stage.ended) - Date.parse(stage.started)) / 1000 : undefined
        return (
          <li
            key={stage.name}
            title={stageLabel(stage.name)}
            aria-current={now ? 'step' : undefined}
            className={`inline-flex h-[1.125rem] min-w-0 items-center gap-0.5 rounded px-1 text-2xs ${
              now ? 'bg-accent-soft font-medium text-accent' : done ? 'text-soft' : 'text-faint'
            }`}
          >
            {done ? (
              <Check className="size-3 shrink-0 text-ok" aria-label="done" />
            ) : (
              folded && <Circle className="size-2 shrink-0" aria-hidden />
            )}
            <span className={folded ? 'sr-only' : 'truncate'}>{stageLabel(stage.name)}</span>
            {times && took !== undefined && <span className="text-faint">{duration(took)}</span>}
          </li>
        )
      })}
    </ol>
  )
}
