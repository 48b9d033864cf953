import { expect, test } from 'vitest'
import { House, openWindow, Origin, startBrowser, until } from './house'

const MANY = 1_000
const SECONDS = 5
/** On a machine that does nothing else. */
const LEAST = 55

test('a thousand running jobs are shown and scrolled through without a stutter', { timeout: 120_000 }, async () => {
  const [house, origin, browser] = await Promise.all([House.start(), Origin.start(), startBrowser()])
  try {
    const left = Array.from({ length: MANY }, (_, i) => i)
    const start = async () => {
      for (let i = left.pop(); i !== undefined; i = left.pop())
        await house.api('/api/v1/download', { url: `${origin.url}/slow/${i}.bin` })
    }
    await Promise.all(Array.from({ length: 16 }, start))
    await until(
      'all run',
      async () => (await house.api<{ jobs: unknown[] }>(`/api/v1/jobs?state=running&limit=1000`)).jobs.length === MANY,
      60_000,
    )
    const { page } = await openWindow(browser, house)
    await page.goto(house.url)
    await page.locator('[data-state=running]').first().waitFor()
    await page.waitForTimeout(1_000)
    const frames = await page.evaluate(async seconds => {
      const list = document.querySelector('[role=list]')!
      let count = 0
      const end = performance.now() + seconds * 1000
      while (performance.now() < end) {
        await new Promise(requestAnimationFrame)
        count++
        list.scrollTop += 7
      }
      return count / seconds
    }, SECONDS)
    console.log(`${MANY} running jobs: ${frames.toFixed(1)} frames a second while the list is scrolled`)
    expect(frames).toBeGreaterThanOrEqual(LEAST)
    expect(await page.locator('[data-job]').count()).toBeLessThan(60)
  } finally {
    await browser.close()
    origin.stop()
    await house.stop()
  }
})
