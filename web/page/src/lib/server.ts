import { client } from './client'

// Documents that only this page asks for.

export interface Entry {
  kind: 'folder' | 'file' | 'link' | 'other' | 'sequence'
  name: string
  files: number
  bytes?: number
  missing?: string
  modified?: string
}

export interface Folder {
  path: string
  entries: Entry[]
  more: boolean
}

export interface Ended {
  completed: number
  failed: number
  cancelled: number
}

export interface Insight {
  since: string
  days: { date: string; jobs: Ended; bytes: number }[]
  kinds: { kind: string; jobs: Ended; bytes: number; rate?: number }[]
  failures: { kind: string; code: string; jobs: number }[]
  cancels?: { jobs: number; p50: number; p95: number; p99: number; most: number; lastByteP95?: number }
}

export interface Trial {
  storage: string
  works: boolean
  steps: { name: string; works: boolean; millis: number; problem?: { code: string; message: string } }[]
}

export interface Status {
  version: string
  since: string
  uptimeSeconds: number
  node: string
  watchers: number
  bytesStored: number
  debts: number
}

/** Who may use the server. */
export interface Auth {
  mode: 'local' | 'accounts'
  /** Where a login by OpenID Connect begins. */
  issuer?: string
}

const { http } = client

export const auth = () => http.call<Auth>('/api/v1/auth')
export const roots = () => http.call<{ roots: string[] }>('/api/v1/roots').then(answer => answer.roots)
export const folder = (path: string) => http.call<Folder>('/api/v1/folders', { query: { path } })
export const insight = (days: number) => http.call<Insight>('/api/v1/insight', { query: { days } })
export const testStorage = (name: string) => http.post<Trial>(`/api/v1/storages/${encodeURIComponent(name)}/test`)
export const status = () => http.call<Status>('/api/v1/status')
