import { eventsOf } from "./events-of.js";
import type { Ears, Line } from "./frames.js";
import type { Http } from "./http.js";
import { ended } from "./jobs.js";
import { ending } from "./lines.js";
import type { Jobs } from "./jobs.js";
import type { Job, JobEvent, JobList } from "./types.js";

/** Live events where neither socket nor stream comes through: lists are read, and of jobs that changed their events. */
export function jobsPolled(http: Http, known: Jobs, only: string[], everyMillis: number, ears: Ears): Line {
  const abort = new AbortController();
  const signal = abort.signal;
  const seen = new Map<string, number>();
  let top = -1;

  const one = (id: string): Promise<Job | undefined> =>
    http.call<Job>(`/api/v1/jobs/${encodeURIComponent(id)}`, { signal }).catch(() => undefined);

  const read = async (): Promise<Job[]> => {
    const found = new Map<string, Job>();
    const look = async (id: string) => {
      const job = await one(id);
      if (job) found.set(id, job);
    };
    if (only.length > 0) {
      await Promise.all(only.map(look));
      return [...found.values()];
    }
    for (const state of ["running", "pending", "paused", ""]) {
      for (let after: string | undefined = ""; after !== undefined;) {
        // Of those that have ended the newest will do.
        const page: JobList = await http.call("/api/v1/jobs", {
          query: { state, after, limit: state ? 1_000 : 100 },
          signal,
        });
        page.jobs.forEach((job) => found.set(job.id, job));
        after = state ? page.next : undefined;
      }
    }
    // What was under way at the last look and is in no list has ended.
    for (const job of [...known.all()]) if (!found.has(job.id) && !ended(job.state)) await look(job.id);
    return [...found.values()];
  };

  const round = async () => {
    const jobs = await read();
    if (signal.aborted) return;
    const events: JobEvent[] = [];
    const first = top < 0;
    for (const job of jobs) {
      const before = seen.get(job.id) ?? (first ? job.seq : job.seq > top ? 0 : job.seq);
      seen.set(job.id, job.seq);
      if (job.seq <= before) continue;
      events.push(...(await eventsOf(http, job.id, before, signal)).filter((event) => event.seq <= job.seq));
    }
    top = Math.max(top, ...jobs.map((job) => job.seq));
    if (signal.aborted) return;
    events.sort((a, b) => a.seq - b.seq);
    ears.frame({ type: "snapshot", epoch: "", seq: 0, jobs });
    events.forEach((event) => ears.frame(event));
  };

  const { close, fail } = ending(ears.ended, () => abort.abort());
  const run = async () => {
    while (!signal.aborted) {
      await round();
      await new Promise((resolve) => setTimeout(resolve, everyMillis));
    }
  };
  run().catch(fail);
  return { close };
}
