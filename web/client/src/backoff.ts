/** How long to wait before the try after `attempt` failures: full jitter between 250 ms and a ceiling that doubles up to 30 s. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  return Math.max(250, Math.round(random() * Math.min(30_000, 250 * 2 ** Math.min(attempt, 10))));
}

/** What a close code asks for: not to come back, to come back after the usual wait, after so many milliseconds, or with a new ticket. */
export type Return = "no" | "wait" | "ticket" | number;

/** WIRE, close codes. Whatever else ends a connection (1005, 1006, proxies' own codes) is a broken line. */
export function comeBack(code: number): Return {
  switch (code) {
    case 1000:
    case 1008:
    case 1009:
    case 4001:
    case 4009:
      return "no";
    case 4008:
      return 1000;
    case 4011:
      return 250;
    case 4401:
      return "ticket";
    default:
      return "wait";
  }
}
