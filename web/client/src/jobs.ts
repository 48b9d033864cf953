import { Listeners } from "./schedule.js";
import type { Job, JobEvent, JobFilter, Links, Receipt, State } from "./types.js";

/** Beyond so many documents those of jobs that ended longest ago are let go. */
const MOST = 5_000;

export function ended(state: State): boolean {
  return state === "completed" || state === "failed" || state === "cancelled";
}

/** What jobs are, as far as the server has told. Documents are replaced, never changed. */
export class Jobs {
  readonly #documents = new Map<string, Job>();
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
    found.sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : a.id < b.id ? 1 : -1));
    const same = known && known.jobs.length === found.length && known.jobs.every((job, i) => job === found[i]);
    const jobs = same ? known.jobs : found;
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
    const receipt = job.state === "cancelled" ? known?.receipt : undefined;
    this.#changed(receipt ? { ...job, receipt } : job);
  }

  /** Applies an event; false where the document has to be asked for. */
  apply(event: JobEvent): boolean {
    const job = this.#documents.get(event.job);
    if (event.event === "removed") {
      this.remove(event.job);
      return true;
    }
    if (!job) return false;
    if (event.seq <= job.seq) return true;
    this.#changed(patched(job, event));
    return !["retrying", "completed", "failed", "cancelled"].includes(event.event) && !unplanned(job, event);
  }

  remove(id: string): void {
    if (!this.#documents.delete(id)) return;
    this.#touch(id);
  }

  clear(): void {
    for (const id of [...this.#documents.keys()]) this.remove(id);
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

function matches(job: Job, filter: JobFilter): boolean {
  return (
    (!filter.kind || job.kind === filter.kind) &&
    (!filter.state || job.state === filter.state) &&
    (!filter.batch || job.batch === filter.batch) &&
    (!filter.owner || job.owner === filter.owner) &&
    (!filter.q || job.name.toLowerCase().includes(filter.q.toLowerCase()))
  );
}

/** A stage that the document's plan does not have: the job was planned anew. */
function unplanned(job: Job, event: JobEvent): boolean {
  return event.event === "stage" && !job.stages.some((stage) => stage.name === event.data.stage);
}

function patched(before: Job, event: JobEvent): Job {
  const { data, at } = event;
  const { waiting: _, position, ...rest } = before;
  const job: Job = { ...rest, seq: event.seq, state: data.state };
  if (data.waiting) job.waiting = data.waiting;
  if (position && data.state === "pending") job.position = position;
  switch (event.event) {
    case "started":
      job.started ??= at;
      job.attempt = (data.attempt as number | undefined) ?? job.attempt;
      break;
    case "stage":
      job.stage = data.stage as string;
      job.stages = job.stages.map((stage) => {
        if (stage.name === job.stage) return { ...stage, started: stage.started ?? at };
        return stage.started && !stage.ended ? { ...stage, ended: at } : stage;
      });
      break;
    case "facts":
      job.facts = { ...job.facts, ...(data.facts as object) };
      break;
    case "retrying":
      delete job.ended;
      job.attempt = (data.attempt as number | undefined) ?? job.attempt;
      if (data.error) job.error = data.error as NonNullable<Job["error"]>;
      break;
    case "completed":
      job.progress = { ...job.progress, percent: 100, bytes: (data.bytes as number | undefined) ?? job.progress.bytes };
      job.stages = job.stages.map((stage) => (stage.started && !stage.ended ? { ...stage, ended: at } : stage));
      delete job.stage;
      delete job.error;
      job.ended = at;
      break;
    case "failed":
      job.error = data.error as NonNullable<Job["error"]>;
      job.ended = at;
      break;
    case "cancelled":
      if (data.receipt) job.receipt = data.receipt as Receipt;
      job.cancelledBy = job.receipt?.by ?? (data.cancelledBy as string | undefined) ?? "";
      job.ended = at;
      break;
    case "cleaned":
      if (job.receipt) job.receipt = { ...job.receipt, cleanup: "done" };
      break;
    default:
  }
  job.links = links(job);
  return job;
}

/** What the state allows; what a kind adds comes with the next document. */
function links(job: Job): Links {
  const self = job.links.self ?? `/api/v1/jobs/${job.id}`;
  const { cancel: _c, pause: _p, resume: _r, retry: _t, ...kept } = job.links;
  const can: Record<State, ("cancel" | "pause" | "resume" | "retry")[]> = {
    pending: ["cancel", "pause"],
    running: ["cancel", "pause"],
    paused: ["cancel", "resume"],
    failed: [],
    completed: [],
    cancelled: [],
  };
  return { ...kept, ...Object.fromEntries(can[job.state].map((act) => [act, `${self}/${act}`])) };
}
