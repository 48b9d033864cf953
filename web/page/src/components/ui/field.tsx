import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react'
import { cn } from '@/lib/cn'

const box =
  'w-full rounded-md border border-strong bg-surface text-ink shadow-low placeholder:text-faint focus-visible:outline-offset-0 disabled:opacity-50 aria-[invalid=true]:border-bad'

interface Around {
  label: string
  hint?: ReactNode
  problem?: ReactNode
  className?: string
}

function Field({ id, label, hint, problem, className, children }: Around & { id: string; children: ReactNode }) {
  return (
    <div className={cn('min-w-0', className)}>
      <label htmlFor={id} className="label mb-1 block">
        {label}
      </label>
      {children}
      {problem ? (
        <p id={`${id}-more`} className="mt-1 text-xs text-bad" role="alert">
          {problem}
        </p>
      ) : (
        hint && (
          <p id={`${id}-more`} className="mt-1 text-xs text-faint">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

export function TextField({
  label,
  hint,
  problem,
  className,
  ...rest
}: Around & Omit<InputHTMLAttributes<HTMLInputElement>, 'className'>) {
  const id = useId()
  return (
    <Field {...{ id, label, hint, problem, className }}>
      <input
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-more` : undefined}
        className={cn(box, 'h-9 px-2.5 text-sm')}
        {...rest}
      />
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  problem,
  className,
  ...rest
}: Around & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className'>) {
  const id = useId()
  return (
    <Field {...{ id, label, hint, problem, className }}>
      <textarea
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-more` : undefined}
        className={cn(box, 'block px-2.5 py-2 font-mono text-[0.8125rem]')}
        {...rest}
      />
    </Field>
  )
}

export interface Option {
  value: string
  label: string
}

export function SelectField({
  label,
  hint,
  problem,
  className,
  options,
  onChoose,
  ...rest
}: Around & { options: Option[]; onChoose: (value: string) => void } & Omit<
    SelectHTMLAttributes<HTMLSelectElement>,
    'className'
  >) {
  const id = useId()
  return (
    <Field {...{ id, label, hint, problem, className }}>
      <Select id={id} options={options} onChoose={onChoose} {...rest} />
    </Field>
  )
}

/** Without a label of its own: it needs an `aria-label`. */
export function Select({
  options,
  onChoose,
  className,
  ...rest
}: { options: Option[]; onChoose: (value: string) => void } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select
      className={cn(box, 'h-9 px-2 text-sm', className)}
      onChange={event => onChoose(event.target.value)}
      {...rest}
    >
      {options.map(option => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

export function Toggle({
  label,
  hint,
  checked,
  onToggle,
  disabled,
}: {
  label: string
  hint?: string
  checked: boolean
  onToggle: (on: boolean) => void
  disabled?: boolean
}) {
  return (
    <label className="flex items-start gap-2.5 text-sm">
      <input
        type="checkbox"
        className="mt-0.5 size-4 accent-(--accent)"
        checked={checked}
        disabled={disabled}
        onChange={event => onToggle(event.target.checked)}
      />
      <span>
        {label}
        {hint && <span className="block text-xs text-faint">{hint}</span>}
      </span>
    </label>
  )
}
