import type { Job, JobFilter, Kind, State } from '@sluice/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Download, History as HistoryIcon } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { Bulk } from '@/components/job/bulk'
import { JobList } from '@/components/job/list'
import { Button } from '@/components/ui/button'
import { Select, TextField } from '@/components/ui/field'
import { Choices } from '@/components/ui/menu'
import { Empty, Failed, Head, Loading } from '@/components/ui/parts'
import { complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { count } from '@/lib/format'
import { KINDS, STATES } from '@/lib/words'

const PAGE = 200
const MOST_EXPORTED = 100_000

/** All that there ever was, as long as nobody has it forgotten. The address says what is shown, so it can be kept and sent. */
export default function History() {
  const [search, setSearch] = useSearchParams()
  const filter = useMemo(
    (): JobFilter =>
      Object.fromEntries(
        ['kind', 'state', 'batch', 'q'].flatMap(name => (search.get(name) ? [[name, search.get(name)!]] : [])),
      ),
    [search.get('kind'), search.get('state'), search.get('batch'), search.get('q')],
  )
  const [text, setText] = useState(filter.q ?? '')
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const pages = useInfiniteQuery({
    queryKey: ['history', filter],
    queryFn: ({ pageParam }) =>
      client.jobs.list({ ...filter, limit: PAGE, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: last => last.next,
  })
  const jobs = useMemo(() => pages.data?.pages.flatMap(page => page.jobs) ?? [], [pages.data])
  const chosen = useMemo(() => jobs.filter(job => picked.has(job.id)), [jobs, picked])

  const set = useCallback(
    (name: string, value: string) =>
      setSearch(
        before => {
          const next = new URLSearchParams(before)
          if (value) next.set(name, value)
          else next.delete(name)
          return next
        },
        { replace: true },
      ),
    [setSearch],
  )
  useEffect(() => {
    const timer = setTimeout(() => text !== (filter.q ?? '') && set('q', text), 200)
    return () => clearTimeout(timer)
  }, [text])

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  return (
    <>
      <Head title="History">
        <TextField
          label="Search"
          type="search"
          className="w-56 max-sm:w-full"
          value={text}
          onChange={event => setText(event.target.value)}
          placeholder="A part of a name"
        />
        <Select
          aria-label="Kind"
          className="w-40"
          value={filter.kind ?? ''}
          onChoose={value => set('kind', value)}
          options={[
            { value: '', label: 'All kinds' },
            ...Object.entries(KINDS).map(([value, label]) => ({ value: value as Kind, label })),
          ]}
        />
        <Select
          aria-label="State"
          className="w-36"
          value={filter.state ?? ''}
          onChoose={value => set('state', value)}
          options={[
            { value: '', label: 'All states' },
            ...Object.entries(STATES).map(([value, label]) => ({ value: value as State, label })),
          ]}
        />
        {filter.batch && (
          <Button variant="ghost" onClick={() => set('batch', '')}>
            Of all batches
          </Button>
        )}
        <Export filter={filter} />
      </Head>
      <div className="relative flex min-h-0 flex-1 flex-col border-t border-line bg-surface">
        {pages.error ? (
          <Failed failure={pages.error} className="m-4" retry={() => void pages.refetch()} />
        ) : pages.isPending ? (
          <Loading rows={10} />
        ) : jobs.length === 0 ? (
          <Empty icon={HistoryIcon} title={Object.keys(filter).length ? 'Nothing matches' : 'Nothing has happened yet'}>
            {Object.keys(filter).length
              ? 'Take a filter away, or search for less.'
              : 'What is done here, by the command line or by a program, is kept here.'}
          </Empty>
        ) : (
          <JobList
            jobs={jobs}
            grouped={false}
            picked={picked}
            onPicked={setPicked}
            onOpen={id => set('job', id)}
            label="History"
            onEnd={more}
          />
        )}
        <Bulk jobs={chosen} onDone={() => setPicked(new Set())} />
      </div>
    </>
  )
}

function Export({ filter }: { filter: JobFilter }) {
  const [sofar, setSofar] = useState<number>()
  const run = async (format: 'csv' | 'json') => {
    const all: Job[] = []
    setSofar(0)
    try {
      for (let after: string | undefined = ''; after !== undefined && all.length < MOST_EXPORTED;) {
        const page = await client.jobs.list({ ...filter, limit: 1000, ...(after ? { after } : {}) })
        all.push(...page.jobs)
        setSofar(all.length)
        after = page.next
      }
      save(
        `sluice-history.${format}`,
        format === 'csv' ? csv(all) : JSON.stringify(all, null, 1),
        format === 'csv' ? 'text/csv' : 'application/json',
      )
    } catch (failure) {
      complain(failure)
    } finally {
      setSofar(undefined)
    }
  }
  return (
    <Choices
      trigger={
        <Button disabled={sofar !== undefined}>
          <Download aria-hidden /> {sofar === undefined ? 'Export' : count(sofar)}
        </Button>
      }
      choices={[
        { label: 'As CSV', act: () => void run('csv') },
        { label: 'As JSON', act: () => void run('json') },
      ]}
    />
  )
}

const COLUMNS: [string, (job: Job) => string | number | undefined][] = [
  ['id', job => job.id],
  ['kind', job => job.kind],
  ['name', job => job.name],
  ['owner', job => job.owner],
  ['batch', job => job.batch],
  ['state', job => job.state],
  ['bytes', job => job.progress.bytes],
  ['created', job => job.created],
  ['started', job => job.started],
  ['ended', job => job.ended],
  ['source', job => job.source],
  ['target', job => job.target],
  ['code', job => job.error?.code],
  ['error', job => job.error?.message],
]

function csv(jobs: readonly Job[]): string {
  const lines = jobs.map(job => COLUMNS.map(([, of]) => quoted(String(of(job) ?? ''))).join(','))
  return [COLUMNS.map(([name]) => name).join(','), ...lines, ''].join('\r\n')
}

/** A spreadsheet takes what begins like a formula for one. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

function save(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
