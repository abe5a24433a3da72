// Places agents named: one label for each thing, and the words that named it. The same as the workbench's own.

// Boxes of several agents around one thing: the same name, much of the area in common, one box an agent.
const thingsOf = marks => {
  const things = [];
  for (const mark of marks) {
    let best, most = .4;
    for (const thing of things) {
      if (thing.name !== mark.region.label.toLowerCase() || thing.box.imageIndex !== mark.region.imageIndex || thing.marks.some(other => other.agent === mark.agent)) continue;
      const overlap = overlapOf(thing.box, mark.region);
      if (overlap >= most) [best, most] = [thing, overlap];
    }
    if (!best) things.push({ name: mark.region.label.toLowerCase(), marks: [mark], box: mark.region });
    else {
      best.marks.push(mark);
      best.box = { ...best.box, ...Object.fromEntries(['x0', 'y0', 'x1', 'y1'].map(edge => [edge, medianOf(best.marks.map(other => other.region[edge]))])) };
    }
  }
  return things;
};
const medianOf = values => { values.sort((a, b) => a - b); return (values[values.length - 1 >> 1] + values[values.length >> 1]) / 2; };
const isPoint = ({ x0, y0, x1, y1 }) => x0 === x1 && y0 === y1;
const areaOf = ({ x0, y0, x1, y1 }) => (x1 - x0) * (y1 - y0);
const overlapOf = (a, b) => {
  if (isPoint(a) || isPoint(b)) return isPoint(a) && isPoint(b) ? 1 - Math.hypot(a.x0 - b.x0, a.y0 - b.y0) / .05 : 0;
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0), height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return width > 0 && height > 0 ? width * height / (areaOf(a) + areaOf(b) - width * height) : 0;
};

// Puts labels beside their boxes: inside the frame, never over each other. One that finds no room waits for the pointer.
const layOut = (frame, labels) => {
  const width = frame.clientWidth, height = frame.clientHeight, taken = [];
  // All sizes are read before any position is written: one layout for the lot.
  const sized = labels.map(({ tag, box }) => ({ tag, box, w: tag.offsetWidth, h: tag.offsetHeight }));
  sized.sort((a, b) => a.box.y0 - b.box.y0 || a.box.x0 - b.box.x0);
  for (const { tag, box, w, h } of sized) {
    const [x0, y0, x1, y1] = [box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height];
    const inside = (value, room) => Math.max(0, Math.min(value, room));
    const spots = [
      [x0 - 1, y0 - h - 2], [x1 - w + 1, y0 - h - 2], [x0 - 1, y1 + 2], [x1 - w + 1, y1 + 2],
      [x0 + 3, y0 + 3], [x0 + 3, y1 - h - 3], [x1 + 3, y0], [x0 - w - 3, y0], [x1 + 3, y1 - h], [x0 - w - 3, y1 - h],
    ].map(([x, y]) => ({ x: inside(x, width - w), y }));
    const spot = spots.find(({ x, y }) => y >= 0 && y + h <= height && w <= width
      && !taken.some(other => x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h));
    tag.classList.toggle('crowded', !spot);
    if (spot) taken.push({ ...spot, w, h });
    const { x, y } = spot ?? { x: inside(x0, width - w), y: inside(y0, height - h) };
    tag.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
};

// A text cut where words name a place, as [words, its key]: no key between places. Words named twice are the earlier place's.
const piecesOf = (text, offset, marks) => {
  const pieces = [];
  let at = 0;
  for (const { start, length, key } of marks) {
    const from = Math.max(at, start - offset), to = Math.min(text.length, start + length - offset);
    if (from >= to) continue;
    if (from > at) pieces.push([text.slice(at, from)]);
    pieces.push([text.slice(from, to), key]);
    at = to;
  }
  if (at < text.length) pieces.push([text.slice(at)]);
  return pieces;
};
