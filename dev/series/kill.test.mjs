// SIGKILL in the middle of uploads: what was acknowledged stays, what goes on ends whole, what cannot go on leaves
// nothing, and no file is ever seen half. KILLS: how often.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import * as wire from '../clients/wire.mjs';
import { form, randomOf, spread } from './form.mjs';
import { startPostgres } from './postgres.mjs';
import { Server, temporaryFolder } from './server.mjs';
import { GO_ON_MILLIS, Ledger, startUploaders } from './uploaders.mjs';

const KILLS = Number(process.env.KILLS ?? form(6, 30));
const ENDED = ['completed', 'failed', 'cancelled'];

describe(`${KILLS} times SIGKILL during uploads`, { timeout: form(120_000, 900_000) }, () => {
  let postgres;
  after(() => postgres?.stop());

  test('with SQLite', (context) => killed(context, 'SQLite', []));

  test('with PostgreSQL', async (context) => {
    postgres = await startPostgres();
    await killed(context, 'PostgreSQL', postgres.flags('kills'));
  });
});

async function killed(context, database, flags) {
  const random = randomOf(`kill ${database}`);
  const temporary = await temporaryFolder('kill-temporary');
  const env = { SLUICE_JAVA_OPTS: `-Djava.io.tmpdir=${temporary}` };
  const server = await Server.start({ name: 'kill', flags, env });
  const ledger = new Ledger(server);
  const uploaders = startUploaders(ledger, database);
  const restarts = [];
  const points = [];
  try {
    for (let kill = 0; kill < KILLS && uploaders.failures.length === 0; kill++) {
      points.push(await pointOf(ledger, random, kill));
      assert.equal(await server.kill(), 'SIGKILL', `the server had ended before:\n${server.said()}`);
      visibleFilesAreWhole(server, ledger);
      assert.deepEqual(readdirSync(temporary), [], 'a killed server leaves temporary files');
      restarts.push(await server.restart());
      await answeredFilesAreThere(ledger, random);
    }
    await uploaders.end();
    await nothingIsOwed(server, ledger);
    assert.equal((await server.stop()).code, 0);
  } catch (error) {
    error.message += `\n(kills: ${points.join('; ')})\n${server.said()}`;
    await server.kill().catch(() => {});
    throw error;
  }
  const goingOn = spread(ledger.goingOn);
  context.diagnostic(`${database}: killed at ${points.join('; ')}`);
  context.diagnostic(`${database}: ready after ${spread(restarts)}; went on after ready: ${goingOn}`);
  context.diagnostic(`${database}: ${JSON.stringify(ledger.counts)}`);
  assert.ok(goingOn.n > 0, 'no upload went on');
  assert.ok(goingOn.most < GO_ON_MILLIS, `an upload went on only ${Math.round(goingOn.most)} ms after ready`);
}

/** Waits for the moment of a kill: some time, or about the commit of a file. */
async function pointOf(ledger, random, kill) {
  if (kill % 3 === 0) {
    const millis = random.between(100, 1200);
    await setTimeout(millis);
    return `${millis} ms`;
  }
  await setTimeout(random.upTo(500));
  const happening = kill % 3 === 1 ? 'sent' : 'answered';
  const bound = AbortSignal.timeout(10_000);
  const failed = once(ledger, 'failed', { signal: bound });
  const [how = 'nothing'] = await Promise.race([once(ledger, happening, { signal: bound }), failed]);
  failed.catch(() => {});
  const millis = happening === 'answered' ? random.upTo(2) : random.oneOf([0, 0, 1, 2, 4, 8, 16]);
  if (millis > 0) await setTimeout(millis);
  return `${millis} ms after ${happening} ${how}`;
}

/** Looks at the folder while no server runs: a file under its name is all of it. */
function visibleFilesAreWhole(server, ledger) {
  for (const name of readdirSync(server.files)) {
    if (!name.startsWith('.')) isContent(server, ledger, name);
  }
}

const seen = new Map();

function isContent(server, ledger, name) {
  const content = ledger.contents.get(name);
  assert.ok(content, `the folder holds ${name}, which nobody sent`);
  const path = join(server.files, name);
  assert.equal(statSync(path).size, content.size, `${name} is visible half`);
  if (seen.has(path)) return;
  seen.set(path, true);
  assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), content.sha256(), `${name} is different`);
}

/** What had been answered is there after the crash; some of it is read. */
async function answeredFilesAreThere(ledger, random) {
  const ids = [...ledger.completed];
  for (const [id, filename] of [ids.at(-1), ids[random.upTo(Math.max(0, ids.length - 1))]].filter(Boolean)) {
    assert.equal((await ledger.proxy.file(id)).status, 'completed', `${filename} was answered, and is lost`);
    await ledger.isWhole(id, filename);
  }
}

/** Ends what is open, and finds the folder, the debts and the events as they must be. */
async function nothingIsOwed(server, ledger) {
  const { proxy } = ledger;
  // An initiation whose answer was lost: its client does not know it.
  for (const job of await allJobs(proxy)) {
    if (ENDED.includes(job.state)) continue;
    assert.equal(job.state, 'pending', `job ${job.id} is ${job.state} and nobody works on it`);
    await proxy.json('POST', `/api/v1/jobs/${job.id}/cancel`);
  }
  const debts = async () => (await proxy.json('GET', '/api/v1/status')).debts;
  await wire.eventually(async () => (await debts()) === 0, 'the debts to be paid').catch(async (error) => {
    error.message += `; there are ${await debts()}, and in the folder: ${readdirSync(server.files).join(' ')}`;
    throw error;
  });

  const jobs = await allJobs(proxy);
  assert.ok(jobs.every((job) => ENDED.includes(job.state)));
  // A part has no name of its own but its id, and is no file.
  const isFile = (job) => job.name !== job.id;
  const completed = jobs.filter((job) => job.state === 'completed' && isFile(job)).map((job) => job.name);
  assert.deepEqual(readdirSync(server.files).sort(), completed.sort(), 'the folder holds the completed files only');
  for (const name of completed) isContent(server, ledger, name);
  for (const filename of ledger.completed.values()) assert.ok(completed.includes(filename));

  for (const job of jobs) {
    const { events } = await proxy.json('GET', `/api/v1/jobs/${job.id}/events`);
    const names = events.map(({ event }) => event);
    assert.equal(names.filter((name) => name === 'created').length, 1, `${job.id}: ${names}`);
    assert.deepEqual(
      names.filter((name) => ENDED.includes(name)),
      [job.state],
      `${job.id}: ${names}`,
    );
    const seqs = events.map(({ seq }) => seq);
    assert.deepEqual([...new Set(seqs)].sort((a, b) => a - b), seqs, `${job.id}: events out of order`);
  }
}

async function allJobs(proxy) {
  const jobs = [];
  let after = '';
  do {
    const page = await proxy.json('GET', `/api/v1/jobs?limit=100${after && `&after=${encodeURIComponent(after)}`}`);
    jobs.push(...page.jobs);
    after = page.next;
  } while (after);
  return jobs;
}
