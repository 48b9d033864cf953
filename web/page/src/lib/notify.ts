import type { Kind } from '@sluice/client'
import { useSyncExternalStore } from 'react'
import { client } from './client'

export type Outcome = 'completed' | 'failed' | 'cancelled'

export const OUTCOMES: readonly Outcome[] = ['completed', 'failed', 'cancelled']

export interface Webhook {
  id: string
  url: string
  kinds: Kind[]
  outcomes: Outcome[]
  enabled: boolean
  reason?: string
  created: string
  /** Only in the answer to whoever has made it. */
  secret?: string
}

export interface Delivery {
  id: string
  type: string
  job?: string
  state: 'waiting' | 'held' | 'delivered' | 'failed'
  attempts: number
  created: string
  tried?: string
  next?: string
  status?: number
  answer?: string
}

export type Choices = Record<Kind, Outcome[]>

const { http } = client
const ROOT = '/api/v1/notifications'
const hook = (id: string) => `${ROOT}/webhooks/${encodeURIComponent(id)}`

export const webhooks = () => http.call<{ webhooks: Webhook[] }>(`${ROOT}/webhooks`).then(answer => answer.webhooks)
export const addWebhook = (wish: { url: string; kinds: string[]; outcomes: Outcome[] }) =>
  http.post<Webhook>(`${ROOT}/webhooks`, wish)
export const switchWebhook = (id: string, enabled: boolean) =>
  http.call<Webhook>(hook(id), { method: 'PATCH', json: { enabled } })
export const removeWebhook = (id: string) => http.call<void>(hook(id), { method: 'DELETE' })
export const testWebhook = (id: string) => http.post<Delivery>(`${hook(id)}/test`)
export const deliveries = (id: string) =>
  http.call<{ deliveries: Delivery[] }>(`${hook(id)}/deliveries`).then(answer => answer.deliveries)
export const replay = (id: string, delivery: string) =>
  http.post<Delivery>(`${hook(id)}/deliveries/${encodeURIComponent(delivery)}/replay`)
export const choices = () => http.call<{ kinds: Choices }>(`${ROOT}/choices`).then(answer => answer.kinds)
export const choose = (kinds: Partial<Choices>) =>
  http.call<{ kinds: Choices }>(`${ROOT}/choices`, { method: 'PATCH', json: { kinds } }).then(answer => answer.kinds)

/** How this browser tells: not at all, while a tab is open, or also without one. */
export type Telling = 'off' | 'open' | 'push'

const KEY = 'sluice.telling'
const ID = 'sluice.push'
const listeners = new Set<() => void>()

export const canTell = 'Notification' in globalThis && 'serviceWorker' in navigator

export function telling(): Telling {
  const kept = localStorage.getItem(KEY)
  if (!canTell || Notification.permission !== 'granted') return 'off'
  return kept === 'push' || kept === 'open' ? kept : 'off'
}

export const useTelling = (): Telling =>
  useSyncExternalStore(changed => {
    listeners.add(changed)
    return () => listeners.delete(changed)
  }, telling)

function keep(now: Telling): Telling {
  localStorage.setItem(KEY, now)
  for (const listener of listeners) listener()
  return now
}

export function keyBytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** What this browser is called where its user chooses among several. */
export function browserName(agent: string): string {
  const browser = /Firefox/.test(agent)
    ? 'Firefox'
    : /Edg\//.test(agent)
      ? 'Edge'
      : /Chrome|Chromium/.test(agent)
        ? 'Chrome'
        : /Safari/.test(agent)
          ? 'Safari'
          : 'A browser'
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0]
  return system ? `${browser} on ${system.replace('Mac OS', 'macOS')}` : browser
}

/** Asks for the permission, then for messages by push. Where the browser has no push service, an open tab tells. */
export async function tell(): Promise<Telling> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('The browser does not allow it here')
  await navigator.serviceWorker.register('/sw.js')
  const registration = await navigator.serviceWorker.ready
  const subscription = await subscribe(registration)
  if (!subscription) return keep('open')
  const { endpoint, keys } = subscription.toJSON()
  const known = await http.post<{ id: string }>(`${ROOT}/push`, {
    endpoint,
    keys,
    label: browserName(navigator.userAgent),
  })
  localStorage.setItem(ID, known.id)
  return keep('push')
}

async function subscribe(registration: ServiceWorkerRegistration): Promise<PushSubscription | undefined> {
  const { publicKey } = await http.call<{ publicKey: string }>(`${ROOT}/push`)
  const options = { userVisibleOnly: true, applicationServerKey: keyBytes(publicKey) }
  try {
    return await registration.pushManager.subscribe(options)
  } catch (failure) {
    const name = (failure as DOMException).name
    if (name === 'AbortError' || name === 'NotSupportedError') return undefined
    if (name !== 'InvalidStateError') throw failure
    // It had subscribed with the key of another server at this address.
    await (await registration.pushManager.getSubscription())?.unsubscribe()
    return registration.pushManager.subscribe(options)
  }
}

export async function tellNoMore(): Promise<void> {
  const id = localStorage.getItem(ID)
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
  if (id) await http.call<void>(`${ROOT}/push/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(() => {})
  localStorage.removeItem(ID)
  keep('off')
}

export const testTelling = async (): Promise<void> => {
  const id = localStorage.getItem(ID)
  if (telling() === 'push' && id) await http.post(`${ROOT}/push/${encodeURIComponent(id)}/test`)
  else await show('Sluice', 'This is a test.', 'test')
}

/** A notification of the browser's. */
export async function show(title: string, body: string, tag: string, job?: string): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration()
  await registration?.showNotification(title, { body, tag, icon: '/favicon.svg', data: { job } })
}
