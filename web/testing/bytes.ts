import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that differ from place to place, always the same for a seed. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = seed | 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, length);
}

let folder: string | undefined;

/** A file of such bytes on the disk, until the process ends. */
export function someFile(name: string, length: number, seed = 1): string {
  if (folder === undefined) {
    const made = (folder = mkdtempSync(join(tmpdir(), "sluice-web-")));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  const path = join(folder, name);
  writeFileSync(path, someBytes(length, seed));
  return path;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The digest of what a URL gives; by a connection of its own, since a test may have cut those that were kept. */
export function sha256Of(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${url}: ${answer.statusCode}`));
      const hash = createHash("sha256");
      answer.on("data", (piece: Buffer) => hash.update(piece));
      answer.on("end", () => resolve(hash.digest("hex")));
      answer.on("error", reject);
    }).on("error", reject);
  });
}

/** Waits until something holds, at most so long. */
export async function until<T>(what: string, holds: () => T | Promise<T>, millis = 20_000): Promise<NonNullable<T>> {
  for (const end = Date.now() + millis; ;) {
    const is = await holds();
    if (is) return is as NonNullable<T>;
    if (Date.now() > end) throw new Error(`not within ${millis} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
