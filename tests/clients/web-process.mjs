// Starts the workbench as a process of its own, for the tests beside it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './node-process.mjs';

const dll = process.env.MUSE_WEB_DLL ?? path.join(root, 'src/MuseWorkbench.Web/bin/Debug/net10.0/MuseWorkbench.Web.dll');

/** Starts it on a free port with a data directory of its own; resolves when it printed its address. */
export async function startWeb(...options) {
  const data = mkdtempSync(path.join(tmpdir(), 'muse-clients-'));
  const child = spawn('dotnet', [dll, '--urls', 'http://127.0.0.1:0', '--Data:Directory', data, '--Engine:Threads=1', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  const exit = new Promise(resolve => child.on('exit', resolve));
  const printed = new Promise((resolve, reject) => {
    const read = line => {
      lines.push(line);
      const found = line.match(/(http:\/\/127\.0\.0\.1:\d+)\/\?token=(\S+)/);
      if (found) {
        resolve({ url: found[1], key: found[2] });
      }
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    exit.then(code => reject(new Error(`the workbench ended with ${code}:\n${lines.join('\n')}`)));
    setTimeout(() => reject(new Error(`no address in a minute:\n${lines.join('\n')}`)), 60_000).unref();
  });
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await exit;
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const { url, key } = await printed;
    return { child, url, headers: { authorization: `Bearer ${key}` }, lines, stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
}

/** Process ids whose parent is the given one. */
export function childrenOf(pid) {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(candidate => {
    try {
      const stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false; // gone meanwhile
    }
  });
}
