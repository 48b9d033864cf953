import { refusal, refused } from "./http.js";
import type { Http } from "./http.js";
import type { Source } from "./source.js";
import type { UploadOptions } from "./upload.js";

const VERSION = { "Tus-Resumable": "1.0.0" };

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Announces the file; its id. */
export async function createByTus(http: Http, source: Source, options: UploadOptions, signal: AbortSignal): Promise<string> {
  const said = { filename: source.name, filetype: source.type, storage: options.storage, batch: options.batch };
  const metadata = Object.entries(said)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${base64(value!)}`)
    .join(",");
  const length: Record<string, string> =
    source.size === undefined ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(source.size) };
  const headers = { ...VERSION, "Upload-Metadata": metadata, ...length };
  const answer = await http.fetch("/files", { method: "POST", headers, signal });
  if (answer.status !== 201) throw await refusal(answer);
  return answer.headers.get("Location")!.split("/").pop()!;
}

/** How many bytes the server has. */
export async function offsetByTus(http: Http, id: string, signal: AbortSignal): Promise<number> {
  const answer = await http.fetch(`/files/${id}`, { method: "HEAD", headers: VERSION, signal });
  if (!answer.ok) throw await refusal(answer);
  return Number(answer.headers.get("Upload-Offset"));
}

/** Sends what is missing, a chunk at a time. */
export async function sendByTus(
  http: Http, id: string, from: number, source: Source, chunk: number, told: (sent: number) => void, signal: AbortSignal,
): Promise<void> {
  if (source.size === from) return;
  for (let offset = from; ; ) {
    const { bytes, last } = await source.piece(offset, chunk);
    const headers: Record<string, string> = {
      ...VERSION,
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
      ...(last ? { "Upload-Length": String(offset + bytes.size) } : {}),
    };
    const start = offset;
    offset = await patch(http, `/files/${id}`, headers, bytes, (sent) => told(start + sent), signal);
    told(offset);
    if (last && offset === start + bytes.size) return;
  }
}

/** One PATCH; the offset after it. By XMLHttpRequest where there is one, since it tells how far it is. */
async function patch(
  http: Http, path: string, headers: Record<string, string>, body: Blob, told: (sent: number) => void, signal: AbortSignal,
): Promise<number> {
  if (typeof XMLHttpRequest === "undefined") {
    const answer = await http.fetch(path, { method: "PATCH", headers, body, signal });
    if (answer.status !== 204) throw await refusal(answer);
    return Number(answer.headers.get("Upload-Offset"));
  }
  const all = { ...(await http.authorization()), ...headers };
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const fail = () => reject(refused(request.status, request.responseText));
    signal.addEventListener("abort", stop);
    request.onloadend = () => signal.removeEventListener("abort", stop);
    request.upload.onprogress = (e) => told(e.loaded);
    request.onload = () => (request.status === 204 ? resolve(Number(request.getResponseHeader("Upload-Offset"))) : fail());
    request.onerror = fail;
    request.onabort = () => reject(signal.reason as Error);
    request.open("PATCH", http.url(path));
    request.withCredentials = http.credentials === "include";
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    if (signal.aborted) return reject(signal.reason as Error);
    request.send(body);
  });
}
