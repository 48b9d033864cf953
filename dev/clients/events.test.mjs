// The live events (section 5 of the contract): the WebSocket /ws/jobs and the Server-Sent Events of /api/v1/events.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { GeneratedContent } from './content.mjs';
import { startServer } from './start-server.mjs';
import { MIB, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const EVENTS = [
  'created',
  'started',
  'stage',
  'facts',
  'note',
  'paused',
  'resumed',
  'retrying',
  'completed',
  'failed',
  'cancelled',
  'cleaned',
  'removed',
];
const content = new GeneratedContent('events', 8 * MIB);

let server;
let proxy;
const open = new Set();

before(async () => {
  server = await startServer();
  proxy = new UploadProxy(server.url);
});

afterEach(() => {
  open.forEach((feed) => feed.end());
  open.clear();
});

after(async () => assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0'));

// -- feeds ------------------------------------------------------------------------------------------------------------

/** What a connection has received: `frames`, and a bounded wait for one that matches. */
class Feed {
  frames = [];
  #waiting = new Set();

  constructor() {
    open.add(this);
  }

  received(frame) {
    this.frames.push(frame);
    this.#waiting.forEach((check) => check());
  }

  /** The first frame from `from` on that matches. */
  frame(matches, what, { from = 0, millis = 15_000 } = {}) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const last = JSON.stringify(this.frames.slice(-3)).slice(0, 600);
        reject(new Error(`no ${what} within ${millis} ms; ${this.frames.length} frames, the last: ${last}`));
      }, millis);
      const check = () => {
        const found = this.frames.slice(from).find(matches);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  event(job, event, options) {
    return this.frame((f) => f.type === 'event' && f.job === job && f.event === event, `${event} of ${job}`, options);
  }

  eventsOf(job) {
    return this.frames.filter((f) => f.type === 'event' && f.job === job);
  }

  /** The snapshot, put together from its frames, and the position of the first. */
  async snapshot() {
    await this.frame((f) => f.type === 'snapshot' && f.more !== true, 'the last frame of the snapshot');
    const frames = this.frames.filter((f) => f.type === 'snapshot');
    return { epoch: frames[0].epoch, seq: frames[0].seq, jobs: frames.flatMap((f) => f.jobs) };
  }
}

function socketFeed(query = {}) {
  const feed = new Feed();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/jobs?${new URLSearchParams(query)}`);
  feed.opened = new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  feed.opened.catch(() => {});
  socket.on('error', () => {});
  socket.on('message', (data) => feed.received(Object.assign(JSON.parse(data), { size: data.length })));
  feed.send = (message) => socket.send(JSON.stringify(message));
  feed.end = () => socket.terminate();
  return feed;
}

async function sseFeed(lastEventId) {
  const feed = new Feed();
  const abort = new AbortController();
  feed.end = () => abort.abort();
  const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
  const answer = await fetch(`${server.url}/api/v1/events`, { headers, signal: abort.signal });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
  readEvents(answer.body, feed).catch(
    (error) => error.name === 'AbortError' || feed.received({ type: 'broken', error }),
  );
  return feed;
}

async function readEvents(body, feed) {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).replace(/\r\n?/g, '\n').split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block
        .split('\n')
        .map((line) => /^(id|data): ?(.*)$/.exec(line))
        .filter(Boolean);
      const data = lines.filter(([, field]) => field === 'data').map(([, , value]) => value);
      const id = lines.find(([, field]) => field === 'id')?.[2];
      if (data.length > 0) feed.received({ ...JSON.parse(data.join('\n')), id });
    }
  }
}

// -- what frames must look like ---------------------------------------------------------------------------------------

const position = { epoch: wire.present, seq: wire.count };

function checked(feed) {
  let seq = -1;
  for (const { size, id, ...frame } of feed.frames) {
    const type = { type: wire.text };
    if (frame.type === 'snapshot') {
      const shape = { required: { ...type, ...position, jobs: wire.list }, optional: { more: wire.flag } };
      wire.fields(frame, shape, 'snapshot');
      assert.ok(size === undefined || size <= 256 * 1024, `a snapshot frame of ${size} bytes`);
      frame.jobs.forEach(jobDocument);
      seq = Math.max(seq, frame.seq);
    } else if (frame.type === 'resumed' || frame.type === 'gap') {
      wire.fields(frame, { required: { ...type, ...position } }, frame.type);
    } else if (frame.type === 'event') {
      const kind = wire.oneOf('upload', 'download', 'operation', 'import');
      const required = {
        seq: wire.count,
        at: wire.instant,
        job: wire.uuid7,
        kind,
        event: wire.oneOf(...EVENTS),
        data: wire.record,
      };
      wire.fields(frame, { required: { ...type, ...required } }, 'event');
      assert.ok(frame.seq > seq, `seq ${frame.seq} after ${seq}`);
      seq = frame.seq;
    } else if (frame.type === 'progress') {
      assert.deepEqual(Object.keys(frame).sort(), ['at', 'jobs', 'type']);
      assert.ok(wire.instant(frame.at));
      frame.jobs.forEach(progressRow);
    } else {
      assert.deepEqual(frame, { type: 'pong' });
    }
  }
  return feed.frames;
}

function progressRow(row) {
  assert.equal(row.length, 9, JSON.stringify(row));
  const [id, percent, bytes, totalBytes, rate, eta, items, totalItems, current] = row;
  assert.ok(wire.uuid7(id));
  const orNull = (test) => (value) => value === null || test(value);
  assert.ok(orNull((v) => wire.number(v) && v >= 0 && v <= 100)(percent), `percent ${percent}`);
  for (const value of [bytes, totalBytes, items, totalItems]) assert.ok(orNull(wire.count)(value), JSON.stringify(row));
  for (const value of [rate, eta]) assert.ok(orNull((v) => wire.number(v) && v >= 0)(value), JSON.stringify(row));
  assert.ok(current === null || typeof current === 'string', JSON.stringify(row));
}

function jobDocument(job) {
  const required = {
    id: wire.uuid7,
    kind: wire.oneOf('upload', 'download', 'operation', 'import'),
    name: wire.text,
    owner: wire.present,
    state: wire.oneOf('pending', 'running', 'paused', 'completed', 'failed', 'cancelled'),
    stages: wire.list,
    progress: wire.record,
    attempt: wire.count,
    source: wire.present,
    target: wire.present,
    facts: wire.record,
    created: wire.instant,
  };
  const optional = {
    batch: wire.uuid7,
    waiting: wire.oneOf('client', 'slot', 'retry'),
    position: wire.count,
    stage: wire.text,
    error: wire.record,
    started: wire.instant,
    ended: wire.instant,
    cancelledBy: wire.present,
    seq: wire.count,
    links: wire.record,
  };
  wire.fields(job, { required, optional }, 'job');
  const count = wire.count;
  const progress = {
    totalBytes: count,
    items: count,
    totalItems: count,
    rate: wire.number,
    eta: wire.number,
    current: wire.text,
  };
  wire.fields(job.progress, { required: { percent: wire.number, bytes: count }, optional: progress }, 'job.progress');
  const when = { started: wire.instant, ended: wire.instant };
  for (const stage of job.stages) {
    wire.fields(stage, { required: { name: wire.text, from: wire.number, to: wire.number }, optional: when }, 'stage');
  }
  if (job.error) {
    wire.fields(job.error, { required: { code: wire.text, message: wire.text, retryable: wire.flag } }, 'job.error');
  }
}

// -- what is done meanwhile -------------------------------------------------------------------------------------------

function initiated() {
  return proxy.initiate({ filename: 'events.bin', size: content.size, content_type: 'application/octet-stream' });
}

async function uploaded() {
  const file = await initiated();
  await proxy.upload(file, content);
  return file.file_id;
}

function isWholeStory(events, job, end) {
  const names = events.map((e) => e.event);
  assert.equal(names[0], 'created', `${names}`);
  assert.equal(names.filter((name) => name === 'created').length, 1, `${names}`);
  assert.ok(names.indexOf('started') > 0, `${names}`);
  assert.ok(names.indexOf(end) > names.indexOf('started'), `${names}`);
  assert.equal(names.filter((name) => ['completed', 'failed', 'cancelled'].includes(name)).length, 1, `${names}`);
  assert.ok(events.every((e) => e.kind === 'upload' && e.job === job));
}

describe('/ws/jobs', { timeout: 90_000 }, () => {
  test('begins with a snapshot of the jobs', async () => {
    const completed = await uploaded();
    const { file_id: pending } = await initiated();
    const feed = socketFeed();
    const { jobs } = await feed.snapshot();
    assert.equal(feed.frames[0].type, 'snapshot');
    checked(feed);
    const state = (id) => jobs.find((job) => job.id === id)?.state;
    assert.equal(state(completed), 'completed');
    assert.equal(state(pending), 'pending');
  });

  test('tells every transition in order, and the progress in rows of nine', async () => {
    const feed = socketFeed();
    await feed.snapshot();
    const file = await initiated();
    await feed.event(file.file_id, 'created');
    const socket = proxy.open(file);
    await socket.send(content, 0, content.size - 1);
    const ofFile = (frame) =>
      frame.type === 'progress' && frame.jobs.find(([id, , bytes]) => id === file.file_id && bytes > 0);
    const row = ofFile(await feed.frame(ofFile, 'progress'));
    assert.equal(row[3], content.size, 'the announced size is known');
    await socket.send(content, content.size - 1, content.size);
    await wire.completes(socket, file.file_id);
    await feed.event(file.file_id, 'completed');
    isWholeStory(feed.eventsOf(file.file_id), file.file_id, 'completed');

    const other = await initiated();
    const cancelled = proxy.open(other);
    await cancelled.send(content, 0, 5 * MIB);
    await feed.event(other.file_id, 'started');
    await proxy.cancel(other.file_id);
    await wire.endsCancelled(cancelled);
    await feed.event(other.file_id, 'cancelled');
    isWholeStory(feed.eventsOf(other.file_id), other.file_id, 'cancelled');
    checked(feed);
  });

  test('goes on after a position with everything that was missed', async () => {
    const feed = socketFeed();
    const { epoch } = await feed.snapshot();
    const first = await uploaded();
    const { seq } = await feed.event(first, 'completed');
    feed.end();

    const missed = await uploaded();
    const witness = socketFeed({ since: `${epoch}:${seq}` });
    await witness.event(missed, 'completed');
    const [resumed, ...rest] = checked(witness);
    assert.equal(resumed.type, 'resumed');
    assert.equal(resumed.epoch, epoch);
    assert.ok(
      rest.every((frame) => frame.type !== 'snapshot'),
      'never part of a snapshot',
    );
    assert.ok(witness.frames.filter((f) => f.type === 'event').every((f) => f.seq > seq));
    isWholeStory(witness.eventsOf(missed), missed, 'completed');

    const live = await uploaded();
    await witness.event(live, 'completed');
    isWholeStory(witness.eventsOf(live), live, 'completed');
    checked(witness);
  });

  test('says gap and begins anew where the epoch is another', async () => {
    const first = socketFeed();
    const { epoch } = await first.snapshot();
    const feed = socketFeed({ since: `${epoch}1:1` });
    const snapshot = await feed.snapshot();
    assert.equal(feed.frames[0].type, 'gap');
    assert.equal(feed.frames[1].type, 'snapshot');
    assert.equal(snapshot.epoch, epoch);
    checked(feed);
  });

  test('says gap where the position lies ahead', async () => {
    const first = socketFeed();
    const { epoch, seq } = await first.snapshot();
    const feed = socketFeed({ since: `${epoch}:${seq + 1_000_000}` });
    await feed.snapshot();
    assert.equal(feed.frames[0].type, 'gap');
    checked(feed);
  });

  test('tells only of the jobs that are named, until others are subscribed', async () => {
    const [named, silent, later] = [await initiated(), await initiated(), await initiated()];
    const feed = socketFeed({ jobs: named.file_id });
    const { jobs } = await feed.snapshot();
    assert.ok(
      jobs.some((job) => job.id === named.file_id),
      'the named job is in the snapshot',
    );

    await proxy.upload(silent, content);
    await proxy.upload(named, content);
    await feed.event(named.file_id, 'completed');
    assert.deepEqual(feed.eventsOf(silent.file_id), [], 'an event of a job that was not named');

    feed.send({ type: 'subscribe', jobs: [later.file_id] });
    await pinged(feed);
    const socket = proxy.open(later);
    await socket.send(content, 0, 5 * MIB);
    await feed.event(later.file_id, 'started');

    const last = await initiated();
    feed.send({ type: 'subscribe', jobs: [last.file_id] });
    feed.send({ type: 'unsubscribe', jobs: [later.file_id] });
    await pinged(feed);
    await proxy.cancel(later.file_id);
    await wire.endsCancelled(socket);
    await proxy.cancel(last.file_id);
    await feed.event(last.file_id, 'cancelled');
    assert.ok(!feed.eventsOf(later.file_id).some((e) => e.event === 'cancelled'), 'an event of an unsubscribed job');
    checked(feed);
  });

  test('answers ping with pong', async () => {
    const feed = socketFeed();
    await feed.snapshot();
    await pinged(feed);
    await pinged(feed);
    checked(feed);
  });

  async function pinged(feed) {
    const from = feed.frames.length;
    feed.send({ type: 'ping' });
    await feed.frame((f) => f.type === 'pong', 'pong', { from });
  }
});

describe('/api/v1/events', { timeout: 60_000 }, () => {
  test('tells the same as the socket, with a position to come back to', async () => {
    const feed = await sseFeed();
    const { epoch } = await feed.snapshot();
    assert.equal(feed.frames[0].type, 'snapshot');
    const job = await uploaded();
    await feed.event(job, 'completed');
    isWholeStory(feed.eventsOf(job), job, 'completed');
    for (const event of feed.eventsOf(job)) assert.equal(event.id, `${epoch}:${event.seq}`);
    checked(feed);
  });

  test('goes on after Last-Event-ID', async () => {
    const first = await sseFeed();
    await first.snapshot();
    const before = await uploaded();
    const { id, seq } = await first.event(before, 'completed');
    first.end();
    const missed = await uploaded();
    const feed = await sseFeed(id);
    await feed.event(missed, 'completed');
    assert.equal(feed.frames[0].type, 'resumed');
    assert.ok(feed.frames.every((f) => f.type !== 'snapshot' && f.type !== 'gap'));
    assert.ok(feed.frames.filter((f) => f.type === 'event').every((f) => f.seq > seq));
    isWholeStory(feed.eventsOf(missed), missed, 'completed');
    checked(feed);
  });

  test('says gap and begins anew where the epoch is another', async () => {
    const first = socketFeed();
    const { epoch } = await first.snapshot();
    const feed = await sseFeed(`${epoch}1:1`);
    await feed.snapshot();
    assert.deepEqual(
      feed.frames.slice(0, 2).map((f) => f.type),
      ['gap', 'snapshot'],
    );
    checked(feed);
  });
});
