/** What is kept of an upload, so that it goes on after the page was loaded again. */
export interface RememberedUpload {
  id: string;
  name: string;
  size: number;
  lastModified: number;
  /** When it began, in milliseconds. */
  began: number;
  batch?: string;
}

const PREFIX = "sluice:upload:";

/** Uploads that have not ended, in the browser's local storage; nothing where there is none. */
export class Remembered {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  key(file: { name: string; size: number; lastModified: number }): string {
    return [PREFIX, this.#base, file.name, file.size, file.lastModified].join("\n");
  }

  get(key: string): RememberedUpload | undefined {
    return read(() => JSON.parse(localStorage.getItem(key) ?? "null") as RememberedUpload | null) ?? undefined;
  }

  set(key: string, upload: RememberedUpload): void {
    read(() => localStorage.setItem(key, JSON.stringify(upload)));
  }

  forget(key: string): void {
    read(() => localStorage.removeItem(key));
  }

  all(): RememberedUpload[] {
    const start = [PREFIX, this.#base, ""].join("\n");
    const kept = read(() => Object.entries(localStorage).filter(([key]) => key.startsWith(start)));
    return (kept ?? []).map(([, upload]) => JSON.parse(upload as string) as RememberedUpload);
  }
}

/** Without storage (in Node, in a page that may not have any), or with a full one, an upload works all the same. */
function read<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
