// Every sentence of tus 1.0.0 that binds a server, on ours; the same requests on @tus/server. Where that one answers
// otherwise stands in docs/tus.md, which this test holds to what it finds.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { startServer } from './start-server.mjs';
import { cases, MAX_SIZE } from './tus-conformance.mjs';

const PAGE = new URL('../../docs/tus.md', import.meta.url);
const HASTY_MILLIS = 1000;

describe('Sluice obeys tus 1.0.0', { timeout: 60_000 }, () => {
  const servers = {};

  before(async () => {
    const size = ['--set', `upload.max-size=${MAX_SIZE}`];
    servers.usual = await startServer({ flags: size, own: true });
    servers.hasty = await startServer({ flags: [...size, '--set', `upload.patience=${HASTY_MILLIS}ms`], own: true });
  });

  after(async () => {
    for (const server of Object.values(servers)) assert.equal(await server.stop(), 0);
  });

  for (const { name, check, server } of cases) {
    test(name, () => check({ url: `${servers[server].url}/files` }));
  }
});

/** The reference implementation, with every extension that it has. */
async function startPeer(expirationPeriodInMilliseconds) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-tus-peer-'));
  const datastore = new FileStore({ directory, expirationPeriodInMilliseconds });
  const tus = new Server({ path: '/files', datastore, maxSize: MAX_SIZE });
  const listener = http.createServer((request, answer) => tus.handle(request, answer));
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${listener.address().port}/files`,
    stop: () => {
      listener.close();
      listener.closeAllConnections();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

test('@tus/server differs where docs/tus.md says so, and nowhere else', { timeout: 90_000 }, async () => {
  const peers = { usual: await startPeer(60_000), hasty: await startPeer(HASTY_MILLIS) };
  const different = [];
  try {
    for (const { name, check, server } of cases) {
      const found = await check(peers[server]).then(
        () => null,
        (error) => error,
      );
      if (found !== null) different.push(name);
      if (found !== null && process.env.TELL) console.log(`${name}\n    ${found.message.split('\n')[0]}`);
    }
  } finally {
    Object.values(peers).forEach((peer) => peer.stop());
  }
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| ([A-Z][\w -]+: [^|]+) \|/gm)].map((row) => row[1].trim());
  assert.deepEqual(different.sort(), rows.sort());
});
