import type { Job } from '@sluice/client'
import { Pause, Play, RotateCcw, X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { actOnAll } from '@/lib/acts'
import { plural } from '@/lib/format'

/** What can be done with all that are selected; over the list, so that nothing moves. */
export function Bulk({ jobs, onDone }: { jobs: readonly Job[]; onDone: () => void }) {
  if (jobs.length === 0) return null
  const can = (what: 'cancel' | 'pause' | 'resume' | 'retry') => jobs.filter(job => job.links[what]).length
  const run = (what: 'cancel' | 'pause' | 'resume' | 'retry') => void actOnAll(what, jobs).then(onDone)
  return (
    <div
      role="toolbar"
      aria-label="For all that are selected"
      className="absolute bottom-4 left-1/2 z-20 flex -translate-x-1/2 items-center gap-1.5 rounded-xl border border-line bg-raised p-1.5 pl-4 shadow-high"
    >
      <span className="mr-2 whitespace-nowrap text-[0.8125rem] font-medium">{plural(jobs.length, 'job')} selected</span>
      <Button size="sm" disabled={!can('pause')} onClick={() => run('pause')}>
        <Pause aria-hidden /> Pause
      </Button>
      <Button size="sm" disabled={!can('resume')} onClick={() => run('resume')}>
        <Play aria-hidden /> Resume
      </Button>
      <Button size="sm" disabled={!can('retry')} onClick={() => run('retry')}>
        <RotateCcw aria-hidden /> Retry
      </Button>
      <Button size="sm" variant="danger" disabled={!can('cancel')} onClick={() => run('cancel')}>
        <X aria-hidden /> Cancel
      </Button>
      <Button size="sm" variant="ghost" onClick={onDone}>
        Clear
      </Button>
    </div>
  )
}
