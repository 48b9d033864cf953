import type { Job } from "@sluice/client";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(n: number): string {
  let unit = 0;
  let value = n;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1_000;
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function speed(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** `-` where nobody knows. */
export function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "–";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3_600)} h`;
}

/** How the job is, in words; of a cancelled one how fast that was. */
export function stateWords(job: Job): string {
  switch (job.state) {
    case "pending":
      if (job.waiting === "client") return "waiting for its sender";
      if (job.waiting === "retry") return `waiting to try again, attempt ${job.attempt}`;
      return job.position ? `waiting, place ${job.position}` : "waiting for a place";
    case "running":
      return job.stage ?? "running";
    case "failed":
      return job.error ? `failed: ${job.error.message}` : "failed";
    case "cancelled":
      return job.receipt ? `cancelled in ${millis(job.receipt.requestMillis)}` : "cancelled";
    default:
      return job.state;
  }
}

export function millis(n: number): string {
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ms`;
}
