// The node that a workbench starts never outlives it, however it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlive, until } from './node-process.mjs';
import { childrenOf, startWeb } from './web-process.mjs';

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT']) {
  test(`no node is left behind by ${signal}`, { timeout: 120_000 }, async () => {
    const web = await startWeb();
    let nodes = [];
    try {
      await until(() => (nodes = childrenOf(web.child.pid)).length > 0, 30_000, 'a node');
      await until(() => web.lines.some(line => line.includes('Engine node ready')), 60_000, 'the node ready');
    } finally {
      await web.stop(signal);
    }

    assert.ok(nodes.length > 0);
    await until(() => !nodes.some(isAlive), 15_000, 'the end of the node');
  });
}

test('a node that is killed is started again', { timeout: 120_000 }, async () => {
  const web = await startWeb();
  const ready = () => web.lines.filter(line => line.includes('Engine node ready')).length;
  try {
    await until(() => ready() === 1, 60_000, 'the node ready');
    const [node] = childrenOf(web.child.pid);
    process.kill(node, 'SIGKILL');
    await until(() => ready() === 2, 60_000, 'another node ready');
    assert.notDeepEqual(childrenOf(web.child.pid), [node]);
    assert.ok(web.lines.some(line => line.includes('exit code 137')));
  } finally {
    await web.stop();
  }
});
