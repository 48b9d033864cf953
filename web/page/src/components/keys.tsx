import { Panel } from './ui/dialog'
import { Kbd } from './ui/parts'

const KEYS: [string[], string][] = [
  [['⌘', 'K'], 'Commands'],
  [['g', 't'], 'Transfers (u upload, d download, f files, i import, h history, n insight, s settings)'],
  [['j'], 'Next job'],
  [['k'], 'Job before'],
  [['o'], 'Open the job'],
  [['x'], 'Select it'],
  [['a'], 'Select all'],
  [['p'], 'Pause or resume it'],
  [['r'], 'Retry it'],
  [['c'], 'Cancel it'],
  [['Esc'], 'Close, clear the selection'],
  [['?'], 'These keys'],
]

export default function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Panel open onClose={onClose} title="Keys" description="Without a mouse, everything works.">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2.5 text-[0.8125rem]">
        {KEYS.map(([keys, what]) => (
          <div key={what} className="contents">
            <dt className="flex gap-1">
              {keys.map(key => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd className="text-soft">{what}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
