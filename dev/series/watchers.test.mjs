// Watchers that lose their connection and come back miss nothing and see nothing twice, while many write; one that
// never reads slows nobody down and is closed as slow. DROPS: how often the connection is lost.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UploadProxy } from '../clients/upload-proxy.mjs';
import * as wire from '../clients/wire.mjs';
import { neverReading, watchBySocket, watchByStream } from './feeds.mjs';
import { form, randomOf, spread } from './form.mjs';
import { startPostgres } from './postgres.mjs';
import { Server } from './server.mjs';

const DROPS = Number(process.env.DROPS ?? form(60, 1000));
const STREAM_DROPS = Math.ceil(DROPS / 5);
const WRITERS = 100;
const EVENTS = form(2_000, 20_000);

let postgres;
after(() => postgres?.stop());
const databases = {
  SQLite: async () => [],
  PostgreSQL: async () => (postgres = await startPostgres()).flags('watchers'),
};

// -- those who write --------------------------------------------------------------------------------------------------

/** Writers that upload, cancel, pause and resume, each one job after the other, until `end()`. */
function startWriters(server, count, purpose, pause = 0) {
  const proxy = new UploadProxy(server.url);
  let on = true;
  const act = (id, what) => proxy.json('POST', `/api/v1/jobs/${id}/${what}`);
  const story = async (random) => {
    const bytes = Buffer.alloc(random.between(1, 4096), 7);
    const announcement = { filename: `${randomUUID()}.bin`, size: bytes.length, content_type: 'text/plain' };
    const { file_id: id } = await proxy.initiate(announcement);
    if (random.chance(0.3)) {
      await act(id, 'pause');
      await act(id, 'resume');
    }
    await (random.chance(0.5) ? proxy.put(id, bytes) : act(id, 'cancel'));
    return id;
  };
  const jobs = [];
  const done = Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const random = randomOf(`${purpose} writer ${index}`);
      while (on) {
        jobs.push(await story(random));
        if (pause > 0) await setTimeout(pause);
      }
    }),
  ).finally(() => (on = false));
  done.catch(() => {});
  const end = () => {
    on = false;
    return done;
  };
  return { jobs, done, end, running: () => on };
}

// -- those who watch --------------------------------------------------------------------------------------------------

/** Keeps every event with its number; a frame that a continuing watcher must not get is an error. */
class Diary {
  events = [];
  latencies = [];
  frames = 0;
  #beginning;

  received(frame) {
    this.frames++;
    if (frame.type === 'snapshot') {
      if (this.events.length > 0 || (this.#beginning && frame.seq !== this.#beginning.seq)) this.wrong ??= 'a snapshot';
      this.#beginning ??= frame;
      this.epoch = frame.epoch;
      this.begun = this.begun || !frame.more;
    } else if (frame.type === 'event') {
      this.latencies.push(Date.now() - Date.parse(frame.at));
      const expected = this.seq + 1;
      if (frame.seq !== expected) this.wrong ??= `event ${frame.seq} instead of ${expected}`;
      if (frame.id !== undefined && frame.id !== `${this.epoch}:${frame.seq}`) this.wrong ??= `the id ${frame.id}`;
      this.events.push(frame);
    } else if (frame.type !== 'progress' && frame.type !== 'resumed') {
      this.wrong ??= `a frame ${JSON.stringify(frame)}`;
    }
  }

  get from() {
    return this.#beginning?.seq;
  }

  get seq() {
    return this.events.at(-1)?.seq ?? this.from;
  }

  position() {
    return this.begun ? `${this.epoch}:${this.seq}` : undefined;
  }
}

async function until(condition, what, millis = 30_000) {
  await wire.eventually(async () => condition(), what, millis);
}

/** Watches with a connection that is lost `drops` times, at random; then stays. */
async function watchDropping(watch, url, drops, random) {
  const diary = new Diary();
  let connection = watch(url, undefined, (frame) => diary.received(frame));
  await until(() => diary.begun, 'the first snapshot');
  for (let drop = 0; drop < drops && !diary.wrong; drop++) {
    const frames = diary.frames + random.oneOf([0, 1, 1, 2, 5, 20, 100]);
    const patience = performance.now() + random.upTo(form(150, 100));
    while (diary.frames < frames && performance.now() < patience) await setTimeout(1);
    await connection.drop();
    connection = watch(url, diary.position(), (frame) => diary.received(frame));
  }
  return { diary, end: () => connection.drop() };
}

describe('watchers', { timeout: form(180_000, 1_800_000) }, () => {
  for (const [database, flags] of Object.entries(databases)) {
    test(`that lose their connection ${DROPS} times see each event once, with ${database}`, async (context) => {
      const server = await Server.start({ name: 'watchers', flags: await flags() });
      try {
        await lossless(context, server, database);
        assert.equal((await server.stop()).code, 0);
      } finally {
        await server.kill().catch(() => {});
      }
    });
  }

  test('that never read slow nobody down, and are closed', async (context) => {
    const short = ['--set', 'websocket.outbox=64KiB', '--set', 'websocket.write-timeout=2s'];
    const server = await Server.start({ name: 'slow', flags: form(short, []) });
    try {
      await stalled(context, server);
      assert.equal((await server.stop()).code, 0);
    } finally {
      await server.kill().catch(() => {});
    }
  });
});

async function lossless(context, server, database) {
  const witness = new Diary();
  const watching = watchBySocket(server.url, undefined, (frame) => witness.received(frame));
  await until(() => witness.begun, 'the snapshot');
  const writers = startWriters(server, WRITERS, database);
  const begun = performance.now();
  const random = (who) => randomOf(`${database} ${who}`);
  const droppers = await Promise.all([
    watchDropping(watchBySocket, server.url, DROPS, random('socket')),
    watchDropping(watchByStream, server.url, STREAM_DROPS, random('stream')),
  ]);
  while (witness.events.length < EVENTS && writers.running()) await setTimeout(20);
  await writers.end();
  const seconds = (performance.now() - begun) / 1000;

  const { proxy, counts } = await toldOnce(server, writers.jobs, witness);
  for (const { diary } of droppers) {
    await until(() => diary.wrong || diary.seq >= witness.seq, `event ${witness.seq}, after ${diary.seq}`).catch(
      (error) => (diary.wrong ??= error.message),
    );
    assert.equal(diary.wrong, undefined, `seed and drop point: ${diary.position()}`);
    const expected = witness.events.filter(({ seq }) => seq > diary.from);
    assert.equal(diary.events.length, expected.length);
    expected.forEach(({ seq, job, event, data }, index) => {
      const other = diary.events[index];
      assert.deepEqual([other.seq, other.job, other.event, other.data], [seq, job, event, data]);
    });
  }
  await Promise.all([...droppers.map(({ end }) => end()), watching.drop()]);
  assert.equal((await proxy.json('GET', '/api/v1/status')).debts, 0);
  const rate = Math.round(witness.events.length / seconds);
  context.diagnostic(
    `${database}: ${witness.events.length} events in ${seconds.toFixed(1)} s (${rate}/s) of ${counts} jobs; ` +
      `${DROPS} drops by WebSocket, ${STREAM_DROPS} by SSE; the witness: ${spread(witness.latencies)}`,
  );
}

/** The witness has what the server keeps of every job, and the numbers of all together have no gap. */
async function toldOnce(server, jobs, witness) {
  const proxy = new UploadProxy(server.url);
  // The last ones owe their clean-up.
  await wire.eventually(async () => (await proxy.json('GET', '/api/v1/status')).debts === 0, 'the debts to be paid');
  const byJob = new Map();
  const read = async () => {
    byJob.clear();
    for (const event of witness.events) byJob.set(event.job, [...(byJob.get(event.job) ?? []), event.seq]);
  };
  const kept = [];
  const queue = [...jobs];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        const { events } = await proxy.json('GET', `/api/v1/jobs/${id}/events`);
        kept.push([id, events.map(({ seq }) => seq)]);
      }
    }),
  );
  const total = kept.reduce((sum, [, seqs]) => sum + seqs.length, 0);
  await until(() => witness.wrong || witness.events.length >= total, `all ${total} events`);
  assert.equal(witness.wrong, undefined);
  await read();
  for (const [id, seqs] of kept) assert.deepEqual(byJob.get(id), seqs, `the events of ${id}`);
  assert.equal(witness.events.length, total);
  return { proxy, counts: jobs.length };
}

// -- those who never read ---------------------------------------------------------------------------------------------

const OTHERS = 5;
const STALLED = 5;

async function stalled(context, server) {
  // A snapshot of so many is more than the kernel buffers for a connection: its writing stalls at once.
  const files = Array.from({ length: 2_500 }, (_, n) => ({
    filename: `waits-${n}.bin`,
    size: 1,
    content_type: 'text/plain',
  }));
  const waiting = new UploadProxy(server.url);
  for (let batch = 0; batch < 2; batch++) await waiting.initiateBatch(files);

  const others = Array.from({ length: OTHERS }, () => new Diary());
  const connections = others.map((diary) => watchBySocket(server.url, undefined, (frame) => diary.received(frame)));
  await until(() => others.every((diary) => diary.begun), 'the snapshots');
  const writers = startWriters(server, 10, 'slow', 100);
  const measured = async (millis) => {
    others.forEach((diary) => (diary.latencies = []));
    await setTimeout(millis);
    assert.ok(writers.running(), 'the writers go on');
    return spread(others.flatMap((diary) => diary.latencies));
  };
  await setTimeout(form(1_500, 10_000));
  const before = await measured(form(3_000, 60_000));
  const stuck = neverReading(server.port, STALLED);
  context.after(stuck.end);
  await stuck.open;
  const begun = performance.now();
  const during = await measured(form(3_000, 60_000));
  const drops = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^sluice_outbox_drops\S* ([\d.]+)$/m.exec(metrics)?.[1]);
  };
  await wire.eventually(async () => (await drops()) >= STALLED, 'the stalled to be closed', form(20_000, 300_000));
  const closedAfter = Math.round(performance.now() - begun);
  await writers.end();
  for (const diary of others) assert.equal(diary.wrong, undefined);
  assert.equal(await drops(), STALLED, 'only those that never read are closed');
  const { watchers } = await new UploadProxy(server.url).json('GET', '/api/v1/status');
  assert.equal(watchers, OTHERS, 'those that read are still there');
  await Promise.all(connections.map((connection) => connection.drop()));
  context.diagnostic(`events arrive, all reading: ${before}`);
  context.diagnostic(`events arrive, ${STALLED} never reading: ${during}; these were closed within ${closedAfter} ms`);
  // A machine that is busy with other things is slow to everybody: what counts is the difference.
  assert.ok(during.p50 <= 1.5 * before.p50 + 20, `p50 ${during.p50} ms, before ${before.p50} ms`);
  assert.ok(during.p99 <= 2 * before.p99 + 100, `p99 ${during.p99} ms, before ${before.p99} ms`);
}
