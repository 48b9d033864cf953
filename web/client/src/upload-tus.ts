import { refused } from "./http.js";
import type { Http } from "./http.js";
import type { Source } from "./source.js";
import type { UploadOptions } from "./upload.js";

const VERSION = { "Tus-Resumable": "1.0.0" };

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Announces the file, by whichever door its bytes will come; the job's id. */
export async function create(
  http: Http,
  { name, type, size }: Source,
  { storage, batch }: UploadOptions,
): Promise<string> {
  const said = { filename: name, filetype: type, storage, batch };
  const metadata = Object.entries(said).filter(([, value]) => value);
  const headers = {
    ...VERSION,
    "Upload-Metadata": metadata.map(([key, value]) => `${key} ${base64(value!)}`).join(),
    ...(size === undefined ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(size) }),
  };
  const answer = await http.fetch("/files", { method: "POST", headers });
  return answer.headers.get("Location")!.split("/").pop()!;
}

/** How many bytes the server has. */
export async function offsetOf(http: Http, id: string, signal: AbortSignal): Promise<number> {
  const answer = await http.fetch(`/files/${id}`, { method: "HEAD", headers: VERSION, signal });
  return Number(answer.headers.get("Upload-Offset"));
}

/** Sends what is missing, a chunk at a time. */
export async function sendByTus(
  http: Http,
  id: string,
  from: number,
  source: Source,
  chunk: number,
  told: (sent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let offset = from; offset !== source.size;) {
    const { bytes, last } = await source.piece(offset, chunk);
    const start = offset;
    const headers: Record<string, string> = {
      ...VERSION,
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(start),
    };
    if (last && source.size === undefined) headers["Upload-Length"] = String(start + bytes.size);
    offset = await patch(http, `/files/${id}`, headers, bytes, (sent) => told(start + sent), signal);
    told(offset);
    if (last && offset === start + bytes.size) return;
  }
}

/** One PATCH; the offset after it. By XMLHttpRequest where there is one, since it tells how far it is. */
async function patch(
  http: Http,
  path: string,
  headers: Record<string, string>,
  body: Blob,
  told: (sent: number) => void,
  signal: AbortSignal,
): Promise<number> {
  if (typeof XMLHttpRequest === "undefined") {
    const answer = await http.fetch(path, { method: "PATCH", headers, body, signal });
    return Number(answer.headers.get("Upload-Offset"));
  }
  const all = { ...(await http.authorization()), ...headers };
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.onprogress = (e) => told(e.loaded);
    request.onloadend = () => {
      signal.removeEventListener("abort", stop);
      if (request.status === 204) resolve(Number(request.getResponseHeader("Upload-Offset")));
      else reject(refused(request.status, request.responseText));
    };
    request.open("PATCH", http.url(path));
    request.withCredentials = http.credentials === "include";
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.send(body);
  });
}
