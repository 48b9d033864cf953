// The upload proxy over its WebSocket: initiating, sending, ends, and going on after a lost connection.
// Cancels are in upload-proxy-cancel.test.mjs, the HTTP doors in upload-proxy-http.test.mjs.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GeneratedContent, hashedWhileRead, sha256OfStream } from './content.mjs';
import { startServer } from './start-server.mjs';
import { MIB, UploadEnded, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const BIG_BYTES = Number(process.env.BIG_BYTES ?? 1024 * MIB);
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let server;
let proxy;
let files = 0;

before(async () => {
  server = await startServer();
  proxy = new UploadProxy(server.url);
});

after(async () => assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0'));

function announced(size) {
  return { filename: `upload ${++files}.bin`, size, content_type: 'application/octet-stream' };
}

async function initiated(size) {
  return proxy.initiate(announced(size));
}

async function isStored(fileId, content) {
  const expected = { _id: fileId, size_bytes: content.size, status: 'completed' };
  wire.fileDocument(await proxy.file(fileId), expected);
  const answer = await proxy.download(fileId);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-length'), String(content.size));
  assert.equal(await sha256OfStream(answer.body), content.sha256());
}

async function isNotStored(fileId) {
  await wire.refusedAnswer(await proxy.download(fileId), 409);
}

function hasStatus(fileId, status) {
  return wire.eventually(async () => {
    const document = wire.fileDocument(await proxy.file(fileId));
    return document.status === status && document;
  }, `status ${status} of ${fileId}`);
}

describe('initiating', () => {
  test('a file gets an id and an opaque handle', async () => {
    const request = { filename: 'Quarterly report ü.pdf', size: 1234, content_type: 'application/pdf' };
    const answer = await proxy.initiate(request);
    wire.fields(answer, { required: { file_id: wire.uuid7, gdrive_upload_url: wire.text } }, 'initiate answer');
    const document = wire.fileDocument(await proxy.file(answer.file_id), {
      _id: answer.file_id,
      original_filename: request.filename,
      size_bytes: 1234,
      content_type: 'application/pdf',
      status: 'pending',
      offset: 0,
    });
    assert.ok(!('batch_id' in document), 'a single file has no batch');
    await isNotStored(answer.file_id);
  });

  test('a batch answers its files in the order of the request', async () => {
    const names = ['b.txt', 'a.txt', 'c.txt', 'a.txt'];
    const answer = await proxy.initiateBatch(names.map((filename) => ({ ...announced(10), filename })));
    wire.fields(answer, { required: { batch_id: wire.uuid7, files: wire.list } }, 'batch answer');
    answer.files.forEach((file, index) => {
      const name = wire.literal(names[index]);
      const required = { file_id: wire.uuid7, original_filename: name, name, gdrive_upload_url: wire.text };
      wire.fields(file, { required }, `files[${index}]`);
    });
    const ids = answer.files.map((file) => file.file_id);
    assert.equal(new Set(ids).size, names.length);
    wire.batchDocument(await proxy.batch(answer.batch_id), { id: answer.batch_id, status: 'pending', file_ids: ids });
    const documents = await proxy.batchFiles(answer.batch_id);
    assert.ok(Array.isArray(documents));
    assert.deepEqual(documents.map((d) => d._id).sort(), [...ids].sort());
    documents.forEach((d) => wire.fileDocument(d, { batch_id: answer.batch_id, status: 'pending' }));
  });

  test('a name with a path is sanitized and kept as the original', async () => {
    const filename = '../../etc/pass\\wd';
    const { file_id } = await proxy.initiate({ ...announced(1), filename });
    wire.fileDocument(await proxy.file(file_id), { original_filename: filename });
  });

  const good = { filename: 'good.txt', size: 1, content_type: 'text/plain' };
  const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const bad = {
    'a negative size': { ...good, size: -1 },
    'a size that is no number': { ...good, size: 'many' },
    'a size that is a boolean': { ...good, size: true },
    'a broken size': { ...good, size: 1.5 },
    'no size': without('size'),
    'no filename': without('filename'),
    'an empty filename': { ...good, filename: '' },
    'a filename that is no text': { ...good, filename: 7 },
    'an array instead of an object': [good],
    'an unknown storage': { ...good, storage: 'no-such-storage' },
  };
  for (const [what, body] of Object.entries(bad)) {
    test(`${what} is refused with 400`, async () => {
      await wire.refused(proxy.initiate(body), 400);
    });
  }

  test('an unknown field is refused by its name', async () => {
    const refusal = await wire.refused(proxy.initiate({ ...good, colour: 'red' }), 400, 'unknown_field');
    assert.match(refusal.detail, /colour/);
    const files = [good, { ...good, flavour: 'sweet' }];
    const inBatch = await wire.refused(proxy.initiateBatch(files), 400, 'unknown_field');
    assert.match(inBatch.detail, /flavour/);
  });

  for (const text of ['{"filename":', 'filename=x', '', '{"filename":"a","size":1,"content_type":"text/plain"} x']) {
    test(`malformed JSON is refused: ${JSON.stringify(text)}`, async () => {
      for (const path of ['/api/v1/upload/initiate', '/api/v1/batch/initiate']) {
        const call = proxy.call('POST', path, { body: text, headers: { 'Content-Type': 'application/json' } });
        await wire.refused(call, 400, 'invalid_request');
      }
    });
  }

  test('a blocked type is refused with 415', async () => {
    const evil = { filename: 'evil.exe', size: 10, content_type: 'application/x-msdownload' };
    await wire.refused(proxy.initiate(evil), 415, 'type_blocked');
    await wire.refused(proxy.initiateBatch([good, evil]), 415, 'type_blocked');
  });

  test('a file over the size limit is refused with 413', async () => {
    const huge = { ...good, size: Number.MAX_SAFE_INTEGER };
    await wire.refused(proxy.initiate(huge), 413, 'too_large');
    await wire.refused(proxy.initiateBatch([good, huge]), 413, 'too_large');
  });

  test('a batch without files is refused', async () => {
    await wire.refused(proxy.initiateBatch([]), 400);
    await wire.refused(proxy.initiateBatch('all'), 400);
    await wire.refused(proxy.initiateBatch([{ ...good, size: -1 }]), 400);
  });

  test('what does not exist is 404', async () => {
    await wire.refused(proxy.file(UNKNOWN), 404, 'not_found');
    await wire.refused(proxy.batch(UNKNOWN), 404, 'not_found');
    await wire.refused(proxy.batchFiles(UNKNOWN), 404, 'not_found');
    await wire.refused(proxy.put(UNKNOWN, 'x'), 404, 'not_found');
    await wire.refusedAnswer(await proxy.download(UNKNOWN), 404, 'not_found');
    await wire.refusedAnswer(await proxy.downloadZip(UNKNOWN), 404, 'not_found');
    await wire.refused(proxy.json('GET', '/api/v1/no/such/door'), 404);
  });
});

describe('sending', () => {
  test(`${BIG_BYTES / MIB} MiB go in and come out byte for byte`, { timeout: 120_000 }, async (t) => {
    const content = hashedWhileRead(new GeneratedContent('big', BIG_BYTES));
    const file = await initiated(BIG_BYTES);
    const begun = performance.now();
    let socket;
    const url = await proxy.upload(file, content, { onSocket: (opened) => (socket = opened) });
    const stored = performance.now();
    assert.equal(url, `/api/v1/download/stream/${file.file_id}`);
    await wire.completes(socket, file.file_id);
    assert.ok(socket.messages.length > 2, 'progress on the way');

    const answer = await proxy.download(file.file_id);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-length'), String(BIG_BYTES));
    assert.equal(await sha256OfStream(answer.body), content.digest());
    wire.fileDocument(await proxy.file(file.file_id), { status: 'completed', size_bytes: BIG_BYTES });
    const rate = (millis) => `${Math.round(BIG_BYTES / MIB / (millis / 1000))} MiB/s`;
    t.diagnostic(`up ${rate(stored - begun)}, down ${rate(performance.now() - stored)}`);
  });

  test('an empty file is done at connect', async () => {
    const content = new GeneratedContent('empty', 0);
    const file = await initiated(0);
    await wire.completes(proxy.open(file), file.file_id);
    await isStored(file.file_id, content);
  });

  const doors = [
    ['/ws_api/upload', {}],
    ['/ws_api/upload_parallel', {}],
    ['/ws/upload', { handle: null }],
  ];
  for (const [path, options] of doors) {
    test(`${path} takes a file`, async () => {
      const content = new GeneratedContent(path, 5 * MIB + 7);
      const file = await initiated(content.size);
      const socket = proxy.open(file, { path, ...options });
      await socket.send(content, 0, content.size);
      await wire.completes(socket, file.file_id);
      await isStored(file.file_id, content);
    });
  }

  test('messages of any size up to 16 MiB, an empty one too, make one file', async () => {
    const content = new GeneratedContent('sizes', 17 * MIB + 4096);
    const file = await initiated(content.size);
    const socket = proxy.open(file);
    await socket.opened;
    let at = 0;
    for (const size of [1, 0, 2, 125, 126, 127, 65_535, 65_536, 65_537, 16 * MIB]) {
      socket.socket.send(content.read(at, at + size));
      at += size;
    }
    await socket.send(content, at, content.size);
    await wire.completes(socket, file.file_id);
    await isStored(file.file_id, content);
  });

  test('a file is uploading from its first byte on, and never pending again', async () => {
    const content = new GeneratedContent('first byte', 2 * MIB);
    const file = await initiated(content.size);
    const socket = proxy.open(file, { offset: 'auto' });
    assert.deepEqual(await socket.message('ready'), { type: 'ready', offset: 0 });
    wire.fileDocument(await proxy.file(file.file_id), { status: 'pending' });
    await socket.send(content, 0, 1);
    await hasStatus(file.file_id, 'uploading');
    await isNotStored(file.file_id);
    socket.socket.terminate();
    const again = proxy.open(file, { offset: 'auto' });
    const { offset } = await again.message('ready');
    wire.fileDocument(await proxy.file(file.file_id), { status: 'uploading' });
    await again.send(content, offset, content.size);
    await wire.completes(again, file.file_id);
  });

  test('a batch is pending, processing, completed', async () => {
    const contents = [1, 2].map((n) => new GeneratedContent(`batch ${n}`, MIB + n));
    const batch = await proxy.initiateBatch(contents.map((content) => announced(content.size)));
    const status = async () => wire.batchDocument(await proxy.batch(batch.batch_id)).status;
    assert.equal(await status(), 'pending');
    for (const [index, content] of contents.entries()) {
      await proxy.upload(batch.files[index], content);
      await wire.eventually(
        async () => (await status()) === ['processing', 'completed'][index],
        'the state of the batch',
      );
      await isStored(batch.files[index].file_id, content);
    }
  });

  test('twenty files at once do not mix', { timeout: 60_000 }, async () => {
    const contents = Array.from({ length: 20 }, (_, n) => new GeneratedContent(`crowd ${n}`, 3 * MIB + n * 1111));
    const batch = await proxy.initiateBatch(contents.map((content) => announced(content.size)));
    await Promise.all(contents.map((content, n) => proxy.upload(batch.files[n], content)));
    for (const [n, content] of contents.entries()) await isStored(batch.files[n].file_id, content);
  });

  test('a socket on a completed file gets 100, success, 1000', async () => {
    const content = new GeneratedContent('again', 1000);
    const file = await initiated(content.size);
    await proxy.upload(file, content);
    const again = proxy.open(file);
    await wire.completes(again, file.file_id);
    assert.equal(again.messages.length, 2);
  });
});

describe('refused sockets', () => {
  async function closesSilently(socket, reason) {
    const close = await wire.endOf(socket);
    assert.equal(close.code, 1008, JSON.stringify(close));
    if (reason) assert.equal(close.reason, reason);
    assert.notEqual(close.reason, '', 'the reason says which');
    assert.deepEqual(socket.messages, []);
  }

  test('an unknown file is closed with 1008 "File ID not found"', async () => {
    for (const path of ['/ws_api/upload', '/ws_api/upload_parallel', '/ws/upload']) {
      const socket = proxy.open({ file_id: UNKNOWN, gdrive_upload_url: 'any' }, { path });
      await closesSilently(socket, 'File ID not found');
    }
  });

  test('a handle that was not handed out for this file is refused', async () => {
    const file = await initiated(100);
    const other = await initiated(100);
    const strangers = [
      other.gdrive_upload_url,
      'https://storage.example/upload/session/1',
      `${file.gdrive_upload_url}x`,
      '',
    ];
    for (const handle of [...strangers, null]) await closesSilently(proxy.open(file, { handle }));
    wire.fileDocument(await proxy.file(file.file_id), { status: 'pending' });
    await proxy.upload(file, new GeneratedContent('after strangers', 100));
  });

  for (const surplus of ['in the same message', 'in a message of its own']) {
    test(`more bytes than announced, ${surplus}, fail the file`, async () => {
      const content = new GeneratedContent('too many', 2 * MIB + 1);
      const file = await initiated(2 * MIB);
      const socket = proxy.open(file);
      if (surplus === 'in the same message') {
        await socket.send(content, 0, content.size);
      } else {
        await socket.send(content, 0, 2 * MIB - 1);
        await socket.send(content, 2 * MIB - 1, content.size);
      }
      const close = await wire.endOf(socket);
      assert.equal(wire.orderly(socket).at(-1)?.type, 'error');
      assert.equal(close.code, 1008);
      await hasStatus(file.file_id, 'failed');
      await isNotStored(file.file_id);

      const again = proxy.open(file);
      assert.equal((await wire.endOf(again)).code, 1008, 'a failed file stays failed');
      assert.equal(wire.orderly(again).at(-1)?.type, 'error');
    });
  }

  test('a message over 16 MiB is closed with 1009, and the file can go on', async () => {
    const content = new GeneratedContent('big message', 20 * MIB);
    const file = await initiated(content.size);
    const socket = proxy.open(file);
    await socket.opened;
    socket.socket.send(content.read(0, 16 * MIB + 1), () => {});
    assert.equal((await wire.endOf(socket)).code, 1009);
    await proxy.upload(file, content, { resume: true });
    await isStored(file.file_id, content);
  });
});

describe('closing and going on', () => {
  for (const [code, name] of [
    [1000, '1000'],
    [undefined, '1005'],
    [1001, '1001 without offset'],
  ]) {
    test(`the client that closes with ${name} before the last byte cancels`, async () => {
      const content = new GeneratedContent('closer', 4 * MIB);
      const file = await initiated(content.size);
      const socket = proxy.open(file);
      await socket.send(content, 0, content.size - 1);
      await hasStatus(file.file_id, 'uploading');
      socket.socket.close(code);
      const document = await hasStatus(file.file_id, 'cancelled');
      assert.equal(document.cancelled_by, 'websocket');
      await isNotStored(file.file_id);
      assert.equal((await wire.endOf(proxy.open(file))).code, 4001);
    });
  }

  for (const code of [1001, 4000]) {
    test(`the client that closes with ${code} and had an offset goes on`, async () => {
      const content = new GeneratedContent(`leaving ${code}`, 9 * MIB);
      const file = await initiated(content.size);
      const socket = proxy.open(file, { offset: 'auto' });
      await socket.message('ready');
      await socket.send(content, 0, 5 * MIB);
      socket.socket.close(code);
      await wire.endOf(socket);
      await proxy.upload(file, content, { resume: true });
      await isStored(file.file_id, content);
    });
  }

  test('an upload that was dropped goes on at the offset of the document', async () => {
    const content = new GeneratedContent('dropped', 96 * MIB + 5);
    const file = await initiated(content.size);
    const dropped = proxy.open(file);
    await dropped.send(content, 0, 64 * MIB + 3);
    await wire.eventually(async () => (await proxy.file(file.file_id)).offset > 0, 'durable bytes');
    dropped.socket.terminate();

    const socket = proxy.open(file, { offset: 'auto' });
    await socket.message('ready');
    assert.deepEqual(Object.keys(socket.messages[0]).sort(), ['offset', 'type'], 'ready is the first message');
    const { type, offset } = socket.messages[0];
    assert.equal(type, 'ready');
    wire.fileDocument(await proxy.file(file.file_id), { status: 'uploading', offset });
    assert.ok(offset > 0 && offset <= 64 * MIB + 3, `offset ${offset}`);
    await socket.send(content, offset, content.size);
    await wire.completes(socket, file.file_id);
    await isStored(file.file_id, content);
  });

  test('an upload that is dropped five times is whole in the end', { timeout: 60_000 }, async () => {
    const content = new GeneratedContent('five drops', 48 * MIB + 1);
    const file = await initiated(content.size);
    for (let drop = 1; drop <= 5; drop++) {
      const socket = proxy.open(file, { offset: 'auto' });
      const { offset } = await socket.message('ready');
      await socket.send(content, offset, Math.max(offset, drop * 8 * MIB));
      socket.socket.terminate();
    }
    await proxy.upload(file, content, { resume: true });
    await isStored(file.file_id, content);
  });

  test('a connection without offset begins at byte 0', async () => {
    const content = new GeneratedContent('from the start', 24 * MIB);
    const file = await initiated(content.size);
    const first = proxy.open(file);
    await first.send(new GeneratedContent('other bytes', content.size), 0, 16 * MIB);
    await hasStatus(file.file_id, 'uploading');
    first.socket.terminate();
    const second = proxy.open(file);
    await second.send(content, 0, content.size);
    await wire.completes(second, file.file_id);
    await isStored(file.file_id, content);
  });

  for (const offset of ['auto', undefined]) {
    test(`the newest connection wins ${offset ? 'with' : 'without'} offset`, async () => {
      const content = new GeneratedContent('rivals', 12 * MIB);
      const file = await initiated(content.size);
      const older = proxy.open(file, { offset });
      await older.send(content, 0, 6 * MIB);
      await hasStatus(file.file_id, 'uploading');
      const newer = proxy.open(file, { offset });
      await newer.opened;
      const close = await wire.endOf(older);
      assert.deepEqual(close, { code: 1008, reason: 'superseded' });
      wire.orderly(older);
      const from = offset ? (await newer.message('ready')).offset : 0;
      await newer.send(content, from, content.size);
      await wire.completes(newer, file.file_id);
      await isStored(file.file_id, content);
    });
  }

  test('the library tells a cancel from a failure', async () => {
    const content = new GeneratedContent('told', 4 * MIB);
    const file = await initiated(content.size);
    await proxy.cancel(file.file_id);
    await assert.rejects(proxy.upload(file, content), (ended) => ended instanceof UploadEnded && ended.cancelled);
  });
});
