// Opens the dialog; the browser closes it.
export function show(dialog) {
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}
