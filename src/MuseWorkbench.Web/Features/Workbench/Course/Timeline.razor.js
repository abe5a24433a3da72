// The pointer over the lanes: the line follows at once, the words come from the server, at most one question under way.
export function attach(root, server) {
  const ended = new AbortController();
  const on = (type, handler) => root.addEventListener(type, handler, { signal: ended.signal });
  let asking = false, wanted = null, inside = false;

  const place = e => {
    const lane = e.target.closest('[data-lane]');
    const track = (lane ?? root.querySelector('[data-lane]'))?.querySelector('svg')?.getBoundingClientRect();
    if (!track || e.clientX < track.left - 2 || e.clientX > track.right + 2) return null;
    return { share: Math.min(1, Math.max(0, (e.clientX - track.left) / track.width)), lane: lane ? Number(lane.dataset.lane) : null };
  };
  const ask = async () => {
    if (asking) return;
    asking = true;
    while (wanted) {
      const next = wanted;
      wanted = null;
      if (next.leave) await server.invokeMethodAsync('Leave'); else await server.invokeMethodAsync('Point', next.share, next.lane);
    }
    asking = false;
  };
  const leave = () => {
    if (!inside) return;
    inside = false;
    wanted = { leave: true };
    ask();
  };
  on('pointermove', e => {
    if (e.pointerType === 'touch' || e.target.closest('.moment, .scrub')) return;
    const at = place(e);
    if (!at) { leave(); return; }
    inside = true;
    root.style.setProperty('--x', at.share.toFixed(4));
    wanted = at;
    ask();
  });
  on('pointerleave', leave);
  on('keydown', e => {
    // Escape closes the moment; it does not stop the run.
    if (e.key === 'Escape' && root.dataset.pointed !== undefined) {
      e.stopPropagation();
      root.querySelector('.moment button')?.click();
    }
  });
  root.dataset.attached = '';
  return { dispose: () => ended.abort() };
}
