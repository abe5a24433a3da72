// Draws, moves and resizes boxes. What moves, moves in the browser; the circuit hears the end of it.
export function attach(root, editor) {
  const ended = new AbortController();
  const live = root.querySelector('.live');
  const share = value => Math.min(1, Math.max(0, value));
  const still = () => root.classList.contains('still');
  const percent = { left: b => b.x0, top: b => b.y0, width: b => b.x1 - b.x0, height: b => b.y1 - b.y0 };
  const show = (element, box) => { for (const side in percent) element.style[side] = `${percent[side](box) * 100}%`; };
  let act = null;

  const at = e => {
    const frame = root.getBoundingClientRect();
    return { x: (e.clientX - frame.left) / frame.width, y: (e.clientY - frame.top) / frame.height };
  };
  const boxOf = element => {
    const [x0, y0, w, h] = ['left', 'top', 'width', 'height'].map(side => parseFloat(element.style[side]) / 100);
    return { x0, y0, x1: x0 + w, y1: y0 + h };
  };

  function follow(e) {
    const { x, y } = at(e), { from, box, handle } = act;
    if (act.kind === 'draw') {
      const [a, b] = [{ x: share(from.x), y: share(from.y) }, { x: share(x), y: share(y) }];
      return { x0: Math.min(a.x, b.x), y0: Math.min(a.y, b.y), x1: Math.max(a.x, b.x), y1: Math.max(a.y, b.y) };
    }
    if (act.kind === 'move') {
      const dx = Math.max(-box.x0, Math.min(1 - box.x1, x - from.x)), dy = Math.max(-box.y0, Math.min(1 - box.y1, y - from.y));
      return { x0: box.x0 + dx, y0: box.y0 + dy, x1: box.x1 + dx, y1: box.y1 + dy };
    }
    const moved = { ...box };
    moved[handle.includes('w') ? 'x0' : 'x1'] = share(x);
    moved[handle.includes('n') ? 'y0' : 'y1'] = share(y);
    return { x0: Math.min(moved.x0, moved.x1), y0: Math.min(moved.y0, moved.y1), x1: Math.max(moved.x0, moved.x1), y1: Math.max(moved.y0, moved.y1) };
  }

  const on = (type, handler) => root.addEventListener(type, handler, { signal: ended.signal });
  on('pointerdown', e => {
    if (e.button !== 0) return;
    const region = e.target.closest('[data-region]'), handle = e.target.closest('[data-handle]')?.dataset.handle;
    region?.focus({ preventScroll: true });
    if (still()) return;
    e.preventDefault();
    root.setPointerCapture(e.pointerId);
    act = region
      ? { kind: handle ? 'size' : 'move', handle, region, index: Number(region.dataset.region), box: boxOf(region), from: at(e), moved: false }
      : { kind: 'draw', from: at(e), moved: false };
  });
  on('pointermove', e => {
    if (!act) return;
    const here = at(e), frame = root.getBoundingClientRect();
    // A hand that trembles on a click draws and moves nothing.
    act.moved ||= Math.hypot((here.x - act.from.x) * frame.width, (here.y - act.from.y) * frame.height) > 3;
    if (!act.moved) return;
    const box = follow(e);
    if (act.kind === 'draw') live.hidden = false;
    show(act.kind === 'draw' ? live : act.region, box);
  });
  on('pointerup', e => {
    if (!act) return;
    const done = act, box = act.moved ? follow(e) : null;
    act = null;
    live.hidden = true;
    if (!box) return;
    if (done.kind !== 'draw') editor.invokeMethodAsync('Placed', done.index, box.x0, box.y0, box.x1, box.y1);
    else if (box.x1 - box.x0 > .004 && box.y1 - box.y0 > .004) editor.invokeMethodAsync('Drawn', box.x0, box.y0, box.x1, box.y1);
  });
  on('pointercancel', () => {
    if (act?.region) show(act.region, act.box);
    act = null;
    live.hidden = true;
  });

  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  on('keydown', e => {
    const region = e.target.closest('[data-region]');
    if (!region || still() || e.altKey || e.metaKey) return;
    const index = Number(region.dataset.region), way = ways[e.key];
    if (way) {
      e.preventDefault();
      const step = e.ctrlKey ? .05 : .005;
      editor.invokeMethodAsync('Nudged', index, way[0] * step, way[1] * step, e.shiftKey);
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      e.preventDefault();
      editor.invokeMethodAsync('Removed', index);
    } else if (e.key === 'Enter') {
      e.preventDefault();
      label(index);
    }
  });

  root.dataset.attached = '';
  const label = index => document.getElementById(`place-${index}-label`)?.focus({ preventScroll: false });
  return { label, dispose() { ended.abort(); } };
}
