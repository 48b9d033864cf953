import { cva, type VariantProps } from 'class-variance-authority'
import type { ButtonHTMLAttributes, Ref } from 'react'
import { cn } from '@/lib/cn'

const look = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-45 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        solid: 'bg-accent text-accent-ink hover:bg-accent/90',
        outline: 'border border-line bg-surface text-ink shadow-low hover:bg-sunk',
        ghost: 'text-soft hover:bg-sunk hover:text-ink',
        danger: 'border border-line bg-surface text-bad shadow-low hover:bg-bad-soft',
      },
      size: { md: 'h-9 px-3.5 text-sm', sm: 'h-8 px-2.5 text-[0.8125rem]', icon: 'size-8 max-sm:size-9' },
    },
    defaultVariants: { variant: 'outline', size: 'md' },
  },
)

type Props = ButtonHTMLAttributes<HTMLButtonElement> & VariantProps<typeof look> & { ref?: Ref<HTMLButtonElement> }

export function Button({ className, variant, size, type = 'button', ...rest }: Props) {
  return <button type={type} className={cn(look({ variant, size }), className)} {...rest} />
}

/** A link that looks like a button. */
export const buttonLook = (
  variant: VariantProps<typeof look>['variant'],
  size: VariantProps<typeof look>['size'] = 'md',
) => look({ variant, size })
