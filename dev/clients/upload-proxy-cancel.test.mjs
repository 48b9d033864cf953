// Cancels of the upload proxy, at every phase of an upload: before it starts, before the first byte, in the middle,
// before the last byte, after the end, twice; by file and by batch.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { GeneratedContent, randomNumbers, SEED, sha256OfStream } from './content.mjs';
import { startServer } from './start-server.mjs';
import { MIB, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const SIZE = 24 * MIB;
const UNKNOWN = '01890000-0000-7000-8000-000000000000';
const random = randomNumbers(SEED);
const content = new GeneratedContent('cancelled', SIZE);

let server;
let proxy;

before(async () => {
  server = await startServer();
  proxy = new UploadProxy(server.url);
});

after(async () => assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0'));

function announced(filename, size = SIZE) {
  return { filename, size, content_type: 'application/octet-stream' };
}

/** Sends all but the last byte, so that the upload cannot complete; returns when `at` bytes are under way. */
async function sendsUntil(socket, at) {
  await socket.opened;
  const reached = await socket.send(content, 0, at);
  const rest = socket.send(content, reached, SIZE - 1).catch(() => {});
  return { rest };
}

async function isCancelled(fileId, by) {
  const document = wire.fileDocument(await proxy.file(fileId), { status: 'cancelled', cancelled_by: by });
  await wire.refusedAnswer(await proxy.download(fileId), 409);
  return document;
}

describe('cancelling a file', () => {
  const phases = {
    'before the first byte': () => 0,
    'in the middle': () => 1 + Math.floor(random() * (SIZE - 2)),
    'near the end': () => SIZE - 1 - Math.floor(random() * 1000),
  };
  for (const [phase, point] of Object.entries(phases)) {
    for (let round = 1; round <= 10; round++) {
      const at = point();
      test(`${phase}, round ${round}: after ${at} bytes of ${SIZE}`, { timeout: 30_000 }, async (t) => {
        t.diagnostic(`SEED=${SEED}`);
        const filename = `../cancelled ${round} ü.bin`;
        const file = await proxy.initiate(announced(filename));
        const socket = proxy.open(file, round % 2 ? {} : { offset: 'auto' });
        await socket.opened;
        const sending = at === 0 ? { rest: null } : await sendsUntil(socket, at);
        const answer = await proxy.cancel(file.file_id);
        wire.cancelAnswer(answer, { file_id: file.file_id, filename });
        await wire.endsCancelled(socket);
        await sending.rest;
        const document = await isCancelled(file.file_id, 'http_endpoint');
        assert.equal(Date.parse(document.cancelled_at), Date.parse(answer.cancelled_at));
        await wire.refused(proxy.cancel(file.file_id), 400, 'not_cancellable');
        assert.equal((await wire.endOf(proxy.open(file))).code, 4001, 'a socket on a cancelled file');
      });
    }
  }

  test('that was never opened', async () => {
    const file = await proxy.initiate(announced('never opened.bin'));
    wire.cancelAnswer(await proxy.cancel(file.file_id), { file_id: file.file_id, filename: 'never opened.bin' });
    await isCancelled(file.file_id, 'http_endpoint');
    for (const options of [{}, { offset: 'auto' }, { path: '/ws/upload', handle: null }]) {
      assert.equal((await wire.endOf(proxy.open(file, options))).code, 4001);
    }
  });

  test('whose connection was lost', async () => {
    const file = await proxy.initiate(announced('lost.bin'));
    const socket = proxy.open(file, { offset: 'auto' });
    await socket.send(content, 0, SIZE / 2);
    socket.socket.terminate();
    wire.cancelAnswer(await proxy.cancel(file.file_id), { file_id: file.file_id, filename: 'lost.bin' });
    await isCancelled(file.file_id, 'http_endpoint');
  });

  test('that is completed is refused with 400 and leaves it whole', async () => {
    const small = new GeneratedContent('kept', 1000);
    const file = await proxy.initiate(announced('kept.bin', small.size));
    await proxy.upload(file, small);
    await wire.refused(proxy.cancel(file.file_id), 400, 'not_cancellable');
    const answer = await proxy.download(file.file_id);
    assert.equal(await sha256OfStream(answer.body), small.sha256());
  });

  test('that is unknown is refused with 404', async () => {
    await wire.refused(proxy.cancel(UNKNOWN), 404, 'not_found');
    await wire.refused(proxy.cancel('no-such-file'), [400, 404]);
  });

  test('by two callers at once has one winner', async () => {
    const file = await proxy.initiate(announced('twice.bin'));
    const socket = proxy.open(file);
    await socket.send(content, 0, SIZE / 2);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => proxy.cancel(file.file_id)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(won.length, 1);
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    lost.forEach((outcome) => wire.problem(outcome.reason, 400, 'not_cancellable'));
    await wire.endsCancelled(socket);
  });

  test('against its last byte ends either completed or cancelled, never both', { timeout: 60_000 }, async (t) => {
    const ends = { completed: 0, cancelled: 0 };
    for (let round = 0; round < 20; round++) {
      const small = new GeneratedContent(`race ${round}`, 2 * MIB);
      const file = await proxy.initiate(announced(`race ${round}.bin`, small.size));
      const socket = proxy.open(file);
      await socket.send(small, 0, small.size - 1);
      const sending = socket.send(small, small.size - 1, small.size);
      const cancelled = await proxy.cancel(file.file_id).then(
        () => true,
        (refusal) => wire.problem(refusal, 400) && false,
      );
      await sending;
      if (cancelled) {
        await wire.endsCancelled(socket);
        await isCancelled(file.file_id, 'http_endpoint');
      } else {
        await wire.completes(socket, file.file_id);
        const answer = await proxy.download(file.file_id);
        assert.equal(await sha256OfStream(answer.body), small.sha256());
      }
      ends[cancelled ? 'cancelled' : 'completed']++;
    }
    t.diagnostic(JSON.stringify(ends));
  });

  test('cuts a PUT that is under way', async () => {
    const file = await proxy.initiate(announced('put.bin'));
    const request = http.request(`${server.url}/api/v1/upload/${file.file_id}`, {
      method: 'PUT',
      headers: { 'Content-Length': SIZE },
    });
    const end = new Promise((resolve) => {
      request.once('response', (response) => resolve(response.resume().statusCode));
      request.once('error', () => resolve('cut'));
      request.once('close', () => resolve('cut'));
    });
    request.write(content.read(0, SIZE / 2));
    await wire.eventually(async () => (await proxy.file(file.file_id)).status === 'uploading', 'the first byte');
    wire.cancelAnswer(await proxy.cancel(file.file_id), { file_id: file.file_id, filename: 'put.bin' });
    const late = setTimeout(() => request.destroy(new Error('the PUT was neither answered nor cut')), 10_000);
    const outcome = await end;
    clearTimeout(late);
    assert.ok(outcome === 'cut' || outcome === 409, `the PUT ended with ${outcome}`);
    assert.ok(!request.errored?.message?.startsWith('the PUT'), 'cut by the server');
    request.destroy();
    await isCancelled(file.file_id, 'http_endpoint');
  });
});

describe('cancelling a batch', () => {
  test('of five under way, at random points', { timeout: 60_000 }, async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    const batch = await proxy.initiateBatch([1, 2, 3, 4, 5].map((n) => announced(`batch ${n}.bin`)));
    const sockets = batch.files.map((file) => proxy.open(file));
    const points = [0, ...[1, 2, 3].map(() => 1 + Math.floor(random() * (SIZE - 2))), SIZE - 1];
    const sent = await Promise.all(
      sockets.map((socket, n) => (points[n] === 0 ? socket.opened.then(() => ({})) : sendsUntil(socket, points[n]))),
    );
    const answer = await proxy.cancelBatch(batch.batch_id);
    wire.batchCancelAnswer(answer, { batch_id: batch.batch_id, cancelled: 5, total: 5 });
    for (const socket of sockets) await wire.endsCancelled(socket);
    await Promise.all(sent.map(({ rest }) => rest));
    for (const file of batch.files) await isCancelled(file.file_id, 'batch_cancel');
    const document = wire.batchDocument(await proxy.batch(batch.batch_id), {
      status: 'cancelled',
      cancelled_files_count: 5,
    });
    assert.equal(Date.parse(document.cancelled_at), Date.parse(answer.cancelled_at));
    await wire.refused(proxy.cancelBatch(batch.batch_id), 400, 'not_cancellable');
  });

  test('keeps what had been completed', async () => {
    const small = new GeneratedContent('done before', 3000);
    const batch = await proxy.initiateBatch([1, 2, 3, 4, 5].map((n) => announced(`mixed ${n}.bin`, small.size)));
    for (const file of batch.files.slice(0, 2)) await proxy.upload(file, small);
    wire.batchDocument(await proxy.batch(batch.batch_id), { status: 'processing' });
    const answer = await proxy.cancelBatch(batch.batch_id);
    wire.batchCancelAnswer(answer, { batch_id: batch.batch_id, cancelled: 3, total: 5 });
    wire.batchDocument(await proxy.batch(batch.batch_id), { status: 'cancelled', cancelled_files_count: 3 });
    for (const [n, file] of batch.files.entries()) {
      if (n >= 2) await isCancelled(file.file_id, 'batch_cancel');
      else assert.equal(await sha256OfStream((await proxy.download(file.file_id)).body), small.sha256());
    }
  });

  test('that has ended is refused with 400', async () => {
    const small = new GeneratedContent('ended', 100);
    const batch = await proxy.initiateBatch([announced('a.bin', 100), announced('b.bin', 100)]);
    for (const file of batch.files) await proxy.upload(file, small);
    await wire.eventually(
      async () => (await proxy.batch(batch.batch_id)).status === 'completed',
      'the end of the batch',
    );
    await wire.refused(proxy.cancelBatch(batch.batch_id), 400, 'not_cancellable');
  });

  test('that is unknown is refused with 404', async () => {
    await wire.refused(proxy.cancelBatch(UNKNOWN), 404, 'not_found');
  });
});
