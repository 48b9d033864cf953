import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { House, openWindow, Origin, startBrowser, until } from './house'

const FOLDER = process.env.SCREENSHOTS!
const CSV = [
  'Booking date;Amount;Payee;Purpose',
  ...[
    ['REWE', '-38,20', 'Groceries'],
    ['Deutsche Bahn', '-59,90', 'Ticket'],
    ['ACME GmbH', '3120,00', 'Salary'],
    ['Netflix', '-13,99', 'Subscription'],
    ['Stadtwerke', '-84,00', 'Electricity'],
    ['Shell', '-61,35', 'Fuel'],
    ['Amazon', '-24,50', 'Order'],
    ['Trattoria Roma', '-47,00', 'Dinner'],
    ['Apotheke am Markt', '-12,80', 'Pharmacy'],
    ['Vermieter Huber', '-980,00', 'Rent'],
    ['Spotify', '-10,99', 'Subscription'],
    ['Lidl', '-22,17', 'Groceries'],
  ].map(([payee, amount, purpose], i) => `${String(28 - i).padStart(2, '0')}.11.2026;${amount};${payee};${purpose}`),
  '',
].join('\n')

let house: House
let origin: Origin

/** Ended jobs as of days that have passed, so that there is something to be told. */
const AGED = `
import random, sqlite3, sys, time
random.seed(4)
db = sqlite3.connect(sys.argv[1])
columns = [row[1] for row in db.execute("PRAGMA table_info(jobs)")]
day = 86400 * 10**6
rows = db.execute("SELECT * FROM jobs WHERE state IN ('completed','failed','cancelled')").fetchall()
for n in range(700):
    job = dict(zip(columns, random.choice(rows)))
    if job["state"] == "failed" and random.random() < 0.8: continue
    back = int(random.triangular(1, 30, 3)) * day + random.randrange(day // 2)
    job["id"], job["batch"], job["place"] = f"old-{n}", None, None
    job["bytes"] = random.randrange(10**6, 4 * 10**9)
    job["created"] -= back
    job["started"] = job["created"] + 10**5 if job["started"] else None
    job["ended"] = job["created"] + 10**5 + job["bytes"] // 90
    db.execute(f"INSERT INTO jobs ({','.join(job)}) VALUES ({','.join('?' * len(job))})", list(job.values()))
db.commit()
`

beforeAll(async () => {
  ;[house, origin] = await Promise.all([House.start(), Origin.start()])
  const plates = join(house.root, 'shot_010')
  for (const folder of ['shot_010', 'shot_020', 'delivery']) mkdirSync(join(house.root, folder))
  for (let frame = 1001; frame <= 1240; frame++)
    if (frame !== 1113) writeFileSync(join(plates, `shot_010.${frame}.exr`), Buffer.alloc(20_000))
  writeFileSync(join(house.root, 'notes.txt'), 'what to deliver')
  for (let i = 1; i <= 4; i++)
    await fetch(`${house.url}/api/v1/upload?filename=interview_${i}.mov`, {
      method: 'POST',
      body: Buffer.alloc(i << 20),
      headers: { 'Content-Type': 'video/quicktime' },
    })
  await house.api('/api/v1/operations', {
    operation: 'copy',
    sources: [plates],
    target: join(house.root, 'delivery/'),
    verify: 'xxh64',
  })
  const form = new FormData()
  form.set('file', new File([CSV], 'giro-november.csv', { type: 'text/csv' }))
  await fetch(`${house.url}/api/v1/upload/csv`, { method: 'POST', body: form })
  await house.api('/api/v1/download', { url: `${origin.url}/gone/trailer.mp4` })
  const { jobId } = await house.api<{ jobId: string }>('/api/v1/download', {
    url: `${origin.url}/at/200000/90000000/wrong-take.mov`,
  })
  await until('it runs', async () => (await house.api<{ state: string }>(`/api/v1/jobs/${jobId}`)).state === 'running')
  await house.api(`/api/v1/jobs/${jobId}/cancel`, {})
  await until(
    'all have ended',
    async () => (await house.api<{ jobs: unknown[] }>('/api/v1/jobs?state=running')).jobs.length === 0,
  )
  await house.halt()
  execFileSync('python3', ['-c', AGED, join(house.folder, 'data', 'state.db')])
  await house.start()
  await house.api('/api/v1/downloads', {
    urls: [4, 9, 14].map((n, i) => `${origin.url}/at/${n}00000/${(i + 2) * 30}000000/reel_0${i + 1}.mxf`),
  })
  for (const [name, rate, size] of [
    ['dailies_2026-11-28.mov', 5_200_000, 900_000_000],
    ['score_stems.wav', 1_400_000, 160_000_000],
  ]) {
    await house.api('/api/v1/download', { url: `${origin.url}/at/${rate}/${size}/${name}` })
  }
})

afterAll(async () => {
  origin?.stop()
  await house?.stop()
})

test('pictures of every page', { timeout: 240_000 }, async () => {
  const browser = await startBrowser()
  try {
    for (const dark of [false, true]) {
      const { page } = await openWindow(browser, house, { dark })
      const take = async (name: string) => {
        await page.waitForTimeout(400)
        await page.screenshot({ path: join(FOLDER, `${name}-${dark ? 'dark' : 'light'}.png`) })
      }
      await page.goto(house.url)
      await page.waitForSelector('[data-connection=live]', { state: 'attached' })
      await page.waitForTimeout(20_000)
      await take('transfers')
      for (const name of ['upload', 'download', 'import', 'history', 'insight', 'settings', 'login']) {
        await page.goto(`${house.url}/${name}`)
        await page.waitForTimeout(1_500)
        await take(name)
      }
      await page.goto(`${house.url}/disks?path=${encodeURIComponent(join(house.root, 'shot_010'))}`)
      await page.getByLabel('Select shot_010.1001-1112,1114-1240#.exr').check()
      await page.getByLabel('Target', { exact: true }).fill(join(house.root, 'shot_020/'))
      await page.getByRole('button', { name: 'Plan' }).click()
      await page.getByText('shot_020').last().waitFor()
      await take('files')
      await page.goto(`${house.url}/import?view=transactions`)
      await page.locator('[data-transaction]').first().waitFor()
      await take('transactions')
      await page.context().close()
    }
    const { page } = await openWindow(browser, house, { width: 360 })
    await page.goto(house.url)
    await page.waitForTimeout(4_000)
    await page.screenshot({ path: join(FOLDER, 'phone-light.png') })
  } finally {
    await browser.close()
  }
})
