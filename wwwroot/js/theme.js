// Runs before the first paint, so that the chosen theme never flashes. No choice: the system's.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const stored = () => { try { return localStorage.getItem('muse-theme'); } catch { return null; } };
  const apply = () => {
    const choice = stored();
    const theme = choice === 'light' || choice === 'dark' ? choice : dark.matches ? 'dark' : 'light';
    if (root.dataset.theme !== theme) {
      root.dataset.theme = theme;
      document.dispatchEvent(new CustomEvent('muse-theme', { detail: theme }));
    }
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('storage', apply);
  window.museTheme = {
    toggle() {
      const next = root.dataset.theme === 'dark' ? 'light' : 'dark';
      try {
        // Choosing what the system wants anyway means following the system again.
        if ((next === 'dark') === dark.matches) localStorage.removeItem('muse-theme'); else localStorage.setItem('muse-theme', next);
      } catch { /* private mode: the choice lasts for this page */ }
      root.dataset.theme = next;
      document.dispatchEvent(new CustomEvent('muse-theme', { detail: next }));
    },
  };
})();
