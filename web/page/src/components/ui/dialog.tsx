import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { Button } from './button'

interface Props {
  open: boolean
  onClose: () => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  footer?: ReactNode
  /** `sheet` comes from the right and is as high as the window. */
  shape?: 'box' | 'sheet'
  wide?: boolean
}

export function Panel({ open, onClose, title, description, children, footer, shape = 'box', wide }: Props) {
  return (
    <Dialog.Root open={open} onOpenChange={now => !now && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          className={cn(
            'fixed z-40 flex flex-col border border-line bg-surface text-ink shadow-high outline-none transition duration-150',
            shape === 'sheet'
              ? 'inset-y-0 right-0 w-full max-w-xl data-[ending-style]:translate-x-8 data-[ending-style]:opacity-0 data-[starting-style]:translate-x-8 data-[starting-style]:opacity-0'
              : 'left-1/2 top-[12vh] max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 rounded-xl data-[ending-style]:opacity-0 data-[starting-style]:opacity-0',
            shape === 'box' && (wide ? 'max-w-2xl' : 'max-w-md'),
          )}
        >
          <header className="flex items-start gap-3 border-b border-line px-5 py-4">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-base font-semibold break-words">{title}</Dialog.Title>
              {description && (
                <Dialog.Description className="mt-0.5 text-[0.8125rem] text-soft">{description}</Dialog.Description>
              )}
            </div>
            <Dialog.Close render={<Button variant="ghost" size="icon" aria-label="Close" />}>
              <X aria-hidden />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4" tabIndex={0} role="region" aria-label="Details">
            {children}
          </div>
          {footer && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
