import { SluiceError } from "./http.js";

/** By what a file is known after the page was loaded again. */
export interface Fingerprint {
  name: string;
  size: number;
  lastModified: number;
}

/** Where the bytes of an upload come from. */
export interface Source {
  readonly name: string;
  readonly type: string;
  /** Absent until a stream has ended. */
  readonly size: number | undefined;
  readonly fingerprint: Fingerprint | undefined;
  /** What comes from `offset` on, at most `length` bytes; `last` where nothing follows. */
  piece(offset: number, length: number): Promise<{ bytes: Blob; last: boolean }>;
}

const UNKNOWN = "application/octet-stream";

export function fileSource(file: Blob & Partial<File>, name?: string, type?: string): Source {
  const { size, lastModified } = file;
  return {
    name: name ?? file.name ?? "file",
    type: type ?? (file.type || UNKNOWN),
    size,
    fingerprint:
      lastModified === undefined ? undefined : { name: file.webkitRelativePath || file.name!, size, lastModified },
    async piece(offset, length) {
      const bytes = file.slice(offset, offset + length);
      // A request would only fail, and look like a broken line.
      await bytes
        .slice(0, 1)
        .arrayBuffer()
        .catch((e: unknown) => {
          throw new SluiceError(
            `${this.name} cannot be read any more; choose it again`,
            "unreadable",
            400,
            undefined,
            e,
          );
        });
      return { bytes, last: offset + length >= size };
    },
  };
}

/** @param kept how many bytes it can go back from where it was asked for last */
export function streamSource(
  stream: ReadableStream<Uint8Array>,
  kept: number,
  name: string,
  type = UNKNOWN,
  size?: number,
): Source {
  const reader = stream.getReader();
  let held = new Blob();
  let from = 0;
  let done = false;
  return {
    name,
    type,
    size,
    fingerprint: undefined,
    async piece(offset, length) {
      if (offset < from)
        throw new SluiceError(`the stream ${name} cannot go back to byte ${offset}`, "unreadable", 400);
      const passed = Math.max(0, offset - kept - from);
      const parts: BlobPart[] = [held.slice(passed)];
      from += passed;
      let end = from + held.size - passed;
      while (!done && end < offset + length) {
        const next = await reader.read();
        done = next.done;
        if (next.value) {
          parts.push(next.value as Uint8Array<ArrayBuffer>);
          end += next.value.length;
        }
      }
      held = new Blob(parts);
      const bytes = held.slice(offset - from, offset - from + length);
      return { bytes, last: offset + bytes.size === size || (done && offset + bytes.size === end) };
    },
  };
}
