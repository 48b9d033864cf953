import { useSyncExternalStore } from 'react'

const desk = matchMedia('(min-width: 64rem)')

/** Whether there is room for rows of one line. */
export function useWide(): boolean {
  return useSyncExternalStore(
    changed => {
      desk.addEventListener('change', changed)
      return () => desk.removeEventListener('change', changed)
    },
    () => desk.matches,
  )
}
