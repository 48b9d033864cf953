// Uppy with its tus plugin, as they come, in a real Chromium on a page of another origin: upload, pause, abort, going on
// after a SIGKILL of the server, termination, parallel parts. CHROMIUM: another browser than /usr/bin/chromium.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { Server } from '../series/server.mjs';
import { ARGS } from './chromium.mjs';
import { GeneratedContent, sha256OfStream } from './content.mjs';
import { MIB, UploadProxy } from './upload-proxy.mjs';
import * as wire from './wire.mjs';

const content = new GeneratedContent('uppy', 10 * MIB + 5);

/** What a page would do with Uppy. */
const PAGE = `
  import Uppy from '@uppy/core';
  import Tus from '@uppy/tus';

  // act: what Uppy is told to do with the file as soon as so many bytes are there; a word from outside might come too late.
  window.begin = async (endpoint, options, act, bytesThen = Infinity) => {
    const bytes = await (await fetch('/content')).arrayBuffer();
    const retryDelays = Array.from({ length: 300 }, () => 200);
    const uppy = new Uppy({ autoProceed: false }).use(Tus, { endpoint, retryDelays, chunkSize: 524288, ...options });
    const id = uppy.addFile({ name: 'from uppy.bin', type: 'application/octet-stream', data: new Blob([bytes]) });
    window.acted = new Promise((resolve) => {
      uppy.on('upload-progress', (file, progress) => {
        window.sent = progress.bytesUploaded;
        if (window.sent < bytesThen) return;
        bytesThen = Infinity;
        resolve(window.urlOfUpload());
        uppy[act](id);
      });
    });
    window.uppy = uppy;
    window.file = id;
    window.sent = 0;
    window.result = uppy.upload();
  };
  window.reaches = async (bytes) => {
    while (window.sent < bytes) await new Promise(requestAnimationFrame);
  };
  window.end = async () => {
    const { successful, failed } = await window.result;
    return { urls: successful.map((file) => file.uploadURL), failed: failed.map((file) => file.error) };
  };
  window.urlOfUpload = () => window.uppy.getFile(window.file).tus.uploadUrl;
`;

async function startSite() {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: import.meta.dirname ?? new URL('.', import.meta.url).pathname },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'silent',
  });
  const script = outputFiles[0].text;
  const site = http.createServer((request, answer) => {
    if (request.url === '/content') answer.end(content.bytes());
    else if (request.url === '/page.js') answer.setHeader('Content-Type', 'text/javascript').end(script);
    else
      answer
        .setHeader('Content-Type', 'text/html')
        .end('<!doctype html><meta charset="utf-8"><title>page</title><script src="/page.js"></script>');
  });
  await new Promise((resolve) => site.listen(0, 'localhost', resolve));
  return { origin: `http://localhost:${site.address().port}`, close: () => site.close() && site.closeAllConnections() };
}

let site;
let server;
let proxy;
let browser;

before(async () => {
  site = await startSite();
  server = await Server.start({ name: 'uppy', flags: ['--allow-origin', site.origin] });
  proxy = new UploadProxy(server.url);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
});

after(async () => {
  await browser?.close();
  site.close();
  assert.equal((await server.stop()).code, 0, 'SIGTERM ends the server with 0');
});

async function begun({ act, bytes, ...options } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(site.origin);
  await page.evaluate((words) => begin(...words), [`${server.url}/files`, options, act, bytes]);
  return page;
}

const reaches = (page, bytes) => page.evaluate((n) => reaches(n), bytes);

async function succeeds(page) {
  const { urls, failed } = await page.evaluate(() => end());
  assert.deepEqual(failed, []);
  assert.equal(urls.length, 1);
  const id = urls[0].split('/').at(-1);
  const job = await wire.eventually(async () => {
    const now = await proxy.json('GET', `/api/v1/jobs/${id}`);
    return now.state === 'completed' && now;
  }, 'the completion');
  assert.equal(job.name, 'from uppy.bin');
  assert.equal(await sha256OfStream((await proxy.download(id)).body), content.sha256());
  await page.close();
  return urls[0];
}

async function nothingHiddenIsLeft() {
  await wire.eventually(() => readdirSync(server.files).every((name) => !name.startsWith('.')), 'the clean-up');
}

describe('Uppy with its tus plugin', { timeout: 120_000 }, () => {
  test('uploads', async () => {
    await succeeds(await begun());
    await nothingHiddenIsLeft();
  });

  test('pauses and goes on', async () => {
    const page = await begun({ act: 'pauseResume', bytes: 2 * MIB });
    const url = await page.evaluate(() => acted);
    const offset = await wire.eventually(async () => {
      const { state, progress } = await proxy.json('GET', `/api/v1/jobs/${url.split('/').at(-1)}`);
      return state === 'pending' && progress.bytes;
    }, 'the pause');
    assert.ok(offset >= MIB && offset < content.size, `${offset} bytes`);
    await page.evaluate(() => uppy.pauseResume(file));
    assert.equal(await succeeds(page), url);
  });

  test('aborts, which terminates the upload', async () => {
    const page = await begun({ act: 'removeFile', bytes: 2 * MIB });
    const url = await page.evaluate(() => acted);
    const id = url.split('/').at(-1);
    await wire.eventually(async () => (await proxy.json('GET', `/api/v1/jobs/${id}`)).state === 'cancelled', 'the end');
    await nothingHiddenIsLeft();
    await page.close();
  });

  test('goes on after a SIGKILL of the server', async () => {
    const page = await begun();
    await reaches(page, 2 * MIB);
    await server.kill();
    await server.restart();
    await succeeds(page);
    await nothingHiddenIsLeft();
  });

  test('uploads in parallel parts', async () => {
    await succeeds(await begun({ parallelUploads: 3 }));
    await nothingHiddenIsLeft();
  });

  test('uploads with the creation', async () => {
    await succeeds(await begun({ uploadDataDuringCreation: true }));
  });
});
