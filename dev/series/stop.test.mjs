// SIGTERM while others upload and watch, and starts that cannot be: each ends with its exit code and says why.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GeneratedContent, sha256OfStream } from '../clients/content.mjs';
import { MIB, UploadProxy } from '../clients/upload-proxy.mjs';
import * as wire from '../clients/wire.mjs';
import { watchBySocket, watchByStream } from './feeds.mjs';
import { form } from './form.mjs';
import { Server, sluice, temporaryFolder, within } from './server.mjs';

const DRAIN_MILLIS = 10_000;
const STOPS = form(2, 20);
const UPLOADS = 4;

describe(`SIGTERM, ${STOPS} times`, { timeout: form(90_000, 600_000) }, () => {
  test('closes every socket with 4011, ends with 0 in time, and the next start goes on', async (context) => {
    const server = await Server.start({ name: 'stop' });
    const proxy = new UploadProxy(server.url);
    const contents = Array.from({ length: UPLOADS }, (_, n) => new GeneratedContent(`stop ${n}`, 8 * MIB));
    const files = await Promise.all(
      contents.map(({ size }) =>
        proxy.initiate({ filename: `${randomUUID()}.bin`, size, content_type: 'application/octet-stream' }),
      ),
    );
    const took = [];
    let offsets = files.map(() => 0);
    let position;
    for (let stop = 1; stop <= STOPS; stop++) {
      const frames = [];
      const watcher = watchBySocket(server.url, position, (frame) => frames.push(frame));
      const stream = watchByStream(server.url, undefined, () => {});
      const sockets = files.map((file) => proxy.open(file, { offset: 'auto' }));
      const to = Math.floor((8 * MIB * stop) / (STOPS + 1));
      for (const [n, socket] of sockets.entries()) {
        const { offset } = await socket.message('ready');
        assert.ok(offset >= offsets[n], `ready says ${offset}, ${offsets[n]} was acknowledged`);
        await socket.send(contents[n], offset, to);
      }
      for (const [n, { file_id: id }] of files.entries()) {
        await wire.eventually(async () => (await proxy.file(id)).offset === to, `${to} bytes of file ${n}`);
        offsets[n] = to;
      }
      if (position !== undefined) assert.equal(frames[0]?.type, 'resumed', JSON.stringify(frames[0]));
      else await wire.eventually(() => frames.some(({ type, more }) => type === 'snapshot' && !more), 'the snapshot');
      const { code, millis } = await server.stop();
      assert.equal(code, 0, `SIGTERM ends the server with 0:\n${server.said()}`);
      assert.ok(millis < DRAIN_MILLIS, `the stop took ${Math.round(millis)} ms`);
      took.push(Math.round(millis));
      for (const socket of sockets) assert.equal((await socket.end()).code, 4011, 'an upload that is under way');
      assert.equal((await within(2_000, watcher.closed))?.code, 4011, 'a watcher');
      assert.ok(await within(2_000, stream.closed), 'a stream of events ends');
      const epoch = frames.find((frame) => frame.epoch)?.epoch;
      const seq = Math.max(...frames.filter(({ type }) => type !== 'progress').map((frame) => frame.seq));
      position = `${epoch}:${seq}`;
      await server.restart();
      for (const { file_id: id } of files) {
        assert.equal((await proxy.file(id)).offset, to, 'the offset after the restart');
      }
    }
    for (const [n, file] of files.entries()) {
      await proxy.upload(file, contents[n], { resume: true });
      assert.equal(await sha256OfStream((await proxy.download(file.file_id)).body), contents[n].sha256());
    }
    assert.equal((await proxy.json('GET', '/api/v1/status')).debts, 0);
    assert.equal((await server.stop()).code, 0);
    context.diagnostic(`ended ${took.join(', ')} ms after SIGTERM`);
  });

  test('while a POST is under way leaves nothing of it', async () => {
    const server = await Server.start({ name: 'stop-post' });
    const filename = `${randomUUID()}.bin`;
    const socket = net.connect(server.port, '127.0.0.1');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {}).resume();
    const head = ['Host: localhost', `Content-Length: ${8 * MIB}`];
    socket.write(`POST /api/v1/upload?filename=${filename} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
    socket.write(Buffer.alloc(3 * MIB));
    const proxy = new UploadProxy(server.url);
    const job = async () => (await proxy.json('GET', `/api/v1/jobs?q=${filename}`)).jobs[0];
    await wire.eventually(async () => (await job())?.state === 'running', 'the job');
    const { code, millis } = await server.stop();
    assert.equal(code, 0);
    assert.ok(millis < DRAIN_MILLIS, `the stop took ${Math.round(millis)} ms`);
    assert.notEqual(await within(2_000, gone), undefined, 'its connection is closed');
    await server.restart();
    await wire.eventually(async () => (await job()).state === 'failed', 'the job to fail');
    const debts = async () => (await proxy.json('GET', '/api/v1/status')).debts;
    await wire.eventually(async () => (await debts()) === 0, 'the debts to be paid');
    assert.equal((await server.stop()).code, 0);
  });
});

describe('a start that cannot be ends with 2 and says what and where', { timeout: 90_000 }, () => {
  let server;
  before(async () => (server = await Server.start({ name: 'first' })));
  after(async () => assert.equal((await server.stop()).code, 0, 'the first server is well'));

  const refused = (words, ...says) => refusedTo([], words, ...says);

  async function refusedTo(by, words, ...says) {
    const run = sluice(words, { by });
    const code = await within(30_000, run.ended);
    run.child.kill('SIGKILL');
    const said = [...run.err, ...run.out].join('\n');
    assert.equal(code, 2, `exit code ${code}; it said:\n${said}`);
    for (const word of says) assert.ok(said.includes(word), `does not say ${word}:\n${said}`);
    assert.ok(!/^\s+at /m.test(said), `a stack trace is no message:\n${said}`);
    assert.ok(run.err.length <= 10, `one thing is said in few lines:\n${said}`);
  }

  async function folder() {
    return temporaryFolder('refused');
  }

  const serve = (data, ...words) => ['serve', '--data', data, '--port', '0', ...words];

  test('a second server on a data folder', () => refused(serve(server.data), server.data, `${server.run.pid}`));

  test('a file that is no YAML', async () => {
    const data = await folder();
    writeFileSync(join(data, 'sluice.yaml'), 'server:\n  port: [8080\n host: {');
    await refused(serve(data), join(data, 'sluice.yaml'));
  });

  test('a configuration that is not there', async () => {
    const data = await folder();
    await refused(serve(data, '--config', join(data, 'missing.yaml')), join(data, 'missing.yaml'));
  });

  test('an unknown key in a file', async () => {
    const data = await folder();
    writeFileSync(join(data, 'sluice.yaml'), 'server:\n  prot: 8080\n');
    await refused(serve(data), 'server.prot', join(data, 'sluice.yaml'));
  });

  test('an unknown key of a flag', async () =>
    refused(serve(await folder(), '--set', 'websocket.outbocks=1MiB'), 'websocket.outbocks'));

  test('a wrong value in a file', async () => {
    const data = await folder();
    writeFileSync(join(data, 'sluice.yaml'), 'upload:\n  patience: soon\n');
    await refused(serve(data), 'upload.patience', 'soon', join(data, 'sluice.yaml'));
  });

  test('a wrong value of a flag', async () =>
    refused(serve(await folder(), '--set', 'upload.max-size=lots'), 'upload.max-size', 'lots'));

  test('a port that is none', async () => refused(['serve', '--data', await folder(), '--port', '99999'], '99999'));

  test('a port in use', async () =>
    refused(['serve', '--data', await folder(), '--port', `${server.port}`], `127.0.0.1:${server.port}`));

  test('an address that is not a loopback one', async () =>
    refused(serve(await folder(), '--host', '0.0.0.0'), '0.0.0.0', 'loopback'));

  test('a data folder that is a file', async () => {
    const file = join(await folder(), 'data');
    writeFileSync(file, '');
    await refused(serve(file), file);
  });

  test('a data folder that cannot be made', () => refused(serve('/proc/sluice'), '/proc/sluice'));

  test('a database that is none', async () => {
    const data = await folder();
    writeFileSync(join(data, 'state.db'), 'this is no database, '.repeat(500));
    await refused(serve(data), join(data, 'state.db'));
  });

  test('a database that does not answer', async () => {
    const address = 'jdbc:postgresql://127.0.0.1:1/none';
    await refused(serve(await folder(), '--set', `state.url=${address}`), '127.0.0.1:1');
  });

  test('a folder for files that cannot be used', async () => {
    const data = await folder();
    writeFileSync(join(data, 'file'), '');
    await refused(serve(data, '--set', 'storages.local.path=file/files'), join(data, 'file'));
  });

  test('a data folder that cannot be read', async () => {
    const data = join(await folder(), 'locked');
    mkdirSync(data);
    chmodSync(data, 0o000);
    try {
      await refusedTo(powerless(), serve(data), data, 'cannot be read');
    } finally {
      chmodSync(data, 0o700);
    }
  });

  test('a folder for files that cannot be written', async () => {
    const data = await folder();
    const files = join(data, 'files');
    mkdirSync(files);
    chmodSync(files, 0o500);
    try {
      await refusedTo(powerless(), serve(data), files);
    } finally {
      chmodSync(files, 0o700);
    }
  });
});

/** The words before a command that take from root what no permission binds: its capabilities. */
function powerless() {
  return process.getuid() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : [];
}
