import type { RememberedUpload } from "./remembered.js";
import { Listeners } from "./schedule.js";
import { fileSource, streamSource } from "./source.js";
import { Upload, isOver, isThere } from "./upload.js";
import type { UploadOptions, UploadParts } from "./upload.js";

export type Uploadable = Blob | ReadableStream<Uint8Array>;

/** Files on their way from this page; a few are sent at once, the others wait. */
export class Uploads {
  readonly #parts: UploadParts;
  /** Of whom the server was asked. */
  readonly #asked = new Set<string>();
  readonly #listeners = new Listeners<"">();
  #current: readonly Upload[] = [];
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(parts: Omit<UploadParts, "place">, atOnce: number) {
    this.#parts = { ...parts, place: (signal) => this.#place(signal) };
    this.#free = atOnce;
  }

  /** Begins at once, or as soon as there is a place. A file of which a part has arrived already goes on. */
  add(what: Uploadable, options: UploadOptions = {}): Upload {
    const { name, type, size } = options;
    const kept = options.via === "socket" ? 64 << 20 : 0;
    const source =
      what instanceof Blob ? fileSource(what, name, type) : streamSource(what, kept, name ?? "stream", type, size);
    const known = options.remember === false ? undefined : source.fingerprint;
    const key = known && this.#parts.remembered.key(known);
    // The same file twice at once: two uploads, of which the first is remembered.
    const taken = this.#current.some((other) => other.key === key && isUnderWay(other));
    const upload = new Upload(this.#parts, source, options, taken ? undefined : key);
    this.#change([...this.#current, upload]);
    return upload;
  }

  /** All of one batch. */
  addAll(files: Iterable<Blob>, options: UploadOptions = {}): Upload[] {
    const batch = options.batch ?? uuid();
    return [...files].map((file) => this.add(file, { ...options, batch }));
  }

  /** Those of this page, ended ones too until they are removed; a new array with every change. */
  get all(): readonly Upload[] {
    return this.#current;
  }

  on(listener: () => void): () => void {
    return this.#listeners.on("", listener);
  }

  /** Takes one off the list; what has not ended goes on. */
  remove(upload: Upload): void {
    this.#change(this.#current.filter((one) => one !== upload));
  }

  /** Whether this page still sends bytes: leaving it would interrupt that. */
  get sending(): boolean {
    return this.#current.some((upload) => isUnderWay(upload) && upload.status.state !== "paused");
  }

  /**
   * What earlier loads of the page have left half done: adding the same file goes on with it. Whether the server still has
   * it is asked in the background; what it has not leaves the list, and listeners are called.
   */
  unfinished(): RememberedUpload[] {
    const { http, remembered } = this.#parts;
    const here = this.#current.map((upload) => upload.key);
    return remembered.all().filter((one) => {
      if (here.includes(remembered.key(one))) return false;
      if (!this.#asked.has(one.id)) {
        this.#asked.add(one.id);
        isThere(http, one.id).then(
          (there) => there || this.forget(one),
          () => {},
        );
      }
      return true;
    });
  }

  /** Begins anew when the file is added again. */
  forget(upload: RememberedUpload): void {
    this.#parts.remembered.forget(this.#parts.remembered.key(upload));
    this.#change([...this.#current]);
  }

  #change(uploads: readonly Upload[]): void {
    this.#current = uploads;
    this.#listeners.touch("");
  }

  async #place(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) {
      this.#free--;
    } else {
      await new Promise<void>((resolve, reject) => {
        this.#queue.add(resolve);
        signal.addEventListener("abort", () => this.#queue.delete(resolve) && reject(signal.reason as Error));
      });
    }
    let here = true;
    return () => {
      if (!here) return;
      here = false;
      for (const next of this.#queue) {
        this.#queue.delete(next);
        return next();
      }
      this.#free++;
    };
  }
}

const isUnderWay = ({ status }: Upload) => !isOver(status.state);

/** `crypto.randomUUID` is there only on pages that came by TLS. */
function uuid(): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () =>
    (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16),
  );
}
