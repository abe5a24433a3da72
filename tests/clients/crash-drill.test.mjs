// The node is killed by a memory fault in the middle of a run, again and again: the workbench stays, the node is back within
// ten seconds, and every run goes on there from what was said to its end. MUSE_DRILL_COUNT sets how often (5).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { isAlive, root, until } from './node-process.mjs';
import { childrenOf, startWeb } from './web-process.mjs';

/** How soon a killed node must be ready again. */
const backWithin = 10_000;

const count = Number(process.env.MUSE_DRILL_COUNT ?? 5);

const residentMb = pid => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/)[1]) / 1024;

/**
 * Ends a process by SIGSEGV. .NET's handler takes the first for a fault of its own code, puts the system's default back and
 * returns to the instruction, which would fault again; where the signal was sent, it takes a second one.
 */
const crash = pid => until(() => {
  try {
    process.kill(pid, 'SIGSEGV');
  } catch {
    return true;
  }
  return !isAlive(pid);
}, 5_000, 'the end of the node');

/** The events of a run to its end; `said` resolves at the first reasoning. */
function follow(hub, runId) {
  const events = [];
  let spoke;
  const said = new Promise(resolve => { spoke = resolve; });
  const ended = new Promise((resolve, reject) => hub.stream('Subscribe', runId, 0).subscribe({
    next: event => {
      events.push(event);
      if (event.type === 'reasoning.delta' || event.type === 'run.finished') {
        spoke();
      }
    },
    complete: () => resolve(events),
    error: reject,
  }));
  return { events, said, ended };
}

test(`the node crashes ${count} times during runs`, { timeout: 120_000 + count * 60_000 }, async t => {
  const web = await startWeb();
  const hub = new HubConnectionBuilder().withUrl(`${web.url}/hubs/runs`, { headers: web.headers }).configureLogging(LogLevel.None).build();
  t.after(async () => {
    await hub.stop();
    await web.stop();
  });
  await hub.start();
  const ready = () => web.lines.filter(line => line.includes('Engine node ready')).length;
  await until(() => ready() === 1, 60_000, 'the node ready');
  const upload = await fetch(`${web.url}/images?name=scene.png`, {
    method: 'POST', headers: web.headers, body: await readFile(path.join(root, 'wwwroot/samples/scene-01.png')),
  });
  const { sha256 } = await upload.json();
  const request = (temperature, maxTokens) => ({
    prompt: 'How many grapes are there?',
    images: [{ sha256 }],
    team: { name: 'Drill', agents: [1, 2, 3, 4].map(seed => ({ name: `A${seed}`, sampling: { temperature, seed }, maxTokens })) },
  });

  const back = [];
  let resumed = 0;
  const before = residentMb(web.child.pid);
  for (let number = 1; number <= count; number++) {
    const id = await hub.invoke('Start', request(2, 3000));
    const run = follow(hub, id);
    await run.said;
    const [node] = childrenOf(web.child.pid);
    const spoken = run.events.length;
    const at = Date.now();
    await crash(node);
    await until(() => ready() === number + 1, backWithin - (Date.now() - at), `crash ${number}: the node ready again`);
    back.push((Date.now() - at) / 1000);

    const events = await run.ended;
    assert.deepEqual(events.map(event => event.seq), events.map((_, index) => index + 1), 'no event lost or doubled');
    assert.ok(events.length >= spoken, 'what was said is kept');
    const end = events.at(-1);
    assert.equal(end.type, 'run.finished');
    const agents = events.filter(event => event.type === 'agent.finished');
    assert.equal(agents.length, 4, 'every agent ends');
    assert.ok(agents.every(agent => ['answered', 'lengthLimit'].includes(agent.outcome)), `crash ${number}: ${JSON.stringify(agents)}`);
    assert.equal(end.outcome, 'completed', `crash ${number}: ${JSON.stringify(end)}`);
    // Agents that had ended before need no place; those that were at work went on from what they had said.
    const moved = events.filter(event => event.type === 'agent.rerouted');
    assert.ok(moved.every(move => move.from === move.to && move.continued), `crash ${number}: ${JSON.stringify(moved)}`);
    resumed += moved.length;
    assert.deepEqual(await follow(hub, id).ended, events, 'the run is kept as it was told');
    assert.equal((await fetch(`${web.url}/`, { headers: web.headers })).status, 200, 'the page is served');
  }

  const last = follow(hub, await hub.invoke('Start', request(0.8, 256)));
  assert.equal((await last.ended).at(-1).outcome, 'completed', 'a run after it all completes');
  assert.ok(resumed > 0, 'crashes met agents at work');
  const after = residentMb(web.child.pid);
  const sorted = back.toSorted((a, b) => a - b);
  t.diagnostic(`ready again after ${sorted[Math.floor(sorted.length / 2)].toFixed(1)} s in the middle, ${sorted.at(-1).toFixed(1)} s at most; `
    + `${resumed} of ${4 * count} agents went on in the next process; workbench ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after`);
  // However often it crashes, a node that loads is started again within seconds.
  const waits = web.lines.map(line => line.match(/started again in (\S+) s/)?.[1]).filter(Boolean).map(Number);
  assert.equal(waits.length, count);
  assert.ok(waits.every(seconds => seconds <= 4), waits.join(' '));
});
