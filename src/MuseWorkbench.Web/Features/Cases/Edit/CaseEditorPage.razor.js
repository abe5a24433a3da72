// Ctrl+S saves; what is being typed is told first. After a refusal the first thing that is wrong comes into view.
export function attach(root) {
  const ended = new AbortController();
  document.addEventListener('keydown', e => {
    if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== 's' || document.querySelector('dialog[open]')) return;
    e.preventDefault();
    const field = document.activeElement;
    if (field?.matches?.('input, textarea')) field.dispatchEvent(new Event('change', { bubbles: true }));
    document.querySelector('[data-save]')?.click();
  }, { signal: ended.signal });
  document.documentElement.dataset.keys = 'case';
  return {
    showFault() { root.querySelector('[data-fault], [data-check-fault]')?.scrollIntoView({ block: 'center' }); },
    dispose() { ended.abort(); delete document.documentElement.dataset.keys; },
  };
}
