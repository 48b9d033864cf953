import { useEffect } from 'react'
import { client } from './client'

/** What the window tells when nobody looks at it: how far all is, in its title and its icon; and that it still sends. */
export function usePresence(): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')!
    const plain = icon.href
    let shown = -1
    const timer = setInterval(() => {
      let bytes = 0
      let total = 0
      let running = 0
      for (const job of client.live.jobs.all()) {
        if (job.state !== 'running') continue
        running++
        const progress = client.live.ticks.get(job.id) ?? job.progress
        const weight = progress.totalBytes ?? 1
        total += weight
        bytes += (weight * progress.percent) / 100
      }
      const percent = running === 0 ? -1 : Math.floor((100 * bytes) / total)
      if (percent === shown) return
      shown = percent
      document.title = percent < 0 ? 'Sluice' : `${percent} % · Sluice`
      icon.href = percent < 0 ? plain : ring(percent)
    }, 500)
    const guard = (event: BeforeUnloadEvent) => {
      if (client.uploads.sending) event.preventDefault()
    }
    window.addEventListener('beforeunload', guard)
    return () => {
      clearInterval(timer)
      window.removeEventListener('beforeunload', guard)
    }
  }, [])
}

function ring(percent: number): string {
  const around = 2 * Math.PI * 12
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="12" fill="none" stroke="#94a0ae" stroke-opacity=".4" stroke-width="6"/><circle cx="16" cy="16" r="12" fill="none" stroke="#14b8a6" stroke-width="6" stroke-dasharray="${(around * percent) / 100} ${around}" transform="rotate(-90 16 16)"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
