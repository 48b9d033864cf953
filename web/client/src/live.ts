import { backOff, comeBack } from "./backoff.js";
import type { End, Frame, Line, Position } from "./frames.js";
import { Jobs, ended } from "./jobs.js";
import { jobsSocket, jobsStream } from "./lines.js";
import type { Reach } from "./lines.js";
import { jobsPolled } from "./polling.js";
import { Queue } from "./queue.js";
import { Ticks } from "./ticks.js";
import { SluiceError } from "./http.js";
import type { Job, JobEvent } from "./types.js";

export type Transport = "websocket" | "sse" | "polling";

/** What the connection is about just now. */
export type Connection = (
  | { state: "idle" | "connecting" }
  | { state: "live" | "catching-up"; transport: Transport }
  /** Lost; tries again at `at`, which was `inMillis` away when this was said. */
  | { state: "reconnecting"; inMillis: number; at: number; attempt: number; reason: string }
  /** This machine has no network, or the server does not want us back (`code`). */
  | { state: "offline"; reason: string; code?: number }
) & {
  /** When the last word had come as the connection became so, in milliseconds: the age of what is shown. */
  asOf: number | undefined;
};

type Told<C = Connection> = C extends unknown ? Omit<C, "asOf"> : never;

/** Events may have been missed here; the documents are right again. */
export interface Gap {
  type: "gap";
}

export interface LiveOptions {
  /** All that the caller may see, or only jobs that somebody here watches. */
  scope?: "all" | "watched";
  /** In the order in which they are tried. */
  transports?: Transport[];
  pollMillis?: number;
  /** How long a connection stays when nobody needs it any more. */
  lingerMillis?: number;
  /** After how long on a fallback the first way is tried again. */
  upgradeMillis?: number;
  random?: () => number;
}

const FIRST_WORD = 8_000;
const SETTLED = 5_000;

/** One connection for all who watch; it is there while somebody holds it. */
export class Live {
  readonly jobs = new Jobs();
  readonly ticks = new Ticks();
  readonly #reach: Reach;
  readonly #options: LiveOptions;
  readonly #listeners = new Set<(connection: Connection) => void>();
  readonly #queues = new Set<{ job: string | undefined; queue: Queue<JobEvent | Gap> }>();
  readonly #watched = new Map<string, number>();
  /** The last event of each job that was handed to readers. */
  readonly #told = new Map<string, number>();
  #current: Connection = { state: "idle", asOf: undefined };
  #asOf: number | undefined;
  #holders = 0;
  #position: Position | undefined;
  #line: Line | undefined;
  #transport: Transport = "websocket";
  #attempt = 0;
  #generation = 0;
  #needsTicket: boolean;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #linger: ReturnType<typeof setTimeout> | undefined;
  #seen: Set<string> | undefined;
  readonly #wanted = new Set<string>();
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(reach: Reach, options: LiveOptions = {}) {
    this.#reach = reach;
    this.#options = options;
    this.#needsTicket = reach.http.needsTicket;
  }

  // ---- the connection

  get connection(): Connection {
    return this.#current;
  }

  /** Called at once with every change of the connection. */
  onConnection(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Holds the connection until the function returned is called. */
  hold(): () => void {
    clearTimeout(this.#linger);
    if (this.#holders++ === 0 && this.#current.state === "idle") {
      this.#listen(true);
      this.#connect();
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#linger = setTimeout(() => this.close(), this.#options.lingerMillis ?? 3_000);
    };
  }

  /** Holds the connection, and has the job's document even if it ended long ago. */
  watch(id: string): () => void {
    const release = this.hold();
    const before = this.#watched.get(id) ?? 0;
    this.#watched.set(id, before + 1);
    if (before === 0) {
      if (this.#options.scope === "watched" && !this.#line) this.reconnect();
      else if (!this.jobs.get(id)) this.refresh(id);
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      release();
      const left = (this.#watched.get(id) ?? 1) - 1;
      if (left > 0) {
        this.#watched.set(id, left);
      } else {
        this.#watched.delete(id);
        if (this.#options.scope === "watched") this.#line?.send?.({ type: "unsubscribe", jobs: [id] });
      }
    };
  }

  /** Tries at once, also where the server has said that it does not want us back. */
  reconnect(): void {
    if (this.#holders === 0) return;
    this.#attempt = 0;
    this.#connect();
  }

  close(): void {
    this.#listen(false);
    this.#drop();
    this.#become({ state: "idle" });
    for (const { queue } of [...this.#queues]) queue.end();
  }

  // ---- events

  /** Every event from now on, in order; of one job, or of all. `gap` says that some may be missing. */
  events(job?: string): AsyncIterableIterator<JobEvent | Gap> {
    const release = job === undefined ? this.hold() : this.watch(job);
    const entry = {
      job,
      queue: new Queue<JobEvent | Gap>(() => {
        this.#queues.delete(entry);
        release();
      }, { type: "gap" }),
    };
    this.#queues.add(entry);
    return entry.queue;
  }

  // ---- inside: connecting

  readonly #cameOnline = () => this.reconnect();
  readonly #wentOffline = () => {
    this.#drop();
    this.#become({ state: "offline", reason: "this machine has no network" });
  };
  readonly #shownAgain = () => {
    if (!document.hidden && this.#current.state === "reconnecting") this.#connect();
  };

  #listen(on: boolean): void {
    const how = on ? "addEventListener" : "removeEventListener";
    globalThis.window?.[how]("online", this.#cameOnline);
    globalThis.window?.[how]("offline", this.#wentOffline);
    globalThis.document?.[how]("visibilitychange", this.#shownAgain);
  }

  #drop(): void {
    this.#generation++;
    this.#line?.close();
    this.#line = undefined;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    clearTimeout(this.#asking);
    this.#asking = undefined;
  }

  #later(millis: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, millis);
    this.#timers.add(timer);
  }

  #connect(): void {
    this.#drop();
    if (this.#options.scope === "watched" && this.#watched.size === 0) {
      this.#become({ state: "idle" });
      return;
    }
    this.#become({ state: "connecting" });
    const ways = (this.#options.transports ?? ["websocket", "sse", "polling"]).filter(
      (way) => way !== "websocket" || this.#reach.webSocket,
    );
    this.#tryWay(ways, 0, this.#generation);
  }

  /** Opens one way; where no word comes by it, the next. */
  #tryWay(ways: Transport[], index: number, generation: number): void {
    const way = ways[index]!;
    let spoken = false;
    const failed = (end: End) => {
      if (generation !== this.#generation) return;
      line.close();
      const verdict = comeBack(end.code);
      if (spoken || verdict === "no" || index + 1 >= ways.length) this.#lost(end);
      else if (verdict === "ticket" && !this.#needsTicket) this.#lost(end);
      else this.#tryWay(ways, index + 1, generation);
    };
    const line = this.#open(way, {
      frame: (frame) => {
        if (generation !== this.#generation) return;
        if (!spoken) {
          spoken = true;
          this.#line = line;
          this.#transport = way;
          this.#become({ state: "catching-up", transport: way });
          this.#later(SETTLED, () => (this.#attempt = 0));
          if (index > 0) this.#later(this.#options.upgradeMillis ?? 60_000, () => this.#upgrade(ways[0]!));
        }
        this.#take(frame);
      },
      ended: failed,
    });
    if (index + 1 < ways.length) {
      this.#later(FIRST_WORD, () => {
        if (!spoken) failed({ code: 1006, reason: "no word came" });
      });
    }
  }

  #open(way: Transport, ears: Parameters<typeof jobsSocket>[4]): Line {
    const jobs = this.#options.scope === "watched" ? [...this.#watched.keys()] : [];
    if (way === "websocket") return jobsSocket(this.#reach, this.#position, jobs, this.#needsTicket, ears);
    if (way === "sse") return jobsStream(this.#reach, this.#position, jobs, ears);
    return jobsPolled(this.#reach.http, this.jobs, jobs, this.#options.pollMillis ?? 2_000, ears);
  }

  /** Tries a better way beside the present one, which stays where that does not work. */
  #upgrade(way: Transport): void {
    const generation = this.#generation;
    let first = true;
    const line = this.#open(way, {
      frame: (frame) => {
        if (first) {
          first = false;
          if (generation !== this.#generation) return line.close();
          this.#drop();
          this.#line = line;
          this.#transport = way;
          this.#become({ state: "catching-up", transport: way });
        }
        if (this.#line === line) this.#take(frame);
      },
      ended: (end) => {
        if (this.#line === line) this.#lost(end);
        else if (generation === this.#generation) this.#later(this.#options.upgradeMillis ?? 60_000, () => this.#upgrade(way));
      },
    });
  }

  #lost(end: End): void {
    this.#drop();
    const verdict = comeBack(end.code);
    if (verdict === "no" || (verdict === "ticket" && this.#attempt > 3)) {
      this.#become({ state: "offline", reason: end.reason || `closed with ${end.code}`, code: end.code });
      return;
    }
    if (globalThis.navigator?.onLine === false) return this.#wentOffline();
    if (verdict === "ticket") this.#needsTicket = true;
    const inMillis = typeof verdict === "number" ? verdict : backOff(this.#attempt, this.#options.random);
    this.#attempt++;
    this.#become({
      state: "reconnecting",
      inMillis,
      at: Date.now() + inMillis,
      attempt: this.#attempt,
      reason: end.reason || "the connection was lost",
    });
    this.#later(inMillis, () => this.#connect());
  }

  #become(connection: Told): void {
    this.#current = { ...connection, asOf: this.#asOf } as Connection;
    for (const listener of [...this.#listeners]) listener(this.#current);
  }

  #live(): void {
    if (this.#current.state !== "live" || this.#current.transport !== this.#transport) {
      this.#become({ state: "live", transport: this.#transport });
    }
    if (this.#wanted.size > 0) this.#ask();
  }

  // ---- inside: what is told

  #take(frame: Frame): void {
    this.#asOf = Date.now();
    switch (frame.type) {
      case "snapshot":
        return this.#snapshot(frame);
      case "resumed":
        this.#position = { epoch: frame.epoch, seq: frame.seq };
        return this.#live();
      case "gap":
        this.#gap(frame.epoch);
        return;
      case "event":
        return this.#event(frame);
      case "progress":
        return this.ticks.rows(frame.jobs, Date.parse(frame.at));
      default:
    }
  }

  #gap(epoch: string): void {
    if (this.#position && this.#position.epoch !== epoch) this.#forget();
    this.#seen = new Set();
    for (const { queue } of this.#queues) queue.put({ type: "gap" });
    this.#become({ state: "catching-up", transport: this.#transport });
  }

  /** Another log: numbers and jobs of the old one mean nothing. */
  #forget(): void {
    this.jobs.clear();
    this.#told.clear();
    this.#position = undefined;
  }

  #snapshot(frame: Extract<Frame, { type: "snapshot" }>): void {
    const whole = this.#current.state !== "live";
    if (whole && frame.epoch && this.#position && this.#position.epoch !== frame.epoch) this.#forget();
    this.#seen ??= new Set();
    for (const job of frame.jobs) {
      this.#seen.add(job.id);
      this.#document(job, whole);
    }
    if (frame.more) return;
    const seen = this.#seen;
    this.#seen = undefined;
    if (!whole) return;
    if (frame.epoch) this.#position = { epoch: frame.epoch, seq: frame.seq };
    // What was under way here and is not told of any more has ended long ago, or is gone.
    for (const job of this.jobs.all()) if (!seen.has(job.id) && !ended(job.state)) this.refresh(job.id);
    for (const id of this.#watched.keys()) if (!this.jobs.get(id)) this.refresh(id);
    this.#live();
  }

  #document(job: Job, whole: boolean): void {
    const told = this.#told.get(job.id);
    if (told === undefined) this.#told.set(job.id, job.seq);
    else if (whole && told < job.seq) void this.#repeat(job, told);
    this.jobs.put(job);
    if (ended(job.state)) this.ticks.drop(job.id);
    else this.ticks.set(job.id, job.progress);
  }

  #event(event: JobEvent): void {
    if (this.#position) this.#position = { ...this.#position, seq: Math.max(this.#position.seq, event.seq) };
    this.#tell(event);
    if (!this.jobs.apply(event)) this.refresh(event.job);
    if (event.event === "removed") this.#told.delete(event.job);
    if (ended(event.data.state)) this.ticks.drop(event.job);
  }

  #tell(event: JobEvent): void {
    if (event.seq <= (this.#told.get(event.job) ?? -1)) return;
    this.#told.set(event.job, event.seq);
    for (const { job, queue } of this.#queues) if (job === undefined || job === event.job) queue.put(event);
  }

  /** Reads the events of a job that no connection brought. */
  async #repeat(job: Job, after: number): Promise<void> {
    if (![...this.#queues].some((one) => one.job === undefined || one.job === job.id)) {
      this.#told.set(job.id, job.seq);
      return;
    }
    for (let from: string | undefined = String(after); from !== undefined; ) {
      const page: { events: JobEvent[]; next?: string } = await this.#reach.http.call(`/api/v1/jobs/${job.id}/events`, { query: { after: from } });
      for (const event of page.events) if (event.seq <= job.seq) this.#tell(event);
      from = page.next;
    }
  }

  // ---- inside: documents that events do not bring

  /** Asks for the document of a job, soon and together with others. */
  refresh(id: string): void {
    this.#wanted.add(id);
    this.#ask();
  }

  #ask(): void {
    if (this.#asking !== undefined || this.#current.state !== "live") return;
    this.#asking = setTimeout(() => {
      this.#asking = undefined;
      const ids = [...this.#wanted].slice(0, 100);
      ids.forEach((id) => this.#wanted.delete(id));
      if (this.#line?.send) {
        this.#line.send({ type: "subscribe", jobs: ids });
        if (this.#wanted.size > 0) this.#ask();
        // A job that is gone is in no snapshot.
        this.#later(2_000, () => ids.filter((id) => !this.jobs.get(id) && this.#watched.has(id)).forEach((id) => void this.fetch(id)));
      } else {
        void Promise.all(ids.map((id) => this.fetch(id))).then(() => this.#wanted.size > 0 && this.#ask());
      }
    }, 100);
  }

  /** Asks for a document by a request of its own. */
  async fetch(id: string): Promise<Job | undefined> {
    try {
      const job = await this.#reach.http.call<Job>(`/api/v1/jobs/${encodeURIComponent(id)}`);
      this.#document(job, false);
      return this.jobs.get(id);
    } catch (e) {
      if (e instanceof SluiceError && e.status === 404) this.jobs.remove(id);
      return undefined;
    }
  }
}
