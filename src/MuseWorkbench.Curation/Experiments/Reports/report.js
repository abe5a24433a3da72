const buttons = document.querySelectorAll("[data-show]");
for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const kind = button.dataset.show;
    for (const row of document.querySelectorAll("#matrix tbody tr"))
      row.hidden = kind !== "all" && !row.dataset.is.split(" ").includes(kind);
  });
}
