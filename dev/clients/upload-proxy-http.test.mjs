// The HTTP doors of the upload proxy: PUT whole and in parts, POST multipart and raw, downloads by range, a batch
// as ZIP.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { GeneratedContent, sha256 } from './content.mjs';
import { startServer } from './start-server.mjs';
import { MIB, Refusal, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const run = promisify(execFile);

let server;
let proxy;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  server = await startServer();
  proxy = new UploadProxy(server.url);
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
  assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0');
});

function initiated(content, filename = 'put.bin') {
  return proxy.initiate({ filename, size: content.size, content_type: 'application/octet-stream' });
}

async function isStored(fileId, content) {
  wire.fileDocument(await proxy.file(fileId), { status: 'completed', size_bytes: content.size });
  const answer = await proxy.download(fileId);
  assert.equal(answer.status, 200);
  assert.equal(sha256(Buffer.from(await answer.arrayBuffer())), content.sha256());
}

function range(from, to, size) {
  return { 'Content-Range': `bytes ${from}-${to - 1}/${size}` };
}

describe('PUT', () => {
  for (const size of [0, 1, 9 * MIB + 1]) {
    test(`of a whole file of ${size} bytes`, async () => {
      const content = new GeneratedContent('put', size);
      const file = await initiated(content);
      const document = await proxy.put(file.file_id, content.bytes());
      wire.fileDocument(document, {
        _id: file.file_id,
        status: 'completed',
        offset: size,
        original_filename: 'put.bin',
      });
      await isStored(file.file_id, content);
    });
  }

  test('in parts, each from the offset of the answer before', async () => {
    const content = new GeneratedContent('parts', 21 * MIB + 13);
    const file = await initiated(content);
    let offset = 0;
    for (let part = 1; offset < content.size; part++) {
      assert.ok(part <= 10, 'every part goes further');
      const end = Math.min(offset + 5 * MIB + 1, content.size);
      const document = await proxy.put(file.file_id, content.read(offset, end), range(offset, end, content.size));
      wire.fileDocument(document, { status: end < content.size ? 'uploading' : 'completed' });
      assert.ok(document.offset > offset && document.offset <= end, `offset ${document.offset} after ${offset}-${end}`);
      offset = document.offset;
    }
    await isStored(file.file_id, content);
  });

  test('that was cut goes on from the offset of the document', async () => {
    const content = new GeneratedContent('cut', 32 * MIB);
    const file = await initiated(content);
    const request = http.request(`${server.url}/api/v1/upload/${file.file_id}`, {
      method: 'PUT',
      headers: { 'Content-Length': content.size, ...range(0, content.size, content.size) },
    });
    request.on('error', () => {});
    request.write(content.read(0, 20 * MIB));
    await wire.eventually(async () => (await proxy.file(file.file_id)).status === 'uploading', 'the first byte');
    request.destroy();
    await wire.eventually(async () => {
      const { offset } = wire.fileDocument(await proxy.file(file.file_id), { status: 'uploading' });
      const rest = content.read(offset, content.size);
      try {
        return await proxy.put(file.file_id, rest, range(offset, content.size, content.size));
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        wire.problem(refusal, [409, 416], refusal.body.code === 'conflict' ? 'conflict' : 'offset_mismatch');
        return null;
      }
    }, 'the rest to be taken');
    await isStored(file.file_id, content);
  });

  test('of a part that leaves a gap is refused and changes nothing', async () => {
    const content = new GeneratedContent('gap', MIB);
    const file = await initiated(content);
    const gap = proxy.put(file.file_id, content.read(1000, 2000), range(1000, 2000, content.size));
    await wire.refused(gap, [400, 409, 416], 'offset_mismatch');
    await proxy.put(file.file_id, content.bytes());
    await isStored(file.file_id, content);
  });

  test('with a Content-Range that says nothing sensible is refused', async () => {
    const content = new GeneratedContent('nonsense', 1000);
    const file = await initiated(content);
    for (const said of ['bytes 5-2/1000', 'bytes 0-9/999', 'bytes 0-1000/1000', 'bytes x-y/z', 'lines 0-9/1000']) {
      await wire.refused(proxy.put(file.file_id, content.read(0, 10), { 'Content-Range': said }), [400, 409, 416]);
    }
    wire.fileDocument(await proxy.file(file.file_id), { offset: 0 });
  });

  test('of more bytes than announced stores nothing', async () => {
    const content = new GeneratedContent('more', 1001);
    const file = await proxy.initiate({ filename: 'more.bin', size: 1000, content_type: 'application/octet-stream' });
    await wire.refused(proxy.put(file.file_id, content.bytes()), [400, 409, 413]);
    await wire.refusedAnswer(await proxy.download(file.file_id), 409);
  });
});

describe('POST', () => {
  test('multipart with one file answers its document', async () => {
    const content = new GeneratedContent('form', 3 * MIB + 1);
    const form = new FormData();
    form.append('file', new Blob([content.bytes()], { type: 'image/png' }), 'picture ü.png');
    const document = await proxy.call('POST', '/api/v1/upload', { body: form }, 201);
    const expected = { original_filename: 'picture ü.png', content_type: 'image/png', status: 'completed' };
    wire.fileDocument(document, { ...expected, file_id: document._id }, { file_id: wire.uuid7 });
    await isStored(document.file_id, content);
  });

  test('multipart with several files answers a batch', async () => {
    const tricky = Buffer.from('--\r\n--boundary--\r\nContent-Disposition: form-data; name="file"\r\n\r\n\r\n--');
    const contents = [new GeneratedContent('several', 2 * MIB), { size: tricky.length, sha256: () => sha256(tricky) }];
    const form = new FormData();
    form.append('file', new Blob([contents[0].bytes()]), 'one.bin');
    form.append('file', new Blob([tricky], { type: 'text/plain' }), 'two.txt');
    const answer = await proxy.call('POST', '/api/v1/upload', { body: form }, 201);
    wire.fields(answer, { required: { batch_id: wire.uuid7, files: wire.list } }, 'answer');
    assert.deepEqual(
      answer.files.map((f) => f.original_filename),
      ['one.bin', 'two.txt'],
    );
    for (const [n, file] of answer.files.entries()) {
      wire.fileDocument(file, { batch_id: answer.batch_id, file_id: file._id }, { file_id: wire.uuid7 });
      await isStored(file.file_id, contents[n]);
    }
    wire.batchDocument(await proxy.batch(answer.batch_id), { file_ids: answer.files.map((f) => f.file_id) });
  });

  test('raw takes its name from the query', async () => {
    const content = new GeneratedContent('raw', 5 * MIB);
    const init = { body: content.bytes(), headers: { 'Content-Type': 'video/mp4' } };
    const document = await proxy.call('POST', '/api/v1/upload?filename=my%20film.mp4', init, 201);
    const expected = { original_filename: 'my film.mp4', content_type: 'video/mp4', status: 'completed' };
    wire.fileDocument(document, { ...expected, file_id: document._id }, { file_id: wire.uuid7 });
    await isStored(document.file_id, content);
  });

  test('of nothing usable is refused', async () => {
    await wire.refused(proxy.call('POST', '/api/v1/upload', { body: 'x' }, 201), 400);
    const form = new FormData();
    form.append('colour', 'red');
    await wire.refused(proxy.call('POST', '/api/v1/upload', { body: form }, 201), 400);
    const torn = { body: '--b\r\nContent-Disp', headers: { 'Content-Type': 'multipart/form-data; boundary=b' } };
    await wire.refused(proxy.call('POST', '/api/v1/upload', torn, 201), 400);
  });

  test('of a blocked type is refused with 415', async () => {
    const type = 'application/x-msdownload';
    const raw = { body: 'MZ', headers: { 'Content-Type': type } };
    await wire.refused(proxy.call('POST', '/api/v1/upload?filename=evil.exe', raw, 201), 415, 'type_blocked');
    const form = new FormData();
    form.append('file', new Blob(['MZ'], { type }), 'evil.exe');
    await wire.refused(proxy.call('POST', '/api/v1/upload', { body: form }, 201), 415, 'type_blocked');
  });
});

describe('downloading', () => {
  const content = new GeneratedContent('download', 2 * MIB + 17);
  const size = content.size;
  let fileId;

  before(async () => {
    const file = await initiated(content, 'Übersicht "2".bin');
    fileId = file.file_id;
    await proxy.put(fileId, content.bytes());
  });

  const bytesOf = async (answer) => Buffer.from(await answer.arrayBuffer());

  test('names the file, its type, its length and a strong ETag', async () => {
    const answer = await proxy.download(fileId);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('etag'), /^"[^"]+"$/);
    assert.equal(answer.headers.get('content-length'), String(size));
    assert.match(answer.headers.get('content-type'), /^application\/octet-stream/);
    const disposition = answer.headers.get('content-disposition');
    assert.match(disposition, /^(attachment|inline);/);
    assert.match(disposition, /filename\*?=/);
    assert.match(disposition, /^[\x20-\x7e]+$/, 'a header is ASCII');
    assert.equal(sha256(await bytesOf(answer)), content.sha256());
    assert.equal(
      (await proxy.download(fileId, { Range: 'bytes=0-0' })).headers.get('etag'),
      answer.headers.get('etag'),
    );
  });

  const ranges = {
    'bytes=0-0': [0, 1],
    'bytes=100-199': [100, 200],
    'bytes=1048570-1048590': [1048570, 1048591],
    [`bytes=${size - 1}-`]: [size - 1, size],
    'bytes=-100': [size - 100, size],
    'bytes=5-99999999999': [5, size],
    'bytes=-99999999999': [0, size],
  };
  for (const [said, [from, to]] of Object.entries(ranges)) {
    test(`answers ${said} with 206`, async () => {
      const answer = await proxy.download(fileId, { Range: said });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
      assert.equal(answer.headers.get('content-length'), String(to - from));
      assert.ok((await bytesOf(answer)).equals(content.read(from, to)));
    });
  }

  for (const said of [`bytes=${size}-`, 'bytes=99999999999-99999999999', 'bytes=-0']) {
    test(`answers ${said} with 416`, async () => {
      const answer = await proxy.download(fileId, { Range: said });
      assert.equal(answer.headers.get('content-range'), `bytes */${size}`);
      await wire.refusedAnswer(answer, 416);
    });
  }

  test('a range in a unit that nobody knows is ignored', async () => {
    const answer = await proxy.download(fileId, { Range: 'lines=1-2' });
    assert.equal(answer.status, 200);
    assert.equal(sha256(await bytesOf(answer)), content.sha256());
  });

  test('If-Range with the ETag gives the range, with another the whole', async () => {
    const head = await proxy.download(fileId, { Range: 'bytes=0-0' });
    const etag = head.headers.get('etag');
    const same = await proxy.download(fileId, { Range: 'bytes=10-19', 'If-Range': etag });
    assert.equal(same.status, 206);
    assert.ok((await bytesOf(same)).equals(content.read(10, 20)));
    const other = await proxy.download(fileId, { Range: 'bytes=10-19', 'If-Range': '"another"' });
    assert.equal(other.status, 200);
    assert.equal(sha256(await bytesOf(other)), content.sha256());
  });

  test('before the file is completed is 409', async () => {
    const file = await initiated(content);
    await wire.refusedAnswer(await proxy.download(file.file_id), 409);
    await proxy.put(file.file_id, content.read(0, 1000), range(0, 1000, size));
    await wire.refusedAnswer(await proxy.download(file.file_id), 409);
  });
});

describe('a batch as ZIP', () => {
  const contents = [
    ['same.txt', new GeneratedContent('zip 1', 3 * MIB + 1)],
    ['same.txt', new GeneratedContent('zip 2', MIB)],
    ['same.txt', new GeneratedContent('zip 3', 10)],
    ['grün.bin', new GeneratedContent('zip 4', 2 * MIB + 3)],
    ['empty.bin', new GeneratedContent('zip 5', 0)],
    ['unfinished.bin', new GeneratedContent('zip 6', MIB)],
  ];
  let batch;
  let whole;
  let answered;

  before(async () => {
    const files = contents.map(([filename, { size }]) => ({
      filename,
      size,
      content_type: 'application/octet-stream',
    }));
    batch = await proxy.initiateBatch(files);
    for (const [n, file] of batch.files.entries()) {
      const content = contents[n][1];
      if (file.name !== 'unfinished.bin') await proxy.upload(file, content);
      else await proxy.put(file.file_id, content.read(0, 1000), range(0, 1000, content.size));
    }
    answered = await proxy.downloadZip(batch.batch_id);
    whole = Buffer.from(await answered.arrayBuffer());
  });

  test('has its exact length, and takes ranges', () => {
    assert.equal(answered.status, 200);
    assert.match(answered.headers.get('content-type'), /^application\/zip/);
    assert.equal(answered.headers.get('content-length'), String(whole.length));
    assert.equal(answered.headers.get('accept-ranges'), 'bytes');
    assert.match(answered.headers.get('etag'), /^"[^"]+"$/);
  });

  test('holds every completed file uncompressed, equal names numbered', async () => {
    const path = join(folder, 'batch.zip');
    await writeFile(path, whole);
    const tested = await run('python3', ['-m', 'zipfile', '-t', path], { timeout: 20_000 });
    assert.equal(tested.stdout.trim(), 'Done testing');
    const script = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    hash = lambda i: hashlib.sha256(z.read(i)).hexdigest()
    print(json.dumps([[i.filename, i.compress_type, i.file_size, hash(i)] for i in z.infolist()]))
`;
    const { stdout } = await run('python3', ['-c', script, path], { timeout: 20_000 });
    const entries = JSON.parse(stdout);
    const finished = contents.slice(0, 5).map(([, content]) => content);
    const expected = finished.map((content) => [0, content.size, content.sha256()]);
    assert.deepEqual(entries.map(([, ...rest]) => rest).sort(), expected.sort());
    const names = entries.map(([name]) => name);
    assert.equal(new Set(names).size, 5, `no name twice: ${names}`);
    assert.ok(names.includes('same.txt') && names.includes('grün.bin') && names.includes('empty.bin'), `${names}`);
    assert.equal(names.filter((name) => /^same.*\d.*\.txt$/.test(name)).length, 2, `numbered: ${names}`);
  });

  test('is the same, byte for byte, when resumed by ranges', async () => {
    const etag = answered.headers.get('etag');
    const parts = [];
    const cuts = [0, 1, 29, 31, 1000, 3 * MIB + 40, 4 * MIB + 100, whole.length - 23, whole.length - 1, whole.length];
    for (let n = 1; n < cuts.length; n++) {
      const headers = { Range: `bytes=${cuts[n - 1]}-${cuts[n] - 1}`, 'If-Range': etag };
      const answer = await proxy.downloadZip(batch.batch_id, headers);
      assert.equal(answer.status, 206);
      assert.equal(answer.headers.get('content-range'), `bytes ${cuts[n - 1]}-${cuts[n] - 1}/${whole.length}`);
      assert.equal(answer.headers.get('content-length'), String(cuts[n] - cuts[n - 1]));
      parts.push(Buffer.from(await answer.arrayBuffer()));
    }
    assert.equal(sha256(Buffer.concat(parts)), sha256(whole));
  });

  test('refuses a range behind its end with 416', async () => {
    const answer = await proxy.downloadZip(batch.batch_id, { Range: `bytes=${whole.length}-` });
    assert.equal(answer.headers.get('content-range'), `bytes */${whole.length}`);
    await wire.refusedAnswer(answer, 416);
  });
});
