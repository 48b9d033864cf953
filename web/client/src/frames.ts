import type { Job, JobEvent } from "./types.js";

/** The frames of `/ws/jobs` and `/api/v1/events`. WIRE, section 5. */
export type Frame =
  | { type: "snapshot"; epoch: string; seq: number; jobs: Job[]; more?: true }
  | { type: "resumed"; epoch: string; seq: number }
  | { type: "gap"; epoch: string; seq: number }
  | JobEvent
  | { type: "progress"; at: string; jobs: ProgressRow[] }
  | { type: "pong" };

/** id, percent, bytes, totalBytes, rate, eta, items, totalItems, current. */
export type ProgressRow = [
  string,
  number,
  number,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  string | null,
];

/** Up to where a client has everything. */
export interface Position {
  epoch: string;
  seq: number;
}

/** How a connection ended. */
export interface End {
  code: number;
  reason: string;
}

export interface Ears {
  frame(frame: Frame): void;
  /** Told once; nothing follows. */
  ended(end: End): void;
}

/** A connection by whichever way. Closing it tells its ears nothing more. */
export interface Line {
  close(): void;
  /** Absent where the way goes one way only. */
  send?(message: object): unknown;
}
