// A PostgreSQL of its own, as Debian's package installs it: empty, on a free port of 127.0.0.1, and gone afterwards.
// It syncs as it does in earnest. POSTGRES_BIN: where its programs are, instead of the newest of Debian's folder.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, temporaryFolder } from './server.mjs';

const DEBIAN = '/usr/lib/postgresql';

function programs() {
  if (process.env.POSTGRES_BIN) return process.env.POSTGRES_BIN;
  let versions = [];
  try {
    versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  } catch {
    // Said below.
  }
  if (versions.length === 0)
    throw new Error('there is no PostgreSQL; type: apt-get install -y --no-install-recommends postgresql');
  return join(DEBIAN, versions[0], 'bin');
}

/** `flags(name)` makes an empty database and answers the settings with which a server uses it. */
export async function startPostgres() {
  const bin = programs();
  const folder = await temporaryFolder('postgres');
  const root = process.getuid() === 0;
  const run = (program, ...words) => {
    const [command, ...all] = [...(root ? ['runuser', '-u', 'postgres', '--'] : []), join(bin, program), ...words];
    return execFileSync(command, all, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  };
  // PostgreSQL refuses to run as root.
  if (root) execFileSync('chown', ['postgres', folder]);
  else mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const port = await freePort();
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-locale');
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder}`;
  try {
    run('pg_ctl', '-D', data, '-w', '-l', log, '-o', options, 'start');
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`, { cause: error });
  }
  let running = true;
  const stop = () => {
    if (!running) return;
    running = false;
    run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
  };
  process.prependListener('exit', stop);
  const flags = (name) => {
    run('createdb', '-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', name);
    const settings = { url: `jdbc:postgresql://127.0.0.1:${port}/${name}`, user: 'postgres' };
    return Object.entries(settings).flatMap(([key, value]) => ['--set', `state.${key}=${value}`]);
  };
  return { flags, stop };
}
