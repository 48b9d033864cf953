/** How long to wait before the try after `attempt` failures: full jitter between 250 ms and a ceiling that doubles up to 30 s. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  return Math.max(250, Math.round(random() * Math.min(30_000, 250 * 2 ** Math.min(attempt, 10))));
}

/** What a close code asks for: not to come back, to come back after the usual wait, after so many milliseconds, or with a new ticket. */
export type Return = "no" | "wait" | "ticket" | number;

/** WIRE, close codes. Whatever else ends a connection (1005, 1006, proxies' own codes) is a broken line. */
export function comeBack(code: number): Return {
  if ([1000, 1008, 1009, 4001, 4009].includes(code)) return "no";
  return code === 4008 ? 1_000 : code === 4011 ? 250 : code === 4401 ? "ticket" : "wait";
}
