// Opens the dialog; its button and Escape close it. Explicitly: a menu left open beneath would take the browser's own Escape.
export function show(dialog) {
  dialog.onkeydown = e => {
    if (e.key !== 'Escape') return;
    e.preventDefault();
    e.stopPropagation();
    dialog.close();
  };
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}
