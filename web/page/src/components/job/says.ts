import type { Job, Progress } from '@sluice/client'
import { bytes, count, duration, left, millis, moment, ordinal, rate } from '@/lib/format'
import { stallReason } from '@/lib/words'

/** What a row says of its job in two short lines: how it is, and what is behind that. */
export function says(
  job: Job,
  progress: Progress,
  stalledSince: number | undefined,
): { now: string; more: string; tone: string } {
  switch (job.state) {
    case 'running': {
      if (stalledSince !== undefined) return { now: 'Stalled', more: stallReason(job), tone: 'text-warn' }
      const items =
        progress.items !== undefined && progress.totalItems
          ? `${count(progress.items)} of ${count(progress.totalItems)}`
          : ''
      const now = progress.rate ? rate(progress.rate) : items || `${Math.floor(progress.percent)} %`
      return {
        now,
        more: progress.eta !== undefined ? left(progress.eta) : progress.rate && items ? items : ' ',
        tone: 'text-ink',
      }
    }
    case 'pending':
      if (job.waiting === 'retry')
        return { now: `Attempt ${job.attempt + 1} soon`, more: job.error?.message ?? '', tone: 'text-warn' }
      if (job.waiting === 'client') return { now: 'Waiting', more: 'for its sender', tone: 'text-soft' }
      return {
        now: 'Waiting',
        more: job.position ? `${ordinal(job.position)} in line` : 'for its turn',
        tone: 'text-soft',
      }
    case 'paused':
      return { now: 'Paused', more: `${Math.floor(progress.percent)} % kept`, tone: 'text-warn' }
    case 'completed':
      return { now: 'Completed', more: took(job), tone: 'text-ok' }
    case 'failed':
      return { now: 'Failed', more: job.error?.message ?? '', tone: 'text-bad' }
    case 'cancelled':
      return {
        now: 'Cancelled',
        more: job.receipt ? `in ${millis(job.receipt.requestMillis)}` : job.ended ? moment(job.ended) : '',
        tone: 'text-soft',
      }
  }
}

function took(job: Job): string {
  if (!job.started || !job.ended) return ''
  return `in ${duration((Date.parse(job.ended) - Date.parse(job.started)) / 1000)}`
}

export function amount(progress: Progress): string {
  if (progress.totalBytes !== undefined && progress.totalBytes !== progress.bytes)
    return `${bytes(progress.bytes)} of ${bytes(progress.totalBytes)}`
  return progress.bytes || progress.totalBytes ? bytes(progress.totalBytes ?? progress.bytes) : ''
}
