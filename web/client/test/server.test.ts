// The client in Node against a real server: what it asks for, what it is told, and how it goes on after whatever happens.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { Proxy } from "../../testing/proxy.js";
import { TestServer } from "../../testing/server.js";
import { sha256, sha256Of, someBytes, until } from "../../testing/bytes.js";
import { SluiceError, createClient } from "../src/index.js";
import type { Client, ClientOptions, Connection, JobEvent } from "../src/index.js";

const MB = 1_000_000;
const webSocket = WebSocket as unknown as NonNullable<ClientOptions["webSocket"]>;
const bytes = someBytes(50 * MB);
const digest = sha256(bytes);
const some = bytes.subarray(0, 12 * MB);
const digestOfSome = sha256(some);
const more = bytes.subarray(0, 30 * MB);
const digestOfMore = sha256(more);
const work = mkdtempSync(join(tmpdir(), "sluice-work-"));

let server: TestServer;
let proxy: Proxy;
const open = new Set<Client>();

beforeAll(async () => {
  server = await TestServer.start("--set", "download.allow-networks=127.0.0.0/8", "--set", `files.roots=${work}`);
  proxy = await Proxy.before(server.url);
});
afterEach(() => {
  open.forEach((client) => client.close());
  open.clear();
  Object.assign(proxy.blocked, { sockets: false, streams: false, all: false });
});
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

function client(options: ClientOptions = {}): Client {
  const made = createClient({ url: proxy.url, webSocket, lingerMillis: 0, ...options });
  open.add(made);
  return made;
}

/** All events from now on, and all states of the connection. */
function watch(of: Client, job?: string): { events: JobEvent[]; gaps: number; states: Connection["state"][] } {
  const seen = { events: [] as JobEvent[], gaps: 0, states: [] as Connection["state"][] };
  of.live.onConnection(({ state }) => seen.states.push(state));
  const read = of.live.events(job);
  void (async () => {
    for await (const event of read) event.type === "gap" ? seen.gaps++ : seen.events.push(event);
  })();
  return seen;
}

const isLive = (of: Client) => until("live", () => of.live.connection.state === "live");
const file = (name: string, content = some) => new File([content], name, { lastModified: 1 });

describe("uploads", () => {
  test("50 MB by tus: pause, resume, and the bytes are the same", async () => {
    const c = client();
    const seen = watch(c);
    await isLive(c);
    const upload = c.uploads.add(file("paused.bin", bytes), { chunkSize: MB });
    await until("some bytes", () => upload.status.sent > 3 * MB);
    await upload.pause();
    expect(upload.status.state).toBe("paused");
    expect((await c.jobs.get(upload.status.id!)).state).toBe("paused");
    const { sent } = upload.status;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(upload.status).toMatchObject({ state: "paused", sent });
    await upload.resume();
    const job = await upload.done;
    expect(job).toMatchObject({ state: "completed", name: "paused.bin", progress: { percent: 100, bytes: 50 * MB } });
    expect(await sha256Of(c.jobs.contentUrl(job.id))).toBe(digest);
    await until("all events", () => seen.events.some((e) => e.event === "completed" && e.job === job.id));
    expect(seen.events.filter((e) => e.job === job.id).map((e) => e.event)).toEqual(
      (await c.jobs.events(job.id)).map((e) => e.event),
    );
    expect(c.live.jobs.get(job.id)).toMatchObject({ state: "completed" });
  });

  test("somebody else's pause and resume are followed", async () => {
    const c = client();
    const upload = c.uploads.add(file("elsewhere.bin"), { chunkSize: MB });
    await until("some bytes", () => upload.status.sent > 2 * MB);
    const other = client();
    await other.jobs.pause(upload.status.id!);
    await until("paused", () => upload.status.state === "paused");
    await other.jobs.resume(upload.status.id!);
    await upload.done;
    expect(await sha256Of(c.jobs.contentUrl(upload.status.id!))).toBe(digestOfSome);
  });

  test("a stream of unknown length", async () => {
    const c = client();
    const upload = c.uploads.add(new Blob([some]).stream(), {
      name: "stream.bin",
      type: "text/plain",
      chunkSize: 4 * MB,
    });
    const job = await upload.done;
    expect(upload.status).toMatchObject({ state: "completed", size: some.length });
    expect(await sha256Of(c.jobs.contentUrl(job.id))).toBe(digestOfSome);
  });

  test("by the socket, from a file and from a stream, over a line that is cut", async () => {
    const c = client();
    const upload = c.uploads.add(file("socket.bin"), { via: "socket" });
    await until("some bytes", () => upload.status.sent > 4 * MB);
    proxy.cut();
    await upload.done;
    expect(await sha256Of(c.jobs.contentUrl(upload.status.id!))).toBe(digestOfSome);

    const stream = c.uploads.add(new Blob([more]).stream(), { via: "socket", name: "stream.bin", size: more.length });
    await until("some bytes", () => stream.status.sent > 4 * MB);
    await stream.pause();
    expect((await c.jobs.get(stream.status.id!)).state).toBe("paused");
    await stream.resume();
    await stream.done;
    expect(await sha256Of(c.jobs.contentUrl(stream.status.id!))).toBe(digestOfMore);
  });

  test("a cancel brings its receipt; nothing is left", async () => {
    const c = client();
    const seen = watch(c);
    const upload = c.uploads.add(file("cancelled.bin"), { chunkSize: MB });
    await until("some bytes", () => upload.status.sent > 3 * MB);
    const id = upload.status.id!;
    const receipt = await upload.cancel();
    expect(receipt).toMatchObject({ id, state: "cancelled", stopped: true, receipt: { by: "http_endpoint" } });
    expect(receipt!.receipt.requestMillis).toBeGreaterThan(0);
    expect(upload.status).toMatchObject({ state: "cancelled", receipt });
    await expect(upload.done).rejects.toThrow("cancelled.bin was cancelled");
    expect(await c.jobs.cancel(id)).toEqual(receipt);
    await until("cleaned", () => c.live.jobs.get(id)?.receipt?.cleanup === "done");
    expect(seen.events.filter((e) => e.job === id).map((e) => e.event)).toContain("cancelled");
    expect(Object.keys(c.live.jobs.get(id)!.links)).not.toContain("cancel");
  });

  test("one that is cancelled elsewhere ends here", async () => {
    const c = client();
    const upload = c.uploads.add(file("cancelled-elsewhere.bin"), { chunkSize: MB });
    await until("some bytes", () => upload.status.sent > 2 * MB);
    await c.jobs.cancel(upload.status.id!);
    await expect(upload.done).rejects.toMatchObject({ code: "cancelled" });
    expect(upload.status.state).toBe("cancelled");
  });

  test("many files are one batch and are sent a few at a time", async () => {
    const c = client({ uploadsAtOnce: 2 });
    const files = Array.from({ length: 6 }, (_, i) => new File([someBytes(200_000, i + 1)], `${i}.bin`));
    const uploads = c.uploads.addAll(files);
    await until("begun", () => uploads.some((one) => one.status.state === "uploading"));
    expect(uploads.filter((one) => one.status.state === "uploading").length).toBeLessThanOrEqual(2);
    expect(c.uploads.sending).toBe(true);
    const jobs = await Promise.all(uploads.map((one) => one.done));
    expect(c.uploads.sending).toBe(false);
    const batch = await c.batches.get(jobs[0]!.batch!);
    expect(batch.counts).toMatchObject({ total: 6, completed: 6 });
    expect((await c.jobs.list({ batch: batch.id })).jobs).toHaveLength(6);
    expect((await fetch(c.batches.zipUrl(batch.id), { method: "HEAD" })).headers.get("content-type")).toContain("zip");
  });

  test("an empty file, by both ways", async () => {
    const c = client();
    for (const via of ["tus", "socket"] as const) {
      const job = await c.uploads.add(new File([], `empty-${via}.txt`), { via }).done;
      expect(job).toMatchObject({ state: "completed", progress: { bytes: 0, percent: 100 } });
    }
  });

  test("what is refused fails at once, in the server's words", async () => {
    const c = client();
    const upload = c.uploads.add(new Blob(["x"]), { name: "x", storage: "nowhere" });
    await expect(upload.done).rejects.toMatchObject({ code: "invalid_request", status: 400 });
    expect(upload.status.error!.message).toContain("nowhere");
  });
});

describe("the connection", () => {
  test("where sockets are blocked events come by the stream, and the socket is tried again", async () => {
    proxy.blocked.sockets = true;
    const c = client({ upgradeMillis: 500 });
    const seen = watch(c);
    await isLive(c);
    expect(c.live.connection).toMatchObject({ transport: "sse" });
    const upload = c.uploads.add(new File([someBytes(MB)], "sse.bin"));
    const { id } = await upload.done;
    await until("completed", () => seen.events.some((e) => e.job === id && e.event === "completed"));
    proxy.blocked.sockets = false;
    await until("the socket", () => c.live.connection.state === "live" && c.live.connection.transport === "websocket");
    const again = await c.uploads.add(new File([someBytes(MB)], "ws.bin")).done;
    await until("completed", () => seen.events.some((e) => e.job === again.id && e.event === "completed"));
    expect(seen.events.map((e) => e.seq)).toEqual([...new Set(seen.events.map((e) => e.seq))].sort((a, b) => a - b));
    expect(seen.gaps).toBe(0);
  });

  test("where streams are blocked as well it asks again and again, and no event is missing", async () => {
    Object.assign(proxy.blocked, { sockets: true, streams: true });
    const c = client({ pollMillis: 100 });
    const seen = watch(c);
    await isLive(c);
    expect(c.live.connection).toMatchObject({ transport: "polling" });
    const upload = c.uploads.add(file("polling.bin"), { chunkSize: 4 * MB });
    const { id } = await upload.done;
    await until("completed", () => c.live.jobs.get(id)?.state === "completed");
    const cancelled = c.uploads.add(file("polling-cancelled.bin"), { chunkSize: MB });
    await until("begun", () => cancelled.status.sent > MB);
    const receipt = await cancelled.cancel();
    await until("the receipt", () => c.live.jobs.get(receipt!.id)?.receipt);
    await until("all", () => seen.events.filter((e) => e.event === "cancelled").length === 1);
    const told = seen.events.filter((e) => e.job === id).map((e) => e.event);
    expect(told).toEqual((await c.jobs.events(id)).map((e) => e.event));
  });

  test("a line that is cut comes back, and what happened meanwhile is told", async () => {
    const c = client();
    const seen = watch(c);
    await isLive(c);
    proxy.blocked.all = true;
    proxy.cut();
    await until("lost", () => c.live.connection.state === "reconnecting");
    expect(c.live.connection).toMatchObject({ inMillis: 250, attempt: 1 });
    expect(c.live.connection.asOf).toBeGreaterThan(Date.now() - 5_000);
    const { id } = await client({ url: server.url }).uploads.add(new File([someBytes(MB)], "meanwhile.bin")).done;
    proxy.blocked.all = false;
    await until("told", () => seen.events.some((e) => e.job === id && e.event === "completed"));
    expect(seen.events.filter((e) => e.job === id).map((e) => e.event)).toEqual(
      (await c.jobs.events(id)).map((e) => e.event),
    );
    expect(seen.states).toContain("reconnecting");
    await until("the document", () => c.live.jobs.get(id)?.links.content);
  });

  test("a way changes while things happen: no event is told twice or not at all", async () => {
    const c = client({ pollMillis: 50, upgradeMillis: 300 });
    const seen = watch(c);
    await isLive(c);
    const upload = c.uploads.add(file("ways.bin"), { chunkSize: MB });
    await until("begun", () => upload.status.sent > MB);
    Object.assign(proxy.blocked, { sockets: true, streams: true });
    proxy.cut();
    await until("polling", () => c.live.connection.state === "live" && c.live.connection.transport === "polling");
    await upload.pause();
    await upload.resume();
    Object.assign(proxy.blocked, { sockets: false, streams: false });
    const { id } = await upload.done;
    await until("the socket", () => c.live.connection.state === "live" && c.live.connection.transport === "websocket");
    await until("completed", () => seen.events.some((e) => e.job === id && e.event === "completed"));
    expect(seen.events.filter((e) => e.job === id).map((e) => e.seq)).toEqual(
      (await c.jobs.events(id)).map((e) => e.seq),
    );
  });

  test("one connection for all, which ends when nobody needs it", async () => {
    const c = client();
    const before = proxy.asked.filter((path) => path === "UPGRADE /ws/jobs").length;
    const releases = [c.live.hold(), c.live.hold(), c.live.watch("nothing")];
    const read = c.live.events();
    await isLive(c);
    expect(proxy.asked.filter((path) => path === "UPGRADE /ws/jobs").length - before).toBe(1);
    releases.forEach((release) => release());
    expect(c.live.connection.state).toBe("live");
    await read.return!();
    await until("idle", () => c.live.connection.state === "idle");
  });

  test("only what is watched, where that is wished", async () => {
    const other = client();
    const one = await other.uploads.add(new File(["one"], "one.txt")).done;
    const c = client({ scope: "watched" });
    c.live.hold();
    expect(c.live.connection.state).toBe("idle");
    c.live.watch(one.id);
    await until("its document", () => c.live.jobs.get(one.id));
    const two = await other.uploads.add(new File(["two"], "two.txt")).done;
    c.live.watch(two.id);
    await until("its document", () => c.live.jobs.get(two.id));
    expect([...c.live.jobs.all()].map((job) => job.id).sort()).toEqual([one.id, two.id].sort());
  });

  test("a token goes with every request, and a socket gets a ticket", async () => {
    const c = client({ token: () => Promise.resolve("word") });
    const before = proxy.asked.length;
    c.live.hold();
    await isLive(c);
    expect(proxy.asked.slice(before)).toEqual(["POST /api/v1/auth/websocket-token", "UPGRADE /ws/jobs"]);
  });
});

/** What of it lies behind `from` cannot be read before it is `released`: neither upload is over before the other has begun. */
function holdBack(whole: File, from: number, released: Promise<ArrayBuffer>): File {
  const slice = whole.slice.bind(whole);
  whole.slice = (start = 0, end) => {
    const piece = slice(start, end);
    if (start >= from) piece.slice = () => Object.assign(new Blob(), { arrayBuffer: () => released });
    return piece;
  };
  return whole;
}

describe("a server that is killed and starts again", () => {
  test("in the middle of an upload: it goes on, events are complete, nothing is wrong", async () => {
    const mortal = await TestServer.start();
    try {
      const c = client({ url: mortal.url });
      const seen = watch(c);
      await isLive(c);
      let release = () => {};
      const released = new Promise<ArrayBuffer>((resolve) => (release = () => resolve(new ArrayBuffer(0))));
      const held = (name: string) => holdBack(file(name, more), 24 * MB, released);
      const upload = c.uploads.add(held("survivor.bin"), { chunkSize: MB });
      const socket = c.uploads.add(held("survivor-too.bin"), { via: "socket" });
      await until("some bytes", () => upload.status.sent > 3 * MB && socket.status.sent > 3 * MB);
      await mortal.kill();
      release();
      await until("lost", () => c.live.connection.state === "reconnecting");
      await until("trying again", () => upload.status.state === "retrying" && socket.status.state === "retrying");
      expect(upload.status.error).toBeInstanceOf(SluiceError);
      await mortal.start();
      const ids = (await Promise.all([upload.done, socket.done])).map((job) => job.id);
      for (const id of ids) {
        expect(await sha256Of(c.jobs.contentUrl(id))).toBe(digestOfMore);
        await until("completed", () => seen.events.some((e) => e.job === id && e.event === "completed"));
        expect(seen.events.filter((e) => e.job === id).map((e) => e.seq)).toEqual(
          (await c.jobs.events(id)).map((e) => e.seq),
        );
        expect(c.live.jobs.get(id)!.state).toBe("completed");
      }
      await isLive(c);
    } finally {
      await mortal.stop();
    }
  });
});

describe("the other kinds", () => {
  test("downloads", async () => {
    const origin = createServer((_, answer) => answer.end(bytes.subarray(0, MB))).listen(0, "127.0.0.1");
    await new Promise((resolve) => origin.once("listening", resolve));
    const at = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    const c = client();
    const told: string[] = [];
    const { jobId } = await c.downloads.start({ url: `${at}/one.bin`, jobId: "mine-1" });
    expect(jobId).toBe("mine-1");
    c.downloads.watch(jobId, ({ latest }) => latest && told.push(latest.status));
    await until("completed", () => told.at(-1) === "completed");
    expect((await c.downloads.status(jobId)).downloadUrl).toContain("/d/");
    expect(await sha256Of(c.jobs.contentUrl(jobId))).toBe(sha256(bytes.subarray(0, MB)));
    const many = await c.downloads.startAll({ urls: [`${at}/two.bin`, `${at}/three.bin`] });
    await until("both", async () => (await c.batches.get(many.batch)).status === "completed");
    origin.close();
  });

  test("a download is watched by requests where sockets are blocked", async () => {
    proxy.blocked.sockets = true;
    const c = client();
    const job = await c.downloads
      .start({ url: "http://127.0.0.1:1/nothing.bin", jobId: "mine-2" })
      .then((answer) => answer.jobId);
    const states: (string | undefined)[] = [];
    const stop = c.downloads.watch(job, ({ latest }) => states.push(latest?.status));
    await until("a word", () => states.some((state) => state !== undefined));
    stop();
    await c.jobs.cancel(job).catch(() => {});
  });

  test("operations: plan, run, report, undo", async () => {
    const folder = join(work, "shots");
    mkdirSync(folder);
    for (let i = 1; i <= 5; i++) writeFileSync(join(folder, `shot.${String(i).padStart(4, "0")}.txt`), `frame ${i}`);
    const c = client();
    const request = { operation: "move" as const, sources: [`${folder}/shot.*.txt`], target: `${folder}/moved/` };
    const plan = await c.operations.plan(request);
    expect(plan).toMatchObject({ files: 5, blocked: false });
    const { id } = await c.operations.run(request);
    await until("moved", async () => (await c.jobs.get(id)).state === "completed");
    expect(readFileSync(join(folder, "moved/shot.0003.txt"), "utf8")).toBe("frame 3");
    expect((await c.operations.report(id)).totals.moved).toBe(5);
    const undo = await c.operations.undo(id);
    await until("back", async () => (await c.jobs.get(undo.id)).state === "completed");
    expect(readFileSync(join(folder, "shot.0003.txt"), "utf8")).toBe("frame 3");
  });

  test("imports: preview, five stages, transactions, correction, undo", async () => {
    const c = client();
    const csv = new File(
      ["Date;Description;Amount\n01.02.2026;REWE Markt;-12,50\n99.02.2026;x;1,00\n02.02.2026;Salary;2000,00\n"],
      "bank.csv",
      { type: "text/csv" },
    );
    const preview = await c.imports.preview(csv, { currency: "EUR" });
    expect(preview.delimiter).toBe(";");
    expect(preview.columns.map((column) => column.role)).toEqual(["booked", "description", "amount"]);
    const stages = new Set<string>();
    let end: string | undefined;
    c.imports.watch("import-1", ({ latest }) => {
      if (latest) stages.add(latest.stage);
      end = latest?.status;
    });
    const accepted = await c.imports.start(csv, { batchId: "import-1", account: "giro", currency: "EUR" });
    expect(accepted).toMatchObject({ batch_id: "import-1", status: "processing", filename: "bank.csv" });
    await until("an end", () => end === "completed" || end === "error");
    expect(end).toBe("completed");
    expect([...stages]).toEqual(["validation", "scanning", "parsing", "database", "categorization"]);
    const { transactions, total } = await c.imports.transactions({ import: "import-1" });
    expect(total).toBe(2);
    expect(await c.imports.rejects("import-1")).toHaveLength(1);
    const categories = await c.imports.categories();
    const correction = await c.imports.correct(transactions[0]!.id, categories[0]!);
    expect(correction.category).toBe(categories[0]);
    expect((await c.imports.undo("import-1")).removed).toBe(2);
    await c.imports.saveProfile("mine", { delimiter: ";", columns: { Date: "booked" } });
    expect((await c.imports.profiles()).map((profile) => profile.name)).toEqual(["mine"]);
    await c.imports.removeProfile("mine");
  });

  test("a refusal has its code and its words; no answer has one too", async () => {
    const c = client();
    await expect(c.jobs.get("nothing")).rejects.toMatchObject({ name: "SluiceError", code: "not_found", status: 404 });
    const nobody = client({ url: "http://127.0.0.1:1" });
    await expect(nobody.jobs.list()).rejects.toMatchObject({ code: "unreachable", status: 0 });
  });

  test("storages, history and removal", async () => {
    const c = client();
    expect((await c.storages()).some((storage) => storage.default)).toBe(true);
    const { id } = await c.uploads.add(new File([someBytes(MB)], "removed.bin")).done;
    const seen = watch(c);
    await isLive(c);
    expect(await c.jobs.history(id)).toBeInstanceOf(Array);
    await c.jobs.remove(id, true);
    await until("removed", () => seen.events.some((e) => e.job === id && e.event === "removed"));
    expect(c.live.jobs.get(id)).toBeUndefined();
  });
});
