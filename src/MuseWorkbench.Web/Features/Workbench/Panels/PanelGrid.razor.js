// Keeps each panel's text at its end while it grows, until the reader scrolls up; then says that there is more.
export function attach(root) {
  const reading = new WeakSet();
  const behind = (el, yes) => el.parentElement.toggleAttribute('data-behind', yes);
  const atEnd = el => el.scrollHeight - el.scrollTop - el.clientHeight < 12;
  const toEnd = el => { el.scrollTop = el.scrollHeight; };
  let frame = 0;
  const grown = new Set();

  // Only a scroll that follows a hand means reading; one caused by growing text does not.
  const touched = new WeakMap();
  const byHand = e => {
    const el = e.target.closest?.('[data-keep]');
    if (el) touched.set(el, performance.now());
  };
  const onScroll = e => {
    const el = e.target;
    if (!el.matches?.('[data-keep]')) return;
    if (atEnd(el)) { reading.delete(el); behind(el, false); }
    else if (performance.now() - (touched.get(el) ?? -1e6) < 1000) { reading.add(el); touched.set(el, performance.now()); }
  };
  const onClick = e => {
    const pill = e.target.closest('[data-pill]');
    if (!pill) return;
    const el = pill.parentElement.querySelector('[data-keep]');
    reading.delete(el);
    touched.delete(el);
    behind(el, false);
    toEnd(el);
  };
  const settle = () => {
    frame = 0;
    for (const el of grown) {
      if (!el.isConnected) continue;
      if (reading.has(el)) { if (!atEnd(el)) behind(el, true); } else toEnd(el);
    }
    grown.clear();
  };
  const changes = new MutationObserver(list => {
    for (const change of list) {
      const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      const el = node?.closest('[data-keep]');
      if (el) grown.add(el);
      for (const added of change.addedNodes) {
        if (added.nodeType === 1) for (const inner of added.querySelectorAll('[data-keep]')) grown.add(inner);
      }
    }
    if (grown.size) frame ||= requestAnimationFrame(settle);
  });
  changes.observe(root, { childList: true, characterData: true, subtree: true });
  root.addEventListener('scroll', onScroll, { capture: true, passive: true });
  for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown']) root.addEventListener(type, byHand, { passive: true });
  root.addEventListener('click', onClick);

  // A panel clips what stands in it; its menu opens in the top layer, beside its button.
  const ended = new AbortController();
  root.addEventListener('beforetoggle', e => {
    const menu = e.target;
    if (e.newState !== 'open' || !menu.matches?.('[data-menu-for]')) return;
    const at = root.querySelector(`button[popovertarget="${CSS.escape(menu.id)}"]`).getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(at.right - 232, innerWidth - 240))}px`;
    const below = at.bottom + 150 < innerHeight;
    menu.style.top = below ? `${at.bottom + 4}px` : 'auto';
    menu.style.bottom = below ? 'auto' : `${innerHeight - at.top + 4}px`;
  }, { capture: true, signal: ended.signal });
  // Escape closes the menu; it does not stop the run.
  root.addEventListener('keydown', e => { if (e.key === 'Escape' && root.querySelector('[popover]:popover-open')) e.stopPropagation(); }, { signal: ended.signal });

  root.dataset.attached = '';
  return {
    dispose() {
      ended.abort();
      changes.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
