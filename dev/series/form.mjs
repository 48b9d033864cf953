// Which form of the series runs, and its random numbers.
// SERIES=long: all that is promised; else the short form, of seconds. SEED: repeats the random points of a run.

import { randomNumbers, SEED } from '../clients/content.mjs';

export const LONG = process.env.SERIES === 'long';
export const form = (short, long) => (LONG ? long : short);

/** Random numbers of one purpose, which no other purpose disturbs. */
export function randomOf(purpose) {
  let seed = SEED;
  for (const char of purpose) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) >>> 0;
  const next = randomNumbers(seed);
  return {
    upTo: (most) => Math.floor(next() * (most + 1)),
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    oneOf: (list) => list[Math.floor(next() * list.length)],
    chance: (share) => next() < share,
  };
}

/** p50, p99 and the most of some milliseconds, in words. */
export function spread(millis) {
  const sorted = [...millis].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  const figures = { n: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
  const words = ['p50', 'p99', 'most'].map((name) => `${name} ${figures[name]?.toFixed(1)}`).join(', ');
  return { ...figures, toString: () => `${words} ms (n=${figures.n})` };
}

console.log(`# ${LONG ? 'long' : 'short'} form, SEED=${SEED}`);
