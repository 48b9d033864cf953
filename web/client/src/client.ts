import { calls } from "./calls.js";
import { Http } from "./http.js";
import type { HttpOptions } from "./http.js";
import type { SocketMaker } from "./lines.js";
import { Live } from "./live.js";
import type { LiveOptions } from "./live.js";
import { Remembered } from "./remembered.js";
import { Uploads } from "./uploads.js";

export interface ClientOptions extends HttpOptions, LiveOptions {
  /** Where `WebSocket` is no global (Node before 22): one of the same kind, such as that of `ws`. */
  webSocket?: SocketMaker | undefined;
  /** How many files are sent at once; 3. */
  uploadsAtOnce?: number;
}

/** Everything that a Sluice server does. */
export type Client = ReturnType<typeof createClient>;

/** Opens no connection by itself: making one is free, on a server too. */
export function createClient(options: ClientOptions = {}) {
  const http = new Http(options);
  const reach = { http, webSocket: "webSocket" in options ? options.webSocket : globalThis.WebSocket };
  const live = new Live(reach, options);
  return {
    ...calls(http, reach),
    uploads: new Uploads({ ...reach, live, remembered: new Remembered(http.base) }, options.uploadsAtOnce ?? 3),
    live,
    http,
    /** Gets the cookie with which this page is let in from then on. */
    async login(username: string, password: string): Promise<void> {
      await http.call("/api/v1/auth/login", { method: "POST", body: new URLSearchParams({ username, password }) });
      live.reconnect();
    },
    close: () => live.close(),
  };
}
