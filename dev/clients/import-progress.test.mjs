// A page that sends bank files and watches their import: `import_progress.py`, which knows section 3 of the contract alone.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from './start-server.mjs';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('import_progress.py', import.meta.url));

let server;
let folder;
let python;

/** The first Python that has the package `websockets`: the system's own may stand behind another. */
async function pythonWithWebsockets() {
  for (const candidate of ['python3', '/usr/bin/python3']) {
    try {
      await run(candidate, ['-c', 'import websockets']);
      return candidate;
    } catch {
      // The next one may have it.
    }
  }
  throw new Error('no Python has websockets; type: apt-get install -y --no-install-recommends python3-websockets');
}

before(async () => {
  python = await pythonWithWebsockets();
  folder = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  server = await startServer();
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
  assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0');
});

/** A bank's file of so many rows, all different from those of other files. */
async function bankFile(name, rows) {
  const lines = ['Buchungstag;Verwendungszweck;Betrag;Währung'];
  for (let row = 0; row < rows; row++) {
    const day = new Date(Date.UTC(2024, 0, 1 + (row % 900))).toISOString().slice(0, 10);
    lines.push(`${day};${name} ${row};-${1 + (row % 90)},50;EUR`);
  }
  const file = join(folder, name);
  await writeFile(file, lines.join('\n') + '\n');
  return file;
}

/** The messages that the client was told. */
async function follow(...args) {
  const { stdout } = await run(python, [CLIENT, ...args], { maxBuffer: 64 << 20, timeout: 120_000 });
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

test('five stages run across the screen, each told at its start and at its end', async () => {
  const messages = await follow(server.url, await bankFile('march.csv', 3_000));
  const last = messages.at(-1);
  assert.equal(last.status, 'completed');
  assert.equal(last.details.processed, 3_000);
  assert.equal(last.details.errors, 0);
});

test('a file that was imported before ends completed, with nothing new', async () => {
  const file = await bankFile('april.csv', 50);
  await follow(server.url, file);
  const last = (await follow(server.url, file)).at(-1);
  assert.equal(last.status, 'completed');
  assert.equal(last.details.processed, 0);
  assert.match(last.message, /before/);
});

test('several files are one batch', async () => {
  const files = [await bankFile('may.csv', 500), await bankFile('june.csv', 700)];
  const last = (await follow(server.url, ...files)).at(-1);
  assert.equal(last.status, 'completed');
  assert.equal(last.details.processed, 1_200);
});

test('a cancelled batch says so and leaves no row', async () => {
  await follow('--cancel', server.url, await bankFile('large.csv', 200_000));
  const answer = await (await fetch(`${server.url}/api/v1/transactions?q=large.csv&limit=1`)).json();
  assert.equal(answer.total, 0);
});
