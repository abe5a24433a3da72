// What every page needs before and beside the circuit: theme button, reload buttons, one tooltip, menus that close.
(() => {
  const on = (type, handler, options) => document.addEventListener(type, handler, options);

  on('click', e => {
    if (e.target.closest('[data-theme-toggle]')) window.museTheme.toggle();
    if (e.target.closest('[data-reload]')) location.reload();
    const opener = e.target.closest('[data-dialog]');
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    if (e.target.closest('[data-close]') || e.target.matches?.('dialog[data-light]')) e.target.closest('dialog')?.close();
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });

  on('keydown', e => {
    if (e.key !== 'Escape') return;
    hide();
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
      // A menu closed is all that this Escape meant.
      e.stopImmediatePropagation();
      e.preventDefault();
    }
  }, true);

  // One tooltip for the page, in the top layer's coordinates: panels clip what stands in them.
  let tip, timer;
  const hide = () => { clearTimeout(timer); tip?.remove(); tip = null; };
  const show = target => {
    hide();
    timer = setTimeout(() => {
      if (!target.isConnected) return;
      tip = document.createElement('div');
      tip.className = 'tooltip';
      tip.setAttribute('role', 'tooltip');
      tip.textContent = target.dataset.tip;
      (target.closest('dialog') ?? document.body).append(tip);
      const at = target.getBoundingClientRect(), box = tip.getBoundingClientRect();
      const above = at.top - box.height - 6;
      tip.style.top = `${above < 4 ? at.bottom + 6 : above}px`;
      tip.style.left = `${Math.max(6, Math.min(at.left + at.width / 2 - box.width / 2, innerWidth - box.width - 6))}px`;
    }, 350);
  };
  on('mouseover', e => { const target = e.target.closest?.('[data-tip]'); target ? show(target) : hide(); });
  on('focusin', e => { if (e.target.matches('[data-tip]:focus-visible')) show(e.target); });
  on('focusout', hide);
  on('scroll', hide, true);
  on('pointerdown', hide);

  // Keys that work on every page.
  const typing = el => el.closest?.('input:not([type=range]), textarea, select, [contenteditable]');
  let leader = 0;
  on('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector('dialog[open]')) return;
    if (e.key === '?') {
      document.getElementById('shortcuts')?.showModal();
    } else if (document.querySelector(`[data-key="${CSS.escape(e.key)}"]`)) {
      document.querySelector(`[data-key="${CSS.escape(e.key)}"]`).click();
    } else if (e.key === 'g') {
      leader = e.timeStamp;
      return;
    } else if (e.timeStamp - leader < 1200) {
      const link = document.querySelector(`nav [data-go="${CSS.escape(e.key)}"]`);
      if (link) { e.preventDefault(); link.click(); }
    }
    leader = -1e6;
  });
})();
