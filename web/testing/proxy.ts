// What may stand between a page and its server: a proxy that lets sockets or streams not through, cuts lines, and serves a
// test's own pages.

import { createServer, request } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export class Proxy {
  /** What does not come through. */
  readonly blocked = { sockets: false, streams: false, all: false };
  /** Pages and scripts, by path. */
  readonly pages = new Map<string, { type: string; body: string | Buffer }>();
  /** Paths of what came by, newest last. */
  readonly asked: string[] = [];
  url = "";
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((asked, answer) => this.#pass(asked, answer));
    this.#server.on("upgrade", (asked, socket, head) => this.#upgrade(asked, socket as Socket, head));
    this.#server.on("connection", (socket) => this.#keep(socket));
  }

  static async before(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    proxy.url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  /** Cuts every line there is. */
  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url!.split("?")[0]!;
    this.asked.push(`${asked.method} ${path}`);
    const page = this.pages.get(path);
    if (page)
      return void answer.writeHead(200, { "Content-Type": page.type, "Cache-Control": "no-store" }).end(page.body);
    if (this.blocked.all || (this.blocked.streams && path === "/api/v1/events")) return void asked.socket.destroy();
    const { hostname, port } = this.#target;
    const passed = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      answer.flushHeaders();
      got.pipe(answer);
      got.on("close", () => !got.complete && answer.destroy());
    });
    passed.on("error", () => asked.socket.destroy());
    passed.on("socket", (socket) => this.#keep(socket));
    answer.on("close", () => !answer.writableFinished && passed.destroy());
    asked.pipe(passed);
  }

  #upgrade(asked: IncomingMessage, socket: Socket, head: Buffer): void {
    this.asked.push(`UPGRADE ${asked.url!.split("?")[0]}`);
    if (this.blocked.all || this.blocked.sockets)
      return void socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    const through = connect(Number(this.#target.port), this.#target.hostname, () => {
      const headers = asked.rawHeaders.map((word, i) => (i % 2 === 0 ? `${word}: ` : `${word}\r\n`)).join("");
      through.write(`GET ${asked.url} HTTP/1.1\r\n${headers}\r\n`);
      through.write(head);
      socket.pipe(through).pipe(socket);
    });
    this.#keep(through);
    through.once("close", () => socket.destroy());
    socket.once("close", () => through.destroy());
  }
}
