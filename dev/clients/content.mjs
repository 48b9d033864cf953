// Files that nobody stores: the bytes are a key stream of AES in counter mode, so they can be read at any offset,
// differ everywhere, do not compress, and are the same on every run.

import { createCipheriv, createHash } from 'node:crypto';
import { MIB } from './upload-proxy.mjs';

const BLOCK = 16;

export class GeneratedContent {
  constructor(seed, size) {
    this.key = createHash('sha256').update(`content ${seed}`).digest().subarray(0, 16);
    this.size = size;
  }

  /** The bytes [from, to). */
  read(from, to) {
    const skip = from % BLOCK;
    const counter = Buffer.alloc(BLOCK);
    counter.writeBigUInt64BE(BigInt((from - skip) / BLOCK), 8);
    const stream = createCipheriv('aes-128-ctr', this.key, counter).update(Buffer.alloc(skip + to - from));
    return stream.subarray(skip);
  }

  bytes() {
    return this.read(0, this.size);
  }

  sha256() {
    const hash = createHash('sha256');
    for (let at = 0; at < this.size; at += MIB) hash.update(this.read(at, Math.min(at + MIB, this.size)));
    return hash.digest('hex');
  }
}

/** The same content, hashed as it is read; only for reading once, from the start to the end. */
export function hashedWhileRead(content) {
  const hash = createHash('sha256');
  return {
    size: content.size,
    read(from, to) {
      const bytes = content.read(from, to);
      hash.update(bytes);
      return bytes;
    },
    digest: () => hash.digest('hex'),
  };
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hash of a streamed answer, of which nothing is kept. */
export async function sha256OfStream(stream) {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Numbers in [0, 1) that a run can repeat: set SEED to the seed that it printed. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
