import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backOff, comeBack, ended } from "../src/index.js";
import type { JobEvent } from "../src/index.js";
import { Jobs } from "../src/jobs.js";
import { Queue } from "../src/queue.js";
import { fileSource, streamSource } from "../src/source.js";
import { Ticks } from "../src/ticks.js";
import { job } from "./documents.js";

let seq = 1;
function event(name: JobEvent["event"], data: JobEvent["data"], more: Partial<JobEvent> = {}): JobEvent {
  return {
    type: "event",
    seq: ++seq,
    at: "2026-01-01T00:00:01Z",
    job: "a",
    kind: "upload",
    event: name,
    data,
    ...more,
  };
}

beforeEach(() => {
  seq = 1;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("coming back", () => {
  test("the wait is between 250 ms and a ceiling that doubles up to 30 s, with full jitter", () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(backOff(attempt, () => 0)).toBe(250);
      expect(backOff(attempt, () => 1)).toBe(Math.min(30_000, 250 * 2 ** attempt));
    }
    expect(backOff(6, () => 0.5)).toBe(8_000);
  });

  test("close codes decide as the contract says", () => {
    for (const code of [1000, 1008, 1009, 4001, 4009]) expect(comeBack(code)).toBe("no");
    for (const code of [1001, 1005, 1006, 1011, 4010]) expect(comeBack(code)).toBe("wait");
    expect(comeBack(4008)).toBe(1_000);
    expect(comeBack(4011)).toBe(250);
    expect(comeBack(4401)).toBe("ticket");
  });
});

describe("documents", () => {
  test("events change them and what can be done", () => {
    const jobs = new Jobs();
    jobs.put(job({ waiting: "client" }));
    jobs.apply(event("started", { state: "running", attempt: 2 }));
    expect(jobs.get("a")).toMatchObject({ state: "running", attempt: 2, started: "2026-01-01T00:00:01Z", seq: 2 });
    expect(jobs.get("a")).not.toHaveProperty("waiting");
    jobs.apply(event("stage", { state: "running", stage: "transfer" }));
    jobs.apply(event("stage", { state: "running", stage: "commit" }, { at: "2026-01-01T00:00:09Z" }));
    expect(jobs.get("a")!.stages[0]).toMatchObject({ started: "2026-01-01T00:00:01Z", ended: "2026-01-01T00:00:09Z" });
    expect(jobs.get("a")!.stage).toBe("commit");
    jobs.apply(event("facts", { state: "running", facts: { key: "k" } }));
    expect(jobs.get("a")!.facts).toEqual({ key: "k" });
    jobs.apply(event("paused", { state: "paused" }));
    expect(Object.keys(jobs.get("a")!.links)).toEqual(["self", "cancel", "resume"]);
    expect(jobs.apply(event("completed", { state: "completed", bytes: 100 }))).toBe(false);
    expect(jobs.get("a")).toMatchObject({ state: "completed", progress: { percent: 100, bytes: 100 } });
    expect(jobs.get("a")!.links).toEqual({ self: "/api/v1/jobs/a" });
  });

  test("a receipt stays when the document comes, and is taken from an event that the document was ahead of", () => {
    const receipt = { requestMillis: 1, bytesKept: 5, cleanup: "owed" as const, by: "http_endpoint" };
    const jobs = new Jobs();
    jobs.put(job());
    jobs.apply(event("cancelled", { state: "cancelled", receipt }));
    jobs.put(job({ state: "cancelled", seq: 2 }));
    expect(jobs.get("a")!.receipt).toEqual(receipt);
    jobs.apply(event("cleaned", { state: "cancelled" }));
    expect(jobs.get("a")!.receipt!.cleanup).toBe("done");

    const ahead = new Jobs();
    ahead.put(job({ state: "cancelled", seq: 10 }));
    ahead.apply(event("cancelled", { state: "cancelled", receipt }));
    expect(ahead.get("a")!.receipt).toEqual(receipt);
    ahead.apply(event("cleaned", { state: "cancelled" }));
    expect(ahead.get("a")!.receipt!.cleanup).toBe("done");

    const late = new Jobs();
    expect(late.apply(event("cancelled", { state: "cancelled", receipt }))).toBe(false);
    expect(late.apply(event("cleaned", { state: "cancelled" }))).toBe(false);
    late.put(job({ state: "cancelled", seq: 9 }));
    expect(late.get("a")!.receipt).toEqual({ ...receipt, cleanup: "done" });
  });

  test("an older document and an older event change nothing", () => {
    const jobs = new Jobs();
    jobs.put(job({ seq: 9, state: "running" }));
    jobs.put(job({ seq: 8 }));
    jobs.apply(event("paused", { state: "paused" }));
    expect(jobs.get("a")!.state).toBe("running");
  });

  test("a list is the same array until something changes", () => {
    const jobs = new Jobs();
    jobs.put(job());
    jobs.put(job({ id: "b", created: "2026-01-02T00:00:00Z", batch: "x" }));
    const all = jobs.list();
    expect(all.map((one) => one.id)).toEqual(["b", "a"]);
    expect(jobs.list()).toBe(all);
    expect(jobs.list({ batch: "x" }).map((one) => one.id)).toEqual(["b"]);
    jobs.put(job());
    expect(jobs.list()).toBe(all);
    jobs.apply(event("started", { state: "running" }));
    expect(jobs.list()).not.toBe(all);
    expect(jobs.list({ batch: "x" })).toBe(jobs.list({ batch: "x" }));
  });

  test("listeners are called once for many changes, and only those of what changed", () => {
    const jobs = new Jobs();
    const ofA = vi.fn();
    const ofB = vi.fn();
    const ofAll = vi.fn();
    jobs.on("a", ofA);
    jobs.on("b", ofB);
    const off = jobs.on(undefined, ofAll);
    jobs.put(job());
    jobs.apply(event("started", { state: "running" }));
    expect(ofA).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect([ofA, ofB, ofAll].map((one) => one.mock.calls.length)).toEqual([1, 0, 1]);
    off();
    jobs.remove("a");
    vi.runAllTimers();
    expect([ofA, ofB, ofAll].map((one) => one.mock.calls.length)).toEqual([2, 0, 1]);
  });

  test("those that ended longest ago are let go, watched and running ones never", () => {
    const jobs = new Jobs();
    jobs.put(job({ id: "running", state: "running" }));
    jobs.put(job({ id: "watched", state: "completed" }));
    jobs.on("watched", () => {});
    for (let i = 0; i < 5_100; i++) jobs.put(job({ id: `old-${i}`, state: "completed" }));
    expect([...jobs.all()].length).toBeLessThanOrEqual(5_000);
    expect(jobs.get("running")).toBeDefined();
    expect(jobs.get("watched")).toBeDefined();
    expect(jobs.get("old-0")).toBeUndefined();
    expect(jobs.get("old-5099")).toBeDefined();
  });

  test("three states are ends", () => {
    const states = ["pending", "running", "paused", "completed", "failed", "cancelled"] as const;
    expect(states.filter(ended)).toEqual(["completed", "failed", "cancelled"]);
  });
});

describe("ticks", () => {
  test("many come, one is shown; unknown values are absent", () => {
    const ticks = new Ticks();
    const heard = vi.fn();
    ticks.on("a", heard);
    for (let i = 0; i < 50; i++) ticks.rows([["a", i, i * 10, 500, null, null, null, null, null]], 0);
    expect(ticks.get("a")).toBeUndefined();
    vi.runAllTimers();
    expect(ticks.get("a")).toEqual({ percent: 49, bytes: 490, totalBytes: 500 });
    expect(heard).toHaveBeenCalledTimes(1);
    expect(ticks.get("a")).toBe(ticks.get("a"));
  });

  test("a curve is drawn while somebody looks, of a job and of all together", () => {
    const ticks = new Ticks();
    const off = ticks.onCurve("a", () => {});
    ticks.onCurve(undefined, () => {});
    for (let at = 0; at < 1_000; at += 100) {
      ticks.rows(
        [
          ["a", 0, 0, null, 10, null, null, null, null],
          ["b", 0, 0, null, 5, null, null, null, null],
        ],
        at,
      );
    }
    expect(ticks.curve("a")).toEqual([0, 300, 600, 900].map((at) => ({ at, rate: 10 })));
    expect(ticks.curve().every(({ rate }) => rate === 15)).toBe(true);
    expect(ticks.curve("b")).toEqual([]);
    expect(ticks.curve("b")).toBe(ticks.curve("b"));
    off();
    expect(ticks.curve("a")).toEqual([]);
  });
});

describe("reading events", () => {
  test("in order, also by who waits, until the end", async () => {
    const left = vi.fn();
    const queue = new Queue<number>(left, -1);
    const first = queue.next();
    queue.put(1);
    queue.put(2);
    queue.end();
    queue.put(3);
    expect(await first).toEqual({ done: false, value: 1 });
    const rest: number[] = [];
    for await (const one of queue) rest.push(one);
    expect(rest).toEqual([2]);
    expect(left).toHaveBeenCalledTimes(1);
  });

  test("who reads too slowly is told that something is missing", async () => {
    const queue = new Queue<number | "gap">(() => {}, "gap");
    for (let i = 0; i <= 10_000; i++) queue.put(i);
    expect((await queue.next()).value).toBe("gap");
    expect((await queue.next()).value).toBe(5_000);
  });
});

describe("sources", () => {
  const stream = (...pieces: number[][]) =>
    new ReadableStream<Uint8Array>({
      start(out) {
        for (const piece of pieces) out.enqueue(new Uint8Array(piece));
        out.close();
      },
    });
  const bytes = async (source: ReturnType<typeof fileSource>, offset: number, length: number) => {
    const { bytes, last } = await source.piece(offset, length);
    return [[...new Uint8Array(await bytes.arrayBuffer())], last];
  };

  test("a file in pieces", async () => {
    const source = fileSource(new File([new Uint8Array([1, 2, 3, 4, 5])], "f", { lastModified: 7 }));
    expect(source.fingerprint).toEqual({ name: "f", size: 5, lastModified: 7 });
    expect(await bytes(source, 0, 2)).toEqual([[1, 2], false]);
    expect(await bytes(source, 4, 2)).toEqual([[5], true]);
    expect(await bytes(source, 3, 2)).toEqual([[4, 5], true]);
  });

  test("a stream in pieces, going back by one", async () => {
    const source = streamSource(stream([1, 2, 3], [4], [5, 6]), 0, "s");
    expect(await bytes(source, 0, 4)).toEqual([[1, 2, 3, 4], false]);
    expect(await bytes(source, 2, 3)).toEqual([[3, 4, 5], false]);
    expect(await bytes(source, 5, 3)).toEqual([[6], true]);
    await expect(source.piece(0, 1)).rejects.toThrow("cannot go back");
  });

  test("a stream whose end falls on the end of a piece", async () => {
    const unknown = streamSource(stream([1, 2]), 0, "s");
    expect(await bytes(unknown, 0, 2)).toEqual([[1, 2], false]);
    expect(await bytes(unknown, 2, 2)).toEqual([[], true]);
    const known = streamSource(stream([1, 2]), 0, "s", undefined, 2);
    expect(await bytes(known, 0, 2)).toEqual([[1, 2], true]);
  });

  test("a stream that keeps more goes back further", async () => {
    const source = streamSource(stream([1, 2, 3, 4, 5, 6]), 3, "s");
    await source.piece(0, 2);
    await source.piece(4, 2);
    expect(await bytes(source, 1, 2)).toEqual([[2, 3], false]);
  });
});
