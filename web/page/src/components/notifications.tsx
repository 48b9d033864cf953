import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { BellRing, RotateCcw, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Panel } from '@/components/ui/dialog'
import { TextField, Toggle } from '@/components/ui/field'
import { Card, Failed, Loading } from '@/components/ui/parts'
import { complain } from '@/lib/acts'
import { moment } from '@/lib/format'
import {
  addWebhook,
  canTell,
  choices,
  choose,
  deliveries,
  OUTCOMES,
  removeWebhook,
  replay,
  switchWebhook,
  tell,
  tellNoMore,
  testTelling,
  testWebhook,
  useTelling,
  webhooks,
  type Choices,
  type Delivery,
  type Outcome,
  type Webhook,
} from '@/lib/notify'
import { KINDS } from '@/lib/words'

type KindWord = keyof typeof KINDS

const KIND_WORDS = Object.keys(KINDS) as KindWord[]
const WAYS = {
  off: 'This browser is silent.',
  open: 'This browser tells while a tab is open: it has no push service.',
  push: 'This browser tells, also while no tab is open.',
}

/** How one is told of ends, and of which. */
export function Notifications() {
  return (
    <Card title="Notifications" className="h-fit">
      <Browser />
      <Kinds />
      <Webhooks />
    </Card>
  )
}

function Browser() {
  const how = useTelling()
  const change = useMutation<unknown, Error, boolean>({
    mutationFn: on => (on ? tell() : tellNoMore()),
    onError: complain,
  })
  const test = useMutation({ mutationFn: testTelling, onError: complain })
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
      <p className="min-w-0 flex-1 basis-56 text-[0.8125rem]" role="status">
        {canTell ? WAYS[how] : 'This browser has no notifications here: they need https, or this very machine.'}
      </p>
      {how !== 'off' && (
        <Button size="sm" onClick={() => test.mutate()} disabled={test.isPending}>
          <Send aria-hidden /> Test
        </Button>
      )}
      {canTell && (
        <Button size="sm" onClick={() => change.mutate(how === 'off')} disabled={change.isPending}>
          <BellRing aria-hidden /> {how === 'off' ? 'Tell me' : 'Be silent'}
        </Button>
      )}
    </div>
  )
}

function Kinds() {
  const queries = useQueryClient()
  const key = ['notify', 'choices']
  const { data, error } = useQuery({ queryKey: key, queryFn: choices })
  const change = useMutation({
    mutationFn: (kinds: Partial<Choices>) => choose(kinds),
    onSuccess: now => queries.setQueryData(key, now),
    onError: complain,
  })
  if (error) return <Failed failure={error} className="m-4" />
  if (!data) return <Loading rows={2} />
  return (
    <table className="w-full border-b border-line text-[0.8125rem]">
      <caption className="sr-only">Of which ends this page and browsers tell</caption>
      <thead>
        <tr className="text-left text-xs text-faint">
          <th scope="col" className="px-4 py-1.5 font-normal">
            Tell of
          </th>
          {OUTCOMES.map(outcome => (
            <th key={outcome} scope="col" className="px-2 font-normal">
              {outcome}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {KIND_WORDS.map(kind => (
          <tr key={kind}>
            <th scope="row" className="px-4 py-1.5 text-left font-normal">
              {KINDS[kind]}s
            </th>
            {OUTCOMES.map(outcome => (
              <td key={outcome} className="px-2">
                <input
                  type="checkbox"
                  className="size-4 accent-(--accent)"
                  aria-label={`${KINDS[kind]}s that ${outcome === 'cancelled' ? 'are cancelled' : outcome}`}
                  checked={data[kind].includes(outcome)}
                  onChange={event => change.mutate({ [kind]: changed(data[kind], outcome, event.target.checked) })}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const changed = (all: readonly Outcome[], outcome: Outcome, on: boolean) =>
  OUTCOMES.filter(each => (each === outcome ? on : all.includes(each)))

const HOOKS = ['notify', 'webhooks']

function Webhooks() {
  const { data, error } = useQuery({ queryKey: HOOKS, queryFn: webhooks })
  const [adding, setAdding] = useState(false)
  const [shown, setShown] = useState<Webhook>()
  return (
    <>
      {error ? (
        <Failed failure={error} className="m-4" />
      ) : (
        <ul>
          {data?.map(hook => (
            <Hook key={hook.id} hook={hook} onShow={() => setShown(hook)} />
          ))}
        </ul>
      )}
      <p className="flex items-center gap-2 px-4 py-2.5 text-xs text-faint">
        <span className="flex-1">Webhooks post each end to an address of yours, signed (Standard Webhooks).</span>
        <Button size="sm" onClick={() => setAdding(true)}>
          Add a webhook
        </Button>
      </p>
      {adding && <Adding onClose={() => setAdding(false)} />}
      {shown && <Deliveries hook={shown} onClose={() => setShown(undefined)} />}
    </>
  )
}

function Hook({ hook, onShow }: { hook: Webhook; onShow: () => void }) {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: HOOKS })
  const turn = useMutation({
    mutationFn: (on: boolean) => switchWebhook(hook.id, on),
    onSuccess: again,
    onError: complain,
  })
  const remove = useMutation({ mutationFn: () => removeWebhook(hook.id), onSuccess: again, onError: complain })
  return (
    <li className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate text-[0.8125rem] font-medium" title={hook.url}>
          {hook.url}
        </p>
        <p className={`truncate text-xs ${hook.enabled ? 'text-faint' : 'text-bad'}`}>
          {hook.enabled ? '' : `off: ${hook.reason}; `}
          {hook.kinds.length === 0 ? 'all kinds' : hook.kinds.map(kind => `${KINDS[kind]}s`).join(', ')};{' '}
          {hook.outcomes.join(', ')}
        </p>
      </div>
      <Button size="sm" onClick={onShow}>
        Deliveries
      </Button>
      <Button size="sm" onClick={() => turn.mutate(!hook.enabled)} disabled={turn.isPending}>
        {hook.enabled ? 'Switch off' : 'Switch on'}
      </Button>
      <Button
        size="icon"
        variant="ghost"
        aria-label={`Remove the webhook to ${hook.url}`}
        onClick={() => remove.mutate()}
        disabled={remove.isPending}
      >
        <Trash2 aria-hidden />
      </Button>
    </li>
  )
}

function Adding({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient()
  const [url, setUrl] = useState('')
  const [kinds, setKinds] = useState<readonly KindWord[]>(KIND_WORDS)
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>(OUTCOMES)
  const add = useMutation({
    mutationFn: () =>
      addWebhook({ url, kinds: kinds.length === KIND_WORDS.length ? [] : [...kinds], outcomes: [...outcomes] }),
    onSuccess: () => queries.invalidateQueries({ queryKey: HOOKS }),
  })
  const secret = add.data?.secret
  if (secret) {
    return (
      <Panel
        open
        onClose={onClose}
        title="The webhook's secret"
        description="Its receiver checks signatures with it. It is shown this once."
        footer={
          <Button onClick={() => void navigator.clipboard.writeText(secret).then(() => toast('Copied'), complain)}>
            Copy
          </Button>
        }
      >
        <code className="block break-all rounded bg-sunk px-2 py-1.5 text-xs">{secret}</code>
      </Panel>
    )
  }
  return (
    <Panel
      open
      onClose={onClose}
      title="Add a webhook"
      footer={
        <Button
          variant="solid"
          onClick={() => add.mutate()}
          disabled={add.isPending || !url || kinds.length === 0 || outcomes.length === 0}
        >
          Add
        </Button>
      }
    >
      <div className="space-y-4">
        <TextField
          label="Address"
          type="url"
          placeholder="https://"
          value={url}
          onChange={event => setUrl(event.target.value)}
          problem={add.error?.message}
        />
        <fieldset className="space-y-1.5">
          <legend className="label mb-1">Of</legend>
          {KIND_WORDS.map(kind => (
            <Toggle
              key={kind}
              label={`${KINDS[kind]}s`}
              checked={kinds.includes(kind)}
              onToggle={on => setKinds(KIND_WORDS.filter(each => (each === kind ? on : kinds.includes(each))))}
            />
          ))}
        </fieldset>
        <fieldset className="space-y-1.5">
          <legend className="label mb-1">When they are</legend>
          {OUTCOMES.map(outcome => (
            <Toggle
              key={outcome}
              label={outcome}
              checked={outcomes.includes(outcome)}
              onToggle={on => setOutcomes(changed(outcomes, outcome, on))}
            />
          ))}
        </fieldset>
      </div>
    </Panel>
  )
}

const SAYS: Record<Delivery['state'], string> = {
  waiting: 'on its way',
  held: 'held',
  delivered: 'delivered',
  failed: 'given up',
}

function Deliveries({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const queries = useQueryClient()
  const key = ['notify', 'deliveries', hook.id]
  const { data, error } = useQuery({ queryKey: key, queryFn: () => deliveries(hook.id), refetchInterval: 3_000 })
  const look = () => queries.invalidateQueries({ queryKey: key })
  const test = useMutation({ mutationFn: () => testWebhook(hook.id), onSuccess: look, onError: complain })
  const again = useMutation({
    mutationFn: (delivery: string) => replay(hook.id, delivery),
    onSuccess: look,
    onError: complain,
  })
  return (
    <Panel
      open
      shape="sheet"
      onClose={onClose}
      title="Deliveries"
      description={hook.url}
      footer={
        <Button onClick={() => test.mutate()} disabled={test.isPending}>
          <Send aria-hidden /> Send a test
        </Button>
      }
    >
      {error ? (
        <Failed failure={error} />
      ) : !data ? (
        <Loading rows={4} />
      ) : data.length === 0 ? (
        <p className="text-[0.8125rem] text-soft">Nothing was sent yet.</p>
      ) : (
        <ul className="space-y-2">
          {data.map(one => (
            <li key={one.id} className="flex items-start gap-2 text-[0.8125rem]">
              <div className="min-w-0 flex-1">
                <p>
                  <span className="font-medium">{one.type}</span>, {moment(one.created)}
                </p>
                <p className={`break-words text-xs ${one.state === 'failed' ? 'text-bad' : 'text-faint'}`}>
                  {SAYS[one.state]}
                  {one.attempts > 0 && `, tried ${one.attempts} times`}
                  {one.status !== undefined && `, answered ${one.status}`}
                  {one.next && one.attempts > 0 && `, next ${moment(one.next)}`}
                  {one.state !== 'delivered' && one.answer && `: ${one.answer}`}
                </p>
              </div>
              {(one.state === 'delivered' || one.state === 'failed') && (
                <Button
                  size="icon"
                  variant="ghost"
                  aria-label={`Send ${one.type} of ${moment(one.created)} again`}
                  onClick={() => again.mutate(one.id)}
                  disabled={again.isPending}
                >
                  <RotateCcw aria-hidden />
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
