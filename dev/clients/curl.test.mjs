// curl as a client: what somebody at a shell does with the HTTP doors.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { GeneratedContent, sha256 } from './content.mjs';
import { startServer } from './start-server.mjs';
import { MIB, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const run = promisify(execFile);
const content = new GeneratedContent('curl', 6 * MIB + 11);

let server;
let proxy;
let folder;
let source;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  source = join(folder, 'source.bin');
  await writeFile(source, content.bytes());
  server = await startServer();
  proxy = new UploadProxy(server.url);
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
  assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0');
});

/** Runs curl, which must succeed, and returns its standard output. */
async function curl(...args) {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--fail', '--max-time', '30', ...args]);
  return stdout;
}

async function isStored(fileId) {
  const path = join(folder, 'stored.bin');
  await curl('-o', path, `${server.url}/api/v1/download/stream/${fileId}`);
  assert.equal(sha256(await readFile(path)), content.sha256());
}

async function initiated() {
  const body = JSON.stringify({ filename: 'curl.bin', size: content.size, content_type: 'application/octet-stream' });
  return JSON.parse(
    await curl('-H', 'Content-Type: application/json', '-d', body, `${server.url}/api/v1/upload/initiate`),
  );
}

test('curl -T puts a file', async () => {
  const { file_id } = await initiated();
  const document = JSON.parse(await curl('-T', source, `${server.url}/api/v1/upload/${file_id}`));
  wire.fileDocument(document, { _id: file_id, status: 'completed' });
  await isStored(file_id);
});

test('curl -F posts a form', async () => {
  const document = JSON.parse(await curl('-F', `file=@${source};type=image/png`, `${server.url}/api/v1/upload`));
  const expected = { original_filename: 'source.bin', content_type: 'image/png', status: 'completed' };
  wire.fileDocument(document, expected, { file_id: wire.uuid7 });
  await isStored(document.file_id);
});

test('curl -F -F posts several files as a batch', async () => {
  const answer = JSON.parse(
    await curl('-F', `file=@${source}`, '-F', `file=@${source}`, `${server.url}/api/v1/upload`),
  );
  assert.equal(answer.files.length, 2);
  for (const file of answer.files) await isStored(file.file_id);
});

test('curl --data-binary posts a file raw', async () => {
  const url = `${server.url}/api/v1/upload?filename=raw.bin`;
  const document = JSON.parse(await curl('--data-binary', `@${source}`, '-H', 'Content-Type: image/png', url));
  wire.fileDocument(document, { original_filename: 'raw.bin', status: 'completed' }, { file_id: wire.uuid7 });
  await isStored(document.file_id);
});

test('curl -r reads a range, curl -C - goes on with a file', async () => {
  const { file_id } = await initiated();
  await curl('-T', source, `${server.url}/api/v1/upload/${file_id}`);
  const url = `${server.url}/api/v1/download/stream/${file_id}`;
  const path = join(folder, 'range.bin');
  await curl('-r', '100-199', '-o', path, url);
  assert.ok((await readFile(path)).equals(content.read(100, 200)));
  await curl('-r', '0-999999', '-o', path, url);
  await curl('-C', '-', '-o', path, url);
  assert.equal(sha256(await readFile(path)), content.sha256());
});

test('curl -C - goes on with a ZIP that was cut', async () => {
  const description = { filename: 'same.bin', size: content.size, content_type: 'application/octet-stream' };
  const batch = await proxy.initiateBatch([description, description]);
  for (const { file_id } of batch.files) await curl('-T', source, `${server.url}/api/v1/upload/${file_id}`);
  const url = `${server.url}/api/v1/batch/download-zip/${batch.batch_id}`;
  const [whole, resumed] = [join(folder, 'whole.zip'), join(folder, 'resumed.zip')];
  await curl('-o', whole, url);
  await curl('-r', `0-${content.size + 500}`, '-o', resumed, url);
  assert.equal((await stat(resumed)).size, content.size + 501);
  await curl('-C', '-', '-o', resumed, url);
  assert.equal(sha256(await readFile(resumed)), sha256(await readFile(whole)));
  const { stdout } = await run('python3', ['-m', 'zipfile', '-t', resumed], { timeout: 20_000 });
  assert.equal(stdout.trim(), 'Done testing');
});

test('curl --fail sees a refusal', async () => {
  const unknown = `${server.url}/api/v1/upload/01890000-0000-7000-8000-000000000000`;
  await assert.rejects(curl(unknown), (error) => error.code === 22);
});
