/** Runs once, with the next frame, or within 100 ms where no frames are drawn. */
export function nextFrame(run: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    run();
  };
  const timer = setTimeout(once, 100);
  if (typeof requestAnimationFrame === "function" && !globalThis.document?.hidden) requestAnimationFrame(once);
}

/** Listeners, by key; those of a key that changed are called with the next frame, once. */
export class Listeners<K> {
  readonly #byKey = new Map<K, Set<() => void>>();
  readonly #changed = new Set<K>();
  #due = false;

  on(key: K, listener: () => void): () => void {
    const all = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0 && this.#byKey.get(key) === all) this.#byKey.delete(key);
    };
  }

  has(key: K): boolean {
    return this.#byKey.has(key);
  }

  /** @param flush what is done first, with the same frame */
  touch(key: K, flush?: () => void): void {
    this.#changed.add(key);
    if (this.#due) return;
    this.#due = true;
    nextFrame(() => {
      this.#due = false;
      flush?.();
      const keys = [...this.#changed];
      this.#changed.clear();
      for (const one of keys) for (const listener of [...(this.#byKey.get(one) ?? [])]) listener();
    });
  }
}
