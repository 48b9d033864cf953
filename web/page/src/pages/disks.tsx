import type { OperationPlan, OperationRequest } from '@sluice/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  ChevronRight,
  CornerLeftUp,
  File as FileIcon,
  Film,
  Folder as FolderIcon,
  FolderLock,
  Link as LinkIcon,
  TriangleAlert,
} from 'lucide-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { Button } from '@/components/ui/button'
import { SelectField, TextField, Toggle } from '@/components/ui/field'
import { Card, Empty, Failed, Head, Loading, Note } from '@/components/ui/parts'
import { client } from '@/lib/client'
import { bytes, count, moment, plural } from '@/lib/format'
import { folder, roots, type Entry } from '@/lib/server'

/** From disk to disk: what is there, what would be done, then do it. */
export default function Disks() {
  const open = useQuery({ queryKey: ['roots'], queryFn: roots })
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Head title="Files" about="Copy, move and rename on the server’s disks; frame sequences count as one." />
      <div className="px-4 pb-8 sm:px-6">
        {open.error ? (
          <Failed failure={open.error} retry={() => void open.refetch()} />
        ) : open.isPending ? (
          <Loading />
        ) : open.data.length === 0 ? (
          <Card>
            <Empty icon={FolderLock} title="No folder is open to this page">
              Whoever runs the server says which folders may be touched from here: start it with{' '}
              <code className="rounded bg-sunk px-1">--set files.roots=/mnt/a,/mnt/b</code>, or put them into{' '}
              <code className="rounded bg-sunk px-1">sluice.yaml</code>. The command line on that machine needs none of
              that: <code className="rounded bg-sunk px-1">sluice copy</code>.
            </Empty>
          </Card>
        ) : (
          <Desk roots={open.data} />
        )}
      </div>
    </div>
  )
}

const parent = (path: string) => path.replace(/\/[^/]+\/?$/, '') || '/'
const joined = (path: string, name: string) => `${path.replace(/\/$/, '')}/${name}`

function Desk({ roots }: { roots: string[] }) {
  const [search, setSearch] = useSearchParams()
  const path = search.get('path') ?? roots[0]!
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const listed = useQuery({ queryKey: ['folder', path], queryFn: () => folder(path), staleTime: 2_000 })
  const go = (to: string) => {
    setPicked(new Set())
    setSearch({ path: to })
  }
  const toggle = (name: string) => {
    const next = new Set(picked)
    if (!next.delete(name)) next.add(name)
    setPicked(next)
  }
  const isRoot = roots.includes(path)
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <Card
        title={<Crumbs roots={roots} path={path} go={go} />}
        className="flex h-[34rem] flex-col overflow-hidden"
        action={
          !isRoot && (
            <Button size="sm" variant="ghost" onClick={() => go(parent(path))}>
              <CornerLeftUp aria-hidden /> Up
            </Button>
          )
        }
      >
        {listed.error ? (
          <Failed failure={listed.error} className="m-4" retry={() => void listed.refetch()} />
        ) : listed.isPending ? (
          <Loading />
        ) : listed.data.entries.length === 0 ? (
          <Empty icon={FolderIcon} title="This folder is empty" />
        ) : (
          <ul className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} aria-label={`What is in ${path}`}>
            {listed.data.entries.map(entry => (
              <Line
                key={entry.name}
                entry={entry}
                picked={picked.has(entry.name)}
                onPick={() => toggle(entry.name)}
                onOpen={() => go(joined(path, entry.name))}
              />
            ))}
            {listed.data.more && (
              <li className="px-4 py-2 text-xs text-faint">
                There is more than is shown; a pattern as source reaches it.
              </li>
            )}
          </ul>
        )}
      </Card>
      <Plan key={path} path={path} roots={roots} names={[...picked]} onDone={() => setPicked(new Set())} />
    </div>
  )
}

function Crumbs({ roots, path, go }: { roots: string[]; path: string; go: (to: string) => void }) {
  const root =
    roots
      .filter(one => path === one || path.startsWith(`${one.replace(/\/$/, '')}/`))
      .sort((a, b) => b.length - a.length)[0] ?? roots[0]!
  const inside = path.slice(root.length).split('/').filter(Boolean)
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-1 text-[0.8125rem]">
      {roots.length > 1 ? (
        <select
          aria-label="Root"
          className="max-w-56 rounded border border-line bg-surface px-1 py-0.5"
          value={root}
          onChange={event => go(event.target.value)}
        >
          {roots.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      ) : (
        <button type="button" className="rounded hover:underline" onClick={() => go(root)}>
          {root}
        </button>
      )}
      {inside.map((name, i) => (
        <span key={i} className="flex items-center gap-1">
          <ChevronRight className="size-3.5 text-faint" aria-hidden />
          <button
            type="button"
            className="rounded hover:underline"
            onClick={() => go(joined(root, inside.slice(0, i + 1).join('/')))}
          >
            {name}
          </button>
        </span>
      ))}
    </span>
  )
}

const ICONS = { folder: FolderIcon, file: FileIcon, link: LinkIcon, other: FileIcon, sequence: Film }

function Line({
  entry,
  picked,
  onPick,
  onOpen,
}: {
  entry: Entry
  picked: boolean
  onPick: () => void
  onOpen: () => void
}) {
  const Icon = ICONS[entry.kind]
  return (
    <li
      className={`flex h-10 items-center gap-3 border-b border-line px-4 text-[0.8125rem] last:border-0 ${picked ? 'bg-accent-soft/60' : 'hover:bg-sunk/60'}`}
    >
      <input
        type="checkbox"
        aria-label={`Select ${entry.name}`}
        checked={picked}
        onChange={onPick}
        className="size-4 accent-(--accent)"
      />
      <Icon className="size-4 shrink-0 text-faint" aria-hidden />
      {entry.kind === 'folder' ? (
        <button
          type="button"
          onClick={onOpen}
          className="min-w-0 flex-1 truncate rounded-sm text-left font-medium hover:underline"
        >
          {entry.name}
        </button>
      ) : (
        <span className="min-w-0 flex-1 truncate" title={entry.name}>
          {entry.name}
          {entry.kind === 'sequence' && <span className="ml-2 text-xs text-faint">{plural(entry.files, 'frame')}</span>}
          {entry.missing && <span className="ml-2 text-xs text-warn">missing {entry.missing}</span>}
        </span>
      )}
      <span className="hidden w-20 shrink-0 text-right text-xs text-faint sm:block">
        {entry.bytes !== undefined ? bytes(entry.bytes) : ''}
      </span>
      <span className="hidden w-36 shrink-0 text-right text-xs text-faint md:block">
        {entry.modified ? moment(entry.modified) : ''}
      </span>
    </li>
  )
}

type Verb = OperationRequest['operation']

function Plan({ path, roots, names, onDone }: { path: string; roots: string[]; names: string[]; onDone: () => void }) {
  const [verb, setVerb] = useState<Verb>('copy')
  const [target, setTarget] = useState('')
  const [replace, setReplace] = useState('')
  const [by, setBy] = useState('')
  const [offset, setOffset] = useState('')
  const [policy, setPolicy] = useState<NonNullable<OperationRequest['policy']>>('fail')
  const [verify, setVerify] = useState(true)
  const [, setSearch] = useSearchParams()

  const request: OperationRequest = {
    operation: verb,
    sources: names.map(name => joined(path, name)),
    policy,
    ...(verb === 'rename'
      ? {
          rename: {
            ...(target ? { to: target } : {}),
            ...(replace ? { replace, with: by } : {}),
            ...(offset ? { offset: Number(offset) } : {}),
          },
        }
      : { target: target || `${roots[0]}/`, ...(verify ? { verify: 'xxh64' as const } : {}) }),
  }
  const plan = useMutation({ mutationFn: () => client.operations.plan(request) })
  const run = useMutation({
    mutationFn: () => client.operations.run(request),
    onSuccess: accepted => {
      onDone()
      plan.reset()
      setSearch({ path, job: accepted.id })
    },
  })
  const changed = () => plan.reset()
  const ready =
    names.length > 0 && (verb === 'rename' ? target !== '' || replace !== '' || offset !== '' : target !== '')

  return (
    <Card title="What to do" className="h-fit">
      <div className="space-y-3 p-4" onChange={changed}>
        <p className="text-[0.8125rem] text-soft">
          {names.length === 0
            ? 'Select files, folders or sequences.'
            : plural(names.length, 'entry', 'entries') + ' selected'}
        </p>
        <div className="grid grid-cols-2 gap-3">
          <SelectField
            label="Operation"
            value={verb}
            onChoose={value => setVerb(value as Verb)}
            options={[
              { value: 'copy', label: 'Copy' },
              { value: 'move', label: 'Move' },
              { value: 'rename', label: 'Rename' },
            ]}
          />
          <SelectField
            label="Where a target is there"
            value={policy}
            onChoose={value => setPolicy(value as typeof policy)}
            options={[
              { value: 'fail', label: 'Do nothing at all' },
              { value: 'skip', label: 'Leave it' },
              { value: 'newer', label: 'Replace older' },
              { value: 'overwrite', label: 'Replace' },
              { value: 'rename', label: 'Number the new' },
            ]}
          />
        </div>
        <TextField
          label={verb === 'rename' ? 'New name' : 'Target'}
          value={target}
          onChange={event => setTarget(event.target.value)}
          placeholder={verb === 'rename' ? 'shot_b.#.exr' : `${roots.at(-1)}/`}
          hint={
            verb === 'rename'
              ? 'With # where the frame goes; or only change parts below.'
              : 'A folder; with a / at its end it is made.'
          }
          spellCheck={false}
        />
        {verb === 'rename' ? (
          <div className="grid grid-cols-3 gap-3">
            <TextField label="Replace" value={replace} onChange={event => setReplace(event.target.value)} />
            <TextField label="With" value={by} onChange={event => setBy(event.target.value)} />
            <TextField
              label="Frame offset"
              type="number"
              value={offset}
              onChange={event => setOffset(event.target.value)}
            />
          </div>
        ) : (
          <Toggle label="Read back and compare" checked={verify} onToggle={setVerify} />
        )}
        {(plan.error ?? run.error) && <Failed failure={plan.error ?? run.error} />}
        {plan.data && <Planned plan={plan.data} />}
        <div className="flex gap-2">
          <Button
            variant={plan.data ? 'outline' : 'solid'}
            disabled={!ready || plan.isPending}
            onClick={() => plan.mutate()}
          >
            {plan.isPending ? 'Planning' : 'Plan'}
          </Button>
          {plan.data && (
            <Button
              variant="solid"
              disabled={plan.data.blocked || run.isPending || plan.data.items.length === 0}
              onClick={() => run.mutate()}
            >
              {verb === 'copy' ? 'Copy' : verb === 'move' ? 'Move' : 'Rename'} {plural(plan.data.files, 'file')}
            </Button>
          )}
        </div>
      </div>
    </Card>
  )
}

const MOST = 100

function Planned({ plan }: { plan: OperationPlan }) {
  return (
    <div className="space-y-2 text-[0.8125rem]">
      <p className="font-medium">
        {plural(plan.files, 'file')}, {bytes(plan.bytes)}
      </p>
      {plan.conflicts.length > 0 && (
        <Note tone="warn">
          <p className="mb-1 font-medium">
            {plan.blocked ? 'Something stands in the way, so nothing would be done:' : 'Mind:'}
          </p>
          <ul className="max-h-40 space-y-1 overflow-y-auto" tabIndex={0} aria-label="Conflicts">
            {plan.conflicts.slice(0, MOST).map((conflict, i) => (
              <li key={i} className="flex gap-1.5 break-words">
                <TriangleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden />{' '}
                <span className="min-w-0">{conflict.message}</span>
              </li>
            ))}
            {plan.conflicts.length > MOST && <li>and {count(plan.conflicts.length - MOST)} more</li>}
          </ul>
        </Note>
      )}
      <ul
        className="max-h-48 space-y-1 overflow-y-auto rounded-lg bg-sunk p-2 text-xs"
        tabIndex={0}
        aria-label="The plan"
      >
        {plan.summary.slice(0, MOST).map(line => (
          <li key={line} className="break-words">
            {line}
          </li>
        ))}
        {plan.summary.length === 0 && <li>Nothing to do.</li>}
      </ul>
    </div>
  )
}
