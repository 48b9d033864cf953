import type { Connection } from '@sluice/client'
import { useConnection } from '@sluice/react'
import { client } from '@/lib/client'
import { duration, time } from '@/lib/format'
import { useNow } from '@/lib/live'

const TRANSPORTS = { websocket: 'by WebSocket', sse: 'by server-sent events', polling: 'by polling' } as const

export function said(
  connection: Connection,
  now: number,
): { word: string; more: string; tone: string; still: boolean } {
  const age = 'asOf' in connection && connection.asOf ? `shown as of ${time(connection.asOf)}` : ''
  switch (connection.state) {
    case 'live':
      return { word: 'Live', more: TRANSPORTS[connection.transport], tone: 'bg-ok', still: true }
    case 'catching-up':
      return { word: 'Catching up', more: age, tone: 'bg-warn', still: false }
    case 'reconnecting': {
      const seconds = Math.max(0, Math.ceil((connection.at - now) / 1000))
      return {
        word: seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting',
        more: age,
        tone: 'bg-warn',
        still: false,
      }
    }
    case 'offline':
      return { word: 'Offline', more: age || connection.reason, tone: 'bg-bad', still: true }
    default:
      return { word: 'Connecting', more: age, tone: 'bg-strong', still: false }
  }
}

export function ConnectionDot({ bare }: { bare?: boolean }) {
  const connection = useConnection()
  const now = useNow(500)
  const { word, more, tone, still } = said(connection, now)
  return (
    <div
      className="flex min-w-0 items-center gap-2 text-xs"
      title={`${word}${more ? `, ${more}` : ''}`}
      data-connection={connection.state}
    >
      <span className={`size-2 shrink-0 rounded-full ${tone} ${still ? '' : 'animate-breathe'}`} aria-hidden />
      <span className={bare ? 'sr-only' : 'min-w-0'}>
        <span className="block truncate font-medium">{word}</span>
        {!bare && <span className="block h-4 truncate text-faint">{more}</span>}
      </span>
    </div>
  )
}

/** The close code of a session that has expired. */
const EXPIRED = 4401

/** Over everything, while what is shown may be old. */
export function Interruption() {
  const connection = useConnection()
  const now = useNow(500)
  if (connection.state !== 'reconnecting' && connection.state !== 'offline') return null
  const { word } = said(connection, now)
  const asOf = connection.asOf
  return (
    <div className="fixed inset-x-0 top-2 z-30 flex justify-center px-3" role="status">
      <div className="flex items-center gap-3 rounded-full border border-warn/40 bg-warn-soft px-4 py-1.5 text-[0.8125rem] text-ink shadow-high">
        <span>
          <strong className="font-semibold">
            {connection.state === 'offline' ? capitalised(connection.reason) : 'The server does not answer.'}
          </strong>{' '}
          <span aria-live="off">
            {word}.{asOf && ` What is shown is ${duration((now - asOf) / 1000)} old.`}
          </span>
        </span>
        {connection.state === 'offline' && connection.code === EXPIRED ? (
          <a
            className="font-semibold underline underline-offset-2"
            href={`/login?back=${encodeURIComponent(location.pathname + location.search)}`}
          >
            Sign in
          </a>
        ) : (
          <button
            type="button"
            className="font-semibold underline underline-offset-2"
            onClick={() => client.live.reconnect()}
          >
            Try now
          </button>
        )}
      </div>
    </div>
  )
}

const capitalised = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
