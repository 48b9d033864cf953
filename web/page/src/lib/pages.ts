import {
  ArrowDownUp,
  ChartNoAxesColumn,
  CloudDownload,
  CloudUpload,
  FolderSync,
  History,
  Settings,
  TableProperties,
  type LucideIcon,
} from 'lucide-react'

export interface Page {
  path: string
  label: string
  icon: LucideIcon
  /** With `g` before it. */
  letter: string
}

export const PAGES: Page[] = [
  { path: '/', label: 'Transfers', icon: ArrowDownUp, letter: 't' },
  { path: '/upload', label: 'Upload', icon: CloudUpload, letter: 'u' },
  { path: '/download', label: 'Download', icon: CloudDownload, letter: 'd' },
  { path: '/disks', label: 'Files', icon: FolderSync, letter: 'f' },
  { path: '/import', label: 'Import', icon: TableProperties, letter: 'i' },
  { path: '/history', label: 'History', icon: History, letter: 'h' },
  { path: '/insight', label: 'Insight', icon: ChartNoAxesColumn, letter: 'n' },
  { path: '/settings', label: 'Settings', icon: Settings, letter: 's' },
]
