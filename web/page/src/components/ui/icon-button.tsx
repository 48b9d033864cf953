import type { LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes } from 'react'
import { Button } from './button'

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & {
  icon: LucideIcon
  label: string
  /** Why it cannot be pressed just now: it stays in its place and says so. */
  refused?: string | undefined
}

/** The browser's own tooltip: a list has hundreds of these. */
export function IconButton({ icon: Icon, label, refused, onClick, className, ...rest }: Props) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label}
      title={refused ? `${label}: ${refused}` : label}
      aria-disabled={refused ? true : undefined}
      className={`${refused ? 'cursor-not-allowed opacity-35 hover:bg-transparent' : ''} ${className ?? ''}`}
      {...rest}
      onClick={event => {
        event.stopPropagation()
        if (!refused) onClick?.(event)
      }}
    >
      <Icon aria-hidden />
    </Button>
  )
}
