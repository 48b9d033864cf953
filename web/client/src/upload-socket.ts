import { SluiceError } from "./http.js";
import type { Reach } from "./lines.js";
import type { Source } from "./source.js";

const MESSAGE = 4 << 20;
const AHEAD = 16 << 20;

/** Sends a file that was initiated, from where the server has got to. WIRE, section 1. */
export async function sendBySocket(
  { http, webSocket }: Reach, id: string, source: Source, told: (sent: number) => void, signal: AbortSignal,
): Promise<void> {
  if (!webSocket) throw new SluiceError("there is no WebSocket here", "unreachable", 0);
  const token = http.needsTicket ? await http.ticket() : undefined;
  const socket = new webSocket(http.url(`/ws/upload/${id}`, { offset: "auto", token }).replace(/^http/, "ws"));
  let failure = "";
  await new Promise<void>((resolve, reject) => {
    // Neither 1000 nor 1005, which would cancel the file.
    const stop = () => socket.close(4000, "client");
    signal.addEventListener("abort", stop);
    socket.onmessage = (e) => {
      const message = JSON.parse(String(e.data)) as { type: string; value?: unknown; offset?: number };
      if (message.type === "ready") send(message.offset ?? 0).catch((e: unknown) => (socket.close(4000), reject(e as Error)));
      if (message.type === "error") failure = String(message.value);
    };
    socket.onclose = (e) => {
      signal.removeEventListener("abort", stop);
      if (e.code === 1000) resolve();
      else reject(new SluiceError(failure || e.reason || `the socket closed with ${e.code}`, `closed_${e.code}`, 0));
    };
    socket.onerror = () => {
      // its close follows
    };
    const send = async (from: number) => {
      for (let offset = from; ; ) {
        told(offset - socket.bufferedAmount);
        const { bytes, last } = await source.piece(offset, MESSAGE);
        while (socket.bufferedAmount > AHEAD) {
          told(offset - socket.bufferedAmount);
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (socket.readyState !== 1) return;
        }
        if (socket.readyState !== 1) return;
        if (bytes.size > 0) socket.send(await bytes.arrayBuffer());
        offset += bytes.size;
        if (last) return told(offset);
      }
    };
  });
}
