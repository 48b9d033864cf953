// What the contract says about every answer and message, as checks: the named fields and no others, their types, and
// nowhere a null. A message of a failed check names the field by its path.

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Refusal } from './upload-proxy.mjs';

// -- values -----------------------------------------------------------------------------------------------------------

export const text = (v) => typeof v === 'string' && v.length > 0;
export const count = (v) => Number.isSafeInteger(v) && v >= 0;
export const number = (v) => typeof v === 'number' && Number.isFinite(v);
export const flag = (v) => typeof v === 'boolean';
export const list = (v) => Array.isArray(v);
export const record = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
export const present = (v) => v !== undefined && v !== null;
export const uuid7 = (v) =>
  typeof v === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(v);
export const instant = (v) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/.test(v) && !Number.isNaN(Date.parse(v));
export const literal = (expected) => Object.assign((v) => v === expected, { says: JSON.stringify(expected) });
export const oneOf = (...all) => Object.assign((v) => all.includes(v), { says: `one of ${JSON.stringify(all)}` });

/** Checks an object: every required field, the optional ones where present, no other field unless `open`, no null. */
export function fields(value, { required = {}, optional = {}, open = false }, where) {
  assert.ok(record(value), `${where} must be an object: ${JSON.stringify(value)}`);
  noNull(value, where);
  const check = (name, test) =>
    assert.ok(test(value[name]), `${where}.${name} must be ${test.says ?? test.name}: ${JSON.stringify(value[name])}`);
  for (const [name, test] of Object.entries(required)) {
    assert.ok(name in value, `${where}.${name} is missing: ${JSON.stringify(value)}`);
    check(name, test);
  }
  for (const [name, test] of Object.entries(optional)) if (name in value) check(name, test);
  if (open) return;
  const unknown = Object.keys(value).filter((name) => !(name in required) && !(name in optional));
  assert.deepEqual(unknown, [], `${where} has fields that the contract does not name`);
}

export function noNull(value, where) {
  assert.notEqual(value, null, `${where} is null; absent values are left out`);
  if (typeof value === 'object') for (const [name, inner] of Object.entries(value)) noNull(inner, `${where}.${name}`);
}

// -- answers of section 1 ---------------------------------------------------------------------------------------------

const FILE_STATUS = oneOf('pending', 'uploading', 'completed', 'failed', 'cancelled');
const CANCELLED_BY = oneOf('http_endpoint', 'batch_cancel', 'websocket', 'cli', 'admin');

/** A file document; `expected` are values that some of its fields must have, `more` fields that this answer adds. */
export function fileDocument(document, expected = {}, more = {}) {
  const required = {
    _id: uuid7,
    filename: text,
    original_filename: text,
    size_bytes: count,
    content_type: text,
    status: FILE_STATUS,
    created_at: instant,
    offset: count,
    ...more,
  };
  const status = document.status;
  if (status === 'completed') required.storage_location = text;
  if (status === 'cancelled') Object.assign(required, { cancelled_at: instant, cancelled_by: CANCELLED_BY });
  if (status === 'failed') Object.assign(required, { error: text, code: text });
  fields(document, { required, optional: { batch_id: uuid7, storage_location: text } }, 'file document');
  assert.doesNotMatch(document.filename, /[/\\\0]/, 'a sanitized name has no path');
  assert.ok(document.offset <= document.size_bytes, 'no more bytes are durable than the file has');
  if (status === 'completed') assert.equal(document.offset, document.size_bytes);
  for (const [name, value] of Object.entries(expected)) assert.equal(document[name], value, `file document.${name}`);
  return document;
}

export function batchDocument(document, expected = {}) {
  const required = {
    id: uuid7,
    status: oneOf('pending', 'processing', 'completed', 'failed', 'cancelled'),
    file_ids: list,
    created_at: instant,
  };
  if (document.status === 'cancelled') Object.assign(required, { cancelled_at: instant, cancelled_files_count: count });
  const optional = { cancelled_at: instant, cancelled_files_count: count };
  fields(document, { required, optional, open: true }, 'batch document');
  assert.ok(document.file_ids.every(uuid7));
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual(document[name], value, `batch document.${name}`);
  return document;
}

export function cancelAnswer(answer, { file_id, filename }) {
  const required = {
    message: literal('Upload cancelled successfully'),
    file_id: literal(file_id),
    filename: literal(filename),
    cancelled_at: justNow,
    stopped: oneOf(true, 'pending'),
  };
  fields(answer, { required }, 'cancel answer');
  return answer;
}

export function batchCancelAnswer(answer, { batch_id, cancelled, total }) {
  const required = {
    message: literal('Batch upload cancelled successfully'),
    batch_id: literal(batch_id),
    cancelled_files_count: literal(cancelled),
    total_files_in_batch: literal(total),
    cancelled_at: justNow,
    stopped: oneOf(true, 'pending'),
  };
  fields(answer, { required }, 'batch cancel answer');
  return answer;
}

function justNow(value) {
  return instant(value) && Math.abs(Date.now() - Date.parse(value)) < 30_000;
}

// -- refusals ---------------------------------------------------------------------------------------------------------

/** The problem document of an error answer. */
export function problem({ status, contentType, body }, expectedStatus, code) {
  const statuses = [expectedStatus].flat();
  assert.ok(statuses.includes(status), `status ${status} instead of ${statuses}: ${JSON.stringify(body)}`);
  assert.match(contentType ?? '', /^application\/problem\+json\b/);
  const optional = { type: text, title: text, status: literal(status), instance: text };
  const test = code === undefined ? (v) => /^[a-z][a-z_]*$/.test(v) : literal(code);
  fields(body, { required: { code: test, detail: text }, optional, open: true }, 'problem');
  return body;
}

/** Waits for the refusal of a call and checks its problem document. */
export async function refused(call, status, code) {
  try {
    assert.fail(`expected ${status}, was accepted: ${JSON.stringify(await call)}`);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return problem(refusal, status, code);
  }
}

/** The same for an answer of `fetch`. */
export async function refusedAnswer(answer, status, code) {
  const contentType = answer.headers.get('content-type');
  const said = await answer.text();
  return problem(
    { status: answer.status, contentType, body: /json/.test(contentType) ? JSON.parse(said) : said },
    status,
    code,
  );
}

// -- the messages of a socket -----------------------------------------------------------------------------------------

const MESSAGES = {
  ready: { required: { type: text, offset: count } },
  progress: { required: { type: text, value: (v) => count(v) && v <= 100 } },
  success: { required: { type: text, value: text } },
  error: { required: { type: text, value: text } },
  cancelled: { required: { type: text, value: literal('Upload cancelled') } },
};

/** What every upload socket obeys: known messages, progress that never falls, nothing after an end. */
export function orderly(socket) {
  let progress = 0;
  socket.messages.forEach((message, index) => {
    assert.ok(message.type in MESSAGES, `unknown message ${JSON.stringify(message)}`);
    fields(message, MESSAGES[message.type], `message ${index} (${message.type})`);
    if (message.type === 'progress') {
      assert.ok(message.value >= progress, `progress fell from ${progress} to ${message.value}`);
      progress = message.value;
    }
    if (['success', 'error', 'cancelled'].includes(message.type)) {
      assert.equal(index, socket.messages.length - 1, `messages after ${message.type}`);
    }
  });
  return socket.messages;
}

/** An upload that was completed: 100 before `success`, then close 1000, and no flood of progress. */
export async function completes(socket, fileId) {
  const close = await endOf(socket);
  const messages = orderly(socket);
  assert.equal(close.code, 1000, `close ${JSON.stringify(close)} after ${JSON.stringify(messages.at(-1))}`);
  assert.deepEqual(messages.slice(-2), [
    { type: 'progress', value: 100 },
    { type: 'success', value: `/api/v1/download/stream/${fileId}` },
  ]);
  atMostTenASecond(socket);
}

/** An upload that was cancelled from outside: the message, then close 4001. */
export async function endsCancelled(socket) {
  const close = await endOf(socket);
  assert.deepEqual(orderly(socket).at(-1), { type: 'cancelled', value: 'Upload cancelled' });
  assert.equal(close.code, 4001);
}

/** The close of a socket; fails where it does not come in time. */
export async function endOf(socket, millis = 20_000) {
  const begun = performance.now();
  const close = await socket.end(millis);
  const waited = performance.now() - begun;
  assert.ok(waited < millis, `still open after ${millis} ms; messages: ${JSON.stringify(socket.messages.slice(-3))}`);
  return close;
}

/** Ten a second, the 100 that is always sent, and one that may have been late in a buffer. */
function atMostTenASecond(socket) {
  const times = socket.arrivals.filter((_, index) => socket.messages[index].type === 'progress');
  for (let first = 0; first + 12 < times.length; first++) {
    const millis = times[first + 12] - times[first];
    assert.ok(millis >= 1000, `13 progress messages within ${Math.round(millis)} ms`);
  }
}

// -- waiting ----------------------------------------------------------------------------------------------------------

/** Asks again until `ask` answers something truthy; fails after the bound and says what it waited for. */
export async function eventually(ask, what, millis = 10_000) {
  const until = Date.now() + millis;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < until, `waited ${millis} ms for ${what}`);
    await setTimeout(20);
  }
}
