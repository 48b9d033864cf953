// A real server, `./sluice serve`, on a data folder and a port of its own; it can be killed and started again on both.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY_MILLIS = 30_000;
const all = new Set<TestServer>();

export class TestServer {
  readonly url: string;
  readonly data: string;
  readonly #flags: string[];
  #process: ChildProcess | undefined;
  #said: string[] = [];

  private constructor(port: number, flags: string[]) {
    this.url = `http://127.0.0.1:${port}`;
    this.data = mkdtempSync(join(tmpdir(), "sluice-web-"));
    this.#flags = ["--port", String(port), "--set", "operations.port=0", ...flags];
  }

  static async start(...flags: string[]): Promise<TestServer> {
    const server = new TestServer(await freePort(), flags);
    all.add(server);
    await server.start();
    return server;
  }

  /** Starts it, again on what an earlier one has left. */
  async start(): Promise<void> {
    const child = spawn(join(ROOT, "sluice"), ["serve", "--data", this.data, ...this.#flags], {
      cwd: ROOT,
      // As it was built last: a build under a test would take its time, and the cores.
      env: { SLUICE_BUILD: "never", ...process.env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready: ${this.#said.join("\n")}`)), READY_MILLIS);
      child.once("exit", (code) => reject(new Error(`ended with ${code}: ${this.#said.join("\n")}`)));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          this.#said = [...this.#said.slice(-30), line];
          if (!line.startsWith("ready ")) return;
          clearTimeout(late);
          resolve();
        });
      }
    });
    child.removeAllListeners("exit");
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    all.delete(this);
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Whatever became of a test: no process and no folder of it stays. */
  abandon(): void {
    try {
      if (this.#process?.pid && this.#process.exitCode === null) process.kill(-this.#process.pid, "SIGKILL");
    } catch {
      // it has ended
    }
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}

process.on("exit", () => all.forEach((server) => server.abandon()));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
