import type { ProgressRow } from "./frames.js";
import { Listeners } from "./schedule.js";
import type { Progress } from "./types.js";

/** A point of a curve: when, in milliseconds, and bytes a second. */
export interface Rate {
  at: number;
  rate: number;
}

const NAMES = ["percent", "bytes", "totalBytes", "rate", "eta", "items", "totalItems", "current"];
const ALL = "";
/** One and the same, so that nobody takes it for news. */
const NONE: readonly Rate[] = [];
const HELD = 600;
const STEP = 250;

/** How far jobs are, apart from what they are: ticks come ten times a second and are shown once a frame. */
export class Ticks {
  readonly #shown = new Map<string, Progress>();
  /** What is shown with the next frame. */
  readonly #fresh = new Map<string, Progress | undefined>();
  readonly #listeners = new Listeners<string>();
  readonly #curves = new Map<string, readonly Rate[]>();

  /** The same object until the next frame that brings news of the job. */
  get(id: string): Progress | undefined {
    return this.#shown.get(id);
  }

  on(id: string, listener: () => void): () => void {
    return this.#listeners.on(id, listener);
  }

  /** Bytes a second of a job, or of all together, while somebody listens to it; at most the last 600 points. */
  curve(id = ALL): readonly Rate[] {
    return this.#curves.get(`~${id}`) ?? NONE;
  }

  onCurve(id = ALL, listener: () => void): () => void {
    const off = this.#listeners.on(`~${id}`, listener);
    return () => {
      off();
      if (!this.#listeners.has(`~${id}`)) this.#curves.delete(`~${id}`);
    };
  }

  rows(rows: ProgressRow[], at: number): void {
    for (const row of rows) {
      const progress = {} as Record<string, unknown>;
      for (let i = 1; i < row.length; i++) if (row[i] !== null) progress[NAMES[i - 1]!] = row[i];
      this.set(row[0], progress as unknown as Progress);
      this.#point(row[0], row[4] ?? 0, at);
    }
    if (this.#listeners.has(`~${ALL}`)) {
      this.#point(
        ALL,
        rows.reduce((sum, row) => sum + (row[4] ?? 0), 0),
        at,
      );
    }
  }

  /** @param progress undefined once the job has ended */
  set(id: string, progress: Progress | undefined): void {
    this.#fresh.set(id, progress);
    this.#listeners.touch(id, () => this.#show());
  }

  #show(): void {
    for (const [id, progress] of this.#fresh) {
      if (progress) this.#shown.set(id, progress);
      else this.#shown.delete(id);
    }
    this.#fresh.clear();
  }

  #point(id: string, rate: number, at: number): void {
    const key = `~${id}`;
    if (!this.#listeners.has(key)) return;
    const curve = this.#curves.get(key) ?? [];
    if (curve.length > 0 && at - curve[curve.length - 1]!.at < STEP) return;
    this.#curves.set(key, [...curve.slice(1 - HELD), { at, rate }]);
    this.#listeners.touch(key, () => this.#show());
  }
}
