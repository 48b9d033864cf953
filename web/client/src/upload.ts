import { backOff } from "./backoff.js";
import { SluiceError } from "./http.js";
import type { Http } from "./http.js";
import { ended } from "./jobs.js";
import { reasonOf } from "./lines.js";
import type { Reach } from "./lines.js";
import type { Live } from "./live.js";
import type { Remembered } from "./remembered.js";
import { Listeners } from "./schedule.js";
import type { Source } from "./source.js";
import { sendBySocket } from "./upload-socket.js";
import { create, offsetOf, sendByTus } from "./upload-tus.js";
import type { CancelReceipt, Job, State } from "./types.js";

export type UploadState = "waiting" | "uploading" | "paused" | "retrying" | "completed" | "failed" | "cancelled";

export const isOver = (state: UploadState): boolean => ended(state as State);

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
  /** Whether it goes on where an earlier load of the page had stopped. */
  resumed: boolean;
  /** Why it failed, or why it is retrying. */
  error?: SluiceError;
  /** While it is retrying: when it tries again, in milliseconds. */
  retryAt?: number;
  receipt?: CancelReceipt;
}

export interface UploadOptions {
  /** `socket`: in messages of a WebSocket, for networks that cut long requests. */
  via?: "tus" | "socket";
  name?: string;
  type?: string;
  /** Of a stream, where it is known. */
  size?: number;
  storage?: string;
  /** A batch that is still open, or a new UUID. */
  batch?: string;
  /** Bytes of one request; 32 MiB. Of a stream so much is held in memory. */
  chunkSize?: number;
  /** `false`: nothing is kept in local storage. */
  remember?: boolean;
}

/** What an upload needs of its client. */
export interface UploadParts extends Reach {
  live: Live;
  remembered: Remembered;
  /** Waits for a place among those that send. */
  place(signal: AbortSignal): Promise<() => void>;
}

/** Answers after which the same request may succeed, though they are the client's fault by their number. */
const PASSING = [408, 409, 423, 425, 429];

/** One file on its way from here. It goes on by itself after whatever can pass: a lost line, a server that starts anew. */
export class Upload {
  /** The job's document, once it is completed; rejects where it failed or was cancelled. */
  readonly done: Promise<Job>;
  /** Under which it is remembered. */
  readonly key: string | undefined;
  readonly #parts: UploadParts;
  readonly #source: Source;
  readonly #options: UploadOptions;
  readonly #listeners = new Listeners<"">();
  #status: UploadStatus;
  #abort = new AbortController();
  #running = false;
  /** Whether it was paused here. */
  #paused = false;
  /** The job's last event when it was seen paused. */
  #pausedAt = Infinity;
  #release: (() => void) | undefined;
  #wake = () => {};
  #settle!: [resolve: (job: Job) => void, reject: (e: SluiceError) => void];

  constructor(parts: UploadParts, source: Source, options: UploadOptions, key?: string) {
    this.#parts = parts;
    this.#source = source;
    this.#options = options;
    this.key = key;
    this.#status = { state: "waiting", name: source.name, sent: 0, resumed: false };
    if (source.size !== undefined) this.#status.size = source.size;
    this.done = new Promise((...settle) => (this.#settle = settle));
    this.done.catch(() => {});
    void this.#run();
  }

  get status(): UploadStatus {
    return this.#status;
  }

  /** Called with the frame after a change. */
  on(listener: () => void): () => void {
    return this.#listeners.on("", listener);
  }

  /** Stops sending; what has arrived stays. */
  async pause(): Promise<void> {
    if (this.#over || this.#paused) return;
    this.#paused = true;
    this.#pausedAt = Infinity;
    this.#become({ state: "paused" });
    // A server that cannot be asked keeps nobody from pausing.
    this.#pausedAt = (await this.#ask("pause"))?.seq ?? Infinity;
    this.#abort.abort();
    this.#follow();
  }

  async resume(): Promise<void> {
    if (this.#status.state !== "paused") return;
    await this.#ask("resume");
    this.#goOn();
  }

  /** The server decides; what has arrived is deleted. Without a receipt where it had not heard of the file. */
  async cancel(): Promise<CancelReceipt | undefined> {
    if (this.#over) return this.#status.receipt;
    if (!this.#status.id) {
      this.#finish({ state: "cancelled" });
      return undefined;
    }
    const receipt = await this.#parts.http.post<CancelReceipt>(`/api/v1/jobs/${this.#status.id}/cancel`);
    this.#finish({ state: "cancelled" });
    // Also where that was told before it was answered.
    if (this.#status.state === "cancelled") this.#become({ receipt });
    return receipt;
  }

  get #over(): boolean {
    return isOver(this.#status.state);
  }

  async #ask(act: "pause" | "resume"): Promise<Job | undefined> {
    if (!this.#status.id) return undefined;
    return this.#parts.http.post<Job>(`/api/v1/jobs/${this.#status.id}/${act}`).catch(() => undefined);
  }

  #goOn(): void {
    this.#paused = false;
    this.#wake();
    if (!this.#running) void this.#run();
  }

  #become(change: Partial<UploadStatus>): void {
    this.#status = { ...this.#status, ...change };
    if (this.#status.state !== "retrying") delete this.#status.retryAt;
    if (this.#status.state !== "retrying" && this.#status.state !== "failed") delete this.#status.error;
    this.#listeners.touch("");
  }

  #finish(change: Partial<UploadStatus>, job?: Job): void {
    if (this.#over) return;
    this.#become(change);
    if (this.key) this.#parts.remembered.forget(this.key);
    this.#abort.abort();
    this.#wake();
    this.#release?.();
    if (job) this.#settle[0](job);
    else this.#settle[1](this.#status.error ?? new SluiceError(`${this.#status.name} was cancelled`, "cancelled", 0));
  }

  // ---- the story of an upload

  async #run(): Promise<void> {
    this.#running = true;
    this.#release ??= this.#listen();
    for (let failures = 0; !this.#over && !this.#paused;) {
      const { signal } = (this.#abort = new AbortController());
      const { sent } = this.#status;
      let leave = () => {};
      try {
        leave = await this.#parts.place(signal);
        this.#become({ state: "uploading" });
        await this.#attempt(signal);
        await this.#judge();
      } catch (e) {
        leave();
        if (this.#over || this.#paused) break;
        if (this.#status.sent > sent) failures = 0;
        await this.#recover(e, failures++);
      }
      leave();
    }
    this.#running = false;
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const told = (sent: number) => this.#become({ sent });
    const id = this.#status.id ?? (await this.#begin(signal));
    if (this.#options.via === "socket") return sendBySocket(this.#parts, id, this.#source, told, signal);
    const offset = await offsetOf(this.#parts.http, id, signal);
    told(offset);
    await sendByTus(this.#parts.http, id, offset, this.#source, this.#options.chunkSize ?? 32 << 20, told, signal);
  }

  /** The id of a new job, or of the one that an earlier load of the page has begun. */
  async #begin(signal: AbortSignal): Promise<string> {
    const { http, remembered } = this.#parts;
    const kept = this.key ? remembered.get(this.key) : undefined;
    if (kept && (await isThere(http, kept.id))) {
      signal.throwIfAborted();
      this.#become({ id: kept.id, resumed: true });
      await this.#ask("resume");
      return kept.id;
    }
    // Not cut off with what follows: nobody would know of the job.
    const id = await create(http, this.#source, this.#options);
    this.#become({ id });
    if (this.#status.state === "cancelled") await http.post(`/api/v1/jobs/${id}/cancel`);
    const known = this.#source.fingerprint;
    if (this.key && known && !this.#over) {
      const { batch } = this.#options;
      remembered.set(this.key, { id, ...known, began: Date.now(), ...(batch && { batch }) });
    }
    signal.throwIfAborted();
    return id;
  }

  /** What the job itself says, whatever was heard of the bytes. True where that ends it. */
  async #judge(): Promise<boolean> {
    const job = await this.#parts.http.call<Job>(`/api/v1/jobs/${this.#status.id}`);
    const sent = job.progress.bytes;
    if (job.state === "completed") {
      this.#finish({ state: "completed", sent, size: sent }, job);
    } else if (job.state === "cancelled") {
      this.#finish({ state: "cancelled" });
    } else if (job.state === "failed") {
      const { message, code } = job.error!;
      this.#finish({ state: "failed", error: new SluiceError(message, code, 0) });
    } else if (job.state === "paused" && !this.#paused) {
      // By somebody else; #follow hears who resumes it.
      this.#pausedAt = job.seq;
      this.#become({ state: "paused" });
      const sleep = this.#sleep(30_000);
      this.#follow();
      await sleep;
    } else {
      return false;
    }
    return true;
  }

  async #recover(cause: unknown, failures: number): Promise<void> {
    const error =
      cause instanceof SluiceError ? cause : new SluiceError(reasonOf(cause), "interrupted", 0, undefined, cause);
    const { status } = error;
    let final = (status >= 400 && status < 500 && !PASSING.includes(status)) || status === 507;
    if (this.#status.id && error.code !== "unreadable") {
      try {
        if (await this.#judge()) return;
      } catch (e) {
        final = e instanceof SluiceError && e.status === 404;
      }
    }
    if (final) return this.#finish({ state: "failed", error });
    const millis = backOff(failures);
    this.#become({ state: "retrying", retryAt: Date.now() + millis, error });
    await this.#sleep(millis);
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

  #listen(): () => void {
    const { live } = this.#parts;
    const release = live.hold();
    const off = live.jobs.on(undefined, () => this.#follow());
    return () => {
      off();
      release();
    };
  }

  /** Sees what others have done with the job. */
  #follow(): void {
    const job = this.#parts.live.jobs.get(this.#status.id ?? "");
    if (!job || this.#over) return;
    if (ended(job.state)) {
      void this.#judge().catch(() => {});
    } else if (this.#status.state === "paused" && job.state !== "paused" && job.seq > this.#pausedAt) {
      this.#goOn();
    }
  }
}

/** Whether a job is there that has not ended. */
export function isThere(http: Http, id: string): Promise<boolean> {
  return http.call<Job>(`/api/v1/jobs/${id}`).then(
    (job) => !ended(job.state),
    (e: SluiceError) => {
      if (e.status === 404) return false;
      throw e;
    },
  );
}
