// The client of an old front end, written from the wire contract (section 1) and from nothing else: it initiates files
// and batches, sends their bytes through a WebSocket without waiting between the messages, follows the progress,
// cancels, and goes on where a lost connection stopped. The tests in this folder use it both whole (`upload`) and
// step by step (`open`, `send`, `message`, `closed`).

import { setImmediate, setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';

export const MIB = 1024 * 1024;
export const MESSAGE_BYTES = 4 * MIB;
const BUFFERED_BYTES = 16 * MIB;
const BACK_OFF_FLOOR_MILLIS = 250;
const BACK_OFF_CEILING_MILLIS = 30_000;
const COME_BACK = new Set([1006, 1011, 4011]);
const CALL_MILLIS = 60_000;
const STALL_MILLIS = 30_000;

/** An error answer: `status`, the media type, and the problem document as it came. */
export class Refusal extends Error {
  constructor(call, status, contentType, body) {
    super(`${call} was answered with ${status}: ${typeof body === 'string' ? body : JSON.stringify(body)}`);
    Object.assign(this, { status, contentType, body });
  }
}

/** An upload that ended without `success`: the close code and reason, and the last message if there was one. */
export class UploadEnded extends Error {
  constructor({ code, reason }, last) {
    super(last?.value ?? `the socket was closed with ${code} ${reason}`);
    Object.assign(this, { code, reason, last, cancelled: code === 4001 });
  }
}

export class UploadProxy {
  constructor(base) {
    this.base = base.replace(/\/$/, '');
  }

  // -- calls ---------------------------------------------------------------------------------------------------------

  initiate(file) {
    return this.json('POST', '/api/v1/upload/initiate', file);
  }

  initiateBatch(files, more = {}) {
    return this.json('POST', '/api/v1/batch/initiate', { files, ...more });
  }

  cancel(fileId) {
    return this.json('POST', `/api/v1/upload/cancel/${fileId}`);
  }

  cancelBatch(batchId) {
    return this.json('POST', `/api/v1/batch/cancel/${batchId}`);
  }

  file(fileId) {
    return this.json('GET', `/api/v1/upload/${fileId}`);
  }

  batchFiles(batchId) {
    return this.json('GET', `/api/v1/batch/${batchId}`);
  }

  batch(batchId) {
    return this.json('GET', `/api/v1/batches/${batchId}`);
  }

  put(fileId, bytes, headers = {}) {
    return this.call('PUT', `/api/v1/upload/${fileId}`, { body: bytes, headers });
  }

  download(fileId, headers = {}) {
    return this.#fetch(`/api/v1/download/stream/${fileId}`, { headers });
  }

  downloadZip(batchId, headers = {}) {
    return this.#fetch(`/api/v1/batch/download-zip/${batchId}`, { headers });
  }

  json(method, path, body) {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    return this.call(method, path, init);
  }

  /** The parsed JSON answer of a call; anything but 2xx is thrown as a `Refusal`. */
  async call(method, path, init = {}, expected = 200) {
    const answer = await this.#fetch(path, { method, ...init });
    const contentType = answer.headers.get('content-type') ?? '';
    const text = await answer.text();
    const body = /[/+]json/.test(contentType) ? JSON.parse(text) : text;
    if (answer.status !== expected) {
      throw new Refusal(`${method} ${path}`, answer.status, contentType, body);
    }
    return body;
  }

  #fetch(path, init) {
    return fetch(this.base + path, { signal: AbortSignal.timeout(CALL_MILLIS), ...init });
  }

  // -- the socket ----------------------------------------------------------------------------------------------------

  /** Opens the upload socket of an initiated file. `offset: 'auto'` asks to go on; `handle: null` sends none. */
  open(file, { path = '/ws_api/upload', handle = file.gdrive_upload_url, offset, headers } = {}) {
    const query = new URLSearchParams();
    if (handle !== null) query.set('gdrive_url', handle);
    if (offset !== undefined) query.set('offset', offset);
    const url = `${this.base.replace(/^http/, 'ws')}${path}/${file.file_id}${query.size > 0 ? `?${query}` : ''}`;
    return new UploadSocket(url, headers);
  }

  /**
   * Uploads a whole file and returns the address of its content. `content` has `size` and `read(from, to)`.
   * With `resume` a lost connection is opened again and the upload goes on from the server's offset.
   * Throws `UploadEnded` when the file was cancelled, refused or has failed.
   */
  async upload(file, content, { resume = false, onProgress, onSocket } = {}) {
    let lost = 0;
    for (;;) {
      const socket = this.open(file, resume ? { offset: 'auto' } : {});
      if (onProgress) socket.onMessage = (m) => m.type === 'progress' && onProgress(m.value);
      onSocket?.(socket);
      let from = 0;
      try {
        await socket.opened;
        if (resume) from = (await socket.message('ready')).offset;
        await socket.send(content, from, content.size);
      } catch (ended) {
        socket.socket.terminate();
        if (!resume) throw ended;
      }
      const close = await socket.end();
      const last = socket.messages.at(-1);
      if (last?.type === 'success') return last.value;
      if (!resume || !COME_BACK.has(close.code) || lost >= 8) throw new UploadEnded(close, last);
      await setTimeout(backOffMillis(lost++));
    }
  }
}

/** Exponential back-off with full jitter between the floor and the ceiling of the contract. */
function backOffMillis(attempt) {
  const ceiling = Math.min(BACK_OFF_CEILING_MILLIS, BACK_OFF_FLOOR_MILLIS * 2 ** (attempt + 1));
  return BACK_OFF_FLOOR_MILLIS + Math.random() * (ceiling - BACK_OFF_FLOOR_MILLIS);
}

/** One connection of an upload: every message of the server in `messages`, with its time of arrival in `arrivals`. */
export class UploadSocket {
  messages = [];
  arrivals = [];
  onMessage = null;
  #waiting = new Set();

  constructor(url, headers = {}) {
    this.socket = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
      this.socket.once('close', (code) => reject(new Error(`closed with ${code} before it was open`)));
    });
    this.opened.catch(() => {});
    this.socket.on('error', (error) => (this.error = error));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.closing = { code, reason: reason.toString() };
        resolve(this.closing);
        this.#waiting.forEach((check) => check());
      }),
    );
    this.socket.on('message', (data, binary) => {
      if (binary) throw new Error('the server sent a binary message');
      const message = JSON.parse(data.toString());
      this.messages.push(message);
      this.arrivals.push(performance.now());
      this.onMessage?.(message);
      this.#waiting.forEach((check) => check());
    });
  }

  /** The close of the socket, which is cut where it does not come in time. */
  async end(millis = STALL_MILLIS) {
    const timer = globalThis.setTimeout(() => this.socket.terminate(), millis);
    return this.closed.finally(() => clearTimeout(timer));
  }

  /** The first message of the given type, already here or still to come; throws at the close and after the bound. */
  message(type, millis = 15_000) {
    return this.messageThat((m) => m.type === type, `"${type}"`, millis);
  }

  messageThat(matches, what, millis) {
    return new Promise((resolve, reject) => {
      const timer = globalThis.setTimeout(() => done(reject, new Error(`no ${what} within ${millis} ms`)), millis);
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle(value);
      };
      const check = () => {
        const found = this.messages.find(matches);
        if (found) done(resolve, found);
        else if (this.closing) done(reject, new Error(`closed ${JSON.stringify(this.closing)} before ${what}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /**
   * Sends the bytes [from, to) in messages of 4 MiB, waiting only while too much is buffered on this side.
   * Returns the position reached, short of `to` where the socket ended first. Throws where the server stops reading.
   */
  async send(content, from, to) {
    await this.opened;
    let position = from;
    while (position < to && this.#open()) {
      const end = Math.min(position + MESSAGE_BYTES, to);
      this.socket.send(await content.read(position, end), () => {});
      position = end;
      await setImmediate();
      const stalled = performance.now() + STALL_MILLIS;
      while (this.socket.bufferedAmount > BUFFERED_BYTES && this.#open()) {
        if (performance.now() > stalled) throw new Error(`the server has taken nothing for ${STALL_MILLIS} ms`);
        await setTimeout(1);
      }
    }
    return position;
  }

  #open() {
    return this.socket.readyState === WebSocket.OPEN;
  }
}
