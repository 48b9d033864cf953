// A real server, what it fetches from, and a real browser in front of it.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as listen, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Browser, type Page } from 'playwright-core'

const SLUICE = process.env.SLUICE ?? new URL('../../../sluice', import.meta.url).pathname
const started = new Set<House>()

export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-page-'))
  readonly root = join(this.folder, 'root')
  url = ''
  #more: Record<string, string> = {}
  #process: ChildProcess | undefined
  #port = 0

  /** @param more settings */
  static async start(more: Record<string, string> = {}): Promise<House> {
    const house = new House()
    house.#more = more
    started.add(house)
    mkdirSync(house.root)
    house.#port = await freePort()
    await house.start()
    return house
  }

  /** Again on what an earlier one has left. */
  async start(): Promise<void> {
    const set = {
      'operations.port': '0',
      'files.roots': this.root,
      'download.allow-networks': '127.0.0.0/8',
      'download.concurrent': '1200',
      'download.per-host': '1200',
      'download.per-owner': '1200',
      ...this.#more,
    }
    const flags = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    const child = spawn(
      SLUICE,
      ['serve', '--data', join(this.folder, 'data'), '--port', String(this.#port), ...flags],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.#process = child
    const said: string[] = []
    this.url = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready: ${said.join('\n')}`)), 60_000)
      child.once('exit', code => reject(new Error(`ended with ${code}: ${said.join('\n')}`)))
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', line => {
          said.push(line)
          if (!line.startsWith('ready ')) return
          clearTimeout(late)
          resolve(line.slice(6))
        })
      }
    })
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it and keeps what it has. */
  async halt(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    started.delete(this)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    process.kill(-child.pid!, signal)
    await gone
  }

  async api<T>(path: string, body?: unknown): Promise<T> {
    const init =
      body === undefined
        ? {}
        : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
    const answer = await fetch(this.url + path, init)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  /** Whatever became of a test: no process and no folder of it stays. */
  abandon(): void {
    try {
      if (this.#process?.pid) process.kill(-this.#process.pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

process.on('exit', () => started.forEach(house => house.abandon()))

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = listen()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** Serves `/fast/NAME` whole and `/at/RATE/SIZE/NAME` with so many bytes a second; `/slow/NAME` is a KiB of each second. */
export class Origin {
  readonly bytes = Buffer.alloc(3 << 20, 'sluice ')
  readonly #server: Server
  url = ''

  private constructor() {
    this.#server = createServer((request, response) => {
      const [, how, ...more] = request.url!.split('/')
      if (how === 'fast') {
        response
          .writeHead(200, { 'Content-Length': this.bytes.length, 'Content-Type': 'application/octet-stream' })
          .end(this.bytes)
        return
      }
      if (how !== 'slow' && how !== 'at') {
        response.writeHead(404).end()
        return
      }
      const [rate, size] = how === 'slow' ? [1024, 8 << 20] : [Number(more[0]), Number(more[1])]
      const steps = how === 'slow' ? 1 : 10
      let left = size
      const send = () => {
        const piece = Math.min(left, Math.ceil(rate / steps))
        left -= piece
        if (left > 0) response.write(Buffer.alloc(piece))
        else response.end(Buffer.alloc(piece))
      }
      response.writeHead(200, { 'Content-Length': size, 'Content-Type': 'application/octet-stream' })
      const timer = setInterval(() => (left > 0 ? send() : clearInterval(timer)), 1_000 / steps)
      send()
      response.on('close', () => clearInterval(timer))
    })
  }

  static async start(): Promise<Origin> {
    const origin = new Origin()
    await new Promise<void>(resolve => origin.#server.listen(0, '127.0.0.1', resolve))
    origin.url = `http://127.0.0.1:${(origin.#server.address() as AddressInfo).port}`
    return origin
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

export function startBrowser(): Promise<Browser> {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    name => name && existsSync(name),
  )
  if (!found) throw new Error('there is no Chromium; install it, or name it in CHROMIUM')
  return chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-gpu'] })
}

/** A window, and all that it complained of: errors, what the content policy forbade, requests to others. */
export async function openWindow(
  browser: Browser,
  house: House,
  how: { dark?: boolean; width?: number } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: how.width ?? 1280, height: 800 },
    colorScheme: how.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('request', request => {
    if (!request.url().startsWith(house.url) && !/^(data|blob):/.test(request.url()))
      complaints.push(`asked ${request.url()}`)
  })
  return { page, complaints }
}

export async function until<T>(what: string, holds: () => T | Promise<T>, millis = 20_000): Promise<NonNullable<T>> {
  for (const end = Date.now() + millis; ;) {
    const is = await holds()
    if (is) return is as NonNullable<T>
    if (Date.now() > end) throw new Error(`not within ${millis} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
