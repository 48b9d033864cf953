// Hooks and components in a real Chromium against a real server.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "@sluice/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { someBytes, someFile, until } from "../../testing/bytes.js";
import { startChromium } from "../../testing/chromium.js";
import { Proxy } from "../../testing/proxy.js";
import { TestServer } from "../../testing/server.js";

declare const window: { client: Client; renders: number } & typeof globalThis;

let server: TestServer;
let proxy: Proxy;
let browser: Browser;
let page: Page;
let origin: Server;
const errors: string[] = [];

beforeAll(async () => {
  const here = (name: string) => new URL(name, import.meta.url).pathname;
  const bundle = build({
    entryPoints: [here("page.tsx")],
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    conditions: ["source"],
    define: { "process.env.NODE_ENV": '"development"' },
    write: false,
  });
  [server, browser] = await Promise.all([
    TestServer.start("--set", "download.allow-networks=127.0.0.0/8"),
    startChromium(),
  ]);
  proxy = await Proxy.before(server.url);
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title><link rel="stylesheet" href="style.css"><div id="root"></div><script type="module" src="page.js"></script>`;
  proxy.pages.set("/test/", { type: "text/html", body: html });
  proxy.pages.set("/test/page.js", {
    type: "text/javascript",
    body: Buffer.from((await bundle).outputFiles[0]!.contents),
  });
  proxy.pages.set("/test/style.css", { type: "text/css", body: readFileSync(here("../style.css")) });
  origin = createServer((_, answer) => answer.end(someBytes(1_000_000))).listen(0, "127.0.0.1");
  page = await browser.newPage();
  page.on("pageerror", (e) => errors.push(e.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
});
afterAll(async () => {
  origin?.close();
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
  expect(errors.filter((text) => !/Failed to load resource|WebSocket connection|net::ERR/.test(text))).toEqual([]);
});
beforeEach(async () => {
  Object.assign(proxy.blocked, { sockets: false, streams: false, all: false });
  await page.goto(`${proxy.url}/test/`);
  await until("live", async () => (await out("state")).connection === "live");
});

/** What a hook returned last. */
async function out(name: string): Promise<Record<string, any>> {
  return JSON.parse((await page.locator(`#${name}`).textContent({ timeout: 5_000 })) ?? "{}") as Record<
    string,
    unknown
  >;
}

const choose = (path: string) => page.locator(".sluice-dropzone input").first().setInputFiles(path);
const row = (name: string) => page.locator(".sluice-list .sluice-row", { hasText: name });

test("a file that is chosen: a row with a progress bar, pause, resume, cancel with its receipt", async () => {
  await choose(someFile("rows.bin", 50_000_000));
  await row("rows.bin").getByRole("button", { name: "pause" }).click();
  await row("rows.bin").getByText("paused").waitFor();
  await until("paused here too", async () => (await out("states"))[0] === "paused");
  await row("rows.bin").getByRole("button", { name: "resume" }).click();
  await until("on its way", async () => (await out("states"))[0] === "uploading");
  const bar = row("rows.bin").getByRole("progressbar", { name: "rows.bin" });
  await until("some percent", async () => Number(await bar.getAttribute("aria-valuenow")) > 0);
  expect(await bar.getAttribute("aria-valuetext")).toMatch(/^\d+ %, /);
  await row("rows.bin").getByRole("button", { name: "cancel" }).click();
  await row("rows.bin")
    .getByText(/^cancelled in [\d.]+ ms$/)
    .waitFor();
  expect(await row("rows.bin").getByRole("button").count()).toBe(0);
  await until("said", async () =>
    (await page.locator(".sluice-list [role=status]").textContent())!.startsWith("rows.bin: cancelled in"),
  );
  await until("cancelled here too", async () => (await out("states"))[0] === "cancelled");
});

test("a job by its hook: ticks come once a frame at most, its cancel shows its receipt", async () => {
  const id = await page.evaluate(async () => {
    const upload = window.client.uploads.add(new File([new Uint8Array(200_000_000)], "hook.bin"), {
      chunkSize: 1_000_000,
    });
    while (!upload.status.id) await new Promise((resolve) => setTimeout(resolve, 5));
    return upload.status.id;
  });
  await page.locator("#job-of").fill(id);
  await until("ticks", async () => (await out("job")).points > 1);
  const [renders, frames] = await page.evaluate(async () => {
    const before = window.renders;
    let frames = 0;
    for (const began = performance.now(); performance.now() - began < 500; frames++)
      await new Promise(requestAnimationFrame);
    return [window.renders - before, frames] as const;
  });
  // StrictMode renders twice.
  expect(renders).toBeLessThanOrEqual(2 * frames + 2);
  await page.getByText("cancel this one").click();
  await until("the receipt", async () => (await out("job")).receipt?.by === "http_endpoint");
  expect((await out("job")).state).toBe("cancelled");
});

test("many files that are dropped, one of them in a folder", async () => {
  await page
    .locator(".sluice-dropzone")
    .first()
    .evaluate(async (zone) => {
      const data = new DataTransfer();
      for (let i = 0; i < 3; i++) data.items.add(new File([`file ${i}`], `dropped-${i}.txt`));
      zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    });
  await until("three rows", async () => (await row("dropped-").count()) === 3);
  await until("all done", async () => (await row("dropped-").getByText("completed").count()) === 3);
  const batches = await page.evaluate(
    () => new Set(window.client.live.jobs.list({ q: "dropped-" }).map((job) => job.batch)).size,
  );
  expect(batches).toBe(1);
});

test("useWebSocket has what existing front ends use", async () => {
  await page.locator("#download-of").fill("front-end-1");
  await until("connected", async () => (await out("download")).isConnected);
  expect(await out("download")).toEqual({ status: null, isConnected: true });
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/video.bin`;
  await page.evaluate((url) => window.client.downloads.start({ url, jobId: "front-end-1" }), url);
  await until("completed", async () => (await out("download")).status?.status === "completed");
  const { status, isConnected } = await out("download");
  expect(status).toMatchObject({ jobId: "front-end-1", progress: 100, fileSize: 1_000_000, storageProvider: "local" });
  expect(isConnected).toBe(false);
});

test("useUploadProgress has what existing front ends use, and polls where sockets are blocked", async () => {
  for (const [batch, blocked] of [
    ["import-a", false],
    ["import-b", true],
  ] as const) {
    proxy.blocked.sockets = blocked;
    await page.locator("#import-of").fill(batch);
    expect(Object.keys(await out("import"))).toEqual([
      "isConnected",
      "progress",
      "status",
      "stage",
      "message",
      "details",
      "error",
    ]);
    await page.evaluate(
      (batch) =>
        window.client.imports.start(
          new File([`Date;Text;Amount\n01.02.2026;${batch};-1,50\n`], "bank.csv", { type: "text/csv" }),
          {
            batchId: batch,
            currency: "EUR",
          },
        ),
      batch,
    );
    await until("completed", async () => (await out("import")).status === "completed");
    expect(await out("import")).toMatchObject({
      isConnected: false,
      progress: 100,
      stage: "categorization",
      details: { filename: "bank.csv", errors: 0 },
      error: null,
    });
  }
});

test("the dialog imports a file and shows its stages; closing it cleans up", async () => {
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Import transactions" });
  const csv = "Date;Text;Amount\n01.02.2026;Dialog;-2,50\n";
  await dialog
    .locator("input[type=file]")
    .setInputFiles({ name: "dialog.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await dialog.locator('.sluice-import[data-state="completed"]').waitFor();
  expect(await dialog.locator(".sluice-stages li[data-how=done]").count()).toBe(5);
  expect(await dialog.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("100");
  expect((await out("state")).end).toBe("completed");
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByText("Drop CSV files here").waitFor();

  // What cannot be read says why, and can be tried again.
  await dialog
    .locator("input[type=file]")
    .setInputFiles({ name: "bad.csv", mimeType: "text/csv", buffer: Buffer.from("x") });
  await dialog.locator('.sluice-import[data-state="error"]').waitFor();
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.locator('.sluice-import[data-state="error"]').waitFor();
});

test("the dot says what the connection is about, and since when", async () => {
  const dot = page.locator(".sluice-connection").first();
  expect(await dot.getAttribute("data-state")).toBe("live");
  proxy.blocked.all = true;
  proxy.cut();
  await dot.getByText(/reconnecting in \d+ s, shown as of \d+ s ago/).waitFor();
  proxy.blocked.all = false;
  await until("live", async () => (await dot.getAttribute("data-state")) === "live");
  expect(await dot.getByRole("status").textContent()).toBe("live");
});

test("leaving the page is asked about while it sends, and only then", async () => {
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  const path = someFile("leave.bin", 50_000_000);
  await choose(path);
  // A browser asks only where somebody has touched the page.
  await page.locator(".sluice-connection").first().click();
  await until("sending", () => page.evaluate(() => window.client.uploads.all[0]!.status.sent > 0));
  await page.reload();
  await until("unfinished", async () => (await out("state")).unfinished === 1);
  expect(asked).toEqual(["beforeunload"]);
  await choose(path);
  await until("done", async () => (await out("states"))[0] === "completed");
  expect((await out("state")).unfinished).toBe(0);
  await page.reload();
  expect(asked).toEqual(["beforeunload"]);
});
