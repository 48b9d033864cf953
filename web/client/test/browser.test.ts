// The client in a real Chromium against a real server: files, local storage, pages that are loaded again, lines that are cut.

import { utimesSync } from "node:fs";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { someFile, until } from "../../testing/bytes.js";
import { startChromium } from "../../testing/chromium.js";
import { Proxy } from "../../testing/proxy.js";
import { TestServer } from "../../testing/server.js";
import type { Client, Connection, JobEvent, Upload } from "../src/index.js";

interface TestWindow {
  client: Client;
  upload: Upload;
  file: File;
  digest: string;
  states: Connection["state"][];
  events: JobEvent[];
  sha256(bytes: ArrayBuffer): Promise<string>;
}
declare const window: TestWindow & typeof globalThis;

const PAGE = `<!doctype html><meta charset="utf-8"><title>test</title><script type="module">
import { createClient } from "/test/client.js";
window.client = createClient({ lingerMillis: 0, upgradeMillis: 500, pollMillis: 200 });
window.states = [];
window.events = [];
client.live.onConnection(({ state }) => states.push(state));
(async () => { for await (const event of client.live.events()) if (event.type === "event") events.push(event); })();
window.sha256 = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
// A file that is the same after the page was loaded again.
const words = new Uint32Array(Number(location.hash.slice(1)) * 250_000);
for (let i = 0, x = 1; i < words.length; i++) { x ^= x << 13; x ^= x >>> 17; x ^= x << 5; words[i] = x; }
window.file = new File([words], "browser.bin", { lastModified: 7 });
window.digest = await sha256(words.buffer);
window.ready = true;
</script>`;

let server: TestServer;
let proxy: Proxy;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const entryPoints = [new URL("../src/index.ts", import.meta.url).pathname];
  const bundle = build({ entryPoints, bundle: true, format: "esm", target: "es2022", write: false });
  [server, browser] = await Promise.all([TestServer.start(), startChromium()]);
  proxy = await Proxy.before(server.url);
  proxy.pages.set("/test/", { type: "text/html", body: PAGE });
  proxy.pages.set("/test/client.js", {
    type: "text/javascript",
    body: Buffer.from((await bundle).outputFiles[0]!.contents),
  });
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});
afterEach(() => Object.assign(proxy.blocked, { sockets: false, streams: false, all: false }));

async function load(megabytes = 16): Promise<void> {
  await page.goto("about:blank");
  await page.goto(`${proxy.url}/test/#${megabytes}`);
  await page.waitForFunction("window.ready");
}

const sent = () => page.evaluate(() => window.upload.status.sent);
const live = () => page.waitForFunction(() => window.client.live.connection.state === "live");

/** Waits for the end, and that the bytes are there as they are here. */
async function completed(): Promise<string> {
  const [id, same] = await page.evaluate(async () => {
    const job = await window.upload.done;
    const stored = await fetch(window.client.jobs.contentUrl(job.id));
    return [job.id, (await window.sha256(await stored.arrayBuffer())) === window.digest] as const;
  });
  expect(same).toBe(true);
  return id;
}

test("50 MB: paused, resumed, and gone on with after the page was loaded again", async () => {
  await load(50);
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { chunkSize: 2_000_000 })));
  await until("some bytes", async () => (await sent()) > 2_000_000);
  await page.evaluate(() => window.upload.pause());
  const paused = await page.evaluate(() => window.upload.status);
  expect(paused.state).toBe("paused");
  await page.evaluate(() => window.upload.resume());
  await until("more bytes", async () => (await sent()) > paused.sent + 4_000_000);

  const before = await page.evaluate(() => window.upload.status);
  await load(50);
  expect(await page.evaluate(() => window.client.uploads.unfinished())).toMatchObject([
    { id: before.id, name: "browser.bin", size: 50_000_000, lastModified: 7 },
  ]);
  const first = await page.evaluate(async () => {
    window.upload = window.client.uploads.add(window.file);
    while (window.upload.status.sent === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return window.upload.status;
  });
  expect(first).toMatchObject({ id: before.id, resumed: true });
  expect(first.sent).toBeGreaterThan(4_000_000);
  expect(await completed()).toBe(before.id);
  expect(await page.evaluate(() => [window.client.uploads.unfinished(), localStorage.length])).toEqual([[], 0]);
});

test("a paused upload that is added again after the page was loaded again goes on as well", async () => {
  await load();
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { chunkSize: 2_000_000 })));
  await until("some bytes", async () => (await sent()) > 2_000_000);
  await page.evaluate(() => window.upload.pause());
  const { id } = await page.evaluate(() => window.upload.status);
  await load();
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file)));
  expect(await completed()).toBe(id);
});

test("what the server does not have any more is not called unfinished", async () => {
  await load();
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { chunkSize: 2_000_000 })));
  await until("some bytes", async () => (await sent()) > 2_000_000);
  const { id } = await page.evaluate(() => window.upload.status);
  await load();
  await fetch(`${server.url}/api/v1/jobs/${id}/cancel`, { method: "POST" });
  expect(await page.evaluate(() => window.client.uploads.unfinished().length)).toBe(1);
  await page.waitForFunction(() => window.client.uploads.unfinished().length === 0);
});

test("by the socket as well, over a page that is loaded again", async () => {
  await load(50);
  // Left as soon as there is something to go on with: so near a server has all of it a moment later.
  const id = await page.evaluate(async () => {
    window.upload = window.client.uploads.add(window.file, { via: "socket" });
    while (window.upload.status.sent === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return window.upload.status.id;
  });
  await load(50);
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { via: "socket" })));
  expect(await completed()).toBe(id);
});

test("a file that has changed on the disk meanwhile fails at once, and says so", async () => {
  await load(1);
  const path = someFile("changing.bin", 1_000_000);
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file" })));
  await page.locator("input[type=file]").setInputFiles(path);
  someFile("changing.bin", 2_000_000);
  // A browser knows the change by the time of the file, which it reads in whole seconds.
  utimesSync(path, Date.now() / 1000, Date.now() / 1000 + 5);
  const failed = await page.evaluate(async () => {
    const upload = window.client.uploads.add(document.querySelector("input")!.files![0]!);
    await upload.done.catch(() => {});
    return { state: upload.status.state, code: upload.status.error!.code, message: upload.status.error!.message };
  });
  expect(failed).toEqual({
    state: "failed",
    code: "unreadable",
    message: "changing.bin cannot be read any more; choose it again",
  });
});

test("a cancel: the receipt, and the row says so within a moment", async () => {
  await load();
  await live();
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { chunkSize: 1_000_000 })));
  await until("some bytes", async () => (await sent()) > 2_000_000);
  const { receipt, millis } = await page.evaluate(async () => {
    const id = window.upload.status.id!;
    const began = performance.now();
    const shown = new Promise<number>((resolve) => {
      const off = window.client.live.jobs.on(id, () => {
        if (window.client.live.jobs.get(id)?.state !== "cancelled") return;
        off();
        resolve(performance.now() - began);
      });
    });
    const receipt = await window.upload.cancel();
    return { receipt, millis: await shown };
  });
  expect(receipt).toMatchObject({ state: "cancelled", stopped: true });
  expect(millis).toBeLessThan(1_000);
  console.log(`cancel to row: ${millis.toFixed(1)} ms, the server's part ${receipt!.receipt.requestMillis} ms`);
});

test("a server that is killed in the middle and starts again: everything goes on, nothing is missing", async () => {
  await load(30);
  await live();
  await page.evaluate(() => void (window.upload = window.client.uploads.add(window.file, { chunkSize: 2_000_000 })));
  await until("some bytes", async () => (await sent()) > 2_000_000);
  await server.kill();
  await page.waitForFunction(() => window.client.live.connection.state === "reconnecting");
  await page.waitForFunction(() => window.upload.status.state === "retrying");
  await server.start();
  const id = await completed();
  await live();
  await page.waitForFunction((id) => window.events.some((e) => e.job === id && e.event === "completed"), id);
  const [told, all] = await page.evaluate(
    async (id) => [
      window.events.filter((e) => e.job === id).map((e) => e.seq),
      (await window.client.jobs.events(id)).map((e) => e.seq),
    ],
    id,
  );
  expect(told).toEqual(all);
  await page.waitForFunction((id) => window.client.live.jobs.get(id)?.state === "completed", id);
});

test("sockets blocked: the stream; streams as well: polling; and back to the socket", async () => {
  proxy.blocked.sockets = true;
  await load();
  await live();
  const way = () => page.evaluate(() => (window.client.live.connection as { transport?: string }).transport);
  expect(await way()).toBe("sse");
  proxy.blocked.streams = true;
  proxy.cut();
  await until("polling", async () => (await way()) === "polling");
  await live();
  const id = await page.evaluate(async () => (await window.client.uploads.add(new File(["x"], "polled.txt")).done).id);
  await page.waitForFunction((id) => window.events.some((e) => e.job === id && e.event === "completed"), id);
  Object.assign(proxy.blocked, { sockets: false, streams: false });
  await until("the socket", async () => (await way()) === "websocket");
});

test("without a network it says so, and comes back with it", async () => {
  await load();
  await live();
  await page.context().setOffline(true);
  await page.waitForFunction(() => window.client.live.connection.state === "offline");
  expect(await page.evaluate(() => window.client.live.connection)).toMatchObject({ reason: "no network" });
  await page.context().setOffline(false);
  await live();
});
