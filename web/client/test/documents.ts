import type { Job } from "../src/index.js";

/** An upload that waits, with whatever is said of it. */
export function job(more: Partial<Job> = {}): Job {
  return {
    id: "a",
    kind: "upload",
    name: "a.bin",
    owner: "local",
    state: "pending",
    stages: [
      { name: "transfer", from: 0, to: 95 },
      { name: "commit", from: 95, to: 100 },
    ],
    progress: { percent: 0, bytes: 0, totalBytes: 100 },
    attempt: 1,
    facts: {},
    created: "2026-01-01T00:00:00Z",
    seq: 1,
    links: { self: "/api/v1/jobs/a", cancel: "/api/v1/jobs/a/cancel", pause: "/api/v1/jobs/a/pause" },
    ...more,
  };
}
