import { backOff, comeBack } from "./backoff.js";
import { eventsOf } from "./events-of.js";
import type { Ears, End, Frame, Line, Position } from "./frames.js";
import { SluiceError } from "./http.js";
import { Jobs, ended } from "./jobs.js";
import { jobsSocket, jobsStream } from "./lines.js";
import type { Reach } from "./lines.js";
import { jobsPolled } from "./polling.js";
import { Queue } from "./queue.js";
import { Ticks } from "./ticks.js";
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
  /** Until when what is shown was right, in milliseconds; not known while it is. */
  asOf: number | undefined;
};

type Told<C = Connection> = C extends unknown ? Omit<C, "asOf"> : never;

/** Events may be missing here; the documents are right. */
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

const WAYS: Transport[] = ["websocket", "sse", "polling"];
/** A way by which no word comes for so long is not one. */
const FIRST_WORD = 8_000;
/** A connection that lasts for so long counts as a success. */
const SETTLED = 5_000;
const MOST_TOLD = 20_000;

/** One connection for all who watch; it is there while somebody holds it. */
export class Live {
  readonly jobs = new Jobs();
  readonly ticks = new Ticks();
  readonly #reach: Reach;
  readonly #options: LiveOptions;
  /** In the order in which they are tried. */
  readonly #ways: Transport[];
  readonly #listeners = new Set<(connection: Connection) => void>();
  readonly #readers = new Map<Queue<JobEvent | Gap>, string | undefined>();
  readonly #watched = new Map<string, number>();
  /** The last event of each job that readers were given. */
  readonly #told = new Map<string, number>();
  /** Whose documents are asked for next. */
  readonly #wanted = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #connection: Connection = { state: "idle", asOf: undefined };
  #transport: Transport = "websocket";
  #line: Line | undefined;
  #position: Position | undefined;
  #heard: number | undefined;
  #holders = 0;
  #attempt = 0;
  #ticket: boolean;
  /** Jobs of the snapshot that is coming in. */
  #seen: Set<string> | undefined;
  /** Frames that wait until events that were missed have been read. */
  #backlog: Frame[] | undefined;
  #asking = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(reach: Reach, options: LiveOptions = {}) {
    this.#reach = reach;
    this.#options = options;
    this.#ways = (options.transports ?? WAYS).filter((way) => way !== "websocket" || reach.webSocket);
    this.#ticket = reach.http.needsTicket;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Called at once with every change of the connection. */
  onConnection(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Holds the connection until the function returned is called. */
  hold(): () => void {
    clearTimeout(this.#linger);
    this.#holders++;
    if (this.#connection.state === "idle") {
      this.#listen("addEventListener");
      this.#connect();
    }
    return once(() => {
      if (--this.#holders === 0) this.#linger = setTimeout(() => this.close(), this.#options.lingerMillis ?? 3_000);
    });
  }

  /** Holds the connection, and has the job's document even if it ended long ago. */
  watch(id: string): () => void {
    const watchers = this.#watched.get(id) ?? 0;
    this.#watched.set(id, watchers + 1);
    const release = this.hold();
    if (watchers === 0) {
      if (!this.jobs.get(id)) this.refresh(id);
      if (this.#narrow && this.#line && !this.#line.send) this.#connect();
    }
    return once(() => {
      const left = this.#watched.get(id)! - 1;
      if (left > 0) this.#watched.set(id, left);
      else this.#watched.delete(id);
      if (left === 0 && this.#narrow) this.#line?.send?.({ type: "unsubscribe", jobs: [id] });
      release();
    });
  }

  /** Every event from now on, in order; of one job, or of all. */
  events(job?: string): AsyncIterableIterator<JobEvent | Gap> {
    const release = job === undefined ? this.hold() : this.watch(job);
    const reader = new Queue<JobEvent | Gap>(
      () => {
        this.#readers.delete(reader);
        release();
      },
      { type: "gap" },
    );
    this.#readers.set(reader, job);
    return reader;
  }

  /** Tries at once, also where the server has said that it does not want us back. */
  reconnect(): void {
    if (this.#holders === 0) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Ends the connection and all iterations. Who holds it afterwards opens it again. */
  close(): void {
    this.#listen("removeEventListener");
    this.#drop();
    this.#become({ state: "idle" });
    for (const reader of [...this.#readers.keys()]) reader.end();
  }

  /** Asks for the document of a job, soon and together with others. */
  refresh(id: string): void {
    this.#wanted.add(id);
    this.#ask();
  }

  // ---- connecting

  /** Whether only named jobs are asked for. */
  get #narrow(): boolean {
    return this.#options.scope === "watched";
  }

  #cameOnline = () => this.reconnect();
  #wentOffline = () => {
    this.#drop();
    this.#become({ state: "offline", reason: "no network" });
  };

  #listen(how: "addEventListener" | "removeEventListener"): void {
    globalThis.window?.[how]("online", this.#cameOnline);
    globalThis.window?.[how]("offline", this.#wentOffline);
  }

  #later(millis: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, millis);
    this.#timers.add(timer);
  }

  /** Leaves the line, and everything that was to happen on it. */
  #drop(): void {
    this.#line?.close();
    this.#line = this.#seen = this.#backlog = undefined;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    this.#asking = false;
  }

  #connect(): void {
    this.#drop();
    if (this.#narrow && this.#watched.size === 0) return this.#become({ state: "idle" });
    this.#become({ state: "connecting" });
    this.#try(this.#ways);
  }

  /** Opens the first of these ways; where no word comes by it, the next. */
  #try(ways: Transport[]): void {
    const [way, ...rest] = ways;
    if (!way) return this.#lost({ code: 1008, reason: "no transport" });
    let spoken = false;
    const ended = (end: End) => {
      if (this.#line !== line) return;
      if (spoken || rest.length === 0 || comeBack(end.code) !== "wait") return this.#lost(end);
      this.#drop();
      this.#try(rest);
    };
    const line = (this.#line = this.#open(way, {
      frame: (frame) => {
        if (this.#line !== line) return;
        if (!spoken) {
          spoken = true;
          this.#speaks(way);
          if (way !== this.#ways[0]) this.#upgrade(this.#ways[0]!);
        }
        this.#take(frame);
      },
      ended,
    }));
    this.#later(FIRST_WORD, () => spoken || ended({ code: 1006, reason: "no answer" }));
  }

  #open(way: Transport, ears: Ears): Line {
    const jobs = this.#narrow ? [...this.#watched.keys()] : [];
    if (way === "websocket") return jobsSocket(this.#reach, this.#position, jobs, this.#ticket, ears);
    if (way === "sse") return jobsStream(this.#reach, this.#position, jobs, ears);
    return jobsPolled(this.#reach.http, this.jobs, jobs, this.#options.pollMillis ?? 2_000, ears);
  }

  #speaks(way: Transport): void {
    this.#transport = way;
    this.#become({ state: "catching-up", transport: way });
    this.#later(SETTLED, () => (this.#attempt = 0));
  }

  /** After a while tries a better way beside the present one, which stays until that works. */
  #upgrade(way: Transport): void {
    this.#later(this.#options.upgradeMillis ?? 60_000, () => {
      const present = this.#line;
      const line = this.#open(way, {
        frame: (frame) => {
          if (this.#line === present) {
            this.#drop();
            this.#line = line;
            this.#speaks(way);
          }
          if (this.#line === line) this.#take(frame);
          else line.close();
        },
        ended: (end) => {
          if (this.#line === line) this.#lost(end);
          else if (this.#line === present) this.#upgrade(way);
        },
      });
    });
  }

  #lost({ code, reason }: End): void {
    // What is shown was right until now, unless nobody knows since when the line is dead.
    if (this.#connection.state === "live" && reason !== "no answer") this.#heard = Date.now();
    this.#drop();
    const verdict = comeBack(code);
    reason ||= `closed with ${code}`;
    if (verdict === "no") return this.#become({ state: "offline", reason, code });
    if (globalThis.navigator?.onLine === false) return this.#wentOffline();
    if (verdict === "ticket") this.#ticket = true;
    const inMillis = typeof verdict === "number" ? verdict : backOff(this.#attempt, this.#options.random);
    const attempt = ++this.#attempt;
    this.#become({ state: "reconnecting", inMillis, at: Date.now() + inMillis, attempt, reason });
    this.#later(inMillis, () => this.#connect());
  }

  #become(connection: Told): void {
    const asOf = connection.state === "live" ? undefined : this.#heard;
    this.#connection = { ...connection, asOf } as Connection;
    for (const listener of [...this.#listeners]) listener(this.#connection);
  }

  #live(): void {
    this.#become({ state: "live", transport: this.#transport });
    if (this.#wanted.size > 0) this.#ask();
  }

  // ---- what is told

  #take(frame: Frame): void {
    this.#heard = Date.now();
    if (this.#backlog && frame.type !== "progress") {
      this.#backlog.push(frame);
    } else if (frame.type === "snapshot") {
      this.#snapshot(frame);
    } else if (frame.type === "event") {
      this.#event(frame);
    } else if (frame.type === "progress") {
      this.ticks.rows(frame.jobs, Date.parse(frame.at));
    } else if (frame.type === "resumed") {
      this.#position = { epoch: frame.epoch, seq: frame.seq };
      this.#live();
    } else if (frame.type === "gap") {
      this.#become({ state: "catching-up", transport: this.#transport });
      this.#gap();
    }
  }

  #gap(): void {
    for (const reader of this.#readers.keys()) reader.put({ type: "gap" });
  }

  /** A snapshot of all that there is, after which the connection is live; or, on a live one, of a few that were asked for. */
  #snapshot({ jobs, epoch, seq, more }: Extract<Frame, { type: "snapshot" }>): void {
    if (this.#connection.state === "live") return jobs.forEach((job) => this.#document(job));
    if (epoch && this.#position && this.#position.epoch !== epoch) {
      // Another log: numbers and jobs of the old one mean nothing.
      this.jobs.clear();
      this.#told.clear();
      this.#position = undefined;
    }
    const missed: [job: string, after: number, upTo: number][] = [];
    this.#seen ??= new Set();
    for (const job of jobs) {
      const upTo = epoch ? Math.min(job.seq, seq) : job.seq;
      const told = this.#told.get(job.id);
      if (told !== undefined && told < upTo) missed.push([job.id, told, upTo]);
      else this.#told.set(job.id, Math.max(upTo, told ?? 0));
      this.#seen.add(job.id);
      this.#document(job);
    }
    if (missed.length > 0 && this.#readers.size > 0) void this.#repeat(missed);
    if (more) return;
    // What was under way here and is not told of any more has ended long ago, or is gone.
    const seen = this.#seen;
    void this.#fetch([...this.jobs.all()].filter((job) => !seen.has(job.id) && !ended(job.state)).map((job) => job.id));
    for (const id of this.#watched.keys()) if (!this.jobs.get(id)) this.#wanted.add(id);
    this.#seen = undefined;
    if (epoch) this.#position = { epoch, seq };
    this.#live();
  }

  #document(job: Job): void {
    this.jobs.put(job);
    this.ticks.set(job.id, ended(job.state) ? undefined : job.progress);
  }

  #event(event: JobEvent): void {
    if (this.#position) this.#position.seq = Math.max(this.#position.seq, event.seq);
    if (!this.jobs.apply(event)) this.refresh(event.job);
    if (ended(event.data.state)) this.ticks.set(event.job, undefined);
    this.#tell(event);
  }

  #tell(event: JobEvent): void {
    if (event.seq <= (this.#told.get(event.job) ?? -1)) return;
    this.#told.set(event.job, event.seq);
    if (this.#told.size > MOST_TOLD) this.#told.delete(this.#told.keys().next().value!);
    for (const [reader, job] of this.#readers) if (job === undefined || job === event.job) reader.put(event);
  }

  /** Reads events that no connection has brought, before anything newer is told. */
  async #repeat(missed: [job: string, after: number, upTo: number][]): Promise<void> {
    const backlog = (this.#backlog ??= []);
    try {
      const events: JobEvent[] = [];
      for (const [job, after, upTo] of missed) {
        events.push(...(await eventsOf(this.#reach.http, job, after)).filter((event) => event.seq <= upTo));
      }
      for (const event of events.sort((a, b) => a.seq - b.seq)) this.#tell(event);
    } catch {
      this.#gap();
    }
    if (this.#backlog !== backlog) return;
    this.#backlog = undefined;
    backlog.forEach((frame) => this.#take(frame));
  }

  // ---- documents that events do not bring

  #ask(): void {
    if (this.#asking || this.#connection.state !== "live") return;
    this.#asking = true;
    this.#later(150, () => {
      this.#asking = false;
      const jobs = [...this.#wanted].slice(0, 100);
      jobs.forEach((id) => this.#wanted.delete(id));
      // A line that goes both ways brings them in one frame.
      if (this.#line?.send) this.#line.send({ type: "subscribe", jobs });
      else void this.#fetch(jobs);
      if (this.#wanted.size > 0) this.#ask();
    });
  }

  async #fetch(ids: string[]): Promise<void> {
    for (const id of ids) {
      try {
        this.#document(await this.#reach.http.call<Job>(`/api/v1/jobs/${encodeURIComponent(id)}`));
      } catch (e) {
        if (e instanceof SluiceError && e.status === 404) this.jobs.remove(id);
      }
    }
  }
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
