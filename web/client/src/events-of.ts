import type { Http } from "./http.js";
import type { JobEvent } from "./types.js";

/** The events of a job after a number, as the log has them. */
export async function eventsOf(http: Http, job: string, after: number, signal?: AbortSignal): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for (let from: string | number | undefined = after; from !== undefined;) {
    const page: { events: JobEvent[]; next?: string } = await http.call(
      `/api/v1/jobs/${encodeURIComponent(job)}/events`,
      {
        query: { after: from },
        signal,
      },
    );
    events.push(...page.events);
    from = page.next;
  }
  return events;
}
