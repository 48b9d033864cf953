import type { Remembered, RememberedUpload } from "./remembered.js";
import { Listeners } from "./schedule.js";
import { FileSource, StreamSource } from "./source.js";
import { Upload } from "./upload.js";
import type { UploadOptions, UploadParts } from "./upload.js";

export type Uploadable = Blob | ReadableStream<Uint8Array>;

/** Files on their way from this page; a few are sent at once, the others wait. */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #remembered: Remembered;
  readonly #listeners = new Listeners<"">();
  #current: readonly Upload[] = [];
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(parts: Omit<UploadParts, "place">, atOnce: number) {
    this.#parts = { ...parts, place: (signal) => this.#place(signal) };
    this.#remembered = parts.remembered;
    this.#free = atOnce;
  }

  /** Begins at once, or as soon as there is a place. A file of which a part has arrived already goes on. */
  add(what: Uploadable, options: UploadOptions = {}): Upload {
    const source =
      what instanceof Blob
        ? new FileSource(what, options.name, options.type)
        : new StreamSource(what, options.name ?? "stream", options.type, options.size);
    const upload = new Upload(this.#parts, source, options);
    this.#change([...this.#current, upload]);
    return upload;
  }

  /** All of one batch. */
  addAll(files: Iterable<Blob>, options: UploadOptions = {}): Upload[] {
    const batch = options.batch ?? uuid();
    return [...files].map((file) => this.add(file, options.via === "socket" ? options : { ...options, batch }));
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
    return this.#current.some(({ status }) => ["waiting", "uploading", "retrying"].includes(status.state));
  }

  /** What earlier loads of the page have left half done: adding the same file goes on with it. */
  unfinished(): RememberedUpload[] {
    const here = new Set(this.#current.map((upload) => upload.status.id));
    return this.#remembered.all().filter((one) => !here.has(one.id));
  }

  /** Begins anew when the file is added again. */
  forget(upload: RememberedUpload): void {
    this.#remembered.forget(this.#remembered.key(upload));
  }

  #change(uploads: readonly Upload[]): void {
    this.#current = uploads;
    this.#listeners.touch("");
  }

  async #place(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else {
      await new Promise<void>((resolve, reject) => {
        const come = () => {
          signal.removeEventListener("abort", go);
          resolve();
        };
        const go = () => {
          this.#queue.splice(this.#queue.indexOf(come), 1);
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", go, { once: true });
        this.#queue.push(come);
      });
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#queue.shift();
      if (next) next();
      else this.#free++;
    };
  }
}

/** `crypto.randomUUID` is there only on pages that came by TLS. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
