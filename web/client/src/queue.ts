const MOST = 10_000;
const END = { done: true, value: undefined } as const;

/** What was put in, in order, for one reader. One that reads too slowly loses the oldest and is told by `lost`. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void) | undefined;
  #done = false;
  readonly #lost: T;
  readonly #left: () => void;

  constructor(left: () => void, lost: T) {
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
    if (this.#items.length > MOST) this.#items.splice(0, MOST / 2, this.#lost);
  }

  /** Nothing more comes; what is there can still be read. */
  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#left();
    this.#waiting?.(END);
    this.#waiting = undefined;
  }

  async next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return { done: false, value: item };
    if (this.#done) return END;
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  async return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    this.end();
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
