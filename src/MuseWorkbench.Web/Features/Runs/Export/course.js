'use strict';
// What a replayed page draws of a run as a whole: when each agent did what, and where agents agree.

// Each agent's phases as [kind, from, to] in milliseconds; kinds as in the workbench: q queued, p prefill, t thinking,
// x tool, a answer, c cut off.
const lanesOf = (events, times, count) => {
  const end = times[times.length - 1];
  const lanes = Array.from({ length: count }, () => []);
  const open = new Map();
  const change = (agent, kind, at) => {
    const before = open.get(agent);
    if (before?.kind === kind) return;
    if (before && at > before.at) lanes[agent].push([before.kind, before.at, at]);
    if (kind) open.set(agent, { kind, at }); else open.delete(agent);
  };
  const kinds = { 'agent.queued': 'q', 'agent.prefilling': 'p', 'reasoning.delta': 't', 'tool.called': 'x', 'answer.delta': 'a' };
  events.forEach((e, i) => {
    if (e.type === 'run.finished') for (const agent of [...open.keys()]) change(agent, null, times[i]);
    if (!lanes[e.agent]) return;
    if (kinds[e.type]) change(e.agent, kinds[e.type], times[i]);
    if (e.type !== 'agent.finished') return;
    change(e.agent, null, times[i]);
    if (/stopped|failed/.test(e.outcome)) lanes[e.agent].push(['c', Math.min(times[i], end * .994), Math.min(times[i], end * .994) + end * .006]);
  });
  for (const agent of [...open.keys()]) change(agent, null, end);
  return lanes;
};

// How many agents' places cover each cell's centre: cells side by side with one count as { x, y, width, count }, in shares.
// A point covers what lies near it. The same as the workbench's own map.
const agreementOf = (regionsOfAgents, aspect) => {
  const columns = 64, reach = .03, rows = Math.max(8, Math.min(128, Math.round(columns / aspect)));
  const counts = Array.from({ length: rows }, () => new Uint16Array(columns));
  const span = (from, to, cells) => [Math.max(0, Math.min(cells, Math.ceil(from * cells - .5))), Math.max(0, Math.min(cells, Math.floor(to * cells - .5) + 1))];
  const inside = (outline, x, y) => {
    let is = false;
    for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2)
      if (outline[i + 1] > y !== outline[j + 1] > y && x < (outline[j] - outline[i]) * (y - outline[i + 1]) / (outline[j + 1] - outline[i + 1]) + outline[i]) is = !is;
    return is;
  };
  for (const regions of regionsOfAgents) {
    const covered = new Set();
    for (const { x0, y0, x1, y1, polygon } of regions) {
      const point = x0 === x1 && y0 === y1, [rx, ry] = point ? [reach, reach * aspect] : [0, 0];
      const [left, right] = span(x0 - rx, x1 + rx, columns), [top, bottom] = span(y0 - ry, y1 + ry, rows);
      for (let row = top; row < bottom; row++) for (let column = left; column < right; column++)
        if (!polygon || inside(polygon, (column + .5) / columns, (row + .5) / rows)) covered.add(row * columns + column);
    }
    for (const cell of covered) counts[Math.floor(cell / columns)][cell % columns]++;
  }
  const cells = [];
  counts.forEach((row, y) => {
    for (let from = 0, to; from < columns; from = to) {
      for (to = from + 1; to < columns && row[to] === row[from];) to++;
      if (row[from]) cells.push({ x: from / columns, y: y / rows, width: (to - from) / columns, height: 1 / rows, count: row[from] });
    }
  });
  return cells;
};
