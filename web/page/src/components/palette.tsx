import { useJobs } from '@sluice/react'
import { Dialog } from '@base-ui/react/dialog'
import { Command } from 'cmdk'
import { CircleHelp, Moon, Pause, Play, RotateCcw, Sun, X, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { act, actOnAll } from '@/lib/acts'
import { PAGES } from '@/lib/pages'
import { choose, theme } from '@/lib/theme'
import { STATES } from '@/lib/words'
import { KIND_ICONS, StateIcon } from './job/kind'
import { Kbd } from './ui/parts'

const MOST = 30

/** Everything by its name: pages, jobs, and what can be done with them. */
export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const [, go] = useLocation()
  const jobs = useJobs()
  const [text, setText] = useState('')
  const run = (what: () => void) => () => {
    onClose()
    what()
  }
  const running = jobs.filter(job => job.links.pause)
  const paused = jobs.filter(job => job.links.resume)
  const failed = jobs.filter(job => job.links.retry)
  const found = jobs.filter(job => job.name.toLowerCase().includes(text.toLowerCase())).slice(0, MOST)
  const other = theme() === 'dark' ? 'light' : 'dark'
  return (
    <Dialog.Root open onOpenChange={open => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup
          aria-label="Commands"
          className="fixed left-1/2 top-[12vh] z-40 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-raised shadow-high outline-none"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command label="Commands" loop>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="A page, a job, something to do"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-sm outline-none placeholder:text-faint"
            />
            <Command.List className="max-h-[52vh] overflow-y-auto p-1.5" aria-label="Commands">
              <Command.Empty className="px-3 py-8 text-center text-[0.8125rem] text-soft">
                Nothing is called that
              </Command.Empty>
              <Group heading="Go to">
                {PAGES.map(page => (
                  <Item key={page.path} icon={page.icon} onSelect={run(() => go(page.path))} keys={['g', page.letter]}>
                    {page.label}
                  </Item>
                ))}
              </Group>
              <Group heading="Do">
                {running.length > 0 && (
                  <Item
                    icon={Pause}
                    onSelect={run(() => void actOnAll('pause', running))}
                  >{`Pause all (${running.length})`}</Item>
                )}
                {paused.length > 0 && (
                  <Item
                    icon={Play}
                    onSelect={run(() => void actOnAll('resume', paused))}
                  >{`Resume all (${paused.length})`}</Item>
                )}
                {failed.length > 0 && (
                  <Item
                    icon={RotateCcw}
                    onSelect={run(() => void actOnAll('retry', failed))}
                  >{`Retry all that failed (${failed.length})`}</Item>
                )}
                {running.length > 0 && (
                  <Item
                    icon={X}
                    onSelect={run(() => void actOnAll('cancel', running))}
                  >{`Cancel all (${running.length})`}</Item>
                )}
                <Item
                  icon={other === 'dark' ? Moon : Sun}
                  onSelect={run(() => choose(other))}
                >{`Switch to ${other}`}</Item>
                <Item icon={CircleHelp} onSelect={run(onKeys)} keys={['?']}>
                  Show the keys
                </Item>
              </Group>
              {found.length > 0 && (
                <Group heading="Jobs">
                  {found.map(job => (
                    <Item
                      key={job.id}
                      id={job.id}
                      icon={KIND_ICONS[job.kind]}
                      onSelect={run(() => go(`/?job=${job.id}`))}
                    >
                      <span className="min-w-0 flex-1 truncate">{job.name}</span>
                      <span className="flex items-center gap-1 text-xs text-faint">
                        <StateIcon state={job.state} /> {STATES[job.state]}
                      </span>
                    </Item>
                  ))}
                </Group>
              )}
              {text && found.some(job => job.links.cancel) && (
                <Group heading="Cancel">
                  {found
                    .filter(job => job.links.cancel)
                    .map(job => (
                      <Item
                        key={job.id}
                        id={`cancel ${job.id}`}
                        icon={X}
                        onSelect={run(() => void act('cancel', job.id))}
                      >{`Cancel ${job.name}`}</Item>
                    ))}
                </Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint"
    >
      {children}
    </Command.Group>
  )
}

function Item({
  icon: Icon,
  children,
  onSelect,
  keys,
  id,
}: {
  icon: LucideIcon
  children: ReactNode
  onSelect: () => void
  keys?: string[]
  id?: string
}) {
  return (
    <Command.Item
      {...(id ? { value: `${id} ${typeof children === 'string' ? children : ''}` } : {})}
      onSelect={onSelect}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-[0.8125rem] data-[selected=true]:bg-sunk"
    >
      <Icon className="size-4 shrink-0 text-faint" aria-hidden />
      {children}
      {keys && (
        <span className="ml-auto flex gap-0.5">
          {keys.map(key => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </span>
      )}
    </Command.Item>
  )
}
