import type { Kind, State } from '@sluice/client'
import {
  Ban,
  CheckCircle2,
  CircleAlert,
  CircleDashed,
  Clock3,
  CloudDownload,
  CloudUpload,
  FolderSync,
  PauseCircle,
  TableProperties,
  type LucideIcon,
} from 'lucide-react'
import { KINDS } from '@/lib/words'

export const KIND_ICONS: Record<Kind, LucideIcon> = {
  upload: CloudUpload,
  download: CloudDownload,
  operation: FolderSync,
  import: TableProperties,
}

export function KindIcon({ kind, className = '' }: { kind: Kind; className?: string }) {
  const Icon = KIND_ICONS[kind]
  return (
    <span
      className={`grid size-8 shrink-0 place-items-center rounded-lg bg-sunk text-soft ${className}`}
      role="img"
      aria-label={KINDS[kind]}
      title={KINDS[kind]}
    >
      <Icon className="size-4" aria-hidden />
    </span>
  )
}

const LOOKS: Record<State, { icon: LucideIcon; tone: string }> = {
  pending: { icon: Clock3, tone: 'text-faint' },
  running: { icon: CircleDashed, tone: 'text-live' },
  paused: { icon: PauseCircle, tone: 'text-warn' },
  completed: { icon: CheckCircle2, tone: 'text-ok' },
  failed: { icon: CircleAlert, tone: 'text-bad' },
  cancelled: { icon: Ban, tone: 'text-faint' },
}

/** Colour is never alone: the icon says it too. */
export function StateIcon({ state }: { state: State }) {
  const { icon: Icon, tone } = LOOKS[state]
  return <Icon className={`size-4 shrink-0 ${tone}`} aria-hidden />
}

export const stateTone = (state: State) => LOOKS[state].tone
