// The examples of README.md, as they stand there, in a real Chromium.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { someFile } from "../../testing/bytes.js";
import { startChromium } from "../../testing/chromium.js";
import { Proxy } from "../../testing/proxy.js";
import { TestServer } from "../../testing/server.js";

const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const example = (language: string) =>
  [...text.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map((one) => one[1]!);

let server: TestServer;
let proxy: Proxy;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([TestServer.start(), startChromium()]);
  proxy = await Proxy.before(server.url);
});
afterAll(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});

test("both examples work, in the colours that were asked for", async () => {
  const [app, transfer] = example("tsx") as [string, string];
  const files: Record<string, string> = {
    app: app.replace("http://127.0.0.1:8080", proxy.url),
    transfer,
    main: `
      import { createRoot } from "react-dom/client";
      import { useJobs } from "@sluice/react";
      import { App } from "./app";
      import { Transfer } from "./transfer";
      const All = () => useJobs().map((job) => <Transfer key={job.id} id={job.id} />);
      createRoot(document.getElementById("root")).render(<><App /><hr /><All /></>);`,
  };
  const { outputFiles } = await build({
    entryPoints: ["main"],
    bundle: true,
    format: "esm",
    jsx: "automatic",
    outdir: "out",
    conditions: ["source"],
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
    plugins: [
      {
        name: "examples",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(main|\.\/(app|transfer))$/ }, ({ path }) => ({
            path: path.replace("./", ""),
            namespace: "readme",
          }));
          const resolveDir = new URL("..", import.meta.url).pathname;
          onLoad({ filter: /.*/, namespace: "readme" }, ({ path }) => ({
            contents: files[path]!,
            loader: "tsx",
            resolveDir,
          }));
        },
      },
    ],
  });
  const file = (end: string) => Buffer.from(outputFiles.find((one) => one.path.endsWith(end))!.contents);
  proxy.pages.set("/test/main.js", { type: "text/javascript", body: file(".js") });
  proxy.pages.set("/test/main.css", { type: "text/css", body: `${file(".css").toString()}\n${example("css")[0]}` });
  const html =
    '<!doctype html><link rel="stylesheet" href="main.css"><div id="root"></div><script type="module" src="main.js"></script>';
  proxy.pages.set("/test/", { type: "text/html", body: html });

  const page = await browser.newPage();
  await page.goto(`${proxy.url}/test/`);
  await page.locator(".sluice-connection[data-state=live]").waitFor();
  await page.locator("input[type=file]").setInputFiles(someFile("readme.bin", 100_000_000));
  const own = page.locator("p", { hasText: "readme.bin" });
  await own.getByText(/readme.bin: \w+, \d+ %/).waitFor();
  expect(
    await page.locator(".sluice-row .sluice-bar > div").evaluate((bar) => getComputedStyle(bar).backgroundColor),
  ).toBeTruthy();
  await own.getByRole("button", { name: "Cancel" }).click();
  await own.getByText(/stopped in [\d.]+ ms/).waitFor();
  await page
    .locator(".sluice-list .sluice-row")
    .getByText(/cancelled in [\d.]+ ms/)
    .waitFor();
  const accent = await page.evaluate(() =>
    getComputedStyle(document.documentElement).getPropertyValue("--sluice-accent"),
  );
  expect(accent).toBe("rebeccapurple");
});
