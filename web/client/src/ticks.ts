import type { ProgressRow } from "./frames.js";
import { Listeners } from "./schedule.js";
import type { Progress } from "./types.js";

/** A point of a curve: when, in milliseconds, and bytes a second. */
export interface Rate {
  at: number;
  rate: number;
}

const ALL = "";
const HELD = 600;
const STEP = 250;

/** How far jobs are, apart from what they are: ticks come ten times a second and are shown once a frame. */
export class Ticks {
  readonly #latest = new Map<string, Progress>();
  readonly #shown = new Map<string, Progress>();
  readonly #fresh = new Set<string>();
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
    return this.#curves.get(`~${id}`) ?? [];
  }

  onCurve(id = ALL, listener: () => void): () => void {
    const off = this.#listeners.on(`~${id}`, listener);
    return () => {
      off();
      if (!this.#listeners.has(`~${id}`)) this.#curves.delete(`~${id}`);
    };
  }

  rows(rows: ProgressRow[], at: number): void {
    for (const [id, percent, bytes, totalBytes, rate, eta, items, totalItems, current] of rows) {
      const progress: Progress = { percent, bytes };
      if (totalBytes !== null) progress.totalBytes = totalBytes;
      if (rate !== null) progress.rate = rate;
      if (eta !== null) progress.eta = eta;
      if (items !== null) progress.items = items;
      if (totalItems !== null) progress.totalItems = totalItems;
      if (current !== null) progress.current = current;
      this.set(id, progress);
      this.#point(id, rate ?? 0, at);
    }
    if (this.#listeners.has(`~${ALL}`)) {
      this.#point(ALL, rows.reduce((sum, row) => sum + (row[4] ?? 0), 0), at);
    }
  }

  set(id: string, progress: Progress): void {
    this.#latest.set(id, progress);
    this.#fresh.add(id);
    this.#listeners.touch(id, () => this.#show());
  }

  drop(id: string): void {
    this.#latest.delete(id);
    this.#fresh.add(id);
    this.#listeners.touch(id, () => this.#show());
  }

  #show(): void {
    for (const id of this.#fresh) {
      const progress = this.#latest.get(id);
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
