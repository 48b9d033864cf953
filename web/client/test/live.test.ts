// What the connection makes of the server's frames and of its close codes, word by word, against a socket of the test's own.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClient } from "../src/index.js";
import type { Client, ClientOptions, Gap, JobEvent } from "../src/index.js";
import { job } from "./documents.js";

class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  readyState = 0;
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: URL;

  constructor(url: string) {
    this.url = new URL(url);
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  tells(...frames: object[]): void {
    this.readyState = 1;
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }
  ends(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

const event = (seq: number, name: JobEvent["event"] = "note", of = "a"): JobEvent => ({
  type: "event",
  seq,
  at: "2026-01-01T00:00:00Z",
  job: of,
  kind: "upload",
  event: name,
  data: { state: "running" },
});
const snapshot = (seq: number, jobs: object[], more: object = {}) => ({
  type: "snapshot",
  epoch: "e",
  seq,
  jobs,
  ...more,
});

let client: Client;
const answers = new Map<string, unknown>();
const asked: string[] = [];

function make(options: ClientOptions = {}): Client {
  return createClient({
    url: "http://server",
    transports: ["websocket"],
    webSocket: FakeSocket as unknown as NonNullable<ClientOptions["webSocket"]>,
    random: () => 1,
    fetch: ((url: string) => {
      const path = url.slice("http://server".length);
      asked.push(path);
      const answer = answers.get(path);
      return Promise.resolve(answer === undefined ? new Response("{}", { status: 404 }) : Response.json(answer));
    }) as typeof fetch,
    ...options,
  });
}

function read(of: Client): (number | "gap")[] {
  const seen: (number | "gap")[] = [];
  void (async () => {
    for await (const one of of.live.events() as AsyncIterable<JobEvent | Gap>)
      seen.push(one.type === "gap" ? "gap" : one.seq);
  })();
  return seen;
}

/** Lets what is due happen, for so long. */
const pass = (millis = 0) => vi.advanceTimersByTimeAsync(millis);

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  answers.clear();
  asked.length = 0;
  client = make();
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe("frames", () => {
  test("a snapshot in several frames is live with the last of them; what was under way and is in none is asked for", async () => {
    client.live.hold();
    await pass();
    FakeSocket.last.tells(snapshot(5, [job({ id: "a" })], { more: true }));
    expect(client.live.connection.state).toBe("catching-up");
    FakeSocket.last.tells(snapshot(5, [job({ id: "b" })]));
    expect(client.live.connection).toMatchObject({ state: "live", transport: "websocket" });
    expect([...client.live.jobs.all()].map((one) => one.id)).toEqual(["a", "b"]);
    FakeSocket.last.ends(1006);
    await pass(250);
    expect(FakeSocket.last.url.searchParams.get("since")).toBe("e:5");
    FakeSocket.last.tells({ type: "gap", epoch: "e", seq: 9 }, snapshot(9, [job({ id: "b", seq: 9 })]));
    await pass();
    expect(asked).toEqual(["/api/v1/jobs/a"]);
    expect(client.live.jobs.get("a")).toBeUndefined();
    expect(client.live.jobs.get("b")!.seq).toBe(9);
  });

  test("it comes back with the number of the last event, and tells none twice", async () => {
    const seen = read(client);
    await pass();
    FakeSocket.last.tells(snapshot(1, [job()]), event(2), event(4));
    FakeSocket.last.ends(4010, "slow");
    await pass(250);
    expect(FakeSocket.last.url.searchParams.get("since")).toBe("e:4");
    FakeSocket.last.tells({ type: "resumed", epoch: "e", seq: 4 }, event(4), event(6));
    await pass();
    expect(seen).toEqual([2, 4, 6]);
    expect(client.live.connection.state).toBe("live");
  });

  test("what a gap has swallowed is read from the log, before anything newer is told", async () => {
    const seen = read(client);
    await pass();
    FakeSocket.last.tells(snapshot(1, [job()]), event(2));
    FakeSocket.last.ends(1006);
    await pass(250);
    answers.set("/api/v1/jobs/a/events?after=2", { epoch: "e", events: [event(3), event(5)], next: "5" });
    answers.set("/api/v1/jobs/a/events?after=5", { epoch: "e", events: [event(7), event(9)] });
    FakeSocket.last.tells({ type: "gap", epoch: "e", seq: 8 }, snapshot(8, [job({ seq: 9 })]), event(9), event(10));
    await pass();
    expect(seen).toEqual([2, "gap", 3, 5, 7, 9, 10]);
  });

  test("another log: nothing of the old one stays", async () => {
    const seen = read(client);
    await pass();
    FakeSocket.last.tells(snapshot(100, [job({ id: "old", seq: 100 })]), event(101, "note", "old"));
    FakeSocket.last.ends(1006);
    await pass(250);
    FakeSocket.last.tells(
      { type: "gap", epoch: "f", seq: 1 },
      { ...snapshot(1, [job({ id: "new" })]), epoch: "f" },
      event(2, "note", "new"),
    );
    await pass();
    expect([...client.live.jobs.all()].map((one) => one.id)).toEqual(["new"]);
    expect(seen).toEqual([101, "gap", 2]);
  });

  test("documents that events do not bring are asked for together", async () => {
    client.live.hold();
    await pass();
    FakeSocket.last.tells(
      snapshot(1, [job()]),
      event(2, "created", "b"),
      event(3, "created", "c"),
      event(4, "completed"),
    );
    await pass(200);
    expect(FakeSocket.last.sent).toEqual([{ type: "subscribe", jobs: ["b", "c", "a"] }]);
    FakeSocket.last.tells(snapshot(4, [job({ id: "b", seq: 2 })]));
    expect(client.live.jobs.get("b")).toBeDefined();
    expect(client.live.jobs.get("a")).toBeDefined();
  });

  test("progress is shown with the next frame and is gone when the job has ended", async () => {
    client.live.hold();
    await pass();
    FakeSocket.last.tells(snapshot(1, [job()]));
    FakeSocket.last.tells({
      type: "progress",
      at: "2026-01-01T00:00:00Z",
      jobs: [["a", 50, 5, 10, 100, 2.5, null, null, null]],
    });
    await pass(100);
    expect(client.live.ticks.get("a")).toEqual({ percent: 50, bytes: 5, totalBytes: 10, rate: 100, eta: 2.5 });
    FakeSocket.last.tells({ ...event(2, "completed"), data: { state: "completed", bytes: 10 } });
    await pass(100);
    expect(client.live.ticks.get("a")).toBeUndefined();
    expect(client.live.jobs.get("a")!.progress).toMatchObject({ percent: 100, bytes: 10 });
  });
});

describe("ends", () => {
  const lost = async (code: number, reason = "") => {
    client.live.hold();
    await pass();
    FakeSocket.last.tells(snapshot(1, []));
    FakeSocket.last.ends(code, reason);
    return client.live.connection;
  };

  test.each([1000, 1008, 1009, 4001, 4009])("%d: it does not come back, but for who asks", async (code) => {
    expect(await lost(code, "why")).toMatchObject({ state: "offline", code, reason: "why" });
    await pass(120_000);
    expect(FakeSocket.all).toHaveLength(1);
    client.live.reconnect();
    await pass();
    expect(FakeSocket.all).toHaveLength(2);
  });

  test.each([
    [1006, 250],
    [1011, 250],
    [4010, 250],
    [4011, 250],
    [4008, 1_000],
  ])("%d: it comes back after %d ms", async (code, millis) => {
    expect(await lost(code)).toMatchObject({
      state: "reconnecting",
      inMillis: millis,
      at: Date.now() + millis,
      attempt: 1,
    });
    await pass(millis - 1);
    expect(FakeSocket.all).toHaveLength(1);
    await pass(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test("4401: it comes back with a new ticket", async () => {
    answers.set("/api/v1/auth/websocket-token", { websocket_token: "t" });
    await lost(4401, "expired");
    await pass(250);
    expect(FakeSocket.last.url.searchParams.get("token")).toBe("t");
  });

  test("waits double up to 30 s while nothing comes, and begin anew once a connection has lasted", async () => {
    await lost(1006);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const now = client.live.connection;
      if (now.state === "reconnecting") waits.push(now.inMillis);
      await pass(now.state === "reconnecting" ? now.inMillis : 0);
      FakeSocket.last.ends(1006);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await pass(30_000);
    FakeSocket.last.tells({ type: "resumed", epoch: "e", seq: 1 });
    await pass(5_000);
    FakeSocket.last.ends(1006);
    expect(client.live.connection).toMatchObject({ inMillis: 250 });
  });

  test("who is not let in stays offline", async () => {
    client = make({ token: "bad", fetch: () => Promise.resolve(new Response("{}", { status: 401 })) });
    client.live.hold();
    await pass();
    expect(client.live.connection).toMatchObject({ state: "offline", code: 1008 });
  });

  test("a line that is silent is asked for a sign of life, and given up where none comes", async () => {
    client.live.hold();
    await pass();
    FakeSocket.last.tells(snapshot(1, []));
    await pass(20_000);
    expect(FakeSocket.last.sent).toContainEqual({ type: "ping" });
    FakeSocket.last.tells({ type: "pong" });
    const heard = Date.now();
    await pass(39_000);
    expect(client.live.connection.state).toBe("live");
    await pass(6_000);
    expect(client.live.connection).toMatchObject({ state: "reconnecting", reason: "no answer", asOf: heard });
    expect(FakeSocket.all[0]!.closed).toBe(true);
  });
});
