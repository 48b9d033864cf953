import { backOff, comeBack } from "./backoff.js";
import type { Line } from "./frames.js";
import { socketLine } from "./lines.js";
import type { Reach } from "./lines.js";

/** What is known of one job or batch by a socket of its own. Replaced, never changed. */
export interface Watched<T> {
  connected: boolean;
  latest?: T;
  /** Why nothing more comes. */
  error?: string;
}

const POLL = 2_000;

/**
 * Watches by a socket that tells the latest status (WIRE, sections 2 and 3), and by requests while there is none.
 *
 * @param token for the first connection; later ones fetch a ticket where one is needed
 * @param read a message's status; undefined for any other message
 * @returns what ends it
 */
export function watchStatus<T, M>(
  reach: Reach,
  path: string,
  poll: string,
  token: string | undefined,
  read: (message: M) => T | undefined,
  over: (status: T) => boolean,
  told: (watched: Watched<T>) => void,
): () => void {
  let now: Watched<T> = { connected: false };
  let line: Line | undefined;
  let word = token;
  let again: ReturnType<typeof setTimeout> | undefined;
  let polls: ReturnType<typeof setInterval> | undefined;
  let failures = 0;
  let ended = false;

  const become = (change: Partial<Watched<T>>) => {
    if (!ended) told((now = { ...now, ...change }));
  };
  const stop = () => {
    ended = true;
    clearTimeout(again);
    clearInterval(polls);
    line?.close();
  };
  const heard = (latest: T) => {
    const last = over(latest);
    become({ latest, ...(last && { connected: false }) });
    if (last) stop();
  };
  // Where sockets do not come through, requests do.
  const ask = () => reach.http.call<T>(poll).then(heard, () => {});
  const connect = () => {
    line = socketLine(
      reach,
      path,
      { token: word },
      {
        open: () => {
          clearInterval(polls);
          become({ connected: true });
        },
        message: (data) => {
          failures = 0;
          const status = data === "pong" ? undefined : read(JSON.parse(data) as M);
          if (status !== undefined) heard(status);
        },
        ended: ({ code, reason }) => {
          const verdict = comeBack(code);
          const refused = verdict === "no" && code !== 1000;
          become({ connected: false, ...(refused && { error: reason || `closed with ${code}` }) });
          if (verdict === "no") return stop();
          if (reach.http.needsTicket) word = undefined;
          again = setTimeout(connect, typeof verdict === "number" ? verdict : backOff(failures));
          if (++failures !== 2) return;
          void ask();
          polls = setInterval(ask, POLL);
        },
      },
      { ticket: !word && reach.http.needsTicket, ping: "ping" },
    );
  };
  connect();
  return stop;
}
