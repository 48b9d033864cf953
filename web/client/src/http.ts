import type { Problem } from "./types.js";

/** What the server refused, or why it could not be reached (`code` is `unreachable` then, `status` 0). */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: string;
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(message: string, code: string, status: number, problem?: Problem, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.problem = problem;
  }
}

export interface HttpOptions {
  /** Where the server is; the page's own origin where nothing is said. */
  url?: string;
  /** A bearer token, or who gives one. Without it the page's cookie counts. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** `include` sends cookies to a server of another origin. */
  credentials?: RequestCredentials;
  fetch?: typeof fetch;
}

export interface Call {
  method?: string;
  query?: object;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  body?: BodyInit;
  signal?: AbortSignal | undefined;
}

/** One way to the server for all of the client. */
export class Http {
  readonly base: string;
  readonly credentials: RequestCredentials;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.base = (options.url ?? globalThis.location?.origin ?? "http://127.0.0.1:8080").replace(/\/$/, "");
    this.credentials = options.credentials ?? "same-origin";
  }

  /** Whether a socket, which takes no header from a browser, needs a ticket. */
  get needsTicket(): boolean {
    return this.#options.token !== undefined || this.credentials === "include";
  }

  url(path: string, query?: object): string {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined && value !== "") words.set(name, String(value));
    }
    const text = words.toString();
    return this.base + path + (text && (path.includes("?") ? "&" : "?") + text);
  }

  async authorization(): Promise<Record<string, string>> {
    const token = this.#options.token;
    const word = typeof token === "function" ? await token() : token;
    return word ? { Authorization: `Bearer ${word}` } : {};
  }

  /** The answer; throws a `SluiceError` where it is no 2xx, or where there is none. */
  async fetch(path: string, call: Call = {}): Promise<Response> {
    const { method = "GET", json, signal } = call;
    const headers = {
      Accept: "application/json",
      ...(await this.authorization()),
      ...(json !== undefined && { "Content-Type": "application/json" }),
      ...call.headers,
    };
    const body = json === undefined ? call.body : JSON.stringify(json);
    const init = { method, headers, body, signal, credentials: this.credentials, cache: "no-store" } as RequestInit;
    const answer = await (this.#options.fetch ?? globalThis.fetch)(this.url(path, call.query), init).catch(
      (e: unknown) => {
        throw signal?.aborted
          ? e
          : new SluiceError(`the server at ${this.base} does not answer`, "unreachable", 0, undefined, e);
      },
    );
    if (!answer.ok) throw refused(answer.status, await answer.text().catch(() => ""));
    return answer;
  }

  /** The answer's document. */
  async call<T>(path: string, call?: Call): Promise<T> {
    const answer = await this.fetch(path, call);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  post<T>(path: string, json?: unknown): Promise<T> {
    return this.call<T>(path, { method: "POST", json });
  }

  /** A token with which one socket is opened. */
  async ticket(): Promise<string> {
    return (await this.post<{ websocket_token: string }>("/api/v1/auth/websocket-token")).websocket_token;
  }
}

export function refused(status: number, text: string): SluiceError {
  let problem: Problem | undefined;
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    // a proxy's own page
  }
  const { detail = `the server answered ${status}`, code = `http_${status}` } = problem ?? {};
  return new SluiceError(detail, code, status, problem);
}
