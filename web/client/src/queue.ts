const MOST = 10_000;

/** What was put in, in order, for one reader. One that reads too slowly loses the oldest and is told by `lost`. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void) | undefined;
  #done = false;
  readonly #lost: T | undefined;
  readonly #left: () => void;

  constructor(left: () => void, lost?: T) {
    this.#left = left;
    this.#lost = lost;
  }

  put(item: T): void {
    if (this.#done) return;
    if (this.#waiting) {
      this.#waiting({ done: false, value: item });
      this.#waiting = undefined;
      return;
    }
    this.#items.push(item);
    if (this.#items.length > MOST) {
      this.#items.splice(0, MOST / 2);
      if (this.#lost !== undefined) this.#items.unshift(this.#lost);
    }
  }

  /** Nothing more comes; what is there can still be read. */
  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#left();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
