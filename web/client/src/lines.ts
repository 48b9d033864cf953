import type { Ears, End, Frame, Line, Position } from "./frames.js";
import type { Http } from "./http.js";

export type SocketMaker = new (url: string) => WebSocket;

/** The server, and a WebSocket where this machine has one. */
export interface Reach {
  http: Http;
  webSocket: SocketMaker | undefined;
}

/** After 20 s of silence a socket is asked every 5 s for a sign of life; after 40 s it has ended. */
const BEAT = 5_000;
const SILENT = 20_000;
const DEAD = 40_000;

const text = (p: Position | undefined) => (p ? `${p.epoch}:${p.seq}` : undefined);

/** A socket, with a ticket where one is needed, and with a heartbeat: one that stays silent has ended. */
export function socketLine(
  { http, webSocket }: Reach,
  path: string,
  query: Record<string, string | undefined>,
  ears: { open?(): void; message(data: string): void; ended(end: End): void },
  { ticket, ping }: { ticket: boolean; ping: string },
): Line {
  let socket: WebSocket | undefined;
  let over = false;
  let silent = 0;
  const beat = setInterval(() => {
    silent += BEAT;
    if (silent > DEAD) end(1006, "no answer");
    else if (silent >= SILENT && socket?.readyState === 1) socket.send(ping);
  }, BEAT);
  const close = () => {
    over = true;
    clearInterval(beat);
    socket?.close();
  };
  const end = (code: number, reason: string) => {
    if (over) return;
    close();
    ears.ended({ code, reason });
  };
  const open = async () => {
    const token = query.token ?? (ticket ? await http.ticket() : undefined);
    if (over) return;
    if (!webSocket) throw new Error("there is no WebSocket here");
    socket = new webSocket(http.url(path, { ...query, token }).replace(/^http/, "ws"));
    socket.onopen = () => over || ears.open?.();
    socket.onmessage = (e) => {
      silent = 0;
      if (!over) ears.message(String(e.data));
    };
    socket.onclose = (e) => end(e.code, e.reason);
    socket.onerror = () => {}; // its close follows
  };
  open().catch((e: unknown) => end(1006, String(e)));
  return {
    close,
    send: (message) => socket?.readyState === 1 && socket.send(JSON.stringify(message)),
  };
}

/** Live events by WebSocket. */
export function jobsSocket(reach: Reach, since: Position | undefined, jobs: string[], ticket: boolean, ears: Ears): Line {
  const query = { since: text(since), jobs: jobs.join(",") };
  return socketLine(
    reach,
    "/ws/jobs",
    query,
    { message: (data) => ears.frame(JSON.parse(data) as Frame), ended: (end) => ears.ended(end) },
    { ticket, ping: '{"type":"ping"}' },
  );
}

/** Live events by Server-Sent Events: over `fetch`, which can send a bearer token where `EventSource` cannot. */
export function jobsStream({ http }: Reach, since: Position | undefined, jobs: string[], ears: Ears): Line {
  const abort = new AbortController();
  let over = false;
  let silent = 0;
  // The server writes a comment every 30 s.
  const beat = setInterval(() => (silent += BEAT) > 2 * DEAD && end(1006, "no answer"), BEAT);
  const close = () => {
    over = true;
    clearInterval(beat);
    abort.abort();
  };
  const end = (code: number, reason: string) => {
    if (over) return;
    close();
    ears.ended({ code, reason });
  };
  const read = async () => {
    const answer = await http.fetch("/api/v1/events", {
      query: { since: text(since), jobs: jobs.join(",") },
      headers: { Accept: "text/event-stream" },
      signal: abort.signal,
    });
    if (!answer.ok || !answer.body) return end(answer.status === 401 ? 4401 : 1006, `status ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return end(1006, "the stream ended");
      silent = 0;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith("data:") && !over) ears.frame(JSON.parse(line.slice(5)) as Frame);
    }
  };
  read().catch((e: unknown) => end(1006, String(e)));
  return { close };
}
