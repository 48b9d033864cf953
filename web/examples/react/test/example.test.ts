// The example as it would be deployed: built, on an origin of its own, against a real server, in a real Chromium.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { someBytes, someFile } from "../../../testing/bytes.js";
import { startChromium } from "../../../testing/chromium.js";
import { TestServer } from "../../../testing/server.js";

const root = new URL("..", import.meta.url).pathname;
const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };
const files = new Map<string, string | Uint8Array>();
let origin: Server;
let server: TestServer;
let browser: Browser;
let at: string;

beforeAll(async () => {
  origin = createServer((asked, answer) => {
    const path = asked.url === "/" ? "/index.html" : asked.url!;
    const file = files.get(path.slice(1));
    if (file === undefined) return void answer.writeHead(404).end();
    answer.writeHead(200, { "Content-Type": types[path.split(".").pop()!] ?? "text/plain" }).end(file);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => origin.once("listening", resolve));
  at = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  [server, browser] = await Promise.all([TestServer.start("--allow-origin", at), startChromium()]);
  process.env.VITE_SLUICE_URL = server.url;
  const built = await build({ root, logLevel: "warn", build: { write: false } });
  const { output } = (Array.isArray(built) ? built[0]! : built) as {
    output: { fileName: string; code?: string; source?: string }[];
  };
  for (const one of output) files.set(one.fileName, one.code ?? one.source!);
});
afterAll(async () => {
  origin?.close();
  await browser?.close();
  await server?.stop();
});

test("it has fewer than 60 lines", () => {
  expect(readFileSync(`${root}src/main.tsx`, "utf8").trim().split("\n").length).toBeLessThan(60);
});

test("a file is sent from another origin, with progress; another is paused, resumed and cancelled", async () => {
  const page = await browser.newPage();
  await page.goto(at);
  await page.locator(".sluice-connection[data-state=live]").waitFor();
  const choose = (name: string, size: number) => page.locator("input[type=file]").setInputFiles(someFile(name, size));

  await choose("small.bin", 5_000_000);
  const small = page.locator("li", { hasText: "small.bin" });
  await small.getByText("completed").waitFor();
  expect(await small.getByRole("progressbar").evaluate((bar: HTMLProgressElement) => bar.position)).toBe(1);
  const stored = await fetch((await small.getByRole("link").getAttribute("href"))!);
  expect(Buffer.from(await stored.arrayBuffer()).equals(Buffer.from(someBytes(5_000_000)))).toBe(true);

  await choose("large.bin", 400_000_000);
  const large = page.locator("li", { hasText: "large.bin" });
  await large.getByRole("button", { name: "Pause" }).click();
  await large.getByText("paused").waitFor();
  await large.getByRole("button", { name: "Resume" }).click();
  await large.getByRole("button", { name: "Cancel" }).click();
  await large.getByText(/cancelled in [\d.]+ ms/).waitFor();
  await page.close();
});
