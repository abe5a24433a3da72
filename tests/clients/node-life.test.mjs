// How a node process begins and ends.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive, miniModel, nodeArguments, root, startNode, until } from './node-process.mjs';

async function failsToStart(options, reason) {
  const node = startNode({ options });
  assert.equal(await node.exit, 3, node.log.join('\n'));
  const failed = node.events.find(happened => happened.event === 'failed');
  assert.match(failed?.reason ?? '', reason);
  assert.doesNotMatch(failed.reason, /Exception|\n/);
}

test('a missing model: says which, exit code 3', () => failsToStart(['--Engine:Model=/no/such/model.gguf'], /no model at \/no\/such\/model\.gguf/));

test('no model set: says so, exit code 3', () => failsToStart([], /Engine:Model/));

test('a missing projector: says which, exit code 3', () => failsToStart([miniModel[0], '--Engine:Projector=/no/such.gguf'], /\/no\/such\.gguf/));

test('an option out of range: says which, exit code 3', () => failsToStart([...miniModel, '--Engine:MaxSequences=0'], /MaxSequences/));

test('an option that is no number: says which, exit code 3', () => failsToStart([...miniModel, '--Engine:BatchSize=many'], /BatchSize/));

test('damaged files: a reason and exit code 3', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'muse-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const damaged = path.join(folder, 'damaged.gguf');
  writeFileSync(damaged, 'this is no model');
  await failsToStart([`--Engine:Model=${damaged}`], /./);
  writeFileSync(damaged, readFileSync(path.join(root, 'models/muse-mini/muse-mini.gguf')).subarray(0, 1_000_000));
  await failsToStart([`--Engine:Model=${damaged}`], /./);
  await failsToStart([miniModel[0], `--Engine:Projector=${damaged}`], /./);
  await failsToStart([miniModel[0], miniModel[0].replace('Engine:Model', 'Engine:Projector')], /./);
});

test('SIGTERM: ends with 0', async () => {
  const node = startNode();
  await node.event('ready');
  node.child.kill('SIGTERM');
  assert.equal(await node.exit, 0);
});

test('the parent killed with SIGKILL: the node ends within 3 s', async () => {
  // A process between us and the node is its parent.
  const parent = spawn(process.execPath, ['-e', `
    const { spawn } = require('node:child_process');
    const child = spawn('dotnet', ${JSON.stringify(nodeArguments(...miniModel))}, { stdio: ['pipe', 'inherit', 'ignore'] });
    console.log(JSON.stringify({ pid: child.pid }));
  `], { stdio: ['ignore', 'pipe', 'inherit'] });
  let pid;
  for await (const line of createInterface({ input: parent.stdout })) {
    const said = JSON.parse(line);
    pid ??= said.pid;
    if (said.event === 'ready') {
      break;
    }
  }
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 3000, 'the node has ended');
});
