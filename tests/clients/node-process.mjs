// Starts engine nodes as processes and stops them, for the tests beside it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export const dll = process.env.MUSE_NODE_DLL
  ?? path.join(root, 'src/MuseWorkbench.EngineNode/bin/Debug/net10.0/MuseWorkbench.EngineNode.dll');

export const miniModel = [
  `--Engine:Model=${path.join(root, 'models/muse-mini/muse-mini.gguf')}`,
  `--Engine:Projector=${path.join(root, 'models/muse-mini/muse-mini-mmproj.gguf')}`,
  '--Engine:ContextSize=8192',
  // One thread is enough for so small a model, and does not stall where the cores are busy.
  '--Engine:Threads=1',
];

/** Arguments of a node on a port the system chooses, ending with its standard input. */
export const nodeArguments = (...options) => [dll, '--urls', 'http://127.0.0.1:0', '--Engine:ExitWithParent=true', ...options];

/** Starts a node; `events` are the lines of its standard output, `exit` its exit code. */
export function startNode({ key, options = miniModel } = {}) {
  if (!existsSync(dll)) {
    throw new Error(`No engine node at ${dll}; build the solution or set MUSE_NODE_DLL.`);
  }

  const child = spawn('dotnet', nodeArguments(...options), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, MUSE_NODE_KEY: key ?? '' },
  });
  const events = [];
  const log = [];
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', line => {
    events.push(JSON.parse(line));
    waiting.forEach(check => check());
  });
  createInterface({ input: child.stderr }).on('line', line => log.push(line));
  const exit = new Promise(resolve => child.on('exit', (code, signal) => {
    resolve(code ?? signal);
    waiting.forEach(check => check());
  }));

  /** The first event of a kind; fails when the process ends or a minute passes without one. */
  const event = kind => new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(reject, new Error(`no '${kind}' in a minute`)), 60_000);
    const done = (settle, value) => {
      clearTimeout(timer);
      waiting.delete(check);
      settle(value);
    };
    const check = () => {
      const found = events.find(happened => happened.event === kind);
      if (found) {
        done(resolve, found);
      } else if (child.exitCode !== null) {
        done(reject, new Error(`the node ended with ${child.exitCode}: ${JSON.stringify(events)}\n${log.join('\n')}`));
      }
    };
    waiting.add(check);
    check();
  });

  return { child, events, log, exit, event, stop: () => { child.stdin.end(); return exit; } };
}

/** Whether a process runs. One that has ended but whose parent never asks (a container's first process may not) doesn't. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until a condition holds, at most `ms`. */
export async function until(condition, ms, what) {
  const end = Date.now() + ms;
  while (!await condition()) {
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${ms} ms`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Waits until telemetry shows an engine that holds nothing but prefixes kept for reuse; says what it holds where it does not. */
export async function engineIsIdle(url, ms = 15_000) {
  let last;
  await until(async () => {
    last = await (await fetch(`${url}/telemetry`)).json();
    return last.running === 0 && last.waiting === 0 && last.kv.shared === 0 && last.kv.private === 0;
  }, ms, 'an idle engine').catch(error => {
    throw new Error(`${error.message}: running ${last?.running}, waiting ${last?.waiting}, cells ${JSON.stringify(last?.kv)}`);
  });
}
