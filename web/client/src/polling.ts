import type { Ears, Line } from "./frames.js";
import type { Http } from "./http.js";
import { ended } from "./jobs.js";
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

  const list = async (query: object): Promise<Job[]> => {
    const jobs: Job[] = [];
    for (let after: string | undefined; ; ) {
      const page: JobList = await http.call("/api/v1/jobs", { query: { limit: 1_000, ...query, after }, signal });
      jobs.push(...page.jobs);
      after = page.next;
      if (after === undefined || "limit" in query) return jobs;
    }
  };

  const read = async (): Promise<Job[]> => {
    if (only.length > 0) return (await Promise.all(only.map(one))).filter((job) => job !== undefined);
    const lists = await Promise.all([
      list({ state: "running" }),
      list({ state: "pending" }),
      list({ state: "paused" }),
      list({ limit: 100 }),
    ]);
    const byId = new Map(lists.flat().map((job) => [job.id, job]));
    // What was under way at the last look and is in no list has ended.
    for (const job of [...known.all()]) {
      if (byId.has(job.id) || ended(job.state)) continue;
      const now = await one(job.id);
      if (now) byId.set(now.id, now);
    }
    return [...byId.values()];
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
      const page = await http.call<{ events: JobEvent[] }>(`/api/v1/jobs/${job.id}/events`, { query: { after: before }, signal });
      events.push(...page.events.filter((event) => event.seq <= job.seq));
    }
    top = Math.max(top, ...jobs.map((job) => job.seq));
    if (signal.aborted) return;
    events.sort((a, b) => a.seq - b.seq);
    if (first) ears.frame({ type: "snapshot", epoch: "", seq: 0, jobs });
    for (const event of events) ears.frame(event);
    if (!first) ears.frame({ type: "snapshot", epoch: "", seq: 0, jobs });
  };

  const run = async () => {
    while (!signal.aborted) {
      await round();
      await new Promise((resolve) => setTimeout(resolve, everyMillis));
    }
  };
  run().catch((e: unknown) => {
    if (signal.aborted) return;
    abort.abort();
    ears.ended({ code: 1006, reason: e instanceof Error ? e.message : String(e) });
  });
  return { close: () => abort.abort() };
}
