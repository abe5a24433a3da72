// Walks a list of which only a part is there: j and k between cases, e opens, x selects, / searches. Where a case is not
// rendered yet, the list is scrolled to where it will be, and the focus follows when it came.
const leastTile = 178, gap = 12;

export function attach(list, server, at) {
  const ended = new AbortController();
  let root = list, current = at ?? -1, waiting = 0;

  const typing = el => el.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable]');
  const item = index => root.querySelector(`[data-index="${index}"]`);
  const scroller = () => {
    for (let el = root.parentElement; el; el = el.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(el).overflowY) && el.scrollHeight > el.clientHeight) return el;
    }
    return document.scrollingElement;
  };

  const measure = () => {
    if (!root.matches('.grid') || !root.clientWidth) return;
    const least = innerWidth < 720 ? 150 : leastTile;
    server.invokeMethodAsync('Columns', Math.max(1, Math.floor((root.clientWidth + gap) / (least + gap))));
  };

  function reveal(index) {
    const row = Math.floor(index / Number(root.dataset.columns)), height = Number(root.dataset.row);
    const page = scroller(), frame = page === document.scrollingElement ? { top: 0, height: innerHeight } : page.getBoundingClientRect();
    const top = root.getBoundingClientRect().top - frame.top + page.scrollTop + row * height;
    // Where the head of the page or of the table lies over the list, it needs room.
    const above = 110, below = 70;
    if (top < page.scrollTop + above) page.scrollTop = Math.max(0, top - above);
    else if (top + height > page.scrollTop + frame.height - below) page.scrollTop = top + height - frame.height + below;
  }

  function go(index, focus = true) {
    const total = Number(root.dataset.cases);
    if (!total) return;
    current = Math.max(0, Math.min(total - 1, index));
    reveal(current);
    const until = performance.now() + 3000, wanted = current;
    cancelAnimationFrame(waiting);
    const look = () => {
      const link = item(wanted)?.querySelector('a');
      if (link) { if (focus) link.focus({ preventScroll: true }); }
      else if (performance.now() < until) waiting = requestAnimationFrame(look);
    };
    look();
  }

  const here = () => {
    const focused = document.activeElement?.closest?.('[data-index]');
    return focused && root.contains(focused) ? Number(focused.dataset.index) : current;
  };

  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]')) return;
    const search = document.querySelector('[data-search]');
    if (e.key === 'Escape' && e.target === search) { search.blur(); return; }
    if (typing(e.target)) return;
    const columns = Number(root.dataset.columns);
    switch (e.key) {
      case 'j': go(here() + 1); break;
      case 'k': go(here() < 0 ? 0 : here() - 1); break;
      case 'ArrowDown': if (document.activeElement?.closest?.('[data-index]')) { e.preventDefault(); go(here() + columns); } break;
      case 'ArrowUp': if (document.activeElement?.closest?.('[data-index]')) { e.preventDefault(); go(here() - columns); } break;
      case 'e': item(here())?.querySelector('a')?.click(); break;
      case 'x': item(here())?.querySelector('input')?.click(); break;
      case '/': if (search) { e.preventDefault(); search.focus(); search.select(); } break;
      case 'Escape': document.querySelector('[data-clear-selection]')?.click(); break;
    }
  }, { signal: ended.signal });
  root.ownerDocument.addEventListener('focusin', e => {
    const focused = e.target.closest?.('[data-index]');
    if (focused && root.contains(focused)) current = Number(focused.dataset.index);
  }, { signal: ended.signal });

  const sizes = new ResizeObserver(measure);
  sizes.observe(root);
  measure();
  if (at !== null && at !== undefined) setTimeout(() => go(at), 60);

  document.documentElement.dataset.keys = 'cases';
  return {
    use(list) {
      sizes.unobserve(root);
      root = list;
      sizes.observe(root);
      measure();
    },
    dispose() {
      sizes.disconnect();
      cancelAnimationFrame(waiting);
      ended.abort();
      delete document.documentElement.dataset.keys;
    },
  };
}
