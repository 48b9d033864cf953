import type { LucideIcon } from 'lucide-react'
import { cloneElement, lazy, Suspense, useState, type ReactElement } from 'react'

const OpenMenu = lazy(() => import('./menu-open'))

export interface Choice {
  icon?: LucideIcon
  label: string
  act: () => void
  refused?: boolean
}

/** A menu that is fetched when it is first wanted: lists have many, and few are ever opened. */
export function Choices({ trigger, choices }: { trigger: ReactElement<Record<string, unknown>>; choices: Choice[] }) {
  const [wanted, setWanted] = useState(false)
  const closed = cloneElement(trigger, { 'aria-haspopup': 'menu', onClick: () => setWanted(true) })
  if (!wanted) return closed
  return (
    <Suspense fallback={closed}>
      <OpenMenu trigger={trigger} choices={choices} />
    </Suspense>
  )
}
