// A server that can be killed and comes back: one data folder, one port, one process after the other. The launcher
// becomes the JVM, so the process that is started is the one that is killed.
// SLUICE_COMMAND: another command than ./sluice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const COMMAND = process.env.SLUICE_COMMAND ?? join(ROOT, 'sluice');
const READY_MILLIS = 60_000;
const STOP_MILLIS = 30_000;
const alive = new Set();
const folders = new Set();

/** A folder that is gone when the tests have ended; `KEEP=1` leaves it. */
export async function temporaryFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `sluice-${name}-`));
  folders.add(folder);
  return folder;
}

export async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

/** Runs `sluice` with these words, through the command `by`: what it said, and `code` once it has ended. */
export function sluice(words, { env = {}, by = [] } = {}) {
  const [program, ...all] = [...by, COMMAND, ...words];
  const child = spawn(program, all, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run = { child, pid: child.pid, out: [], err: [] };
  alive.add(child);
  const keep = (stream, lines) =>
    createInterface({ input: stream }).on('line', (line) => lines.push(line) > 1000 && lines.shift());
  const outLines = keep(child.stdout, run.out);
  keep(child.stderr, run.err);
  run.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      alive.delete(child);
      resolve(code ?? signal);
    });
  });
  run.ready = new Promise((resolve) =>
    outLines.on('line', (line) => {
      const match = /^ready (http:\/\/\S+:\d+)$/.exec(line);
      if (match) resolve(match[1]);
    }),
  );
  return run;
}

export class Server {
  /** Counts the lives: a call that failed in an earlier one may be repeated in this one. */
  life = 0;
  down = true;
  #up = Promise.withResolvers?.() ?? deferred();

  static async start({ flags = [], name = 'series', env } = {}) {
    const server = new Server();
    server.data = await temporaryFolder(name);
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    server.flags = flags;
    server.env = env;
    await server.restart();
    return server;
  }

  get files() {
    const files = join(this.data, 'files');
    mkdirSync(files, { recursive: true });
    return files;
  }

  /** Starts the next process on the folder and the port. Returns after how many milliseconds it was ready. */
  async restart() {
    const begun = performance.now();
    this.run = sluice(['serve', '--data', this.data, '--port', `${this.port}`, ...this.flags], { env: this.env });
    const run = this.run;
    const url = await within(READY_MILLIS, Promise.race([run.ready, run.ended.then((code) => ({ code }))]));
    if (url !== this.url) {
      run.child.kill('SIGKILL');
      throw new Error(`the server did not become ready (${JSON.stringify(url)}):\n${this.said()}`);
    }
    this.life++;
    this.down = false;
    this.readyAt = performance.now();
    this.#up.resolve();
    return this.readyAt - begun;
  }

  said() {
    return [...this.run.out, ...this.run.err].slice(-40).join('\n');
  }

  goingDown() {
    this.down = true;
    this.#up = deferred();
  }

  /** SIGKILL, to this one process; returns once it is gone. */
  async kill() {
    if (this.run.child.exitCode !== null) throw new Error(`the server ended by itself:\n${this.said()}`);
    this.goingDown();
    process.kill(this.run.pid, 'SIGKILL');
    return this.run.ended;
  }

  /** SIGTERM; returns the exit code, and after how many milliseconds it came. */
  async stop() {
    this.goingDown();
    const begun = performance.now();
    this.run.child.kill('SIGTERM');
    const code = await within(STOP_MILLIS, this.run.ended);
    if (code === undefined) {
      this.run.child.kill('SIGKILL');
      throw new Error(`still running ${STOP_MILLIS} ms after SIGTERM:\n${this.said()}`);
    }
    return { code, millis: performance.now() - begun };
  }

  /** Resolves when the server is there. */
  up() {
    return this.#up.promise;
  }

  /**
   * Does `attempt`, and again in the next life for as long as the server's death was what ended it. A failure in
   * a life that goes on is thrown.
   */
  async surviving(attempt) {
    for (;;) {
      await this.up();
      const life = this.life;
      try {
        return await attempt(life);
      } catch (error) {
        if (this.life === life && !this.down) throw error;
      }
    }
  }
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** The promise's value, or `undefined` after the bound. */
export async function within(millis, promise) {
  const bound = new AbortController();
  try {
    return await Promise.race([promise, setTimeout(millis, undefined, { signal: bound.signal })]);
  } finally {
    bound.abort();
  }
}

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
  if (process.env.KEEP) return;
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
