// A real Chromium: pages of an allowed and of a foreign origin, and what each may do.
// CHROMIUM: another browser than the chromium or chromium-browser of the PATH.

import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import http from 'node:http';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ARGS } from './chromium.mjs';
import { GeneratedContent, sha256OfStream } from './content.mjs';
import { startServer } from './start-server.mjs';
import { UploadProxy, UploadSocket } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const content = new GeneratedContent('browser', 12 * 1024 * 1024 + 3);

/** The page's script: the old front end in the browser's own words. */
const SCRIPT = `
  window.api = async (base, method, path, body) => {
    const init = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    const answer = await fetch(base + path, { method, ...init });
    return { status: answer.status, body: await answer.json() };
  };
  window.pickFile = async () => {
    const bytes = await (await fetch('/content')).arrayBuffer();
    return new File([bytes], 'from the page.bin', { type: 'application/octet-stream' });
  };
  window.initiate = async (base, file) =>
    (await api(base, 'POST', '/api/v1/upload/initiate', {
      filename: file.name, size: file.size, content_type: file.type,
    })).body;
  window.openUpload = (base, { file_id, gdrive_upload_url }) => {
    const path = '/ws_api/upload/' + file_id + '?gdrive_url=' + encodeURIComponent(gdrive_upload_url);
    const socket = new WebSocket(base.replace('http', 'ws') + path);
    const messages = [];
    socket.onmessage = (event) => messages.push(JSON.parse(event.data));
    const opened = new Promise((resolve) => { socket.onopen = () => resolve(true); });
    const closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean, messages });
    });
    return { socket, messages, opened, closed };
  };
  window.sendFile = (socket, file, to) => {
    for (let at = 0; at < to; at += 4194304) socket.send(file.slice(at, Math.min(at + 4194304, to)));
  };
`;

/** The browser that CHROMIUM names, by its path or as a word of the PATH, else the first that the PATH has. */
function findBrowser() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = process.env.PATH.split(delimiter);
  const paths = names.flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))));
  const found = paths.find(isProgram);
  assert.ok(found, `no browser: ${names.join(', ')}; type: apt-get install -y --no-install-recommends chromium`);
  return found;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A site of its own origin. */
async function startSite() {
  const site = http.createServer((request, answer) => {
    if (request.url === '/content') answer.end(content.bytes());
    else
      answer.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>page</title><script>${SCRIPT}</script>`);
  });
  await new Promise((resolve) => site.listen(0, 'localhost', resolve));
  return { origin: `http://localhost:${site.address().port}`, close: () => site.close() && site.closeAllConnections() };
}

let ours;
let foreign;
let server;
let proxy;
let browser;

before(async () => {
  [ours, foreign] = [await startSite(), await startSite()];
  server = await startServer({ flags: ['--allow-origin', ours.origin], own: true });
  proxy = new UploadProxy(server.url);
  browser = await chromium.launch({ executablePath: findBrowser(), args: ARGS });
});

after(async () => {
  await browser?.close();
  ours.close();
  foreign.close();
  assert.equal(await server.stop(), 0, 'SIGTERM ends the server with 0');
});

async function pageOf(site) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(site.origin);
  return page;
}

async function isStored(fileId) {
  wire.fileDocument(await proxy.file(fileId), { status: 'completed', original_filename: 'from the page.bin' });
  assert.equal(await sha256OfStream((await proxy.download(fileId)).body), content.sha256());
}

describe('a page of an allowed origin', { timeout: 60_000 }, () => {
  test('uploads a file through the WebSocket and sees the progress', async () => {
    const page = await pageOf(ours);
    const { id, closed } = await page.evaluate(async (base) => {
      const file = await pickFile();
      const initiated = await initiate(base, file);
      const upload = openUpload(base, initiated);
      await upload.opened;
      sendFile(upload.socket, file, file.size);
      return { id: initiated.file_id, closed: await upload.closed };
    }, server.url);
    wire.orderly(closed);
    assert.equal(closed.code, 1000);
    assert.ok(closed.wasClean);
    const last = [
      { type: 'progress', value: 100 },
      { type: 'success', value: `/api/v1/download/stream/${id}` },
    ];
    assert.deepEqual(closed.messages.slice(-2), last);
    await isStored(id);
    await page.close();
  });

  test('uploads a file by fetch with PUT, and downloads a range', async () => {
    const page = await pageOf(ours);
    const { id, status, document, part } = await page.evaluate(async (base) => {
      const file = await pickFile();
      const { file_id } = await initiate(base, file);
      const answer = await fetch(base + '/api/v1/upload/' + file_id, { method: 'PUT', body: file });
      const headers = { Range: 'bytes=0-9' };
      const range = await fetch(base + '/api/v1/download/stream/' + file_id, { headers });
      const part = [range.status, ...new Uint8Array(await range.arrayBuffer())];
      return { id: file_id, status: answer.status, document: await answer.json(), part };
    }, server.url);
    assert.equal(status, 200);
    wire.fileDocument(document, { _id: id, status: 'completed' });
    assert.deepEqual(part, [206, ...content.read(0, 10)]);
    await isStored(id);
    await page.close();
  });

  test('cancels a file half way and sees it end', async () => {
    const page = await pageOf(ours);
    const { file, closed, cancel, after } = await page.evaluate(async (base) => {
      const picked = await pickFile();
      const file = await initiate(base, picked);
      const upload = openUpload(base, file);
      await upload.opened;
      for (let at = 0; at < picked.size / 2; at += 1048576) {
        upload.socket.send(picked.slice(at, at + 1048576));
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      const cancel = await api(base, 'POST', '/api/v1/upload/cancel/' + file.file_id);
      const closed = await upload.closed;
      return { file, closed, cancel, after: await api(base, 'GET', '/api/v1/upload/' + file.file_id) };
    }, server.url);
    assert.equal(cancel.status, 200);
    wire.cancelAnswer(cancel.body, { file_id: file.file_id, filename: 'from the page.bin' });
    wire.orderly(closed);
    assert.ok(closed.messages.some((m) => m.type === 'progress' && m.value > 0 && m.value < 100));
    assert.deepEqual(closed.messages.at(-1), { type: 'cancelled', value: 'Upload cancelled' });
    assert.equal(closed.code, 4001);
    wire.fileDocument(after.body, { status: 'cancelled', cancelled_by: 'http_endpoint' });
    await page.close();
  });

  test('that is left cancels its upload', async () => {
    const page = await pageOf(ours);
    const id = await page.evaluate(async (base) => {
      const file = await pickFile();
      const initiated = await initiate(base, file);
      window.upload = openUpload(base, initiated);
      await window.upload.opened;
      sendFile(window.upload.socket, file, 1000);
      return initiated.file_id;
    }, server.url);
    await wire.eventually(async () => (await proxy.file(id)).status === 'uploading', 'the first byte');
    await page.goto('about:blank');
    const document = await wire.eventually(async () => {
      const now = await proxy.file(id);
      return now.status === 'cancelled' && now;
    }, 'the cancel');
    assert.equal(document.cancelled_by, 'websocket');
    await page.close();
  });

  test('can read a refusal', async () => {
    const page = await pageOf(ours);
    const path = '/api/v1/upload/01890000-0000-7000-8000-000000000000';
    const answer = await page.evaluate(([base, path]) => api(base, 'GET', path), [server.url, path]);
    assert.equal(answer.status, 404);
    assert.equal(answer.body.code, 'not_found');
    await page.close();
  });
});

describe('a page of a foreign origin', { timeout: 60_000 }, () => {
  test('cannot call the API', async () => {
    const page = await pageOf(foreign);
    const { file_id } = await proxy.initiate({ filename: 'a', size: 1, content_type: 'text/plain' });
    const outcomes = await page.evaluate(
      async ([base, id]) => {
        const attempt = (path, init) =>
          fetch(base + path, init).then(
            (answer) => answer.status,
            (error) => error.name,
          );
        return [
          await attempt('/api/v1/upload/' + id),
          await attempt('/api/v1/upload/' + id, { method: 'PUT', body: 'x' }),
          await attempt('/api/v1/upload/initiate', {
            method: 'POST',
            body: '{}',
            headers: { 'Content-Type': 'application/json' },
          }),
        ];
      },
      [server.url, file_id],
    );
    assert.deepEqual(outcomes, ['TypeError', 'TypeError', 'TypeError']);
    wire.fileDocument(await proxy.file(file_id), { status: 'pending' });
    await page.close();
  });

  test('cannot open a WebSocket, not even with the right handle', async () => {
    const page = await pageOf(foreign);
    const file = await proxy.initiate({ filename: 'a', size: 1, content_type: 'text/plain' });
    const outcome = await page.evaluate(
      async ([base, file]) => {
        const upload = openUpload(base, file);
        return Promise.race([upload.opened.then(() => 'open'), upload.closed.then(({ code }) => code)]);
      },
      [server.url, file],
    );
    assert.equal(outcome, 1006);
    wire.fileDocument(await proxy.file(file.file_id), { status: 'pending' });
    await page.close();
  });

  test('is told apart by its Origin at the handshake', async () => {
    const file = await proxy.initiate({ filename: 'a', size: 1, content_type: 'text/plain' });
    for (const origin of [foreign.origin, 'null', `${ours.origin}.example`, ours.origin.replace('http', 'https')]) {
      await assert.rejects(proxy.open(file, { headers: { Origin: origin } }).opened, `Origin ${origin}`);
    }
    const socket = proxy.open(file, { headers: { Origin: ours.origin } });
    assert.ok(socket instanceof UploadSocket);
    await socket.send(new GeneratedContent('one', 1), 0, 1);
    await wire.completes(socket, file.file_id);
  });
});
