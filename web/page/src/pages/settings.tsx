import type { StorageFact } from '@sluice/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Check, FlaskConical, X } from 'lucide-react'
import { Notifications } from '@/components/notifications'
import { Button } from '@/components/ui/button'
import { Card, Failed, Head, Loading } from '@/components/ui/parts'
import { bytes, duration, millis, moment } from '@/lib/format'
import { status, testStorage } from '@/lib/server'
import { useStorages } from '@/lib/storages'
import { choose, useTheme } from '@/lib/theme'
import { nextStep } from '@/lib/words'

/** What the server has, and how this page looks. */
export default function Settings() {
  const storages = useStorages()
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Head title="Settings" />
      <div className="grid gap-4 px-4 pb-8 sm:px-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-4">
          <Card title="Storages" className="h-fit">
            {storages.error ? (
              <Failed failure={storages.error} className="m-4" retry={() => void storages.refetch()} />
            ) : storages.isPending ? (
              <Loading rows={2} />
            ) : (
              <ul>
                {storages.data.map(storage => (
                  <Storage key={storage.name} storage={storage} />
                ))}
              </ul>
            )}
            <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
              Others are added on the server:{' '}
              <code className="rounded bg-sunk px-1">sluice storage add NAME --kind s3 --bucket BUCKET</code>
            </p>
          </Card>
          <Notifications />
        </div>
        <div className="space-y-4">
          <Look />
          <Server />
        </div>
      </div>
    </div>
  )
}

function Storage({ storage }: { storage: StorageFact }) {
  const trial = useMutation({ mutationFn: () => testStorage(storage.name) })
  const broken = trial.data?.steps.find(step => !step.works)?.problem
  return (
    <li className="border-b border-line px-4 py-3 last:border-0">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">
            {storage.name} <span className="text-xs font-normal text-faint">{storage.kind}</span>
            {storage.default && (
              <span className="ml-2 rounded bg-accent-soft px-1.5 py-0.5 text-2xs font-medium text-accent">
                default
              </span>
            )}
          </p>
          <p className="truncate text-xs text-faint" title={storage.place}>
            {storage.place}
          </p>
        </div>
        <Button size="sm" onClick={() => trial.mutate()} disabled={trial.isPending}>
          <FlaskConical aria-hidden /> {trial.isPending ? 'Testing' : 'Test'}
        </Button>
      </div>
      {storage.accounts?.map(account => (
        <p key={account.account} className="mt-1 text-xs text-soft">
          {account.account}: {account.state.replace('_', ' ')}
          {account.reason && `, ${account.reason}`}, {bytes(account.sentToday)} sent today
          {account.free !== undefined && `, ${bytes(account.free)} free`}
        </p>
      ))}
      <div role="status">
        {trial.data && (
          <ul className="mt-2 flex flex-wrap gap-1.5 text-xs">
            {trial.data.steps.map(step => (
              <li
                key={step.name}
                className={`inline-flex items-center gap-1 rounded px-1.5 py-0.5 ${step.works ? 'bg-ok-soft text-ok' : 'bg-bad-soft text-bad'}`}
              >
                {step.works ? (
                  <Check className="size-3.5" aria-label="works" />
                ) : (
                  <X className="size-3.5" aria-label="does not work" />
                )}
                {step.name} {millis(step.millis)}
              </li>
            ))}
          </ul>
        )}
        {broken && (
          <p className="mt-1.5 text-[0.8125rem]">
            <span className="text-bad">{broken.message}.</span> {nextStep({ code: broken.code })}
          </p>
        )}
      </div>
      {trial.error && <Failed failure={trial.error} className="mt-2" />}
    </li>
  )
}

function Look() {
  const look = useTheme()
  return (
    <Card title="Look">
      <div className="flex gap-2 p-4" role="group" aria-label="Theme">
        {(['light', 'dark'] as const).map(theme => (
          <Button
            key={theme}
            size="sm"
            aria-pressed={look === theme}
            variant={look === theme ? 'solid' : 'outline'}
            onClick={() => choose(theme)}
          >
            {theme === 'light' ? 'Light' : 'Dark'}
          </Button>
        ))}
      </div>
    </Card>
  )
}

function Server() {
  const { data, error } = useQuery({ queryKey: ['status'], queryFn: status, refetchInterval: 10_000 })
  if (error) return <Failed failure={error} />
  const rows = data && [
    ['Version', data.version],
    ['Up', `${duration(data.uptimeSeconds)}, since ${moment(data.since)}`],
    ['Stored since', bytes(data.bytesStored)],
    ['Watching', String(data.watchers)],
    ['To be cleaned up', String(data.debts)],
    ['Node', data.node],
  ]
  return (
    <Card title="Server">
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-y-1.5 p-4 text-[0.8125rem]">
        {rows?.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name}</dt>
            <dd className="truncate" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <p className="border-t border-line px-4 py-2.5 text-xs">
        <a className="font-medium text-accent hover:underline" href="/docs">
          The API
        </a>
        <span className="text-faint">, </span>
        <a className="font-medium text-accent hover:underline" href="/metrics">
          figures for Prometheus
        </a>
      </p>
    </Card>
  )
}
