/** Where the bytes of an upload come from. */
export interface Source {
  readonly name: string;
  readonly type: string;
  /** Absent until a stream has ended. */
  readonly size: number | undefined;
  /** By what a file is known after the page was loaded again. */
  readonly fingerprint: { name: string; size: number; lastModified: number } | undefined;
  /** What comes from `offset` on, at most `length` bytes; `last` where nothing follows. A stream goes back by one piece at most. */
  piece(offset: number, length: number): Promise<{ bytes: Blob; last: boolean }>;
}

export class FileSource implements Source {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly fingerprint: Source["fingerprint"];
  readonly #file: Blob;

  constructor(file: Blob & { name?: string; lastModified?: number; webkitRelativePath?: string }, name?: string, type?: string) {
    this.#file = file;
    this.name = name ?? file.name ?? "file";
    this.type = type ?? (file.type || "application/octet-stream");
    this.size = file.size;
    const path = file.webkitRelativePath || this.name;
    this.fingerprint = file.lastModified === undefined ? undefined : { name: path, size: file.size, lastModified: file.lastModified };
  }

  piece(offset: number, length: number): Promise<{ bytes: Blob; last: boolean }> {
    const end = Math.min(this.size, offset + length);
    return Promise.resolve({ bytes: this.#file.slice(offset, end), last: end === this.size });
  }
}

export class StreamSource implements Source {
  readonly name: string;
  readonly type: string;
  readonly fingerprint = undefined;
  size: number | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What was read and may be asked for again. */
  #held: Uint8Array[] = [];
  #from = 0;
  #bytes = 0;
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>, name: string, type?: string, size?: number) {
    this.#reader = stream.getReader();
    this.name = name;
    this.type = type ?? "application/octet-stream";
    this.size = size;
  }

  async piece(offset: number, length: number): Promise<{ bytes: Blob; last: boolean }> {
    if (offset < this.#from) throw new Error("the stream cannot go back that far");
    while (this.#held.length > 0 && this.#from + this.#held[0]!.length <= offset) {
      const passed = this.#held.shift()!.length;
      this.#from += passed;
      this.#bytes -= passed;
    }
    while (!this.#ended && this.#from + this.#bytes < offset + length) {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#ended = true;
        this.size = this.#from + this.#bytes;
      } else if (value.length > 0) {
        this.#held.push(value);
        this.#bytes += value.length;
      }
    }
    const all = new Blob(this.#held as Uint8Array<ArrayBuffer>[]);
    const start = offset - this.#from;
    const end = Math.min(this.#bytes, start + length);
    return { bytes: all.slice(start, end), last: this.#ended && end === this.#bytes };
  }
}
