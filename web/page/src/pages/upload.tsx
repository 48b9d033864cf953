import type { RememberedUpload, Upload as Sending } from '@sluice/client'
import { CloudUpload, File as FileIcon, FolderUp, History, Pause, Play, X } from 'lucide-react'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useSearchParams } from 'wouter'
import { Button } from '@/components/ui/button'
import { SelectField, Toggle } from '@/components/ui/field'
import { IconButton } from '@/components/ui/icon-button'
import { Card, Empty, Head } from '@/components/ui/parts'
import { StateIcon } from '@/components/job/kind'
import { complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { filesOf } from '@/lib/dropped'
import { bytes, millis, moment, plural } from '@/lib/format'
import { useJobIfAny } from '@/lib/live'
import { useStorageChoice } from '@/lib/storages'
import { nextStep, stageLabel } from '@/lib/words'

const { uploads } = client
const useUploads = () =>
  useSyncExternalStore(
    useCallback(changed => uploads.on(changed), []),
    () => uploads.all,
  )

/** Files on their way from this browser. Each goes on after whatever can pass, a reload included. */
export default function Upload() {
  const storage = useStorageChoice()
  const [together, setTogether] = useState(true)
  const all = useUploads()
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)

  const add = useCallback(
    (found: Iterable<File>) => {
      const list = [...found]
      const options = storage.value ? { storage: storage.value } : {}
      if (together && list.length > 1) uploads.addAll(list, options)
      else for (const file of list) uploads.add(file, options)
    },
    [storage.value, together],
  )

  useEffect(() => {
    const pasted = (event: ClipboardEvent) => {
      if (event.clipboardData?.files.length) add(event.clipboardData.files)
    }
    window.addEventListener('paste', pasted)
    return () => window.removeEventListener('paste', pasted)
  }, [add])

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Head title="Upload" about="Files of this computer into one of the server’s storages." />
      <div className="grid gap-4 px-4 pb-8 sm:px-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-4">
          <div
            onDragOver={event => {
              event.preventDefault()
              setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={event => {
              event.preventDefault()
              setOver(false)
              void filesOf(event.dataTransfer).then(add, complain)
            }}
            className={`flex flex-col items-center gap-3 rounded-xl border-2 border-dashed px-6 py-10 text-center transition-colors ${over ? 'border-accent bg-accent-soft' : 'border-strong bg-surface'}`}
          >
            <CloudUpload className="size-8 text-faint" aria-hidden />
            <p className="text-sm font-medium">Drop files or folders here, or paste them</p>
            <div className="flex flex-wrap justify-center gap-2">
              <Button variant="solid" onClick={() => files.current?.click()}>
                <FileIcon aria-hidden /> Choose files
              </Button>
              <Button onClick={() => folder.current?.click()}>
                <FolderUp aria-hidden /> Choose a folder
              </Button>
            </div>
            <input
              ref={files}
              type="file"
              multiple
              hidden
              data-testid="files"
              onChange={event => chosen(event.currentTarget, add)}
            />
            <input
              ref={folder}
              type="file"
              multiple
              hidden
              onChange={event => chosen(event.currentTarget, add)}
              {...{ webkitdirectory: '' }}
            />
          </div>
          <Unfinished known={all} onChoose={() => files.current?.click()} />
          <Card
            title={all.length ? `From this tab: ${plural(all.length, 'file')}` : 'From this tab'}
            action={
              all.some(upload => isOver(upload)) && (
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() => all.filter(isOver).forEach(upload => uploads.remove(upload))}
                >
                  Clear what has ended
                </Button>
              )
            }
          >
            {all.length === 0 ? (
              <Empty icon={CloudUpload} title="Nothing is being sent from here">
                What you add goes at once, three files at a time. You can pause, close the lid or lose the network; it
                goes on where the server’s bytes end.
              </Empty>
            ) : (
              <ul>
                {all.map((upload, i) => (
                  <Row key={i} upload={upload} />
                ))}
              </ul>
            )}
          </Card>
        </div>
        <Card title="Where to" className="h-fit">
          <div className="space-y-4 p-4">
            <SelectField
              label="Storage"
              options={storage.options}
              value={storage.value}
              onChoose={storage.choose}
              disabled={storage.options.length < 2}
            />
            <Toggle
              label="Several files are one batch"
              hint="Paused, cancelled and fetched together, as one ZIP if you like."
              checked={together}
              onToggle={setTogether}
            />
          </div>
        </Card>
      </div>
    </div>
  )
}

function chosen(input: HTMLInputElement, add: (files: Iterable<File>) => void): void {
  add([...(input.files ?? [])])
  input.value = ''
}

const isOver = ({ status }: Sending) => ['completed', 'failed', 'cancelled'].includes(status.state)

/** Browsers keep no hold on files across a reload: they have to be chosen again, then only what is missing is sent. */
function Unfinished({ known, onChoose }: { known: readonly Sending[]; onChoose: () => void }) {
  const [dropped, drop] = useState(0)
  const [left, setLeft] = useState<RememberedUpload[]>([])
  useEffect(() => {
    const look = () => setLeft(uploads.unfinished())
    look()
    // The server may not have some of them any more; that is heard of later.
    return uploads.on(look)
  }, [known, dropped])
  if (left.length === 0) return null
  return (
    <Card
      title={`Not finished: ${plural(left.length, 'file')}`}
      action={
        <Button size="sm" onClick={onChoose}>
          <History aria-hidden /> Choose {left.length > 1 ? 'them' : 'it'} again
        </Button>
      }
    >
      <p className="px-4 pt-2.5 text-[0.8125rem] text-soft">
        They began in this browser and were interrupted. Choose or drop the same files: only what the server does not
        have is sent.
      </p>
      <ul className="p-2">
        {left.map(upload => (
          <li key={upload.id} className="flex items-center gap-3 rounded-md px-2 py-1">
            <span className="min-w-0 flex-1 truncate">{upload.name}</span>
            <span className="shrink-0 text-xs text-faint">
              {bytes(upload.size)}, began {moment(new Date(upload.began).toISOString())}
            </span>
            <IconButton
              icon={X}
              label={`Give ${upload.name} up`}
              onClick={() => {
                uploads.forget(upload)
                drop(n => n + 1)
                client.jobs.cancel(upload.id).catch(() => {
                  // It may have ended or expired meanwhile; then there is nothing to cancel.
                })
              }}
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Row({ upload }: { upload: Sending }) {
  const status = useSyncExternalStore(
    useCallback(changed => upload.on(changed), [upload]),
    () => upload.status,
  )
  const job = useJobIfAny(status.id)
  const [, setSearch] = useSearchParams()
  const percent = status.state === 'completed' ? 100 : status.size ? Math.min(99, (100 * status.sent) / status.size) : 0
  const say = said(status, job?.receipt?.requestMillis)
  const states = {
    waiting: 'pending',
    uploading: 'running',
    paused: 'paused',
    retrying: 'pending',
    completed: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
  } as const
  const over = isOver(upload)
  return (
    <li
      className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-0"
      data-upload={status.name}
      data-state={status.state}
    >
      <StateIcon state={states[status.state]} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-3">
          {status.id ? (
            <button
              type="button"
              className="min-w-0 truncate rounded-sm text-left font-medium hover:underline"
              onClick={() => setSearch({ job: status.id! })}
            >
              {status.name}
            </button>
          ) : (
            <span className="min-w-0 truncate font-medium">{status.name}</span>
          )}
          <span className="ml-auto shrink-0 text-xs text-faint">
            {status.size !== undefined && status.sent < status.size
              ? `${bytes(status.sent)} of ${bytes(status.size)}`
              : bytes(status.sent)}
          </span>
          <span className="w-9 shrink-0 text-right text-xs font-medium">
            {status.state === 'cancelled' ? '–' : `${Math.floor(percent)} %`}
          </span>
        </div>
        <div
          role="progressbar"
          aria-label={`Sent of ${status.name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(percent)}
          className="my-1 h-1 overflow-hidden rounded-full bg-sunk"
        >
          <div
            className={`h-full origin-left rounded-full ${status.state === 'failed' ? 'bg-bad' : status.state === 'completed' ? 'bg-ok' : status.state === 'paused' ? 'bg-warn' : 'bg-live'}`}
            style={{ transform: `scaleX(${percent / 100})` }}
          />
        </div>
        <p className={`text-xs ${status.state === 'failed' ? 'break-words text-bad' : 'truncate text-faint'}`}>
          {status.state === 'uploading' && job?.stage && job.stage !== 'transfer' ? stageLabel(job.stage) : say}
          {status.resumed && status.state === 'uploading' && ', going on where it was'}
        </p>
      </div>
      <div className="flex">
        {status.state === 'paused' ? (
          <IconButton
            icon={Play}
            label={`Resume ${status.name}`}
            onClick={() => void upload.resume().catch(complain)}
          />
        ) : (
          <IconButton
            icon={Pause}
            label={`Pause ${status.name}`}
            refused={over ? 'it has ended' : undefined}
            onClick={() => void upload.pause().catch(complain)}
          />
        )}
        <IconButton
          icon={X}
          label={`Cancel ${status.name}`}
          refused={over ? 'it has ended' : undefined}
          onClick={() => void upload.cancel().catch(complain)}
        />
      </div>
    </li>
  )
}

function said(status: Sending['status'], cancelMillis: number | undefined): string {
  switch (status.state) {
    case 'waiting':
      return 'waits for the files before it'
    case 'uploading':
      return 'sending'
    case 'paused':
      return 'paused'
    case 'retrying':
      return `${status.error?.message ?? 'interrupted'}; tries again by itself`
    case 'completed':
      return 'completed'
    case 'failed':
      return [status.error?.message ?? 'failed', nextStep({ code: status.error?.code ?? 'internal' })]
        .filter(Boolean)
        .join('. ')
    case 'cancelled': {
      const took = status.receipt?.receipt.requestMillis ?? cancelMillis
      return took === undefined ? 'cancelled' : `cancelled in ${millis(took)}`
    }
  }
}
