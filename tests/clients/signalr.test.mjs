// The hub as docs/hub.md describes it, used by npm @microsoft/signalr against the real workbench.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { root } from './node-process.mjs';
import { startWeb } from './web-process.mjs';

let web, image;
const open = [];

before(async () => {
  web = await startWeb();
  const upload = await fetch(`${web.url}/images?name=scene.png`, {
    method: 'POST', headers: web.headers, body: await readFile(path.join(root, 'wwwroot/samples/scene-01.png')),
  });
  assert.equal(upload.status, 201);
  image = await upload.json();
});

after(async () => {
  await Promise.all(open.map(hub => hub.stop()));
  await web?.stop();
});

async function connect(headers = web.headers) {
  const hub = new HubConnectionBuilder().withUrl(`${web.url}/hubs/runs`, { headers }).configureLogging(LogLevel.None).build();
  await hub.start();
  open.push(hub);
  return hub;
}

const request = (agents, sampling = { temperature: 0.8 }, maxTokens = 96) => ({
  prompt: 'How many grapes are there?',
  images: [{ sha256: image.sha256 }],
  team: { name: 'Test', agents: Array.from({ length: agents }, (_, i) => ({ name: `A${i + 1}`, sampling: { ...sampling, seed: i + 1 }, maxTokens })) },
});

/** Follows a run from after a number to its end, or until `enough` says so. */
function follow(hub, runId, afterSeq, enough = () => false) {
  return new Promise((resolve, reject) => {
    const events = [];
    const subscription = hub.stream('Subscribe', runId, afterSeq).subscribe({
      next: event => {
        events.push(event);
        if (enough(event)) {
          subscription.dispose();
          resolve(events);
        }
      },
      complete: () => resolve(events),
      error: reject,
    });
  });
}

const numbers = events => events.map(event => event.seq);
const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a run streams every event once, in order, and ends with its answer', { timeout: 120_000 }, async () => {
  const hub = await connect();
  const runId = await hub.invoke('Start', request(3));
  const events = await follow(hub, runId, 0);
  assert.deepEqual(numbers(events), upTo(1, events.length));
  assert.equal(events[0].type, 'run.started');
  assert.equal(events[0].request.images[0].mediaType, 'image/png'); // filled in from what is kept
  assert.equal(events.filter(event => event.type === 'agent.finished').length, 3);
  assert.ok(events.some(event => event.type === 'reasoning.delta' && event.text.length > 0));
  assert.ok(events.some(event => event.type === 'final.answer'));
  assert.deepEqual([events.at(-1).type, events.at(-1).outcome], ['run.finished', 'completed']);
  const listed = (await hub.invoke('List')).find(run => run.runId === runId);
  assert.equal(listed.outcome, 'completed');
});

test('a client that lost its connection mid-run goes on from the last number it saw', { timeout: 120_000 }, async () => {
  const first = await connect();
  const runId = await first.invoke('Start', request(4));
  const before = await follow(first, runId, 0, event => event.type === 'reasoning.delta');
  await first.stop();

  const second = await connect();
  const rest = await follow(second, runId, before.at(-1).seq);
  const all = [...before, ...rest];
  assert.deepEqual(numbers(all), upTo(1, all.length));
  assert.equal(rest.at(-1).type, 'run.finished');
  assert.equal(rest.at(-1).outcome, 'completed');
});

test('stop ends a run and one agent without losing what was said', { timeout: 120_000 }, async () => {
  const hub = await connect();
  // Without an end of its own soon: 16 agents, high temperature, many tokens.
  const runId = await hub.invoke('Start', request(16, { temperature: 2 }, 4000));
  const some = await follow(hub, runId, 0, event => event.type === 'reasoning.delta');
  const rest = follow(hub, runId, some.at(-1).seq);
  // So hot, any one of them may happen to end at once; not all sixteen do.
  let agent = 0;
  while (agent < 16 && !await hub.invoke('StopAgent', runId, agent)) agent++;
  assert.ok(agent < 16, 'no agent was at work');
  assert.equal(await hub.invoke('Stop', runId), true);
  const events = [...some, ...await rest];
  assert.deepEqual(numbers(events), upTo(1, events.length));
  assert.equal(events.find(event => event.type === 'agent.finished' && event.agent === agent).outcome, 'stopped');
  assert.equal(events.at(-1).outcome, 'stopped');
  assert.equal(await hub.invoke('Stop', runId), false);
});

test('errors are sentences', { timeout: 60_000 }, async () => {
  const hub = await connect();
  await assert.rejects(hub.invoke('Start', { ...request(1), images: [{ sha256: '0'.repeat(64) }] }), /upload it first/);
  await assert.rejects(hub.invoke('Start', { prompt: 'x', team: { name: 'None', agents: [] } }), /no agents/);
  await assert.rejects(hub.invoke('Start', { prompt: 'x' }), /lacks 'team'/);
  await assert.rejects(follow(hub, '00000000-0000-0000-0000-000000000000', 0), /no such run/);
  assert.equal(await hub.invoke('Stop', '00000000-0000-0000-0000-000000000000'), false);
});

test('without the key, or from another site, nobody connects', { timeout: 60_000 }, async () => {
  await assert.rejects(connect({}), /401/);
  await assert.rejects(connect({ authorization: 'Bearer wrong' }), /401/);
  await assert.rejects(connect({ ...web.headers, origin: 'http://evil.example' }), /403/);
});

test('plain HTTP starts a run and streams its events from a number', { timeout: 120_000 }, async () => {
  const started = await fetch(`${web.url}/api/runs`, {
    method: 'POST', headers: { ...web.headers, 'content-type': 'application/json' }, body: JSON.stringify(request(2)),
  });
  assert.equal(started.status, 201);
  const { runId } = await started.json();
  const stream = await fetch(`${web.url}/api/runs/${runId}/events`, { headers: { ...web.headers, 'last-event-id': '1' } });
  const body = await stream.text(); // ends with the run
  const events = body.split('\n').filter(line => line.startsWith('data: ')).map(line => JSON.parse(line.slice(6)));
  assert.deepEqual(numbers(events), upTo(2, events.length + 1));
  assert.equal(events.at(-1).type, 'run.finished');
  const unknown = await fetch(`${web.url}/api/runs/00000000-0000-0000-0000-000000000000/events`, { headers: web.headers });
  assert.equal(unknown.status, 404);
});
