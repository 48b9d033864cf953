import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const root = document.documentElement
const listeners = new Set<() => void>()
const KEY = 'sluice.theme'

function show(theme: Theme): void {
  root.dataset.theme = theme
  for (const listener of listeners) listener()
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', event => {
  if (!localStorage.getItem(KEY)) show(event.matches ? 'dark' : 'light')
})

export const theme = (): Theme => (root.dataset.theme === 'dark' ? 'dark' : 'light')

export function choose(wanted: Theme): void {
  localStorage.setItem(KEY, wanted)
  show(wanted)
}

export function useTheme(): Theme {
  return useSyncExternalStore(changed => {
    listeners.add(changed)
    return () => listeners.delete(changed)
  }, theme)
}

/** A colour of the theme, for what is drawn and not styled. */
export const colour = (name: string) => getComputedStyle(root).getPropertyValue(`--${name}`).trim()
