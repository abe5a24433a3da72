// Opens a dialog with its content already in it; the first field marked so gets the focus.
export function show(dialog) {
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  const first = dialog.querySelector('[data-first]');
  first?.focus();
  first?.select?.();
}

export function close(dialog) { dialog.close(); }
