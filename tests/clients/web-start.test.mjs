// A workbench that can't start says why in one sentence, without a stack, and ends with 1.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { startWeb } from './web-process.mjs';

const refused = async (...options) => {
  const error = await startWeb('--Node:Start=false', ...options).then(
    web => web.stop().then(() => assert.fail('it started')),
    reason => reason);
  assert.match(error.message, /ended with 1:/);
  assert.doesNotMatch(error.message, /\n\s+at /);
  assert.equal(error.message.trim().split('\n').length, 2, error.message);
  return error.message;
};

test('a port that is taken', { timeout: 60_000 }, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => other.once('listening', resolve));
  try {
    assert.match(await refused('--urls', `http://127.0.0.1:${other.address().port}`), /has that port\. Choose one with --urls/);
  } finally {
    other.close();
  }
});

test('a setting of the wrong kind', { timeout: 60_000 }, async () =>
  assert.match(await refused('--Node:WaitSeconds=soon'), /'soon' at 'Node:WaitSeconds'/));

test('a data directory that cannot be made', { timeout: 60_000 }, async () =>
  assert.match(await refused('--Data:Directory', '/dev/null/data'), /The data directory .* can't be written to/));
