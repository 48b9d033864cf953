// The examples of README.md, as they stand there.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { TestServer } from "../../testing/server.js";
import { someBytes, until } from "../../testing/bytes.js";
import * as library from "../src/index.js";

const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.stop());

/** Runs an example, and gives the words that it says. */
async function run(
  example: string,
  names: Record<string, unknown>,
  result = "",
): Promise<{ said: string[]; result: unknown }> {
  const said: string[] = [];
  const console = { log: (...words: unknown[]) => said.push(words.join(" ")) };
  const all = { ...names, console };
  const result_ = await new AsyncFunction(...Object.keys(all), `${example}\nreturn ${result || "undefined"};`)(
    ...Object.values(all),
  );
  return { said, result: result_ };
}

test("every example does what it says", async () => {
  expect(examples).toHaveLength(5);
  const [make, send, cancel, events, connection] = examples as [string, string, string, string, string];

  const createClient = (options: library.ClientOptions) =>
    library.createClient({ ...options, url: server.url, webSocket: WebSocket as never });
  const made = await run(make.replace(/^import.*$/m, ""), { createClient }, "client");
  const client = made.result as library.Client;

  const file = new File([someBytes(1_000_000)], "readme.bin");
  const watched: library.JobEvent[] = [];
  const reading = (async () => {
    for await (const event of client.live.events()) if (event.type === "event") watched.push(event);
  })();
  const sent = await run(send, { client, file }, "job");
  expect(sent.said.at(-1)).toBe(client.jobs.contentUrl((sent.result as library.Job).id));

  const long = client.uploads.add(new File([someBytes(50_000_000)], "long.bin"), { chunkSize: 1_000_000 });
  await until("begun", () => long.status.sent > 1_000_000);
  const id = long.status.id!;
  expect((await run(cancel, { client, id })).said[0]).toMatch(/^stopped [\d.]+ ms after/);

  const another = client.uploads.add(new File([someBytes(3_000_000)], "another.bin"), { chunkSize: 500_000 });
  await until("its id", () => another.status.id);
  const heard = run(events, { client, id: another.status.id });
  await another.done;
  expect((await heard).said.at(-1)).toContain("completed");

  const heardOf = vi.fn();
  client.live.onConnection(heardOf);
  const told = await run(connection, { client });
  await server.kill();
  await until("lost", () => told.said.length > 0);
  expect(told.said[0]).toMatch(/^again in 250 ms; as of \d+$/);
  client.close();
  await reading;
  expect(watched.length).toBeGreaterThan(5);
});
