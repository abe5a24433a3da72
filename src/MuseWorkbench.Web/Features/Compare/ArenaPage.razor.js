// Ctrl+Enter, from wherever the hand is. The circuit hears the text first, then the command.
export function attach(server) {
  const ended = new AbortController();
  document.addEventListener('keydown', e => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || document.querySelector('dialog[open]')) return;
    e.preventDefault();
    document.querySelector('[data-prompt]')?.dispatchEvent(new Event('change', { bubbles: true }));
    server.invokeMethodAsync('RunAsync');
  }, { signal: ended.signal });
  document.addEventListener('keydown', e => {
    if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.('input, textarea, select')) return;
    e.preventDefault();
    document.querySelector('[data-prompt]')?.focus();
  }, { signal: ended.signal });
  document.documentElement.dataset.keys = 'compare';
  return { dispose() { ended.abort(); delete document.documentElement.dataset.keys; } };
}
