import { PAGES } from '@/lib/pages'
import { Entry } from './shell'
import { Panel } from './ui/dialog'

/** All pages, where there is no room for them. */
export default function More({ here, onClose }: { here: string; onClose: () => void }) {
  return (
    <Panel open onClose={onClose} title="Pages">
      <nav aria-label="All pages" className="flex flex-col gap-1">
        {PAGES.map(page => (
          <Entry key={page.path} {...page} here={here === page.path} onGo={onClose} full />
        ))}
      </nav>
    </Panel>
  )
}
