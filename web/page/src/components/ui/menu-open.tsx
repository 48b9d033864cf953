import { Menu } from '@base-ui/react/menu'
import type { ReactElement } from 'react'
import type { Choice } from './menu'

/** The menu itself; it opens as soon as it is there. */
export default function OpenMenu({
  trigger,
  choices,
}: {
  trigger: ReactElement<Record<string, unknown>>
  choices: Choice[]
}) {
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className="z-50">
          <Menu.Popup className="min-w-44 rounded-lg border border-line bg-raised p-1 shadow-high outline-none">
            {choices.map(({ icon: Icon, label, act, refused }) => (
              <Menu.Item
                key={label}
                disabled={refused ?? false}
                onClick={event => {
                  event.stopPropagation()
                  act()
                }}
                className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-[0.8125rem] outline-none data-[disabled]:opacity-40 data-[highlighted]:bg-sunk"
              >
                {Icon && <Icon className="size-4 text-faint" aria-hidden />}
                {label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
