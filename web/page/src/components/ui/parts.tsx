import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { nextStep } from '@/lib/words'

/** What every page begins with. */
export function Head({ title, children, about }: { title: string; about?: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2 px-4 pb-3 pt-4 sm:px-6">
      <div className="min-w-0 flex-1 basis-64">
        <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
        {about && <p className="text-[0.8125rem] text-soft">{about}</p>}
      </div>
      {children}
    </div>
  )
}

export function Card({
  title,
  children,
  className,
  action,
}: {
  title?: ReactNode
  children: ReactNode
  className?: string
  action?: ReactNode
}) {
  return (
    <section className={cn('min-w-0 rounded-xl border border-line bg-surface shadow-low', className)}>
      {title && (
        <header className="flex min-h-11 items-center gap-2 border-b border-line px-4 py-1.5">
          <h2 className="flex-1 text-sm font-semibold">{title}</h2>
          {action}
        </header>
      )}
      {children}
    </section>
  )
}

export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center justify-center gap-3 px-6 py-14 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-sunk text-faint">
        <Icon className="size-6" aria-hidden />
      </span>
      <div>
        <p className="text-sm font-semibold">{title}</p>
        {children && <div className="mx-auto mt-1 max-w-md text-[0.8125rem] text-soft">{children}</div>}
      </div>
      {action}
    </div>
  )
}

interface Refusal {
  message: string
  code?: string
}

/** A failure: what it was, and what to do now. */
export function Failed({ failure, retry, className }: { failure: unknown; retry?: () => void; className?: string }) {
  const { message, code } = failure as Refusal
  return (
    <div
      role="alert"
      className={cn('rounded-lg border border-bad/30 bg-bad-soft px-3.5 py-2.5 text-[0.8125rem]', className)}
    >
      <p className="font-medium text-bad break-words">{message}</p>
      {code && <p className="mt-0.5 text-ink">{nextStep({ code })}</p>}
      {retry && (
        <button type="button" onClick={retry} className="mt-1 font-medium text-ink underline underline-offset-2">
          Try again
        </button>
      )}
    </div>
  )
}

export function Note({ tone = 'soft', children }: { tone?: 'soft' | 'warn' | 'ok'; children: ReactNode }) {
  const look = { soft: 'bg-sunk text-soft', warn: 'bg-warn-soft text-warn', ok: 'bg-ok-soft text-ok' }[tone]
  return <div className={cn('rounded-lg px-3.5 py-2.5 text-[0.8125rem]', look)}>{children}</div>
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div className="space-y-2 p-4" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="h-10 animate-breathe rounded-md bg-sunk" />
      ))}
    </div>
  )
}

export const Kbd = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-grid h-5 min-w-5 place-items-center rounded border border-line bg-sunk px-1 font-sans text-2xs text-soft">
    {children}
  </kbd>
)

export function Chips<T extends string>({
  options,
  value,
  onChoose,
  label,
}: {
  options: { value: T; label: string; count?: number }[]
  value: T
  onChoose: (value: T) => void
  label: string
}) {
  return (
    <div role="group" aria-label={label} className="flex min-w-0 gap-1 overflow-x-auto">
      {options.map(option => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
          className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md px-2.5 text-[0.8125rem] font-medium text-soft hover:bg-sunk aria-pressed:bg-sunk aria-pressed:text-ink"
        >
          {option.label}
          {option.count !== undefined && (
            <span className={cn('min-w-4 text-right text-xs', option.count ? 'text-ink' : 'text-faint')}>
              {option.count.toLocaleString('en')}
            </span>
          )}
        </button>
      ))}
    </div>
  )
}
