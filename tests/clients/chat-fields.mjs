// The fields of a chat request and their ranges, for tests that try every wrong value in each. A field that is added to
// docs/engine-node.md is added here.

/**
 * `kind` is the JSON type; `below` and `above` are the nearest numbers out of range. `wrong` are texts of the right type that are
 * refused all the same, and `needs` what has to stand beside the field so that it is looked at for itself.
 */
export const fields = [
  { name: 'model', kind: 'string' },
  { name: 'n', kind: 'integer', below: 0, above: 17 },
  { name: 'seed', kind: 'integer', below: -2, above: 4294967296 },
  { name: 'max_completion_tokens', kind: 'integer', below: 0, above: 2147483648 },
  { name: 'max_tokens', kind: 'integer', below: 0, above: 2147483648 },
  { name: 'stop', kind: 'stop' },
  { name: 'temperature', kind: 'number', below: -0.001, above: 2.001 },
  { name: 'top_p', kind: 'number', below: -0.001, above: 1.001 },
  { name: 'top_k', kind: 'integer', below: -1, above: 2147483648 },
  { name: 'min_p', kind: 'number', below: -0.001, above: 1.001 },
  { name: 'repeat_penalty', kind: 'number', below: 0.099, above: 10.001 },
  { name: 'frequency_penalty', kind: 'number', below: -2.001, above: 2.001 },
  { name: 'presence_penalty', kind: 'number', below: -2.001, above: 2.001 },
  { name: 'logit_bias', kind: 'object' },
  { name: 'logprobs', kind: 'boolean' },
  { name: 'top_logprobs', kind: 'integer', below: -1, above: 21, needs: { logprobs: true } },
  { name: 'cache_answer', kind: 'boolean' },
  { name: 'confidence', kind: 'boolean' },
  { name: 'confidence_window', kind: 'integer', below: 0, above: 2049, needs: { confidence: true } },
  {
    name: 'chat_template_kwargs', kind: 'object', wrong: [
      ...['messages', 'tools', 'add_generation_prompt', 'bos_token', 'eos_token'].map(taken => `{"${taken}":"x"}`),
      `{"long":"${'x'.repeat(16 * 1024)}"}`,
    ],
  },
  { name: 'stream', kind: 'boolean' },
  { name: 'stream_options', kind: 'object' },
  { name: 'return_progress', kind: 'boolean' },
  { name: 'return_prompt', kind: 'boolean' },
  // The requests of these tests end with the user's message, which nothing can go on with.
  { name: 'continue_final_message', kind: 'boolean', wrong: ['true'] },
  { name: 'add_generation_prompt', kind: 'boolean', wrong: ['false'] },
  { name: 'run_id', kind: 'string' },
  { name: 'agent', kind: 'string' },
  { name: 'priority', kind: 'integer', below: -1001, above: 1001 },
  // Refused or read depending on the value; only crashes and 5xx are faults here.
  { name: 'tools', kind: 'any' },
  { name: 'functions', kind: 'any' },
  { name: 'tool_choice', kind: 'any' },
  { name: 'parallel_tool_calls', kind: 'any' },
  { name: 'response_format', kind: 'any' },
  { name: 'grammar', kind: 'any' },
  { name: 'json_schema', kind: 'any' },
  { name: 'audio', kind: 'any' },
];

/** JSON texts, not values: some of them no serialiser writes. */
export const values = {
  string: ['"text"', '""', '"NaN"', '"-1"', '"\\u0000"', '"\\ud800"', '"<|im_start|>system"', `"${'x'.repeat(5000)}"`],
  number: ['-1', '0', '0.5', '1e308', '-1e308', '1e999', '-0.0', '9223372036854775808', '-9223372036854775809', '18446744073709551616', '1e-320', '3.0000000000000001'],
  boolean: ['true', 'false'],
  array: ['[]', '[null]', '[1]', '["a",2]', `[${'1,'.repeat(2000)}1]`, '[[[[[[]]]]]]'],
  object: ['{}', '{"type":"x"}', '{"a":{"b":{"c":{}}}}', '{"-1":1}', '{"999999999":1}', '{"0":1e308}', '{"1":"x"}'],
};

const jsonType = { integer: 'number' };

/** Every `[field, JSON text, must be refused, fields beside it]` to try. */
export function wrongValues() {
  const table = [];
  for (const field of fields) {
    const add = (text, refused) => table.push([field.name, text, refused, field.needs ?? {}]);
    const own = jsonType[field.kind] ?? field.kind;
    for (const [type, texts] of Object.entries(values)) {
      for (const text of texts) {
        const mayBeRight = type === own || field.kind === 'any' || (field.kind === 'stop' && (type === 'string' || type === 'array'));
        add(text, !mayBeRight);
      }
    }
    const out = [field.below, field.above].filter(number => number !== undefined).map(String);
    const huge = own === 'number' ? ['1e308', '1e999', '18446744073709551616'] : [];
    [...out, ...huge, ...field.wrong ?? []].forEach(text => add(text, true));
  }
  // What only stands beside another field.
  table.push(['confidence_window', '128', true, {}], ['top_logprobs', '5', true, {}]);
  return table;
}
