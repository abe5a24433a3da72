// Replays a run from the events beside it. Everything a run says is written as text, never as markup.
(() => {
  const { events, images } = JSON.parse(document.getElementById('run').textContent);
  const request = events[0].request;
  // A strategy adds agents to the team's: judges, later rounds. Each has its member's colour.
  const began = new Map(events.filter(e => e.type === 'agent.started' && e.agent >= 0 && e.agent < 1024).map(e => [e.agent, e]));
  const team = Array.from({ length: Math.max(request.team.agents.length, ...[...began.keys()].map(agent => agent + 1)) }, (_, agent) => {
    const begun = began.get(agent), member = begun ? begun.member : agent;
    const spec = member == null ? request.team.lead : request.team.agents[member];
    // Once it has begun, what was recorded counts: without images there is no view.
    return { name: begun?.name ?? spec?.name ?? '', member, stage: begun?.stage ?? 1, role: begun?.role ?? 'member', view: begun && !begun.seen ? '' : viewOf(spec?.view) };
  });

  // Time between an end and a resumption does not belong to the run; a clock set back does not run backwards.
  const times = [0];
  for (let i = 1; i < events.length; i++) {
    const step = events[i].type === 'run.resumed' ? 0 : Date.parse(events[i].at) - Date.parse(events[i - 1].at);
    times.push(times[i - 1] + Math.min(Math.max(0, step), 3600e3));
  }
  const duration = times[times.length - 1];

  const el = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const svgEl = (name, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    return made;
  };
  const add = (parent, ...children) => { parent.append(...children); return parent; };
  const colour = agent => team[agent].member == null ? 'aglead' : `ag${team[agent].member % 16 + 1}`;

  const picture = image => {
    const bytes = images.find(candidate => candidate.sha256 === image.sha256);
    const shown = el('img');
    shown.alt = image.name;
    shown.width = image.width;
    shown.height = image.height;
    if (bytes && /^image\/(png|jpeg|webp)$/.test(bytes.mediaType)) shown.src = `data:${bytes.mediaType};base64,${bytes.data}`;
    return shown;
  };
  // The page.
  const app = document.getElementById('app');
  app.textContent = '';
  const head = add(el('div', 'head'), el('h1', '', request.prompt),
    el('span', 'mut', `${request.team.name} · ${request.team.agents.length} ${request.team.agents.length === 1 ? 'agent' : 'agents'} · ${new Date(events[0].at).toLocaleString()}`));
  const play = el('button', 'btn small', 'Play');
  const slider = el('input');
  Object.assign(slider, { type: 'range', min: '0', max: String(Math.ceil(duration)), step: '1' });
  slider.setAttribute('aria-label', 'Moment');
  const clock = el('output', 'num');
  const speeds = el('span', 'seg');
  const bar = add(el('section', 'card bar'), play, clock, slider, speeds);
  const caption = el('p', 'cap'), answer = el('p', 'answer'), votes = el('p', 'votes'), stats = el('p', 'stats num'), verdict = el('p', 'verdict'), failure = el('p', 'error');
  const final = add(el('section', 'card final'), caption, answer, votes, stats, verdict, failure);
  final.setAttribute('aria-label', 'Answer');
  const side = el('div', 'side');
  const shown = el('span', 'seg'), most = el('span', 'mut');
  const overlays = request.images.map(image => {
    const svg = svgEl('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none' }), tags = el('div', 'tags');
    const overlay = { svg, tags, labels: [] };
    side.append(add(el('div', 'card frame'), picture(image), svg, tags));
    new ResizeObserver(() => layOut(tags, overlay.labels)).observe(tags);
    return overlay;
  });
  if (overlays.length) side.append(add(el('div', 'show'), shown, most));
  const panels = team.map((spec, agent) => {
    const chip = el('span', 'chip'), think = el('div', 'think'), ans = el('div', 'ans'), error = el('p', 'error'), foot = el('footer', 'num');
    think.tabIndex = 0;
    const root = add(el('article', `card panel ${colour(agent)}`), add(el('header'), el('span', 'dot'), el('b', '', spec.name), ...(spec.view ? [el('span', 'chip view', spec.view)] : []), chip), think, ans, error, foot);
    root.dataset.agent = agent;
    return { root, chip, think, ans, error, foot };
  });
  // Lanes: click one to go there.
  const cursors = [];
  const lanes = add(el('section', 'card lanes'), ...lanesOf(events, times, team.length).map((parts, agent) => {
    const svg = svgEl('svg', { viewBox: '0 0 1000 10', preserveAspectRatio: 'none', role: 'img' });
    const words = { q: 'queued', p: 'prefill', t: 'thinking', x: 'tool', a: 'answer', c: 'cut off' };
    svg.setAttribute('aria-label', `${team[agent].name}: ${parts.map(([kind, from, to]) => `${words[kind]} ${seconds(to - from)}`).join(', ') || 'not started'}`);
    for (const [kind, from, to] of parts) {
      const title = svgEl('title', {});
      title.textContent = `${team[agent].name}: ${words[kind]}, ${seconds(to - from)}`;
      svg.append(add(svgEl('rect', { class: kind, x: from / (duration || 1) * 1000, width: Math.max(2, (to - from) / (duration || 1) * 1000), y: 0, height: 10 }), title));
    }
    const cursor = svgEl('line', { class: 'cursor', y1: -2, y2: 12 });
    cursors.push(cursor);
    svg.append(cursor);
    svg.addEventListener('click', e => { const box = svg.getBoundingClientRect(); setPlaying(false); seek((e.clientX - box.left) / box.width * duration); });
    return add(el('div', `lane ${colour(agent)}`), el('span', 'who', team[agent].name), svg);
  }));
  lanes.setAttribute('aria-label', 'Course');
  app.append(head, bar, add(el('div', 'cols'), side, add(el('div', 'main'), final, lanes, add(el('div', 'panels'), ...panels.map(panel => panel.root)))));

  // The fold: what the run looks like after an event.
  let next, position = 0, agents, marks, marked, options, said, ended;
  const fresh = () => ({ phase: 'waiting', parts: [], answer: '', error: '', tokens: 0, begun: false, changed: true });
  const reset = () => { next = 0; agents = team.map(fresh); marks = []; marked = true; options = []; said = null; ended = null; };
  const isOver = agent => /done|budget|stopped|failed/.test(agent.phase);
  const restart = index => { agents[index] = fresh(); marks = marks.filter(mark => mark.agent !== index); marked = true; };
  const apply = e => {
    const agent = agents[e.agent];
    if (agent) agent.changed = true;
    switch (e.type) {
      // Heard of before, it begins again: what it had said no longer counts.
      case 'agent.started': if (agent?.parts.length || agent?.answer) restart(e.agent); if (agent) agents[e.agent].begun = true; break;
      case 'agent.queued': if (agent) agent.phase = 'queued'; break;
      case 'agent.prefilling': if (agent) agent.phase = 'prefill'; break;
      case 'reasoning.delta':
        if (!agent) break;
        if (typeof agent.parts.at(-1) === 'string') agent.parts[agent.parts.length - 1] += e.text; else agent.parts.push(e.text);
        [agent.phase, agent.tokens] = ['thinking', e.tokens];
        break;
      case 'answer.delta': if (agent) [agent.phase, agent.answer, agent.tokens] = ['answering', agent.answer + e.text, e.tokens]; break;
      case 'tool.called': if (agent) { agent.parts.push({ id: e.callId, text: `${e.tool} ${e.arguments}`, result: '' }); agent.phase = 'tool'; } break;
      case 'tool.returned': { const call = agent?.parts.findLast(part => part.id === e.callId); if (call) call.result = `${e.isError ? 'failed: ' : '→ '}${e.result}`; if (call && e.image) call.image = e.image; break; }
      case 'region.found':
        if (agent) marks.push({ agent: e.agent, key: `${e.agent}-${e.ordinal}`, region: { imageIndex: 0, ...e.region }, channel: e.channel, start: e.textStart, length: e.textLength });
        marked = true;
        break;
      case 'agent.finished':
        if (agent) Object.assign(agent, { phase: { answered: 'done', lengthLimit: 'budget spent' }[e.outcome] ?? e.outcome, error: e.error ?? '', tokens: e.usage.generatedTokens || agent.tokens });
        break;
      case 'vote.changed': options = e.options; break;
      case 'final.answer': said = e; options = e.options; break;
      case 'run.finished':
        ended = e;
        for (const open of agents) if (!isOver(open)) Object.assign(open, { phase: 'stopped', changed: true });
        break;
      case 'run.resumed':
        [said, ended] = [null, null];
        for (const index of e.agents) if (agents[index]) restart(index);
        for (const index of e.continued ?? []) if (agents[index]) Object.assign(agents[index], { phase: 'waiting', changed: true });
        break;
    }
  };

  const callOf = part => {
    const call = el('div', 'call', `${part.text}\n${part.result}`);
    if (part.image) call.append(picture(part.image));
    return call;
  };
  const wordsOf = (text, offset, named, print = piece => piece) => piecesOf(text, offset, named).map(([words, key]) => {
    if (!key) return document.createTextNode(print(words));
    const place = el('span', 'rg', print(words));
    place.dataset.region = key;
    return place;
  });
  const showAgent = (agent, index) => {
    const { chip, think, ans, error, foot } = panels[index];
    const end = think.scrollHeight - think.scrollTop - think.clientHeight < 12;
    const named = marks.filter(mark => mark.agent === index).sort((a, b) => a.start - b.start);
    const [thought, answered] = ['reasoning', 'answer'].map(channel => named.filter(mark => mark.channel === channel));
    let offset = 0;
    think.replaceChildren(...agent.parts.flatMap(part => {
      if (typeof part !== 'string') return [callOf(part)];
      offset += part.length;
      return wordsOf(part, offset - part.length, thought);
    }));
    if (end) think.scrollTop = think.scrollHeight;
    chip.textContent = agent.phase;
    chip.className = `chip ${/done/.test(agent.phase) ? 'ok' : /failed/.test(agent.phase) ? 'bad' : ''}`;
    ans.replaceChildren(...wordsOf(agent.answer, 0, answered, printerOf(agent.answer)));
    ans.classList.toggle('structured', isStructured(agent.answer));
    error.textContent = agent.error;
    foot.textContent = `${count(agent.tokens)} tokens`;
  };
  const share = value => Math.max(0, Number(value));
  // A point is a line of no length with round ends: it stays round however the image is stretched.
  const shapeOf = ({ x0, y0, x1, y1, polygon }, kind) =>
    polygon ? svgEl('polygon', { class: kind, points: polygon.map(share).join(' ') })
      : x0 === x1 && y0 === y1 ? svgEl('path', { class: `${kind} pt`, d: `M${share(x0)} ${share(y0)}h0` })
        : svgEl('rect', { class: kind, x: share(x0), y: share(y0), width: share(x1 - x0), height: share(y1 - y0) });
  let heat = false;
  const showHeat = () => {
    const maps = overlays.map((_, image) => {
      const places = agents.map(() => []);
      for (const mark of marks) if (mark.region.imageIndex === image) places[mark.agent].push(mark.region);
      return agreementOf(places, request.images[image].width / request.images[image].height);
    });
    const top = Math.max(0, ...maps.flat().map(cell => cell.count));
    overlays.forEach(({ svg }, image) => svg.replaceChildren(svgEl('rect', { class: 'veil', width: 1, height: 1 }), ...maps[image].map(cell => {
      const title = svgEl('title', {});
      title.textContent = `${cell.count} ${cell.count === 1 ? 'agent' : 'agents'}`;
      const rect = svgEl('rect', { class: 'cell', x: cell.x, y: cell.y, width: cell.width, height: cell.height });
      rect.style.setProperty('--k', String(top > 1 ? (cell.count - 1) / (top - 1) : 1));
      return add(rect, title);
    })));
    most.textContent = top ? `at most ${top} ${top === 1 ? 'agent' : 'agents'} in one place` : 'no place named yet';
  };
  // Large ones first: a small box inside a large one stays within reach of the pointer.
  const showBoxes = () => overlays.forEach(({ svg }, image) => svg.replaceChildren(
    ...marks.filter(mark => mark.region.imageIndex === image).sort((a, b) => areaOf(b.region) - areaOf(a.region)).map(({ agent, key, region }) => {
      const title = svgEl('title', {});
      title.textContent = `${region.label} · ${team[agent].name}`;
      return add(svgEl('g', { class: colour(agent), 'data-region': key }), shapeOf(region, 'halo'), shapeOf(region, 'line'), title);
    })));
  const labelOf = ({ marks: named, box }) => {
    const tag = add(el('span', `tag ${named.length === 1 ? colour(named[0].agent) : ''}`), el('span', '', named[0].region.label));
    if (team.length > 1) tag.append(el('small', '', `${named.length}/${team.length}`));
    tag.title = named.map(mark => team[mark.agent].name).join(', ');
    tag.dataset.region = named.map(mark => mark.key).join(' ');
    return { tag, box };
  };
  const showLabels = () => {
    const things = heat ? [] : thingsOf(marks).filter(thing => thing.name.trim());
    overlays.forEach((overlay, image) => {
      overlay.labels = things.filter(thing => thing.box.imageIndex === image).map(labelOf);
      overlay.tags.replaceChildren(...overlay.labels.map(label => label.tag));
      layOut(overlay.tags, overlay.labels);
    });
  };
  const showPlaces = () => { most.textContent = ''; if (heat) showHeat(); else showBoxes(); showLabels(); shine(); };

  // What is pointed at, a place, its words or an agent, lights what belongs to it and dims the other places.
  let pointed = null;
  const keysAt = target => {
    const place = target?.closest?.('[data-region]'), panel = target?.closest?.('[data-agent]');
    return place ? place.dataset.region.split(' ') : panel ? marks.filter(mark => mark.agent === Number(panel.dataset.agent)).map(mark => mark.key) : null;
  };
  const shine = () => {
    app.classList.toggle('pointed', pointed !== null);
    const keys = new Set(pointed);
    for (const place of app.querySelectorAll('[data-region]')) place.classList.toggle('lit', place.dataset.region.split(' ').some(key => keys.has(key)));
  };
  const point = target => {
    const keys = keysAt(target);
    if (keys?.join() === pointed?.join()) return;
    pointed = keys;
    shine();
  };
  document.addEventListener('mouseover', e => point(e.target));
  document.addEventListener('mouseleave', () => point(null));

  const showTotals = known => {
    const total = (name, value, tip) => {
      const shown = add(el('span', '', `${name} `), el('b', '', value));
      shown.title = tip;
      return [shown, ' '];
    };
    // Agents of one stage run side by side, so the longest of them counts.
    const longest = new Map();
    for (const agent of known) longest.set(agent.stage, Math.max(longest.get(agent.stage) ?? 0, agent.tokens));
    const path = ended?.criticalPathTokens ?? [...longest.values()].reduce((sum, tokens) => sum + tokens, 0);
    const agreement = said && said.outcome !== 'noAnswer' ? said.agreement : options.length ? shareOf(options[0], options) : null;
    stats.replaceChildren(
      ...total('agreement', agreement === null ? '–' : percent(agreement), 'Share of the votes cast that the answer got'),
      ...total('time', seconds(ended ? ended.wallClockMs : position), 'Wall-clock from the start to the end'),
      ...total('critical path', `${count(path)} tok`, 'Tokens on the longest chain that had to be generated one after another: what the waiting is made of'),
      ...total('total', `${count(ended?.totalTokens ?? known.reduce((sum, agent) => sum + agent.tokens, 0))} tok`, 'Tokens generated by all agents'),
      ...(said?.earlyStop ? total('saved', `≈ ${count(said.earlyStop.estimatedTokensSaved)} tok`, sparedOf(said.earlyStop)) : []));
  };
  const showFinal = () => {
    const known = agents.slice(0, Math.max(request.team.agents.length, agents.findLastIndex(agent => agent.begun) + 1))
      .map((agent, index) => ({ ...team[index], ...agent, over: isOver(agent) }));
    const run = { agents: known, options, said, ended }, text = answerOf(run);
    caption.textContent = captionOf(run);
    answer.textContent = printerOf(text)(text);
    answer.className = `answer ${isStructured(text) ? 'structured' : text.length > 160 ? 'long' : text.length > 48 ? 'medium' : ''}`;
    votes.textContent = options.map(option => `${briefOf(option.answer) || option.normalised}: ${option.weight == null ? option.agents.length : percent(shareOf(option, options))}`).join(' · ');
    showTotals(known);
    const judged = said?.verdict;
    verdict.hidden = !judged;
    if (judged) {
      verdict.className = `verdict ${judged.relation === 'overrides' ? 'over' : ''}`;
      verdict.replaceChildren(el('b', '', verdictOf(judged, team[judged.agent]?.name || 'The lead', said.outcome)), ` ${judged.reason ?? ''}`);
    }
    failure.hidden = !ended?.error;
    failure.textContent = ended?.error ?? '';
  };
  const show = () => {
    let changed = false;
    agents.forEach((agent, index) => {
      if (agent.changed) { agent.changed = false; changed = true; showAgent(agent, index); }
    });
    if (marked) { marked = false; showPlaces(); } else if (changed && pointed) shine();
    for (const cursor of cursors) for (const end of ['x1', 'x2']) cursor.setAttribute(end, String(position / (duration || 1) * 1000));
    showFinal();
    clock.textContent = `${seconds(position)} of ${seconds(duration)}`;
    slider.value = String(Math.ceil(position));
    slider.setAttribute('aria-valuetext', seconds(position));
    document.documentElement.dataset.position = String(Math.round(position));
  };
  const seek = to => {
    to = Math.max(0, Math.min(duration, to));
    if (to < position) reset();
    position = to;
    while (next < events.length && times[next] <= position) apply(events[next++]);
    show();
  };

  // Playing.
  let playing = false, speed = 1, last = 0;
  const setPlaying = yes => { playing = yes; play.textContent = yes ? 'Pause' : 'Play'; if (yes) { last = performance.now(); requestAnimationFrame(tick); } };
  const tick = now => {
    if (!playing) return;
    seek(position + Math.max(0, now - last) * speed);
    last = now;
    if (position >= duration) setPlaying(false); else requestAnimationFrame(tick);
  };
  const toggle = () => { if (!playing && position >= duration) seek(0); setPlaying(!playing); };
  const toEnd = () => { setPlaying(false); seek(duration); };
  play.addEventListener('click', toggle);
  slider.addEventListener('input', () => seek(Number(slider.value)));
  const buttons = [1, 2, 4].map(factor => {
    const button = el('button', '', `${factor}×`);
    button.addEventListener('click', () => setSpeed(factor));
    return button;
  });
  const modes = ['Boxes', 'Agreement'].map((name, i) => {
    const button = el('button', '', name);
    button.addEventListener('click', () => setHeat(i === 1));
    return button;
  });
  shown.append(...modes);
  const setHeat = yes => { heat = yes; modes.forEach((button, i) => button.setAttribute('aria-pressed', String((i === 1) === heat))); showPlaces(); };
  const setSpeed = factor => { speed = factor; buttons.forEach((button, i) => button.setAttribute('aria-pressed', String([1, 2, 4][i] === factor))); };
  const instant = el('button', '', 'Instant');
  instant.addEventListener('click', toEnd);
  speeds.append(...buttons, instant);
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'k') toggle();
    else if (e.key === '0') toEnd();
    else if (['1', '2', '4'].includes(e.key)) setSpeed(Number(e.key));
  });
  setSpeed(1);
  reset();
  setHeat(false);
  seek(duration);
})();
