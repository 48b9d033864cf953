import { batchCalls, downloadCalls, importCalls, jobCalls, operationCalls } from "./calls.js";
import type { BatchCalls, DownloadCalls, ImportCalls, JobCalls, OperationCalls } from "./calls.js";
import { Http } from "./http.js";
import type { HttpOptions } from "./http.js";
import type { Reach, SocketMaker } from "./lines.js";
import { Live } from "./live.js";
import type { LiveOptions } from "./live.js";
import { Remembered } from "./remembered.js";
import type { StorageFact } from "./types.js";
import { Uploads } from "./uploads.js";

export interface ClientOptions extends HttpOptions, LiveOptions {
  /** Where `WebSocket` is no global (Node before 22): one of the same kind, such as that of `ws`. */
  webSocket?: SocketMaker | undefined;
  /** How many files are sent at once; 3. */
  uploadsAtOnce?: number;
}

/** Everything that a Sluice server does. Opens no connection by itself: making one is free, on a server too. */
export interface Client {
  readonly jobs: JobCalls;
  readonly batches: BatchCalls;
  readonly uploads: Uploads;
  readonly downloads: DownloadCalls;
  readonly imports: ImportCalls;
  readonly operations: OperationCalls;
  readonly live: Live;
  readonly http: Http;
  storages(): Promise<StorageFact[]>;
  login(username: string, password: string): Promise<void>;
  close(): void;
}

export function createClient(options: ClientOptions = {}): Client {
  const http = new Http(options);
  const webSocket = "webSocket" in options ? options.webSocket : globalThis.WebSocket;
  const reach: Reach = { http, webSocket };
  const live = new Live(reach, options);
  const uploads = new Uploads({ http, reach, live, remembered: new Remembered(http.base) }, options.uploadsAtOnce ?? 3);
  return {
    jobs: jobCalls(http),
    batches: batchCalls(http),
    uploads,
    downloads: downloadCalls(http, reach),
    imports: importCalls(http, reach),
    operations: operationCalls(http),
    live,
    http,
    storages: () => http.call<{ storages: StorageFact[] }>("/api/v1/storages").then((answer) => answer.storages),
    login: async (username, password) => {
      await http.call("/api/v1/auth/login", { method: "POST", body: new URLSearchParams({ username, password }) });
    },
    close: () => live.close(),
  };
}
