import type { Failure, Job, Kind, State } from '@sluice/client'
import { capital } from './format'

export const KINDS: Record<Kind, string> = {
  upload: 'Upload',
  download: 'Download',
  operation: 'File operation',
  import: 'Import',
}

export const STATES: Record<State, string> = {
  pending: 'Waiting',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

const STAGES: Record<string, string> = {
  transfer: 'Transfer',
  commit: 'Commit',
  compose: 'Put together',
  info: 'Look',
  fetch: 'Fetch',
  store: 'Store',
  cleanup: 'Clean up',
  validation: 'Validate',
  scanning: 'Scan',
  parsing: 'Parse',
  database: 'Database',
  categorization: 'Categorise',
}

export const stageLabel = (name: string) => STAGES[name] ?? capital(name)

/** What somebody who meets this failure can do about it. */
const NEXT: Record<string, string> = {
  too_large: 'Raise the limit in the configuration (upload.max-size, download.max-size), or send a smaller file.',
  type_blocked: 'Files of this type are refused; upload.blocked-extensions says which.',
  size_mismatch: 'The file changed while it was sent. Send it again.',
  checksum_mismatch: 'Bytes arrived damaged. Try again; if it happens often, look at the disk or the network.',
  offset_mismatch: 'Two senders had different ideas of how far it was. Send it again.',
  not_found: 'It is not there, or not any more. Go back to the list and look again.',
  invalid_request: 'Correct what the message names, then try again.',
  conflict: 'Something else has that name or id. Choose another, then try again.',
  gone: 'What it needed is not there any more. Start it anew.',
  forbidden: 'This is not allowed here. Ask whoever runs the server.',
  unauthorized: 'Sign in again.',
  limit_exceeded: 'A limit is reached. Wait until other jobs have ended, or have it raised.',
  target_refused:
    'The address leads into a private network. Whoever runs the server can permit it: download.allow-networks.',
  expired: 'Nobody continued it in time. Send it again.',
  files_failed: 'Some files could not be done; the list says which and why. Trying again does those only.',
  malformed: 'The file cannot be read as a table. Look at the preview, or save it as CSV again.',
  ambiguous: 'Dates or amounts can be read in two ways. Say which in the preview, then import again.',
  too_many_errors: 'Too many rows are wrong. Look at them in the preview and correct the mapping.',
  infected: 'The scanner found malware. The file was not kept.',
  disk_full: 'Make room on the server’s disk, then try again.',
  quota_exceeded: 'The storage or your quota is full. Delete something, then try again.',
  out_of_slots: 'The server is busy. Try again in a moment.',
  upstream_unavailable: 'The other server does not answer. Try again later.',
  upstream_throttled: 'The other server asks for patience. Try again later.',
  source_changed: 'The source changed while it was read. Try again.',
  scanner_unavailable: 'The malware scanner does not answer. Start it, then send the file again: it was not kept.',
  state_unavailable: 'The server’s database does not answer. Try again in a moment.',
  internal: 'Something broke in the server; its log says what.',
  unreachable: 'Check that the server runs and that this machine reaches it.',
}

/** Of a server that a URL names; what a storage refuses, its own words say. */
const OF_URLS: Record<string, string> = {
  upstream_refused: 'The other server refused it. Check the address and whether it needs a login.',
  upstream_not_found: 'There is nothing at that address. Check it.',
}

export const nextStep = (failure: Pick<Failure, 'code'> & Partial<Failure>, kind?: Kind): string | undefined =>
  failure.code in OF_URLS
    ? kind === 'download'
      ? OF_URLS[failure.code]
      : undefined
    : (NEXT[failure.code] ?? (failure.retryable ? 'Trying again may help.' : 'Look at the events of the job.'))

/** Why a running job moves no bytes, as far as can be told from here. */
export function stallReason(job: Job): string {
  const stage = job.stage ? stageLabel(job.stage).toLowerCase() : 'transfer'
  switch (job.kind) {
    case 'upload':
      return stage === 'commit'
        ? 'the storage takes its time to commit'
        : 'its sender sends nothing, or the storage takes nothing'
    case 'download':
      return 'the other server sends nothing'
    case 'operation':
      return 'the disk takes nothing'
    case 'import':
      return `the ${stage} stage is still at work`
  }
}

export const isOver = (state: State) => state === 'completed' || state === 'failed' || state === 'cancelled'
