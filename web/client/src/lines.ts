import type { Ears, End, Frame, Line, Position } from "./frames.js";
import { SluiceError } from "./http.js";
import type { Http } from "./http.js";

export type SocketMaker = new (url: string) => WebSocket;

/** The server, and a WebSocket where this machine has one. */
export interface Reach {
  http: Http;
  webSocket: SocketMaker | undefined;
}

/** A socket that has been silent for 20 s is asked every 5 s for a sign of life; after 40 s a line has ended. */
const BEAT = 5_000;
const SILENT = 20_000;
const DEAD = 40_000;

export const reasonOf = (e: unknown) => (e instanceof Error ? e.message : String(e));

/** What every line has: it ends once, is then cleaned up, and nobody is told of an end that he made himself. */
export function ending(ended: (end: End) => void, cleanUp: () => void) {
  let over = false;
  const close = () => {
    over = true;
    cleanUp();
  };
  const end = (code: number, reason: string) => {
    if (over) return;
    close();
    ended({ code, reason });
  };
  // Who is not let in does not come back by himself; everything else may pass.
  const fail = (e: unknown) =>
    end(e instanceof SluiceError && (e.status === 401 || e.status === 403) ? 1008 : 1006, reasonOf(e));
  return { close, end, fail, isOver: () => over };
}

export function openSocket({ http, webSocket }: Reach, path: string, query: object): WebSocket {
  if (!webSocket) throw new SluiceError("no WebSocket", "no_websocket", 400);
  return new webSocket(http.url(path, query).replace(/^http/, "ws"));
}

/** A socket, with a ticket where one is needed, and with a heartbeat. */
export function socketLine(
  reach: Reach,
  path: string,
  query: Record<string, string | undefined>,
  ears: { open?(): void; message(data: string): void; ended(end: End): void },
  { ticket, ping }: { ticket: boolean; ping: string },
): Line {
  let socket: WebSocket | undefined;
  let silent = 0;
  const beat = setInterval(() => {
    silent += BEAT;
    if (silent > DEAD) end(1006, "no answer");
    else if (silent >= SILENT && socket?.readyState === 1) socket.send(ping);
  }, BEAT);
  const { close, end, fail, isOver } = ending(ears.ended, () => {
    clearInterval(beat);
    socket?.close();
  });
  const open = async () => {
    const token = ticket ? await reach.http.ticket() : query.token;
    if (isOver()) return;
    socket = openSocket(reach, path, { ...query, token });
    socket.onopen = () => isOver() || ears.open?.();
    socket.onmessage = (e) => {
      silent = 0;
      if (!isOver()) ears.message(e.data as string);
    };
    socket.onclose = (e) => end(e.code, e.reason);
    socket.onerror = () => {}; // its close follows
  };
  open().catch(fail);
  return { close, send: (message) => socket?.readyState === 1 && socket.send(JSON.stringify(message)) };
}

/** What a request for live events asks for. */
export const wish = (since: Position | undefined, jobs: string[]) => ({
  since: since && `${since.epoch}:${since.seq}`,
  jobs: jobs.join(),
});

/** Live events by WebSocket. */
export function jobsSocket(
  reach: Reach,
  since: Position | undefined,
  jobs: string[],
  ticket: boolean,
  ears: Ears,
): Line {
  const message = (data: string) => ears.frame(JSON.parse(data) as Frame);
  return socketLine(
    reach,
    "/ws/jobs",
    wish(since, jobs),
    { message, ended: ears.ended },
    { ticket, ping: '{"type":"ping"}' },
  );
}

/** Live events by Server-Sent Events: over `fetch`, which can send a bearer token where `EventSource` cannot. */
export function jobsStream({ http }: Reach, since: Position | undefined, jobs: string[], ears: Ears): Line {
  const abort = new AbortController();
  let silent = 0;
  // The server writes a comment every 30 s.
  const beat = setInterval(() => (silent += BEAT) > 2 * DEAD && end(1006, "no answer"), BEAT);
  const { close, end, fail, isOver } = ending(ears.ended, () => {
    clearInterval(beat);
    abort.abort();
  });
  const read = async () => {
    const headers = { Accept: "text/event-stream" };
    const answer = await http.fetch("/api/v1/events", { query: wish(since, jobs), headers, signal: abort.signal });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return end(1006, "");
      silent = 0;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      for (const line of lines)
        if (line.startsWith("data:") && !isOver()) ears.frame(JSON.parse(line.slice(5)) as Frame);
    }
  };
  read().catch(fail);
  return { close };
}
