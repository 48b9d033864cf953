// Uploaders that survive the death of their server: each goes on for as long as it is told to, with one file (or form,
// or batch) after the other, and holds the server to what it has acknowledged.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { GeneratedContent, sha256OfStream } from '../clients/content.mjs';
import { MIB, UploadProxy, Refusal } from '../clients/upload-proxy.mjs';
import { randomOf } from './form.mjs';
import { within } from './server.mjs';

const KIB = 1024;
const SETTLE_MILLIS = 5_000;
const GO_ON_MILLIS = 2_000;

/** What all uploaders of one server know together. */
export class Ledger extends EventEmitter {
  /** Contents by the name of their file, which no two have in common. */
  contents = new Map();
  /** Files whose completion was answered, by id. */
  completed = new Map();
  /** By id, the highest offset that was acknowledged. */
  offsets = new Map();
  /** From a restart's `ready` to the acceptance of an upload that goes on. */
  goingOn = [];
  counts = {};

  constructor(server) {
    super();
    this.setMaxListeners(0);
    this.server = server;
    this.proxy = new UploadProxy(server.url);
  }

  newFile(random, most = 8 * MIB) {
    const size = random.chance(0.1) ? random.upTo(3) : random.upTo(most);
    const filename = `${randomUUID()}.bin`;
    const content = new GeneratedContent(filename, size);
    this.contents.set(filename, content);
    return { filename, content, announcement: { filename, size, content_type: 'application/octet-stream' } };
  }

  count(what) {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** An offset that the server has acknowledged: it never goes back. */
  acknowledged(id, offset, where, before = this.offsets.get(id) ?? 0) {
    assert.ok(offset >= before, `${where} says offset ${offset} of ${id}, but ${before} was acknowledged before`);
    this.offsets.set(id, Math.max(offset, this.offsets.get(id) ?? 0));
    return offset;
  }

  async document(id) {
    const before = this.offsets.get(id);
    const document = await this.proxy.file(id);
    this.acknowledged(id, document.offset, 'the file document', before);
    return document;
  }

  /** A completed upload is there, whole. */
  async isWhole(id, filename) {
    const content = this.contents.get(filename);
    const answer = await this.proxy.download(id);
    assert.equal(answer.status, 200, `${filename} (${id}) is completed, and its download answers ${answer.status}`);
    assert.equal(await sha256OfStream(answer.body), content.sha256(), `${filename} (${id}) came back different`);
  }

  async completes(id, filename, how) {
    this.count(how);
    this.completed.set(id, filename);
    this.emit('answered', how);
    await this.server.surviving(() => this.isWhole(id, filename));
  }
}

/** Sends bytes in pieces of changing size and pace, so that they are under way for a while. */
async function sendSlowly(random, content, from, to, send) {
  const pause = random.oneOf([0, 2, 8, 20]);
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + random.between(16 * KIB, 512 * KIB));
    await send(content.read(at, end), end === to);
    at = end;
    if (pause > 0) await setTimeout(random.upTo(pause));
  }
}

// -- by WebSocket -----------------------------------------------------------------------------------------------------

/** Sends a file through its WebSocket; returns once it has completed, or with the close code of a cancelled one. */
async function throughSocket(ledger, random, file, how = 'socket') {
  let last = 0;
  return ledger.server.surviving(async (life) => {
    const socket = ledger.proxy.open(file, { offset: 'auto' });
    try {
      await socket.opened;
      if (socket.closing === undefined && life !== last && last !== 0) noteGoingOn(ledger, socket.message('ready'));
      last = life;
      let from;
      try {
        from = (await socket.message('ready')).offset;
      } catch (error) {
        const ended = await socket.end();
        const said = socket.messages.at(-1)?.type;
        if (ended.code === 1000 && said === 'success') return ended.code;
        if (ended.code === 4001) return ended.code;
        error.message += await story(ledger, file.file_id);
        throw error;
      }
      ledger.acknowledged(file.file_id, from, '`ready`');
      await sendSlowly(random, file.content, from, file.content.size, async (bytes, isLast) => {
        if (socket.closing) return;
        await Promise.race([new Promise((resolve) => socket.socket.send(bytes, resolve)), socket.closed]);
        if (isLast) ledger.emit('sent', how);
      });
      const { code, reason } = await socket.end();
      if (code === 4001) return code;
      const last2 = JSON.stringify(socket.messages.at(-1));
      const told = code === 1000 ? '' : await story(ledger, file.file_id);
      assert.equal(code, 1000, `the socket of ${file.file_id} was closed with ${code} ${reason} after ${last2}${told}`);
      assert.equal(socket.messages.at(-1).type, 'success');
      return code;
    } finally {
      socket.socket.terminate();
    }
  });
}

/** What has become of a job, for the message of a failure. */
async function story(ledger, id) {
  try {
    const { state } = await ledger.proxy.json('GET', `/api/v1/jobs/${id}`);
    const { events } = await ledger.proxy.json('GET', `/api/v1/jobs/${id}/events`);
    const told = events.map(({ seq, at, event, data }) => `${seq} ${at} ${event} ${JSON.stringify(data)}`);
    return `; job ${id} is ${state}:\n${told.join('\n')}`;
  } catch (error) {
    return `; job ${id}: ${error.message}`;
  }
}

function noteGoingOn(ledger, accepted) {
  const { readyAt } = ledger.server;
  accepted.then(
    () => ledger.goingOn.push(performance.now() - readyAt),
    () => {},
  );
}

async function socketFile(ledger, random) {
  const { filename, content, announcement } = ledger.newFile(random);
  const initiated = await ledger.server.surviving(() => ledger.proxy.initiate(announcement));
  const file = { ...initiated, content };
  const asking = askingForOffsets(ledger, file.file_id);
  const code = await throughSocket(ledger, random, file);
  await asking.end();
  assert.equal(code, 1000);
  await ledger.completes(file.file_id, filename, 'socket');
}

/** Asks for the file document again and again meanwhile. */
function askingForOffsets(ledger, id) {
  let on = true;
  const asking = (async () => {
    while (on) {
      await ledger.server.surviving(async () => on && (await ledger.document(id)));
      await setTimeout(40);
    }
  })();
  asking.catch(() => {});
  return {
    end: () => {
      on = false;
      return asking;
    },
  };
}

// -- by PUT -----------------------------------------------------------------------------------------------------------

/** A request whose body goes out slowly; `send(write)` writes it. Answers `status` and the parsed `body`. */
function request(url, method, headers, send) {
  return new Promise((resolve, reject) => {
    const call = http.request(url, { method, headers, agent: false }, async (answer) => {
      try {
        let text = '';
        for await (const chunk of answer.setEncoding('utf8')) text += chunk;
        const body = text === '' ? {} : JSON.parse(text);
        resolve({ status: answer.statusCode, body, contentType: answer.headers['content-type'], headers: answer.headers });
      } catch (error) {
        reject(error);
      }
    });
    call.setTimeout(60_000, () => call.destroy(new Error('no answer within a minute')));
    call.once('error', reject);
    const write = (bytes) => new Promise((written) => (call.destroyed ? written() : call.write(bytes, () => written())));
    Promise.resolve(send(write)).then(() => call.end(), reject);
  });
}

async function putFile(ledger, random) {
  const { server, proxy } = ledger;
  const { filename, content, announcement } = ledger.newFile(random);
  const { size } = content;
  const { file_id: id } = await server.surviving(() => proxy.initiate(announcement));
  const url = `${server.url}/api/v1/upload/${id}`;
  let first = random.chance(0.4);
  let last = 0;
  const document = await server.surviving(async (life) => {
    for (;;) {
      let from = 0;
      let to = size;
      if (!first) {
        const asked = await request(url, 'PUT', { 'Content-Length': 0, 'Content-Range': `bytes */${size}` }, () => {});
        accepted(asked, `PUT bytes */${size}`);
        if (life !== last && last !== 0) noteGoingOn(ledger, Promise.resolve());
        if (asked.body.status === 'completed') return asked.body;
        from = ledger.acknowledged(id, asked.body.offset, 'PUT that asks for the offset');
        if (random.chance(0.7)) to = Math.min(size, from + random.between(1, 3 * MIB));
      }
      last = life;
      const range = first || to === from ? {} : { 'Content-Range': `bytes ${from}-${to - 1}/${size}` };
      first = false;
      const sent = await request(url, 'PUT', { 'Content-Length': to - from, ...range }, (write) =>
        sendSlowly(random, content, from, to, async (bytes, isLast) => {
          await write(bytes);
          if (isLast && to === size) ledger.emit('sent', 'put');
        }),
      );
      accepted(sent, `PUT ${JSON.stringify(range)}`);
      ledger.acknowledged(id, sent.body.offset, 'the answer to PUT');
      assert.equal(sent.body.offset, to, 'all of an answered part has been taken');
      if (sent.body.status === 'completed') return sent.body;
    }
  });
  assert.equal(document.status, 'completed');
  await ledger.completes(id, filename, 'put');
}

function accepted({ status, body, contentType }, call, expected = 200) {
  if (status !== expected) throw new Refusal(call, status, contentType, body);
}

// -- by tus -----------------------------------------------------------------------------------------------------------

const TUS = { 'Tus-Resumable': '1.0.0' };
const named = (filename) => ({ 'Upload-Metadata': `filename ${Buffer.from(filename).toString('base64')}` });
const lastOf = (url) => url.split('/').at(-1);

/** Makes an upload of these bytes and sends them, over any number of deaths. Returns its id. */
async function sendByTus(ledger, random, content, from, to, headers) {
  const { server } = ledger;
  const size = to - from;
  // Of an empty file whose answer was lost there would be two.
  const deferred = size === 0 || random.chance(0.3);
  const length = deferred ? { 'Upload-Defer-Length': 1 } : { 'Upload-Length': size };
  const made = await server.surviving(async () => {
    const all = { ...TUS, ...length, ...headers, 'Content-Length': 0 };
    const answer = await request(`${server.url}/files`, 'POST', all, () => {});
    accepted(answer, 'POST /files', 201);
    return lastOf(answer.headers.location);
  });
  const url = `${server.url}/files/${made}`;
  let told = !deferred;
  let last = 0;
  await server.surviving(async (life) => {
    for (;;) {
      const asked = await request(url, 'HEAD', TUS, () => {});
      accepted(asked, 'HEAD');
      if (life !== last && last !== 0) noteGoingOn(ledger, Promise.resolve());
      last = life;
      const offset = ledger.acknowledged(made, Number(asked.headers['upload-offset']), 'HEAD');
      told = asked.headers['upload-length'] !== undefined;
      if (told && offset === size) return;
      const end = random.chance(0.6) ? size : Math.min(size, offset + random.between(1, 2 * MIB));
      const sent = await request(
        url,
        'PATCH',
        {
          ...TUS,
          'Content-Type': 'application/offset+octet-stream',
          'Upload-Offset': offset,
          'Content-Length': end - offset,
          ...(!told && end === size ? { 'Upload-Length': size } : {}),
        },
        (write) =>
          sendSlowly(random, content, from + offset, from + end, async (bytes, isLast) => {
            await write(bytes);
            if (isLast && end === size) ledger.emit('sent', 'tus');
          }),
      );
      accepted(sent, 'PATCH', 204);
      assert.equal(ledger.acknowledged(made, Number(sent.headers['upload-offset']), 'the answer to PATCH'), end);
    }
  });
  return made;
}

async function tusFile(ledger, random) {
  const { filename, content } = ledger.newFile(random);
  const id = await sendByTus(ledger, random, content, 0, content.size, named(filename));
  await ledger.completes(id, filename, 'tus');
}

async function tusParts(ledger, random) {
  const { server, proxy } = ledger;
  const { filename, content } = ledger.newFile(random);
  const cut = random.upTo(content.size);
  const partial = { 'Upload-Concat': 'partial' };
  const parts = await Promise.all([
    sendByTus(ledger, random, content, 0, cut, partial),
    sendByTus(ledger, random, content, cut, content.size, partial),
  ]);
  const id = await server.surviving(async () => {
    // The answer may have been lost with an earlier life.
    const { jobs } = await proxy.json('GET', `/api/v1/jobs?q=${filename}`);
    if (jobs.length > 0) return jobs[0].id;
    const concat = { 'Upload-Concat': `final;${parts.map((part) => `/files/${part}`).join(' ')}` };
    const headers = { ...TUS, ...concat, ...named(filename), 'Content-Length': 0 };
    const answer = await request(`${server.url}/files`, 'POST', headers, () => {});
    accepted(answer, 'POST /files (final)', 201);
    return lastOf(answer.headers.location);
  });
  ledger.emit('sent', 'tus parts');
  const until = performance.now() + 60_000;
  await server.surviving(async () => {
    for (;;) {
      const { status, error } = await proxy.file(id);
      assert.ok(['pending', 'uploading', 'completed'].includes(status), `the parts' file is ${status}: ${error}`);
      if (status === 'completed') return;
      assert.ok(performance.now() < until, `${filename} is not put together after a minute`);
      await setTimeout(20);
    }
  });
  await ledger.completes(id, filename, 'tus parts');
}

// -- by POST, which cannot go on --------------------------------------------------------------------------------------

async function postRaw(ledger, random) {
  const file = ledger.newFile(random);
  const { filename, content } = file;
  const headers = random.chance(0.5) ? { 'Content-Length': content.size } : {};
  await posted(ledger, 'post', [file], async (mark) =>
    request(`${ledger.server.url}/api/v1/upload?filename=${filename}`, 'POST', headers, async (write) => {
      // An empty file is whole with its head.
      if (content.size === 0) mark();
      await sendSlowly(random, content, 0, content.size, async (bytes, isLast) => {
        if (isLast) mark();
        await write(bytes);
        if (isLast) ledger.emit('sent', 'post');
      });
    }),
  );
}

async function postForm(ledger, random) {
  const files = Array.from({ length: random.between(1, 3) }, () => ledger.newFile(random, 4 * MIB));
  const boundary = randomUUID();
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
  await posted(ledger, 'form', files, async (mark) =>
    request(`${ledger.server.url}/api/v1/upload`, 'POST', headers, async (write) => {
      for (const { filename, content } of files) {
        const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
        await write(Buffer.from(head));
        await sendSlowly(random, content, 0, content.size, write);
        mark();
        await write(Buffer.from('\r\n'));
      }
      await write(Buffer.from(`--${boundary}--\r\n`));
      ledger.emit('sent', 'form');
    }),
  );
}

/** `mark()` is called when the last byte of the next file is about to be sent: only then may that file complete. */
async function posted(ledger, how, files, post) {
  const { server, proxy } = ledger;
  await server.up();
  const life = server.life;
  let sent = 0;
  let answer;
  try {
    answer = await post(() => sent++);
    accepted(answer, `POST (${how})`, 201);
  } catch (error) {
    if (server.life === life && !server.down) throw error;
    ledger.count(`${how} cut`);
    await nothingIsLeft(ledger, files, sent);
    return;
  }
  const documents = answer.body.files ?? [answer.body];
  assert.equal(documents.length, files.length);
  for (const [index, { filename }] of files.entries()) {
    assert.equal(documents[index].original_filename, filename);
    await ledger.completes(documents[index].file_id, filename, how);
  }
  if (answer.body.batch_id) {
    const batch = await server.surviving(() => proxy.batch(answer.body.batch_id));
    assert.equal(batch.status, 'completed');
  }
}

/** What a POST that was cut has left: nothing, but for files whose last byte had come, which may be whole. */
async function nothingIsLeft(ledger, files, sent) {
  const { server, proxy } = ledger;
  for (const [index, { filename }] of files.entries()) {
    await server.surviving(async () => {
      const until = performance.now() + SETTLE_MILLIS;
      for (;;) {
        const { jobs } = await proxy.json('GET', `/api/v1/jobs?q=${filename}`);
        assert.ok(jobs.length <= 1, `${jobs.length} jobs of one POST`);
        const [job] = jobs;
        // A form's batch is over with the file that was cut; a kill right between two files leaves it open.
        const batch = job?.batch && job.state === 'failed' && (await proxy.batch(job.batch)).status;
        if (job === undefined || (['failed', 'completed'].includes(job.state) && batch !== 'processing')) {
          if (job?.state === 'completed') {
            assert.ok(index < sent, `${filename} completed, and its last byte was never sent`);
            ledger.completed.set(job.id, filename);
            await ledger.isWhole(job.id, filename);
          }
          return;
        }
        const now = `job ${job.id} is ${job.state}, its batch ${batch}`;
        assert.ok(performance.now() < until, `${SETTLE_MILLIS} ms after the restart, of a POST that was cut: ${now}`);
        await setTimeout(50);
      }
    });
  }
}

// -- batches ----------------------------------------------------------------------------------------------------------

async function batch(ledger, random) {
  const { server, proxy } = ledger;
  const files = Array.from({ length: 3 }, () => ledger.newFile(random, 4 * MIB));
  const answer = await server.surviving(() => proxy.initiateBatch(files.map((file) => file.announcement)));
  const uploads = answer.files.map((file, index) =>
    throughSocket(ledger, random, { ...file, content: files[index].content }, 'batch'),
  );
  const cancel = random.chance(0.4) ? cancelBatch(ledger, answer.batch_id, random.upTo(400)) : null;
  const codes = await Promise.all(uploads);
  await cancel;
  for (const [index, { file_id: id }] of answer.files.entries()) {
    if (codes[index] === 1000) await ledger.completes(id, files[index].filename, 'batch');
    const { status } = await server.surviving(() => proxy.file(id));
    assert.equal(status, codes[index] === 1000 ? 'completed' : 'cancelled', `file ${id}, closed with ${codes[index]}`);
  }
  const { status } = await server.surviving(() => proxy.batch(answer.batch_id));
  const wholly = codes.every((code) => code === 1000);
  assert.ok(status === (wholly ? 'completed' : 'cancelled') || (cancel && status === 'cancelled'), `batch ${status}`);
}

async function cancelBatch(ledger, id, after) {
  await setTimeout(after);
  await ledger.server.surviving(() =>
    ledger.proxy.cancelBatch(id).catch((error) => {
      // All had ended; or an answer was lost, and this is the second call.
      if (error.status !== 400) throw error;
    }),
  );
  ledger.count('batch cancelled');
}

// ---------------------------------------------------------------------------------------------------------------------

const KINDS = [socketFile, socketFile, putFile, putFile, postRaw, postForm, tusFile, tusParts, batch];

/** Starts one of each kind, two of those that go on. `end()` lets each end what it has begun. */
export function startUploaders(ledger, purpose) {
  let on = true;
  const failures = [];
  const running = KINDS.map(async (upload, index) => {
    const random = randomOf(`${purpose} ${upload.name} ${index}`);
    try {
      while (on) await upload(ledger, random);
    } catch (error) {
      on = false;
      failures.push(error);
      ledger.emit('failed');
    }
  });
  return {
    failures,
    end: async () => {
      on = false;
      const done = await within(90_000, Promise.all(running).then(() => true));
      if (failures.length > 0) throw failures[0];
      assert.ok(done, 'an uploader is stuck');
    },
  };
}

export { GO_ON_MILLIS };
