import { Listeners } from "./schedule.js";
import type { Job, JobEvent, JobFilter, Receipt, State } from "./types.js";

/** Beyond so many documents those of jobs that ended longest ago are let go. */
const MOST = 5_000;

export function ended(state: State): boolean {
  return state === "completed" || state === "failed" || state === "cancelled";
}

/** What jobs are, as far as the server has told. Documents are replaced, never changed. */
export class Jobs {
  readonly #documents = new Map<string, Job>();
  /** Only events tell of these, also of jobs whose documents are still on their way. */
  readonly #receipts = new Map<string, Receipt>();
  readonly #listeners = new Listeners<string>();
  readonly #lists = new Map<string, { version: number; jobs: readonly Job[] }>();
  #version = 0;

  get(id: string): Job | undefined {
    return this.#documents.get(id);
  }

  all(): Iterable<Job> {
    return this.#documents.values();
  }

  /** Those that match, the newest first; the same array until something changes. */
  list(filter: Pick<JobFilter, "kind" | "state" | "batch" | "owner" | "q"> = {}): readonly Job[] {
    const key = JSON.stringify(filter);
    const known = this.#lists.get(key);
    if (known?.version === this.#version) return known.jobs;
    const found = [...this.#documents.values()].filter((job) => matches(job, filter));
    found.sort((a, b) => (a.created + a.id < b.created + b.id ? 1 : -1));
    const jobs =
      known && known.jobs.length === found.length && found.every((job, i) => job === known.jobs[i])
        ? known.jobs
        : found;
    if (this.#lists.size > 50) this.#lists.clear();
    this.#lists.set(key, { version: this.#version, jobs });
    return jobs;
  }

  /** Called with the frame after a change of the job, or of any. */
  on(id: string | undefined, listener: () => void): () => void {
    return this.#listeners.on(id ?? "", listener);
  }

  watched(id: string): boolean {
    return this.#listeners.has(id);
  }

  /** Takes a document, unless a newer one is there. */
  put(job: Job): void {
    const known = this.#documents.get(job.id);
    if (known && known.seq > job.seq) return;
    const taken = this.#withReceipt(job);
    if (JSON.stringify(taken) !== JSON.stringify(known)) this.#changed(taken);
  }

  /** Applies an event; false where the document has to be asked for. */
  apply(event: JobEvent): boolean {
    const job = this.#documents.get(event.job);
    if (event.event === "removed") {
      this.remove(event.job);
      return true;
    }
    const told = this.#receipts.get(event.job);
    const receipt = event.event === "cleaned" ? told && { ...told, cleanup: "done" } : event.data.receipt;
    if (receipt) this.#receipts.set(event.job, receipt as Receipt);
    if (!job) return false;
    const late = event.seq <= job.seq;
    const now = this.#withReceipt(late ? job : patched(job, event));
    if (now !== job) this.#changed(now);
    return late || !(event.event === "retrying" || ended(event.event as State) || unplanned(job, event));
  }

  remove(id: string): void {
    this.#receipts.delete(id);
    if (!this.#documents.delete(id)) return;
    this.#touch(id);
  }

  clear(): void {
    for (const id of [...this.#documents.keys()]) this.remove(id);
    this.#receipts.clear();
  }

  #withReceipt(job: Job): Job {
    const receipt = this.#receipts.get(job.id);
    return receipt && receipt !== job.receipt ? { ...job, receipt, cancelledBy: receipt.by } : job;
  }

  #changed(job: Job): void {
    this.#documents.delete(job.id);
    this.#documents.set(job.id, job);
    this.#touch(job.id);
    if (this.#documents.size > MOST) this.#letGo();
  }

  #touch(id: string): void {
    this.#version++;
    this.#listeners.touch(id);
    this.#listeners.touch("");
  }

  #letGo(): void {
    for (const job of this.#documents.values()) {
      if (this.#documents.size <= MOST * 0.9) return;
      if (ended(job.state) && !this.watched(job.id)) this.remove(job.id);
    }
  }
}

function matches(job: Job, { q, ...rest }: JobFilter): boolean {
  const asked = Object.entries(rest) as ["kind", string | undefined][];
  return (
    asked.every(([name, value]) => !value || job[name] === value) &&
    job.name.toLowerCase().includes((q ?? "").toLowerCase())
  );
}

/** A stage that the document's plan does not have: the job was planned anew. */
function unplanned(job: Job, event: JobEvent): boolean {
  return event.event === "stage" && !job.stages.some((stage) => stage.name === event.data.stage);
}

function patched(before: Job, event: JobEvent): Job {
  const { data, at } = event;
  const { state, waiting, stage } = data as Pick<Job, "state" | "waiting" | "stage">;
  const job = {
    ...before,
    seq: event.seq,
    state,
    waiting,
    ...only(data, "attempt", "error"),
    facts: { ...before.facts, ...(data.facts as object) },
  } as Job;
  if (!waiting) delete job.waiting;
  if (state !== "pending") delete job.position;
  if (event.event === "started") job.started ??= at;
  const done = state === "completed";
  if (done) {
    job.progress = { ...job.progress, percent: 100, ...only(data, "bytes") };
    delete job.stage;
    delete job.error;
  } else if (stage) {
    job.stage = stage;
  }
  if (done || stage) {
    job.stages = job.stages.map((one) => {
      if (one.name === stage) return { started: at, ...one };
      return one.started ? { ended: at, ...one } : one;
    });
  }
  if (ended(state)) job.ended ??= at;
  else delete job.ended;
  const self = job.links.self ?? `/api/v1/jobs/${job.id}`;
  job.links = { ...job.links };
  // What the state allows; what a kind adds comes with the next document.
  for (const act of ACTS) {
    if (CAN[state]?.includes(act)) job.links[act] = `${self}/${act}`;
    else delete job.links[act];
  }
  return job;
}

const ACTS = ["cancel", "pause", "resume", "retry"] as const;
const CAN: Partial<Record<State, string>> = {
  pending: "cancel pause",
  running: "cancel pause",
  paused: "cancel resume",
};

/** Those of the members that are there. */
function only(data: Record<string, unknown>, ...names: string[]): object {
  return Object.fromEntries(names.filter((name) => data[name] !== undefined).map((name) => [name, data[name]]));
}
