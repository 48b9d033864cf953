import { backOff } from "./backoff.js";
import { SluiceError } from "./http.js";
import type { Http } from "./http.js";
import type { Reach } from "./lines.js";
import type { Live } from "./live.js";
import type { Remembered } from "./remembered.js";
import { Listeners } from "./schedule.js";
import type { Source } from "./source.js";
import { sendBySocket } from "./upload-socket.js";
import { createByTus, offsetByTus, sendByTus } from "./upload-tus.js";
import type { CancelReceipt, Job } from "./types.js";

export type UploadState = "waiting" | "uploading" | "paused" | "retrying" | "completed" | "failed" | "cancelled";

/** How an upload is, from where its bytes are. Replaced, never changed. */
export interface UploadStatus {
  state: UploadState;
  /** The job's id, once the server knows of it. */
  id?: string;
  name: string;
  /** Absent of a stream that has not ended. */
  size?: number;
  /** Bytes that were sent. */
  sent: number;
  /** Whether it goes on where another page, or an earlier load of this one, had stopped. */
  resumed: boolean;
  error?: SluiceError;
  /** While it is retrying: when it tries again, in milliseconds. */
  retryAt?: number;
  receipt?: CancelReceipt;
}

export interface UploadOptions {
  /** `socket`: the WebSocket proxy, for networks that cut long requests. */
  via?: "tus" | "socket";
  name?: string;
  type?: string;
  /** Of a stream, where it is known. */
  size?: number;
  storage?: string;
  /** A batch that is still open, or a new UUID. By tus only. */
  batch?: string;
  /** Bytes of one request; 32 MiB. Of a stream so much is held in memory. */
  chunkSize?: number;
  /** `false`: nothing is kept in local storage. */
  remember?: boolean;
}

/** What an upload needs of its client. */
export interface UploadParts {
  http: Http;
  reach: Reach;
  live: Live;
  remembered: Remembered;
  /** Waits for a place among those that send. */
  place(signal: AbortSignal): Promise<() => void>;
}

/** Why sending stopped without an error. */
class Halt extends Error {}

/** One file on its way from here. It goes on by itself after whatever can pass: lost lines, a server that starts anew. */
export class Upload {
  /** Settles with the end: the job's document; rejects where it failed or was cancelled. */
  readonly done: Promise<Job>;
  readonly #parts: UploadParts;
  readonly #source: Source;
  readonly #options: UploadOptions;
  readonly #listeners = new Listeners<"">();
  #now: UploadStatus;
  #abort = new AbortController();
  #running = false;
  #wantsPause = false;
  #release: (() => void) | undefined;
  #wake: (() => void) | undefined;
  readonly #key: string | undefined;
  #settle!: { resolve(job: Job): void; reject(e: unknown): void };

  constructor(parts: UploadParts, source: Source, options: UploadOptions) {
    this.#parts = parts;
    this.#source = source;
    this.#options = options;
    this.#now = { state: "waiting", name: source.name, sent: 0, resumed: false };
    if (source.size !== undefined) this.#now.size = source.size;
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.done.catch(() => {});
    const known = source.fingerprint;
    this.#key = known && options.remember !== false && (options.via ?? "tus") === "tus" ? parts.remembered.key(known) : undefined;
    void this.#run();
  }

  get status(): UploadStatus {
    return this.#now;
  }

  /** Called with the frame after a change. */
  on(listener: () => void): () => void {
    return this.#listeners.on("", listener);
  }

  /** Stops sending, keeps what has arrived. */
  async pause(): Promise<void> {
    if (this.#over || this.#wantsPause) return;
    this.#wantsPause = true;
    this.#become({ state: "paused" });
    if (this.#now.id) await this.#parts.http.post(`/api/v1/jobs/${this.#now.id}/pause`).catch(ignoreConflict);
    this.#abort.abort(new Halt());
  }

  async resume(): Promise<void> {
    if (this.#over || !this.#wantsPause) return;
    if (this.#now.id) await this.#parts.http.post(`/api/v1/jobs/${this.#now.id}/resume`).catch(ignoreConflict);
    this.#wantsPause = false;
    this.#wake?.();
    if (!this.#running) void this.#run();
  }

  /** The server decides; what has arrived is deleted. Without a receipt where the server had not heard of the file. */
  async cancel(): Promise<CancelReceipt | undefined> {
    if (this.#over) return this.#now.receipt;
    const id = this.#now.id;
    if (!id) {
      this.#finish({ state: "cancelled" });
      return undefined;
    }
    const receipt = await this.#parts.http.post<CancelReceipt>(`/api/v1/jobs/${id}/cancel`);
    this.#finish({ state: "cancelled", receipt });
    return receipt;
  }

  /** Lets go of it without a word to the server: what has arrived waits there, for an upload of the same file. */
  abandon(): void {
    this.#wantsPause = true;
    this.#abort.abort(new Halt());
  }

  get #over(): boolean {
    return this.#now.state === "completed" || this.#now.state === "failed" || this.#now.state === "cancelled";
  }

  #become(change: Partial<UploadStatus>): void {
    const { retryAt: _, ...rest } = this.#now;
    this.#now = { ...rest, ...change };
    this.#listeners.touch("");
  }

  #finish(change: Partial<UploadStatus>, job?: Job): void {
    if (this.#over) return;
    this.#become(change);
    if (this.#key) this.#parts.remembered.forget(this.#key);
    this.#abort.abort(new Halt());
    this.#wake?.();
    this.#release?.();
    if (job) this.#settle.resolve(job);
    else this.#settle.reject(this.#now.error ?? new SluiceError(`${this.#now.name} was cancelled`, "cancelled", 0));
  }

  // ---- the story of an upload

  async #run(): Promise<void> {
    this.#running = true;
    this.#release ??= this.#parts.live.hold();
    for (let failures = 0; !this.#over && !this.#wantsPause; ) {
      this.#abort = new AbortController();
      const before = this.#now.sent;
      let leave: (() => void) | undefined;
      try {
        leave = await this.#parts.place(this.#abort.signal);
        this.#become({ state: "uploading" });
        await this.#attempt(this.#abort.signal);
        await this.#ended();
      } catch (e) {
        if (this.#over || this.#wantsPause) break;
        if (this.#now.sent > before) failures = 0;
        leave?.();
        leave = undefined;
        await this.#afterFailure(e, failures++);
      } finally {
        leave?.();
      }
    }
    this.#running = false;
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { http } = this.#parts;
    const told = (sent: number) => this.#become({ sent });
    if (this.#options.via === "socket") {
      if (!this.#now.id) this.#become({ id: await initiate(http, this.#source, this.#options, signal) });
      await sendBySocket(this.#parts.reach, this.#now.id!, this.#source, told, signal);
      return;
    }
    let offset: number | undefined;
    if (!this.#now.id) {
      const kept = this.#key ? this.#parts.remembered.get(this.#key) : undefined;
      offset = kept && (await offsetByTus(http, kept.id, signal).catch(gone));
      if (kept && offset !== undefined) {
        await http.post(`/api/v1/jobs/${kept.id}/resume`).catch(ignoreConflict);
        this.#become({ id: kept.id, resumed: true });
      } else {
        this.#become({ id: await createByTus(http, this.#source, this.#options, signal) });
        offset = 0;
        const known = this.#source.fingerprint;
        if (this.#key && known) {
          this.#parts.remembered.set(this.#key, {
            id: this.#now.id!,
            ...known,
            began: Date.now(),
            ...(this.#options.batch ? { batch: this.#options.batch } : {}),
          });
        }
      }
    }
    offset ??= await offsetByTus(http, this.#now.id!, signal);
    told(offset);
    await sendByTus(http, this.#now.id!, offset, this.#source, this.#options.chunkSize ?? 32 << 20, told, signal);
  }

  /** All bytes are there: what the job says counts. */
  async #ended(): Promise<void> {
    const job = await this.#parts.http.call<Job>(`/api/v1/jobs/${this.#now.id}`);
    if (job.state === "completed") this.#finish({ state: "completed", sent: job.progress.bytes, size: job.progress.bytes }, job);
    else throw new SluiceError(`${this.#now.name} is ${job.state}`, "interrupted", 0);
  }

  /** Asks what became of the job, then waits, as long as it may go on. */
  async #afterFailure(cause: unknown, failures: number): Promise<void> {
    const error = cause instanceof SluiceError ? cause : new SluiceError(String(cause), "interrupted", 0, undefined, cause);
    if (this.#now.id) {
      const job = await this.#parts.http.call<Job>(`/api/v1/jobs/${this.#now.id}`).catch((e: unknown) => e);
      if (job instanceof SluiceError && job.status === 404) return this.#finish({ state: "failed", error: job });
      if (!(job instanceof Error)) {
        const found = job as Job;
        if (found.state === "completed") return this.#finish({ state: "completed", sent: found.progress.bytes }, found);
        if (found.state === "cancelled") return this.#finish({ state: "cancelled" });
        if (found.state === "failed") {
          const { code, message } = found.error ?? { code: "internal", message: "failed" };
          return this.#finish({ state: "failed", error: new SluiceError(message, code, 0) });
        }
        if (found.state === "paused") return this.#waitForResume(found.id);
      }
    }
    if (error.status >= 400 && error.status < 500 && ![408, 409, 423, 425, 429].includes(error.status)) {
      return this.#finish({ state: "failed", error });
    }
    const millis = backOff(failures);
    this.#become({ state: "retrying", retryAt: Date.now() + millis, error });
    await this.#sleep(millis);
    const { error: _, ...rest } = this.#now;
    if (!this.#over) this.#now = rest;
  }

  /** Somebody else has paused it; it goes on when somebody resumes it. */
  async #waitForResume(id: string): Promise<void> {
    this.#become({ state: "paused" });
    const off = this.#parts.live.jobs.on(id, () => this.#parts.live.jobs.get(id)?.state !== "paused" && this.#wake?.());
    await this.#sleep(30_000);
    off();
  }

  #sleep(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function ignoreConflict(e: unknown): void {
  if (!(e instanceof SluiceError && (e.status === 409 || e.status === 404 || e.status === 0))) throw e;
}

function gone(e: unknown): undefined {
  if (e instanceof SluiceError && [403, 404, 410].includes(e.status)) return undefined;
  throw e;
}

async function initiate(http: Http, source: Source, options: UploadOptions, signal: AbortSignal): Promise<string> {
  if (source.size === undefined) throw new SluiceError("a stream of unknown size goes by tus", "invalid_request", 400);
  const { storage } = options;
  const file = { filename: source.name, size: source.size, content_type: source.type, storage };
  return (await http.post<{ file_id: string }>("/api/v1/upload/initiate", file, { signal })).file_id;
}
