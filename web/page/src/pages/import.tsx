import { useJobs } from '@sluice/react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { FileDown, ListChecks, TableProperties, Undo2 } from 'lucide-react'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { toast } from 'sonner'
import { useSearchParams } from 'wouter'
import { JobList } from '@/components/job/list'
import { Button, buttonLook } from '@/components/ui/button'
import { Panel } from '@/components/ui/dialog'
import { Card, Chips, Empty, Failed, Head, Loading } from '@/components/ui/parts'
import { complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { filesOf } from '@/lib/dropped'
import { bytes, count, moment, plural } from '@/lib/format'
import { useWide } from '@/lib/wide'

const Preview = lazy(() => import('./import/preview'))
const Transactions = lazy(() => import('./import/transactions'))

type View = 'files' | 'transactions'

/** Banks' files into the database: looked at first, each row once, a category on each. */
export default function Import() {
  const [search, setSearch] = useSearchParams()
  const view: View = search.get('view') === 'transactions' ? 'transactions' : 'files'
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Head title="Import" about="A bank’s CSV into the database: scanned, understood, every row once.">
        <Chips<View>
          label="What is shown"
          value={view}
          onChoose={next => setSearch(next === 'files' ? {} : { view: next })}
          options={[
            { value: 'files', label: 'Files' },
            { value: 'transactions', label: 'Transactions' },
          ]}
        />
      </Head>
      <Suspense fallback={<Loading />}>{view === 'files' ? <Files /> : <Transactions />}</Suspense>
    </div>
  )
}

function Files() {
  const [files, setFiles] = useState<File[]>([])
  const [over, setOver] = useState(false)
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [, setSearch] = useSearchParams()
  const input = useRef<HTMLInputElement>(null)
  const jobs = useJobs()
  const wide = useWide()
  const running = useMemo(() => jobs.filter(job => job.kind === 'import'), [jobs])
  const take = (found: File[]) => found.length > 0 && setFiles(found)

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 px-4 pb-8 sm:px-6">
      {files.length === 0 ? (
        <div
          onDragOver={event => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={event => {
            event.preventDefault()
            setOver(false)
            void filesOf(event.dataTransfer).then(take, complain)
          }}
          className={`flex flex-col items-center gap-3 rounded-xl border-2 border-dashed px-6 py-9 text-center ${over ? 'border-accent bg-accent-soft' : 'border-strong bg-surface'}`}
        >
          <TableProperties className="size-8 text-faint" aria-hidden />
          <p className="text-sm font-medium">Drop a bank’s CSV here</p>
          <Button variant="solid" onClick={() => input.current?.click()}>
            Choose a file
          </Button>
          <p className="text-xs text-faint">It is looked at first; nothing is imported before you say so.</p>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            accept=".csv,.tsv,.txt,text/csv"
            data-testid="csv"
            onChange={event => {
              take([...(event.target.files ?? [])])
              event.target.value = ''
            }}
          />
        </div>
      ) : (
        <Suspense fallback={<Loading />}>
          <Preview key={files[0]!.name + files[0]!.lastModified} files={files} onDone={() => setFiles([])} />
        </Suspense>
      )}
      {running.length > 0 && (
        <Card title="Imports under way and just ended" className="flex flex-col overflow-hidden">
          <div className="flex max-h-80 flex-col" style={{ height: running.length * (wide ? 60 : 108) + 2 }}>
            <JobList
              jobs={running}
              picked={picked}
              onPicked={setPicked}
              onOpen={id => setSearch({ job: id })}
              label="Imports"
            />
          </div>
        </Card>
      )}
      <Done jobs={running.map(job => `${job.id}${job.state}`).join()} />
    </div>
  )
}

function Done({ jobs }: { jobs: string }) {
  const queries = useQueryClient()
  const [rejects, setRejects] = useState<{ id: string; name: string }>()
  const [, setSearch] = useSearchParams()
  const { data, error, isPending } = useQuery({
    queryKey: ['imports', jobs],
    queryFn: () => client.imports.list({ limit: 100 }),
    placeholderData: before => before,
  })
  const undo = (id: string) =>
    void client.imports.undo(id).then(answer => {
      toast.success(`Taken back: ${plural(answer.removed, 'row')}`)
      return queries.invalidateQueries({ queryKey: ['imports'] })
    }, complain)
  return (
    <Card title="What is in the database">
      {error ? (
        <Failed failure={error} className="m-4" />
      ) : isPending ? (
        <Loading rows={3} />
      ) : data.imports.length === 0 ? (
        <Empty icon={TableProperties} title="Nothing has been imported yet" />
      ) : (
        <div className="relative overflow-x-auto" role="region" aria-label="What is in the database" tabIndex={0}>
          <table className="w-full min-w-[40rem] text-[0.8125rem]">
            <thead className="text-left text-xs text-faint">
              <tr className="border-b border-line [&>th]:px-4 [&>th]:py-2 [&>th]:font-medium">
                <th>File</th>
                <th>Account</th>
                <th className="text-right">Rows</th>
                <th className="text-right">New</th>
                <th className="text-right">Known before</th>
                <th className="text-right">Wrong</th>
                <th>When</th>
                <th>
                  <span className="sr-only">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.imports.map(one => (
                <tr
                  key={one.id}
                  className={`border-b border-line last:border-0 [&>td]:px-4 [&>td]:py-2 ${one.undone ? 'text-faint' : ''}`}
                  data-import={one.id}
                >
                  <td className="max-w-64 truncate font-medium" title={`${one.filename}, ${bytes(one.size)}`}>
                    {one.filename}
                  </td>
                  <td>{one.account}</td>
                  <td className="text-right">{count(one.records)}</td>
                  <td className="text-right">{count(one.added)}</td>
                  <td className="text-right">{count(one.duplicates)}</td>
                  <td className="text-right">
                    {one.rejected > 0 ? (
                      <button
                        type="button"
                        className="font-medium text-bad underline underline-offset-2"
                        onClick={() => setRejects({ id: one.id, name: one.filename })}
                      >
                        {count(one.rejected)}
                      </button>
                    ) : (
                      0
                    )}
                  </td>
                  <td className="whitespace-nowrap text-faint">
                    {one.undone ? `taken back ${moment(one.undone)}` : moment(one.created)}
                  </td>
                  <td className="whitespace-nowrap text-right">
                    {!one.undone && (
                      <>
                        <Button
                          size="sm"
                          variant="ghost"
                          onClick={() => setSearch({ view: 'transactions', import: one.id })}
                        >
                          <ListChecks aria-hidden /> Look
                        </Button>
                        <Button size="sm" variant="ghost" onClick={() => undo(one.id)}>
                          <Undo2 aria-hidden /> Undo
                        </Button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rejects && <Rejects {...rejects} onClose={() => setRejects(undefined)} />}
    </Card>
  )
}

function Rejects({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const { data, error } = useQuery({ queryKey: ['rejects', id], queryFn: () => client.imports.rejects(id) })
  return (
    <Panel
      open
      onClose={onClose}
      wide
      title="Rows that were wrong"
      description={name}
      footer={
        <a href={client.imports.rejectsUrl(id)} className={buttonLook('outline', 'sm')}>
          <FileDown aria-hidden /> Save as CSV
        </a>
      }
    >
      {error ? (
        <Failed failure={error} />
      ) : !data ? (
        <Loading rows={3} />
      ) : (
        <ul className="space-y-3 text-[0.8125rem]">
          {data.map(reject => (
            <li key={reject.line}>
              <p>
                <span className="text-faint">Line {count(reject.line)}</span> {reject.message}
              </p>
              <p className="mt-0.5 truncate rounded bg-sunk px-2 py-0.5 font-mono text-xs text-soft">{reject.raw}</p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
