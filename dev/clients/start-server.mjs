// Starts `./sluice serve` of this repository on an empty data folder and a free port, and stops it again.
// SLUICE_URL: use that running server instead. SLUICE_COMMAND: another command than ./sluice.
// The environment is passed on, SLUICE_JAVA_OPTS with it.

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MILLIS = 30_000;
const STOP_MILLIS = 15_000;
const running = new Map();

/**
 * The server's `url`, and `stop()`, which ends it with SIGTERM and returns its exit code.
 * `own`: start one even where SLUICE_URL names a server, because the test needs these flags.
 */
export async function startServer({ flags = [], own = false } = {}) {
  if (process.env.SLUICE_URL && !own) return { url: process.env.SLUICE_URL, stop: async () => 0 };
  const data = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  const command = process.env.SLUICE_COMMAND ?? join(ROOT, 'sluice');
  const child = spawn(command, ['serve', '--data', data, '--port', '0', ...flags], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.set(child, data);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  const said = [];
  const listen = (stream) =>
    createInterface({ input: stream }).on('line', (line) => said.push(line) > 200 && said.shift());
  listen(child.stderr);
  const ready = new Promise((resolve) =>
    listen(child.stdout).on('line', (line) => {
      const match = /^ready (http:\/\/\S+:\d+)$/.exec(line);
      if (match) resolve(match[1]);
    }),
  );

  const stop = async () => {
    child.kill('SIGTERM');
    const code = await bounded(ended, STOP_MILLIS, 'still running after SIGTERM');
    cleanUp(child);
    return code;
  };
  const url = await bounded(Promise.race([ready, ended.then(() => null)]), READY_MILLIS, null);
  if (url === null) {
    const code = await stop();
    throw new Error(`${command} did not become ready (${code}):\n${said.slice(-30).join('\n')}`);
  }
  return { url, stop, said };
}

async function bounded(promise, millis, otherwise) {
  let timer;
  const bound = new Promise((resolve) => (timer = setTimeout(resolve, millis, otherwise)));
  return Promise.race([promise, bound]).finally(() => clearTimeout(timer));
}

/** Whatever became of the server: no process and no folder of it stays. */
function cleanUp(child) {
  const data = running.get(child);
  running.delete(child);
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

process.on('exit', () => [...running.keys()].forEach(cleanUp));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
