import { SluiceError } from "./http.js";
import { openSocket } from "./lines.js";
import type { Reach } from "./lines.js";
import type { Source } from "./source.js";

const MESSAGE = 4 << 20;
const AHEAD = 16 << 20;

/** Sends a file in messages, from where the server has got to. WIRE, section 1. */
export async function sendBySocket(
  reach: Reach,
  id: string,
  source: Source,
  told: (sent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const token = reach.http.needsTicket ? await reach.http.ticket() : undefined;
  signal.throwIfAborted();
  const socket = openSocket(reach, `/ws/upload/${id}`, { offset: "auto", token });
  const send = async (from: number) => {
    for (let offset = from, last = false; !last;) {
      const piece = await source.piece(offset, MESSAGE);
      last = piece.last;
      const bytes = await piece.bytes.arrayBuffer();
      while (socket.readyState === 1 && socket.bufferedAmount > AHEAD)
        await new Promise((resolve) => setTimeout(resolve, 20));
      if (socket.readyState !== 1) return;
      if (bytes.byteLength > 0) socket.send(bytes);
      offset += bytes.byteLength;
      told(offset - socket.bufferedAmount);
    }
  };
  let failure: unknown;
  // Neither 1000 nor 1005, which would cancel the file.
  const stop = () => socket.close(4000);
  signal.addEventListener("abort", stop);
  await new Promise<void>((resolve, reject) => {
    socket.onmessage = (e) => {
      const message = JSON.parse(String(e.data)) as { type: string; value?: unknown; offset: number };
      if (message.type === "error") failure = message.value;
      if (message.type !== "ready") return;
      send(message.offset).catch((e: unknown) => {
        failure = e;
        stop();
      });
    };
    socket.onclose = (e) => {
      if (e.code === 1000) return resolve();
      const code = `closed_${e.code}`;
      reject(failure instanceof Error ? failure : new SluiceError(String(failure ?? (e.reason || code)), code, 0));
    };
    socket.onerror = () => {}; // its close follows
  }).finally(() => signal.removeEventListener("abort", stop));
}
