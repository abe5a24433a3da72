// The one place that knows plotly.
let loading;
function load() {
  loading ??= new Promise((resolve, reject) => {
    if (window.Plotly) { resolve(window.Plotly); return; }
    const script = document.createElement('script');
    script.src = 'lib/plotly.min.js';
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = undefined; reject(new Error('The chart library could not be loaded.')); };
    document.head.append(script);
  });
  return loading;
}

// Custom properties may hold light-dark(); only a computed colour is final.
function colours(root) {
  const probe = document.createElement('span');
  probe.hidden = true;
  root.append(probe);
  const known = new Map();
  const read = name => {
    if (!known.has(name)) { probe.style.color = `var(${name})`; known.set(name, getComputedStyle(probe).color); }
    return known.get(name);
  };
  return { read, done: () => probe.remove() };
}

const fade = (rgb, alpha) => rgb.replace(/^rgb\((.*)\)$/, (_, parts) => `rgba(${parts}, ${alpha})`);

// A line through a single value has no length: such values are drawn as points.
function lone(series, x) {
  const { y } = series;
  const alone = y.flatMap((value, i) => value !== null && (y[i - 1] ?? null) === null && (y[i + 1] ?? null) === null ? [i] : []);
  return { x: alone.map(i => x[i]), y: alone.map(i => y[i]) };
}

function draw(Plotly, root, figure) {
  const { read, done } = colours(root);
  const x = figure.x.map(seconds => new Date(figure.endMs + seconds * 1000));
  const unit = figure.unit ? ` ${figure.unit}` : '';
  const data = figure.series.map(series => {
    const colour = read(series.color);
    const trace = {
      type: 'scatter', mode: 'lines', name: series.name, x, y: series.y, connectgaps: false,
      line: { color: colour, width: 1.6 }, hovertemplate: `%{y:.3~s}${unit}`,
    };
    if (series.style === 'Area') Object.assign(trace, { stackgroup: 'all', fillcolor: fade(colour, .78), line: { color: colour, width: .5 } });
    if (series.style === 'Limit') trace.line = { color: colour, width: 1, dash: 'dot' };
    return trace;
  });
  for (const series of figure.series) {
    const points = series.style === 'Line' ? lone(series, x) : { x: [] };
    if (points.x.length > 0) data.push({ type: 'scatter', mode: 'markers', ...points, marker: { color: read(series.color), size: 4.5 }, hoverinfo: 'skip' });
  }
  let top = figure.minTop;
  const sums = x.map((_, i) => figure.series.reduce((sum, s) => s.style === 'Area' ? sum + (s.y[i] ?? 0) : sum, 0));
  for (const value of sums) top = Math.max(top, value);
  for (const series of figure.series) if (series.style !== 'Area') for (const value of series.y) top = Math.max(top, value ?? 0);
  const axis = { fixedrange: true, zeroline: false, showline: false, ticks: 'outside', ticklen: 4, tickcolor: 'rgba(0,0,0,0)', tickfont: { size: 10.5 }, gridcolor: read('--line') };
  const layout = {
    margin: { l: 44, r: 12, t: 6, b: 24 }, height: root.clientHeight, showlegend: false, hovermode: 'x unified', dragmode: false,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { family: getComputedStyle(root).fontFamily, size: 11, color: read('--mut') },
    hoverlabel: { bgcolor: read('--raised'), bordercolor: read('--line-strong'), font: { color: read('--ink'), size: 11.5 } },
    xaxis: { ...axis, type: 'date', showgrid: false, nticks: 5, range: [new Date(figure.endMs - figure.windowSeconds * 1000), new Date(figure.endMs)], tickformat: figure.windowSeconds > 300 ? '%H:%M' : '%H:%M:%S', hoverformat: '%H:%M:%S' },
    yaxis: { ...axis, nticks: 5, rangemode: 'tozero', range: [0, (top || 1) * 1.08], tickformat: '~s' },
  };
  done();
  return Plotly.react(root, data, layout, { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false });
}

export async function create(root, first) {
  const Plotly = await load();
  let figure = first, visible = true, stale = false;
  const show = () => { if (visible) { stale = false; draw(Plotly, root, figure); } else stale = true; };
  show();
  // What is out of sight costs nothing; it is drawn when it comes into view.
  const sight = new IntersectionObserver(entries => { visible = entries.at(-1).isIntersecting; if (visible && stale) show(); }, { rootMargin: '80px' });
  sight.observe(root);
  let width = root.clientWidth;
  const size = new ResizeObserver(() => { if (root.clientWidth !== width) { width = root.clientWidth; if (width) Plotly.Plots.resize(root); } });
  size.observe(root);
  document.addEventListener('muse-theme', show);
  return {
    update(next) { figure = next; show(); },
    dispose() {
      document.removeEventListener('muse-theme', show);
      sight.disconnect();
      size.disconnect();
      Plotly.purge(root);
    },
  };
}
