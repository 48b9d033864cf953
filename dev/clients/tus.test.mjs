// tus-js-client as it comes, in Node: upload, pause, abort, going on after a SIGKILL of the server, termination,
// parallel parts. What arrives is compared byte by byte.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import * as tus from 'tus-js-client';
import { Server } from '../series/server.mjs';
import { GeneratedContent, sha256OfStream } from './content.mjs';
import { MIB, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const content = new GeneratedContent('tus', 9 * MIB + 11);
const RETRY = Array.from({ length: 300 }, () => 200);

let server;
let proxy;

before(async () => {
  server = await Server.start({ name: 'tus' });
  proxy = new UploadProxy(server.url);
});

after(async () => {
  assert.equal((await server.stop()).code, 0, 'SIGTERM ends the server with 0');
});

let names = 0;

/** An upload that has begun: `done` once it has succeeded or failed, `reaches(n)` once n bytes are acknowledged. */
function begin(source, options = {}) {
  const upload = new tus.Upload(source, {
    endpoint: `${server.url}/files`,
    chunkSize: MIB,
    retryDelays: RETRY,
    metadata: { filename: `${++names} ü.bin`, filetype: 'application/octet-stream', own: 'word' },
    ...options,
    onSuccess: () => settled.resolve(),
    onError: (error) => settled.reject(error),
    onProgress: (sent) => {
      upload.sent = Math.max(sent, upload.sent ?? 0);
    },
  });
  const settled = {};
  upload.done = new Promise((resolve, reject) => Object.assign(settled, { resolve, reject }));
  upload.done.catch(() => {});
  upload.reaches = (bytes) => wire.eventually(() => (upload.sent ?? 0) >= bytes, `${bytes} bytes`);
  upload.start();
  return upload;
}

const idOf = (upload) => upload.url.split('/').at(-1);

async function isThere(upload, expected = content) {
  const id = idOf(upload);
  const job = await wire.eventually(async () => {
    const now = await proxy.json('GET', `/api/v1/jobs/${id}`);
    assert.notEqual(now.state, 'failed', JSON.stringify(now.error));
    return now.state === 'completed' && now;
  }, 'the completion');
  assert.equal(job.progress.bytes, expected.size);
  const answer = await proxy.download(id);
  assert.equal(answer.status, 200);
  assert.equal(await sha256OfStream(answer.body), expected.sha256());
  return job;
}

async function nothingHiddenIsLeft() {
  await wire.eventually(() => readdirSync(server.files).every((name) => !name.startsWith('.')), 'the clean-up');
}

const headers = { 'Tus-Resumable': '1.0.0' };
const statusOf = async (url, method = 'HEAD') => (await fetch(url, { method, headers })).status;

describe('tus-js-client', { timeout: 120_000 }, () => {
  test('uploads in chunks, and its metadata names the file', async () => {
    const upload = begin(content.bytes());
    await upload.done;
    const job = await isThere(upload);
    assert.equal(job.kind, 'upload');
    assert.match(job.name, /^\d+ ü\.bin$/);
    await nothingHiddenIsLeft();
  });

  test('uploads all in one request', async () => {
    const upload = begin(content.bytes(), { chunkSize: Infinity });
    await upload.done;
    await isThere(upload);
  });

  test('uploads with the creation', async () => {
    const upload = begin(content.bytes(), { uploadDataDuringCreation: true });
    await upload.done;
    await isThere(upload);
  });

  test('uploads a stream whose length it learns at its end', async () => {
    const stream = Readable.from(
      (function* () {
        for (let at = 0; at < content.size; at += 100_000) yield content.read(at, Math.min(at + 100_000, content.size));
      })(),
    );
    const upload = begin(stream, { uploadLengthDeferred: true });
    await upload.done;
    await isThere(upload);
  });

  test('uploads an empty file', async () => {
    const upload = begin(Buffer.alloc(0));
    await upload.done;
    await isThere(upload, new GeneratedContent('empty', 0));
  });

  test('pauses and goes on', async () => {
    const upload = begin(content.bytes());
    await upload.reaches(2 * MIB);
    await upload.abort();
    const { url } = upload;
    upload.start();
    await upload.done;
    assert.equal(upload.url, url, 'the same upload went on');
    await isThere(upload);
  });

  test('aborted for good, another client goes on from its URL', async () => {
    const first = begin(content.bytes());
    await first.reaches(3 * MIB);
    await first.abort();
    const second = begin(content.bytes(), { uploadUrl: first.url });
    await second.done;
    assert.equal(second.url, first.url);
    await isThere(second);
  });

  test('goes on after a SIGKILL of the server', async () => {
    const upload = begin(content.bytes(), { chunkSize: MIB / 4 });
    await upload.reaches(2 * MIB);
    await server.kill();
    await server.restart();
    await upload.done;
    await isThere(upload);
    await nothingHiddenIsLeft();
  });

  test('terminates an upload', async () => {
    const upload = begin(content.bytes());
    await upload.reaches(2 * MIB);
    await upload.abort(true);
    assert.equal(await statusOf(upload.url), 410);
    assert.equal((await proxy.json('GET', `/api/v1/jobs/${idOf(upload)}`)).state, 'cancelled');
    await nothingHiddenIsLeft();
  });

  test('terminates a completed upload', async () => {
    const upload = begin(content.bytes());
    await upload.done;
    const { name } = await isThere(upload);
    await tus.Upload.terminate(upload.url, { retryDelays: [] });
    assert.equal(await statusOf(upload.url), 404);
    assert.ok(!readdirSync(server.files).includes(name));
  });

  test('uploads in parallel parts', async () => {
    const before = readdirSync(server.files).length;
    const upload = begin(content.bytes(), { parallelUploads: 4 });
    await upload.done;
    await isThere(upload);
    await nothingHiddenIsLeft();
    assert.equal(readdirSync(server.files).length, before + 1, 'the parts are nowhere');
    const parts = (await proxy.json('GET', '/api/v1/jobs?limit=5')).jobs.slice(1);
    for (const { id } of parts.slice(0, 4)) assert.equal(await statusOf(`${server.url}/files/${id}`), 410);
  });

  test('uploads in parallel parts over a SIGKILL of the server', async () => {
    const upload = begin(content.bytes(), { parallelUploads: 3, chunkSize: MIB / 4 });
    await upload.reaches(3 * MIB);
    await server.kill();
    await server.restart();
    await upload.done;
    await isThere(upload);
    await nothingHiddenIsLeft();
  });

  test('a final upload goes on after a SIGKILL of the server', async () => {
    const large = new GeneratedContent('tus large', 96 * MIB);
    const upload = begin(large.bytes(), { parallelUploads: 2, chunkSize: 48 * MIB });
    await upload.done;
    await server.kill();
    await server.restart();
    await isThere(upload, large);
    await nothingHiddenIsLeft();
  });

  test('of a batch of its own is cancelled with it', async () => {
    const batch = crypto.randomUUID();
    const metadata = (filename) => ({ metadata: { filename, batch } });
    const done = begin(content.bytes(), metadata('in a batch.bin'));
    await done.done;
    const open = begin(content.bytes(), { ...metadata('half.bin'), chunkSize: MIB / 4 });
    await open.reaches(2 * MIB);
    await open.abort();
    const { file_ids: files } = await proxy.batch(batch);
    assert.deepEqual(files, [idOf(done), idOf(open)]);
    await proxy.cancelBatch(batch);
    assert.equal(await statusOf(open.url), 410);
    assert.equal(await statusOf(done.url), 200);
  });
});
