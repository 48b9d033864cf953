import type { Job } from '@sluice/client'
import { useConnection, useJobs } from '@sluice/react'
import { ArrowDownUp, CloudUpload } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { Bulk } from '@/components/job/bulk'
import { JobList } from '@/components/job/list'
import { Throughput, useThroughputNow } from '@/components/throughput'
import { buttonLook } from '@/components/ui/button'
import { Chips, Empty, Loading } from '@/components/ui/parts'
import { bytes, plural } from '@/lib/format'
import { useTotals } from '@/lib/live'

type View = 'all' | 'running' | 'waiting' | 'paused' | 'failed' | 'over'

const SHOWN: Record<View, (job: Job) => boolean> = {
  all: () => true,
  running: job => job.state === 'running',
  waiting: job => job.state === 'pending',
  paused: job => job.state === 'paused',
  failed: job => job.state === 'failed',
  over: job => job.state === 'completed' || job.state === 'cancelled',
}

/** All kinds together, as they are now. */
export default function Transfers() {
  const jobs = useJobs()
  const totals = useTotals(jobs)
  const connection = useConnection()
  const [search, setSearch] = useSearchParams()
  const view = (search.get('show') ?? 'all') as View
  const shown = useMemo(() => jobs.filter(SHOWN[view] ?? SHOWN.all), [jobs, view])
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const chosen = useMemo(() => (picked.size ? jobs.filter(job => picked.has(job.id)) : []), [jobs, picked])
  const set = (name: string, value: string | undefined) =>
    setSearch(
      before => {
        const next = new URLSearchParams(before)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  const unknown = jobs.length === 0 && (connection.state === 'connecting' || connection.state === 'idle')

  return (
    <>
      <header className="flex flex-wrap items-stretch gap-x-6 gap-y-2 border-b border-line bg-surface px-4 py-3 sm:px-6">
        <div className="flex w-40 flex-col justify-center">
          <h1 className="label">Transfers</h1>
          <Now />
          <p className="text-xs text-faint">{plural(totals.running, 'job')} running</p>
        </div>
        <div className="min-w-0 flex-1 basis-64">
          <Throughput height={84} />
        </div>
      </header>
      <div className="flex items-center gap-2 border-b border-line bg-surface px-2 py-1.5 sm:px-4">
        <Chips<View>
          label="Which jobs are shown"
          value={view}
          onChoose={value => set('show', value === 'all' ? undefined : value)}
          options={[
            { value: 'all', label: 'All', count: jobs.length },
            { value: 'running', label: 'Running', count: totals.running },
            { value: 'waiting', label: 'Waiting', count: totals.waiting },
            { value: 'paused', label: 'Paused', count: totals.paused },
            { value: 'failed', label: 'Failed', count: totals.failed },
            { value: 'over', label: 'Done', count: totals.over },
          ]}
        />
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col bg-surface">
        {unknown ? (
          <Loading />
        ) : shown.length === 0 ? (
          <Nothing view={view} />
        ) : (
          <JobList jobs={shown} picked={picked} onPicked={setPicked} onOpen={id => set('job', id)} label="Transfers" />
        )}
        <Bulk jobs={chosen} onDone={() => setPicked(new Set())} />
      </div>
    </>
  )
}

function Now() {
  const [number, unit] = bytes(useThroughputNow()).split(' ')
  return (
    <p className="whitespace-nowrap text-2xl font-semibold tracking-tight">
      {number} <span className="text-sm font-medium text-soft">{unit}/s</span>
    </p>
  )
}

function Nothing({ view }: { view: View }) {
  if (view !== 'all')
    return <Empty icon={ArrowDownUp} title={view === 'failed' ? 'Nothing has failed' : 'Nothing here just now'} />
  return (
    <Empty
      icon={CloudUpload}
      title="Nothing is moving"
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Link href="/upload" className={buttonLook('solid')}>
            Upload files
          </Link>
          <Link href="/download" className={buttonLook('outline')}>
            Download a URL
          </Link>
        </div>
      }
    >
      Jobs of all kinds appear here as soon as somebody starts one: in this page, by the command line, or by a program.
      What ended stays for ten minutes, then it is in the history.
    </Empty>
  )
}
