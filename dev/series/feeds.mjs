// Those who watch: by WebSocket, by Server-Sent Events, and one that connects and then never reads.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const WebSocket = createRequire(new URL('../clients/', import.meta.url))('ws');

/** A connection to `/ws/jobs`; `received(frame)` for each frame, `closed` once it has ended. */
export function watchBySocket(url, since, received) {
  const query = since ? `?since=${encodeURIComponent(since)}` : '';
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/jobs${query}`, { perMessageDeflate: false });
  socket.on('error', () => {});
  let cut = false;
  socket.on('message', (data) => cut || received(JSON.parse(data)));
  const closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: `${reason}` })));
  const drop = () => {
    cut = true;
    socket.terminate();
    return closed;
  };
  return { closed, drop };
}

/** The same by `/api/v1/events`. */
export function watchByStream(url, since, received) {
  const headers = { Accept: 'text/event-stream', ...(since && { 'Last-Event-ID': since }) };
  let cut = false;
  let rest = '';
  let end;
  const closed = new Promise((resolve) => (end = resolve));
  const call = http.get(`${url}/api/v1/events`, { headers, agent: false }, (answer) => {
    if (answer.statusCode !== 200) received({ type: `status ${answer.statusCode}` });
    answer.setEncoding('utf8').on('data', (text) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        if (data !== undefined && !cut) received({ ...JSON.parse(data), id: /^id: ?(.*)$/m.exec(block)?.[1] });
      }
    });
    answer.once('close', () => end({ code: 'end' })).on('error', () => {});
  });
  call.on('error', (error) => end({ code: error.code }));
  const drop = () => {
    cut = true;
    call.destroy();
    return closed;
  };
  return { closed, drop };
}

/** Watchers in a process of their own that shake hands and never read; `closed` tells how many the server has cut. */
export function neverReading(port, count) {
  const script = fileURLToPath(new URL('never-reads.py', import.meta.url));
  const child = spawn('python3', [script, `${port}`, `${count}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  const open = new Promise((resolve, reject) => {
    child.stdout.on('data', () => said.includes('open\n') && resolve());
    child.once('exit', (code) => reject(new Error(`the watchers that never read ended with ${code}: ${said}`)));
  });
  open.catch(() => {});
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const end = () => child.kill('SIGKILL') && gone;
  return { open, end };
}
