// Fifty streams at once, of which half never read and half leave after the first byte: another client is served, and
// everything they held comes back.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { engineIsIdle, startNode, until } from './node-process.mjs';

const streams = 50;
let node, url;

before(async () => {
  node = startNode();
  ({ url } = await node.event('listening'));
  await node.event('ready');
});

after(async () => assert.equal(await node?.stop(), 0));

const body = seed => JSON.stringify({
  stream: true, n: 1, seed, temperature: 2, max_tokens: 3000, logit_bias: { 0: -100, 2: -100 }, logprobs: true, top_logprobs: 20,
  messages: [{ role: 'user', content: `What is on the table? ${seed}` }],
});

/** A streaming request whose reply is not read further than `onByte` lets it. */
function open(seed, onByte) {
  const { hostname, port } = new URL(url);
  const text = body(seed);
  const socket = net.connect({ port: Number(port), host: hostname, highWaterMark: 1024 });
  socket.on('error', () => {});
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  const begun = new Promise(resolve => socket.once('readable', () => {
    onByte(socket);
    resolve();
  }));
  return { socket, begun };
}

test(`${streams} streams that never read or are gone at byte 1`, { timeout: 240_000 }, async () => {
  const never = Array.from({ length: streams / 2 }, (_, i) => open(i, () => {}));
  const gone = Array.from({ length: streams / 2 }, (_, i) => open(1000 + i, socket => socket.destroy()));
  await Promise.all([...never, ...gone].map(stream => stream.begun));

  // A client that reads is served between those that don't.
  await until(async () => (await (await fetch(`${url}/telemetry`)).json()).running > 0, 30_000, 'sequences running');
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(120_000),
    body: JSON.stringify({ max_tokens: 16, temperature: 0, messages: [{ role: 'user', content: 'Is there an egg?' }] }),
  });
  assert.equal(reply.status, 200);
  assert.ok((await reply.json()).usage.completion_tokens > 0);

  never.forEach(stream => stream.socket.destroy());
  await until(async () => (await (await fetch(`${url}/telemetry`)).json()).running === 0, 30_000, 'no sequence running');
  await engineIsIdle(url);
});
