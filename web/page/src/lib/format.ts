// Numbers as people read them, of a width that changes as little as it can.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function bytes(n: number): string {
  let unit = 0
  let value = n
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`
}

export const rate = (n: number) => `${bytes(n)}/s`

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1000))} ms`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  const m = Math.floor(s / 60)
  if (m < 60) return `${m} min ${String(s % 60).padStart(2, '0')} s`
  const h = Math.floor(m / 60)
  if (h < 48) return `${h} h ${String(m % 60).padStart(2, '0')} min`
  return `${Math.floor(h / 24)} d ${h % 24} h`
}

/** Time left: coarser than a duration, since it is a guess. */
export function left(seconds: number): string {
  if (seconds < 1) return '< 1 s left'
  return `${duration(Math.ceil(seconds))} left`
}

export const count = (n: number) => n.toLocaleString('en')

export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`

export function millis(n: number): string {
  if (n < 10) return `${n.toFixed(1)} ms`
  return n < 1000 ? `${Math.round(n)} ms` : duration(n / 1000)
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

export const time = (at: string | number | Date) => clock.format(new Date(at))

export function date(at: string | number | Date): string {
  const when = new Date(at)
  return when.getFullYear() === new Date().getFullYear() ? day.format(when) : dayOfYear.format(when)
}

export function moment(at: string): string {
  const when = new Date(at)
  return when.toDateString() === new Date().toDateString() ? time(when) : `${date(when)}, ${time(when)}`
}

export const ordinal = (n: number) => {
  const word = new Intl.PluralRules('en', { type: 'ordinal' }).select(n)
  return n + ({ one: 'st', two: 'nd', few: 'rd' }[word as string] ?? 'th')
}

export const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ')
