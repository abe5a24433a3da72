// Keys, and the light between image and words. Hovering never crosses the circuit: one rule of a stylesheet of our own
// lights what belongs together, markup that arrives meanwhile included.
export function attach(server) {
  const ended = new AbortController();
  const on = (type, handler, options) => document.addEventListener(type, handler, { signal: ended.signal, ...options });
  const light = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, light];
  let lit = '';

  const prompt = () => document.querySelector('[data-prompt]');
  const panels = () => document.querySelector('[data-panels]');
  const typing = el => el.closest?.('input:not([type=range]), textarea, select');
  // Text typed and not yet told to the circuit; without it there is nothing to tell, and an old text must not win.
  let typed = false;
  on('input', e => { if (e.target.matches('[data-prompt]')) typed = true; });
  on('change', e => { if (e.target.matches('[data-prompt]')) typed = false; });
  const commit = () => { if (typed) prompt()?.dispatchEvent(new Event('change', { bubbles: true })); };

  const only = (boxes, tags) => `[data-frame] .cl { opacity: .12 !important; } [data-frame] .bx { opacity: 0 !important; } [data-frame] ${boxes} { opacity: 1 !important; }
    [data-frame] .tag { visibility: hidden !important; } [data-frame] ${tags} { visibility: visible !important; z-index: 1; }`;
  const mark = words => `${words} { background: color-mix(in srgb, var(--c) 28%, transparent); }`;

  function rulesFor(el) {
    const cluster = el?.closest?.('[data-members]');
    if (cluster) {
      const members = cluster.dataset.members;
      return `${mark(members.split(' ').map(key => `:is(.think, .ans, .scene) [data-region="${key}"]`).join(','))}
        [data-frame] .cl:not([data-members="${members}"]) { opacity: .25 !important; }
        [data-frame] .cl-tag:not([data-members="${members}"]) { visibility: hidden !important; }
        [data-frame] .cl-tag[data-members="${members}"] { visibility: visible !important; z-index: 1; }`;
    }
    const region = el?.closest?.('[data-region]')?.dataset.region;
    if (region) return `${only(`.bx[data-region="${region}"]`, `.bx-tag[data-region="${region}"]`)} ${mark(`:is(.think, .ans, .scene) [data-region="${region}"]`)}`;
    const agent = el?.closest?.('[data-agent]')?.dataset.agent;
    if (agent) return only(`.bx[data-agent="${agent}"]`, `.bx-tag[data-agent="${agent}"]:not([data-crowded])`);
    return '';
  }

  const shine = el => {
    const rules = rulesFor(el);
    if (rules !== lit) light.replaceSync(lit = rules);
  };
  on('mouseover', e => shine(e.target));
  on('mouseleave', () => shine(null));
  on('focusin', e => { if (e.target.matches(':focus-visible')) shine(e.target); });

  const focusedAgent = () => { const value = panels()?.dataset.focused; return value ? Number(value) : null; };
  const pointedAgent = () => {
    const el = document.activeElement?.closest('.panel[data-agent]') ?? document.querySelector('.panel[data-agent]:hover');
    return el ? Number(el.dataset.agent) : 0;
  };

  on('keydown', e => {
    if (document.querySelector('dialog[open]')) return;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      // The circuit hears the text first, then the command.
      commit();
      for (const menu of document.querySelectorAll('details[data-menu][open]')) menu.open = false;
      server.invokeMethodAsync('RunAsync');
    } else if (e.key === 'Escape') {
      // A card shown by the focus goes first.
      if (document.activeElement?.matches('[data-pin]')) { document.activeElement.blur(); return; }
      if (focusedAgent() !== null) server.invokeMethodAsync('Focus', null);
      else server.invokeMethodAsync('Stop');
    } else if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) {
      return;
    } else if (e.key === '/') {
      e.preventDefault();
      prompt()?.focus();
    } else if (e.key === 'f' && panels()) {
      server.invokeMethodAsync('Focus', focusedAgent() === null ? pointedAgent() : null);
    } else if ((e.key === 'ArrowRight' || e.key === 'ArrowLeft') && panels() && !e.target.matches('input')) {
      const step = e.key === 'ArrowRight' ? 1 : -1;
      const large = focusedAgent();
      if (large !== null) {
        const count = panels().querySelectorAll('.tab').length;
        server.invokeMethodAsync('Focus', (large + step + count) % count);
      } else {
        const names = [...panels().querySelectorAll('.panel .name')];
        const at = names.findIndex(name => name.closest('.panel').contains(document.activeElement));
        names[(at + step + names.length) % names.length]?.focus();
      }
      e.preventDefault();
    }
  });

  document.documentElement.dataset.keys = 'workbench';
  return {
    dispose() {
      ended.abort();
      delete document.documentElement.dataset.keys;
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== light);
    },
  };
}

// What is looked at stands in the address: a reload, a link and another tab come back to it. No entry of the history, no navigation.
export function keepView(agent, boxes) {
  const address = new URL(location);
  for (const [name, value] of Object.entries({ agent, boxes })) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  if (address.href !== location.href) history.replaceState(history.state, '', address);
}
