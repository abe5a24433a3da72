// Draws a rectangle: the pointer's way stays in the browser, the circuit hears the end of it.
export function attach(root, layer) {
  const ended = new AbortController();
  const live = root.querySelector('.live');
  const share = value => Math.min(1, Math.max(0, value));
  let from = null;

  const at = e => {
    const box = root.getBoundingClientRect();
    return { x: share((e.clientX - box.left) / box.width), y: share((e.clientY - box.top) / box.height) };
  };
  const between = to => ({ x0: Math.min(from.x, to.x), y0: Math.min(from.y, to.y), x1: Math.max(from.x, to.x), y1: Math.max(from.y, to.y) });
  const on = (type, handler) => root.addEventListener(type, handler, { signal: ended.signal });

  on('pointerdown', e => {
    if (e.button !== 0 || !root.classList.contains('drawing')) return;
    e.preventDefault();
    root.setPointerCapture(e.pointerId);
    from = at(e);
  });
  on('pointermove', e => {
    if (!from) return;
    const box = between(at(e));
    live.hidden = false;
    Object.assign(live.style, { left: `${box.x0 * 100}%`, top: `${box.y0 * 100}%`, width: `${(box.x1 - box.x0) * 100}%`, height: `${(box.y1 - box.y0) * 100}%` });
  });
  on('pointerup', e => {
    if (!from) return;
    const box = between(at(e));
    from = null;
    live.hidden = true;
    // A click is no rectangle.
    if (box.x1 - box.x0 > .01 && box.y1 - box.y0 > .01) layer.invokeMethodAsync('Drawn', box.x0, box.y0, box.x1, box.y1);
  });
  on('pointercancel', () => { from = null; live.hidden = true; });
  root.dataset.attached = '';
  return { dispose() { ended.abort(); } };
}
