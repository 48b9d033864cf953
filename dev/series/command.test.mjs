// The command itself, as somebody types it: `./sluice upload` through the death of its server and through cancels, and
// how long `cancel`, `status` and `jobs` take.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GeneratedContent } from '../clients/content.mjs';
import { MIB, UploadProxy } from '../clients/upload-proxy.mjs';
import * as wire from '../clients/wire.mjs';
import { form, randomOf } from './form.mjs';
import { Server, sluice, temporaryFolder, within } from './server.mjs';

const KILLS = form(2, 10);
const SIZE = form(192, 512) * MIB + 17;
const ENDS_MILLIS = 60_000;
const MOST_MILLIS = 150;
const ROUNDS = 9;

const random = randomOf('command');
let folder;
let server;
let proxy;

before(async () => {
  folder = await temporaryFolder('command');
  server = await Server.start({ name: 'command' });
  proxy = new UploadProxy(server.url);
});

after(async () => assert.equal((await server.stop()).code, 0, 'the server is well'));

/** An upload that is under way and stands still: `id`, its `content`, and the `run` of the command. */
async function startUpload() {
  const content = new GeneratedContent(randomUUID(), SIZE);
  const path = join(folder, `${randomUUID()}.bin`);
  writeFileSync(path, content.bytes());
  const run = sluice(['upload', path, '--data', server.data, '--json']);
  run.child.stdout.once('data', () => run.child.kill('SIGSTOP'));
  await wire.eventually(() => run.out.length > 0, 'the first line of the upload', ENDS_MILLIS);
  const [{ file_id: id }] = JSON.parse(run.out[0]).files;
  return { run, id, content, name: basename(path), pulse: () => pulse(run) };
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Lets it work for some milliseconds: so a fast machine too can be caught in the middle of a file. */
function pulse(run) {
  run.child.kill('SIGCONT');
  // Not by a timer, which comes late where this process has other things to do.
  Atomics.wait(nobody, 0, 0, random.between(1, 4));
  run.child.kill('SIGSTOP');
}

async function reaches(upload, offset) {
  const until = performance.now() + ENDS_MILLIS;
  for (;;) {
    const { offset: now, status } = await proxy.file(upload.id);
    if (now >= offset) return now;
    assert.ok(['pending', 'uploading'].includes(status), `${upload.id} is ${status}`);
    assert.ok(performance.now() < until, `${now} of ${offset} bytes, ${said(upload)}`);
    upload.pulse();
  }
}

const said = ({ run }) => [...run.out.slice(-5), ...run.err].join('\n');
const notes = ({ run }) =>
  run.out.map((line) => JSON.parse(line)).flatMap(({ type, message }) => (type === 'note' ? [message] : []));

async function ends(upload, code) {
  upload.run.child.kill('SIGCONT');
  assert.equal(await within(ENDS_MILLIS, upload.run.ended), code, said(upload));
  return JSON.parse(upload.run.out.at(-1));
}

async function nothingIsLeft(upload) {
  assert.equal((await proxy.file(upload.id)).status, 'cancelled');
  const debts = async () => (await proxy.json('GET', '/api/v1/status')).debts;
  await wire.eventually(async () => (await debts()) === 0, 'the debts to be paid');
  const left = readdirSync(server.files).filter((name) => name.startsWith('.') || name === upload.name);
  assert.deepEqual(left, [], 'the folder holds nothing of it');
}

describe('sluice upload', { timeout: form(150_000, 900_000) }, () => {
  test(`goes on by itself after the server was killed, ${KILLS} times, and the file is the same`, async (context) => {
    const upload = await startUpload();
    const points = [];
    let before = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const reached = await reaches(upload, Math.max(before, Math.floor((SIZE * kill) / (KILLS + 2))));
      assert.ok(reached < SIZE, 'it was over before the server was killed; a larger file is needed');
      assert.equal(await server.kill(), 'SIGKILL');
      const noted = notes(upload).length;
      upload.run.child.kill('SIGCONT');
      await wire.eventually(() => notes(upload).length > noted, 'a word of the upload about its server');
      upload.run.child.kill('SIGSTOP');
      await server.restart();
      const { offset, status } = await proxy.file(upload.id);
      assert.notEqual(status, 'completed');
      assert.ok(offset >= before, `offset ${offset} after the restart, ${before} before`);
      before = offset;
      points.push(offset);
    }
    const report = await ends(upload, 0);
    assert.equal(report.success, true);
    for (const note of notes(upload)) assert.doesNotMatch(note, /null|undefined|Exception/);
    const stored = readFileSync(join(server.files, upload.name));
    assert.equal(stored.length, SIZE);
    assert.equal(createHash('sha256').update(stored).digest('hex'), upload.content.sha256());
    assert.equal((await proxy.json('GET', `/api/v1/jobs?q=${upload.name}`)).jobs.length, 1, 'one job');
    context.diagnostic(`killed at ${points.join(', ')} of ${SIZE} bytes; it said: ${[...new Set(notes(upload))].join('; ')}`);
  });

  test('is cancelled by Ctrl-C, ends with 130, and nothing is left', async () => {
    const upload = await startUpload();
    await reaches(upload, SIZE / 4);
    upload.run.child.kill('SIGINT');
    const report = await ends(upload, 130);
    assert.deepEqual([report.success, report.code], [false, 'cancelled']);
    await nothingIsLeft(upload);
  });

  test('ends with 130 when somebody else cancels it, and nothing is left', async () => {
    const upload = await startUpload();
    await reaches(upload, SIZE / 4);
    const cancel = sluice(['cancel', upload.id, '--data', server.data, '--json']);
    assert.equal(await within(ENDS_MILLIS, cancel.ended), 0, cancel.err.join('\n'));
    assert.equal(JSON.parse(cancel.out.join('')).success, true);
    const report = await ends(upload, 130);
    assert.deepEqual([report.success, report.code], [false, 'cancelled']);
    await nothingIsLeft(upload);
  });
});

describe(`at most ${MOST_MILLIS} ms on a server that runs`, { timeout: 60_000 }, () => {
  const announce = async () =>
    (await proxy.initiate({ filename: 'fast.bin', size: 1, content_type: 'application/octet-stream' })).file_id;
  const commands = { status: () => [], jobs: () => [], cancel: async () => [await announce()] };

  for (const [command, operands] of Object.entries(commands)) {
    for (const more of [[], ['--config', 'sluice.yaml']]) {
      test([command, ...more].join(' '), async (context) => {
        const took = [];
        for (let round = 0; round < ROUNDS; round++) {
          const words = [command, ...(await operands()), '--data', server.data, ...more];
          const begun = performance.now();
          const run = sluice(words);
          const code = await within(ENDS_MILLIS, run.ended);
          took.push(performance.now() - begun);
          assert.equal(code, 0, run.err.join('\n'));
          assert.notEqual(run.out.join(''), '');
        }
        const median = took.sort((a, b) => a - b)[ROUNDS >> 1];
        context.diagnostic(`${Math.round(median)} ms (median of ${ROUNDS})`);
        assert.ok(median <= MOST_MILLIS, `took ${Math.round(median)} ms: ${took.map(Math.round)}`);
      });
    }
  }
});
