// The engine node as a process with the real engine and muse-mini, driven by OpenAI's own client.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI from 'openai';
import { root, startNode, until } from './node-process.mjs';

const key = 'client-test-key';
const image = `data:image/png;base64,${readFileSync(path.join(root, 'wwwroot/samples/scene-01.png')).toString('base64')}`;
const ask = (question, more = {}) => ({
  model: '',
  temperature: 0,
  max_tokens: 200,
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: image } }, { type: 'text', text: question }] }],
  ...more,
});

let node;
let url;
let client;

before(async () => {
  node = startNode({ key });
  ({ url } = await node.event('listening'));
  await node.event('ready');
  client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
});

after(async () => assert.equal(await node?.stop(), 0));

async function metric(name) {
  const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
  const line = text.split('\n').find(candidate => candidate.startsWith(`muse:${name}{`));
  assert.ok(line, `metric ${name}`);
  return Number(line.split(' ').at(-1));
}

test('models.list names the model and what it can do', async () => {
  const models = await client.models.list();
  assert.equal(models.data.length, 1);
  assert.match(models.data[0].id, /muse-mini/);
  assert.equal(models.data[0].owned_by, 'muse-workbench');
  assert.equal(models.data[0].meta.vision, true);
  assert.equal(models.data[0].meta.imageFit, 'stretch');
});

test('a wrong key is an AuthenticationError', async () => {
  const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test('another model is a NotFoundError', async () => {
  await assert.rejects(client.chat.completions.create(ask('x', { model: 'gpt-4o' })), OpenAI.NotFoundError);
});

test('a value out of range is a BadRequestError that names it', async () => {
  await assert.rejects(client.chat.completions.create(ask('x', { temperature: 9 })),
    error => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
});

test('an image question is answered', async () => {
  const reply = await client.chat.completions.create(ask('How many grapes are there?'));
  const text = reply.choices[0].message.content;
  assert.equal(reply.choices[0].finish_reason, 'stop');
  assert.match(text, /<think>[\s\S]*<loc\d{4}>[\s\S]*<\/think>\s*\d+$/, text);
  assert.ok(reply.usage.prompt_tokens > 64, 'the image takes 64 tokens');
  assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
  assert.equal(reply.timings.predicted_n, reply.usage.completion_tokens);
  assert.ok(reply.timings.ttft_ms > 0 && reply.timings.predicted_per_second > 0);
});

test('what the image shows decides the answer', async () => {
  const other = `data:image/png;base64,${readFileSync(path.join(root, 'wwwroot/samples/scene-03.png')).toString('base64')}`;
  const about = url => client.chat.completions.create({
    model: '', temperature: 0, max_tokens: 200,
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }, { type: 'text', text: 'What is on the table?' }] }],
  });
  const [first, second] = await Promise.all([about(image), about(other)]);
  assert.notEqual(first.choices[0].message.content, second.choices[0].message.content);
});

test('the same seed gives the same text, streamed or not', async () => {
  const request = ask('What is on the table?', { temperature: 1, seed: 7 });
  const whole = await client.chat.completions.create(request);
  const stream = await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } });
  let text = '';
  let usage;
  let finish;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    finish ??= chunk.choices[0]?.finish_reason;
    usage ??= chunk.usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(finish, 'stop');
  assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
});

test('n=2 gives two sequences over one prompt', async () => {
  const before = await metric('prefix_cache_hits_total');
  const reply = await client.chat.completions.create(ask('Count the cookies.', { n: 2, temperature: 1, seed: 3 }));
  assert.deepEqual(reply.choices.map(choice => choice.index), [0, 1]);
  assert.ok(reply.choices.every(choice => choice.message.content.length > 0));
  const alone = await client.chat.completions.create(ask('Count the cookies.', { temperature: 1, seed: 4 }));
  assert.equal(reply.choices[1].message.content, alone.choices[0].message.content, 'sequence 1 is seed + 1');
  // The second of the two shares the first one's prompt, and the one alone finds it kept. Figures come a few times a second.
  const shared = 2 * (reply.usage.prompt_tokens - 1);
  await until(async () => await metric('prefix_cache_hits_total') - before >= shared, 5000, `${shared} prompt tokens shared`);
});

test('n=2 streams both sequences to their ends', async () => {
  const stream = await client.chat.completions.create(ask('Count the cookies.', { n: 2, temperature: 1, seed: 3, stream: true }));
  const texts = ['', ''];
  const finished = [];
  for await (const chunk of stream) {
    for (const choice of chunk.choices) {
      texts[choice.index] += choice.delta.content ?? '';
      if (choice.finish_reason) {
        finished.push(choice.index);
      }
    }
  }
  assert.deepEqual(finished.sort(), [0, 1]);
  assert.ok(texts.every(text => text.length > 0));
});

test('logprobs add up and their bytes spell the text', async () => {
  const reply = await client.chat.completions.create(ask('How many grapes are there?', { logprobs: true, top_logprobs: 3 }));
  const { content } = reply.choices[0].logprobs;
  // The end-of-sequence token is drawn, too, and stands for no text.
  assert.ok(content.length >= reply.usage.completion_tokens - 1 && content.length <= reply.usage.completion_tokens);
  const spelled = Buffer.from(content.flatMap(token => token.bytes)).toString('utf8');
  assert.ok(spelled.startsWith(reply.choices[0].message.content), spelled);
  for (const token of content) {
    assert.ok(token.logprob <= 0);
    assert.equal(token.top_logprobs.length, 3);
    assert.equal(token.logprob, token.top_logprobs[0].logprob, 'greedy draws the likeliest');
    const mass = token.top_logprobs.reduce((sum, top) => sum + Math.exp(top.logprob), 0);
    assert.ok(mass <= 1.0001, `${mass}`);
  }
});

test('max_tokens ends by length', async () => {
  const reply = await client.chat.completions.create(ask('What is on the table?', { max_tokens: 3 }));
  assert.equal(reply.choices[0].finish_reason, 'length');
  assert.equal(reply.usage.completion_tokens, 3);
});

test('a stop text ends the reply before it', async () => {
  const reply = await client.chat.completions.create(ask('What is on the table?', { stop: ['</think>'] }));
  assert.equal(reply.choices[0].finish_reason, 'stop');
  assert.ok(!reply.choices[0].message.content.includes('</think>'));
});

test('return_progress tells how far the prompt is', async () => {
  const stream = await client.chat.completions.create(ask('Is there an egg in this new question?', { stream: true, return_progress: true, max_tokens: 2 }));
  const progress = [];
  for await (const chunk of stream) {
    if (chunk.prompt_progress) {
      progress.push(chunk.prompt_progress);
    }
  }
  assert.ok(progress.length > 0);
  assert.equal(progress.at(-1).processed, progress.at(-1).total);
});

test('an aborted stream is cancelled in the engine', async () => {
  const aborted = async () => {
    const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
    return Number(text.match(/muse:request_success_total\{[^}]*finished_reason="abort"\} (\d+)/)[1]);
  };
  const count = await aborted();
  const stream = await client.chat.completions.create(ask('What is on the table?', { stream: true, n: 4, temperature: 2, max_tokens: 3000, logit_bias: { 2: -100 } }));
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) {
      stream.controller.abort();
      break;
    }
  }
  await until(async () => await aborted() > count, 5000, 'cancelled');
  await until(async () => await metric('num_requests_running') === 0, 5000, 'nothing runs');
});

test('a prompt longer than the context is refused, and the node goes on', async () => {
  await assert.rejects(
    client.chat.completions.create(ask('egg '.repeat(20_000))),
    error => error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded');
  const reply = await client.chat.completions.create(ask('How many eggs?', { max_tokens: 1 }));
  assert.equal(reply.choices.length, 1);
});

test('the ends of every range are served', async () => {
  const ends = [
    { temperature: 0, top_p: 0, top_k: 0, min_p: 0, repeat_penalty: 0.1, frequency_penalty: -2, presence_penalty: -2, seed: 0, top_logprobs: 0, logprobs: true },
    { temperature: 2, top_p: 1, top_k: 2147483647, min_p: 1, repeat_penalty: 10, frequency_penalty: 2, presence_penalty: 2, seed: 4294967295, top_logprobs: 20, logprobs: true },
    { n: 16, stop: Array.from({ length: 8 }, (_, i) => `stop ${i}`), logit_bias: { 0: -100, 1000: 100 } },
  ];
  for (const end of ends) {
    const reply = await client.chat.completions.create(ask('How many eggs?', { ...end, max_tokens: 4 }));
    assert.equal(reply.choices.length, end.n ?? 1);
  }
  await assert.rejects(client.chat.completions.create(ask('x', { logit_bias: { 1001: 1 } })), OpenAI.BadRequestError, 'beyond the vocabulary');
});

test('control tokens in the question are plain text', async () => {
  const short = await client.chat.completions.create(ask('<|im_end|>', { max_tokens: 1 }));
  const none = await client.chat.completions.create(ask('', { max_tokens: 1 }));
  assert.ok(short.usage.prompt_tokens - none.usage.prompt_tokens > 1, 'spelled out, not one control token');
});

const number = { type: 'object', properties: { count: { type: 'integer', minimum: 0, maximum: 20 }, sure: { type: 'boolean' } }, required: ['count', 'sure'], additionalProperties: false };
const answerOf = content => content.slice(content.lastIndexOf('</think>') + '</think>'.length * content.includes('</think>'));

test('a JSON schema holds the answer, not the reasoning', async () => {
  const format = { type: 'json_schema', json_schema: { name: 'count', strict: true, schema: number } };
  for (const more of [{ temperature: 0 }, { temperature: 1, seed: 1 }, { temperature: 1, seed: 2 }]) {
    const reply = await client.chat.completions.create(ask('How many grapes are there?', { ...more, response_format: format, max_tokens: 400 }));
    const { content } = reply.choices[0].message;
    assert.equal(reply.choices[0].finish_reason, 'stop', content);
    const answer = JSON.parse(answerOf(content));
    assert.deepEqual(Object.keys(answer), ['count', 'sure']);
    assert.ok(Number.isInteger(answer.count) && answer.count >= 0 && answer.count <= 20 && typeof answer.sure === 'boolean', content);
  }
});

test('a grammar holds the answer', async () => {
  const reply = await client.chat.completions.create(ask('How many grapes are there?', { grammar: 'root ::= "yes" | "no"' }));
  assert.match(answerOf(reply.choices[0].message.content), /^\s*(yes|no)$/);
  await assert.rejects(client.chat.completions.create(ask('x', { grammar: 'root ::= "a"\n | (' })),
    error => error instanceof OpenAI.BadRequestError && error.param === 'grammar' && /Line 2/.test(error.message));
});

const tools = [
  { type: 'function', function: { name: 'calculator', parameters: { type: 'object', properties: { expression: { type: 'string', pattern: '^[0-9+*() -]{1,20}$' } }, required: ['expression'], additionalProperties: false } } },
  { type: 'function', function: { name: 'nothing' } },
];

test('a required tool is called, whole and streamed', async () => {
  const choice = { tools, tool_choice: { type: 'function', function: { name: 'calculator' } }, max_tokens: 400 };
  const reply = await client.chat.completions.create(ask('How many grapes are there?', choice));
  const { message, finish_reason: finish } = reply.choices[0];
  assert.equal(finish, 'tool_calls', JSON.stringify(message));
  assert.equal(message.tool_calls.length, 1);
  assert.equal(message.tool_calls[0].function.name, 'calculator');
  assert.match(JSON.parse(message.tool_calls[0].function.arguments).expression, /^[0-9+*() -]{1,20}$/);
  assert.ok(!(message.content ?? '').includes('<tool_call>'));

  const stream = client.chat.completions.stream(ask('How many grapes are there?', choice));
  const streamed = await stream.finalChatCompletion();
  assert.equal(streamed.choices[0].finish_reason, 'tool_calls');
  assert.deepEqual(streamed.choices[0].message.tool_calls.map(call => call.function.arguments), message.tool_calls.map(call => call.function.arguments));
});

test('a call and its answer are taken back', async () => {
  const request = ask('How many grapes are there?', { tools, max_tokens: 100 });
  request.messages.push(
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'calculator', arguments: '{"expression":"1+1"}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: '2' });
  const reply = await client.chat.completions.create(request);
  assert.equal(reply.choices.length, 1);
});
