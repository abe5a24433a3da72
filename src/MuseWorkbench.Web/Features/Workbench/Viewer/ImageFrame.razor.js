// Places labels beside their boxes: inside the image, never over each other. One that finds no room waits for the pointer.
export function attach(root) {
  let frame = 0;

  const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  function place() {
    frame = 0;
    const width = root.clientWidth, height = root.clientHeight;
    if (!width || !height) return;
    const groups = new Map();
    for (const tag of root.querySelectorAll('.tag')) {
      // All sizes are read before any position is written: one layout for the lot.
      const item = { tag, w: tag.offsetWidth, h: tag.offsetHeight, box: tag.dataset.box.split(' ').map(Number) };
      groups.get(tag.dataset.group)?.push(item) ?? groups.set(tag.dataset.group, [item]);
    }
    for (const items of groups.values()) {
      const taken = [];
      items.sort((a, b) => a.box[1] - b.box[1] || a.box[0] - b.box[0]);
      for (const { tag, w, h, box } of items) {
        const [x0, y0, x1, y1] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
        const spots = [
          [x0 - 1, y0 - h - 2], [x1 - w + 1, y0 - h - 2], [x0 - 1, y1 + 2], [x1 - w + 1, y1 + 2],
          [x0 + 3, y0 + 3], [x0 + 3, y1 - h - 3], [x1 + 3, y0], [x0 - w - 3, y0], [x1 + 3, y1 - h], [x0 - w - 3, y1 - h],
        ];
        let chosen;
        for (const [x, y] of spots) {
          const spot = { x: Math.max(0, Math.min(x, width - w)), y, w, h };
          if (y < 0 || y + h > height || w > width || taken.some(other => overlap(spot, other))) continue;
          chosen = spot;
          break;
        }
        tag.toggleAttribute('data-crowded', !chosen);
        if (chosen) taken.push(chosen);
        else chosen = { x: Math.max(0, Math.min(x0, width - w)), y: Math.max(0, Math.min(y0, height - h)) };
        tag.style.transform = `translate(${Math.round(chosen.x)}px, ${Math.round(chosen.y)}px)`;
      }
    }
  }

  const soon = () => { frame ||= requestAnimationFrame(place); };
  const sizes = new ResizeObserver(soon);
  sizes.observe(root);
  const changes = new MutationObserver(soon);
  changes.observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['data-box'] });
  soon();

  return {
    dispose() {
      sizes.disconnect();
      changes.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
