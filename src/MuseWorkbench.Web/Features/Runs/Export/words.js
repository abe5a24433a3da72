// A run in words, as the workbench says it.

const count = value => Math.round(value).toLocaleString('en');
const percent = share => `${Math.round(share * 100)} %`;
const seconds = ms => ms < 999.5 ? `${Math.round(ms)} ms` : ms < 59950 ? `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`
  : `${Math.floor(ms / 60000)} min ${Math.floor(ms / 1000) % 60} s`;
const shorten = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;

// A view in a word or two; nothing for the image as it is.
const viewOf = view => {
  if (!view) return '';
  const words = name => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
  const label = [
    view.area && view.area !== 'full' ? (view.area === 'box' ? 'part' : words(view.area)) : '',
    view.tone && view.tone !== 'asIs' ? view.tone : '',
    (view.scale ?? 1) !== 1 ? `×${Math.round(view.scale * 100) / 100}` : '',
  ].filter(part => part).join(' · ');
  return view.flip ? (label ? `⇄ ${label}` : 'mirrored') : label;
};

const strengthOf = option => option.weight ?? option.agents.length;
const votesOf = options => options.reduce((sum, option) => sum + option.agents.length, 0);
const shareOf = (option, options) => strengthOf(option) / options.reduce((sum, other) => sum + strengthOf(other), 0) || 0;
const isTied = ([first, second]) => !!second && strengthOf(first) - strengthOf(second) < 1e-9 * strengthOf(first);

// How its answer came about; agents are those known of so far.
const captionOf = ({ agents, options, said, ended }) => {
  const votes = votesOf(options);
  const soFar = options.length ? (isTied(options) ? '· tied so far' : '· leading answer') : 'before an answer';
  switch (ended?.outcome) {
    case 'failed': return 'Run failed';
    case 'stopped': return `Stopped ${soFar}`;
    case 'interrupted': return `Interrupted ${soFar}`;
  }
  const stage = Math.max(1, ...agents.map(agent => agent.stage));
  if (!said) {
    return options.length ? `${isTied(options) ? 'Tied so far' : 'Leading answer'} · ${stage > 1 ? `stage ${stage}` : `${agents.filter(agent => agent.over).length} of ${agents.length} agents in`}`
      : agents.length === 1 ? 'One agent at work' : `${agents.length} agents at work`;
  }
  switch (said.outcome) {
    case 'unanimous': return `Final answer · all ${votes} agree`;
    case 'majority': return `Final answer · ${options[0]?.agents.length ?? 0} of ${votes} agree`;
    case 'weighted': return `Final answer · weighted by confidence, ${percent(said.agreement)} of the weight`;
    case 'judged': return `Final answer · ${said.verdict?.relation === 'none' ? 'best mean rank' : 'chosen by the judge'}`;
    case 'synthesised': return `Final answer · ${votes ? `written from ${votes} answers` : 'written'}`;
    case 'castingVote': return 'Final answer · a tie, the earliest agent decides';
    case 'tie': return 'A tie · no answer has more votes';
    case 'noAnswer': return 'No answer';
  }
  const voting = Math.max(1, ...options.flatMap(option => option.agents).map(agent => agents[agent]?.stage ?? 1));
  return agents.length === 1 ? 'Final answer' : `Final answer · the only one of ${agents.filter(agent => agent.stage === voting && agent.role === 'member').length}`;
};

const answerOf = ({ options, said }) =>
  said ? said.answer : isTied(options) ? options.filter(option => strengthOf(option) >= strengthOf(options[0])).map(option => option.answer).join(' | ') : options[0]?.answer ?? '';

// What a lead said of the vote, its own reason left out.
const verdictOf = (verdict, who, outcome) => {
  const says = { agrees: `${who} agrees with the vote.`, overrides: `${who} overrides the vote.`, decides: `${who} decides: the vote had no leader.` }[verdict.relation]
    ?? `${who} ${verdict.unheeded == null ? 'gave no verdict that could be read' : `does not say ${verdict.claimed === 'overrides' ? 'why' : 'that'} it overrides the vote`}; ${outcome === 'judged' ? 'the ranking' : 'the vote'} stands.`;
  if (verdict.unheeded != null) return `${says} (It wrote another answer, “${shorten(verdict.unheeded, 80)}”, which does not count.)`;
  return verdict.claimed && verdict.claimed !== verdict.relation && /^(agrees|overrides)$/.test(verdict.relation)
    ? `${says} (It said that it ${verdict.claimed}.)` : says;
};

const sparedOf = ({ reason, stopped, notStarted }) =>
  `${reason === 'lowConfidence' ? 'Unsure agents were stopped' : 'The vote was decided early'}: ${stopped} stopped, ${notStarted} not started.\nAn estimate: their tokens had they become as long as the others on average`;

const isStructured = text => text.includes('"kind"') && /\{\s*"/.test(text);

// A structured answer in few words: its title, else what and how many they are; another as it is.
const briefOf = answer => {
  if (!isStructured(answer)) return answer;
  try {
    const { kind, title, items } = JSON.parse(answer.slice(answer.search(/\{\s*"/), answer.lastIndexOf('}') + 1));
    const name = new Map([['food', 'food'], ['steps', 'step'], ['values', 'value']]).get(kind);
    if (name && items?.length) return typeof title === 'string' && title.trim() ? title : `${items.length} ${name}${items.length === 1 ? '' : 's'}`;
  } catch { /* JSON cut short is text */ }
  return answer;
};

// Writes a structured answer's JSON line by line. It is given the text piece by piece and only moves the spaces between
// its words, so that each piece stays what it was; numbers of a list stay beside each other. A text without such an answer comes back as it is.
const printerOf = text => {
  if (!isStructured(text)) return piece => piece;
  let left = text.search(/\{\s*"/), depth = 0, quoted = false, escaped = false, opened = '', flat = false;
  const line = () => `\n${'  '.repeat(Math.min(depth, 12))}`;
  return piece => {
    let made = '';
    for (let i = 0; i < piece.length; i++) {
      const c = piece[i];
      if (left-- > 0 || (depth === 0 && left < -1)) { made += c; continue; }
      if (quoted) {
        made += c;
        [quoted, escaped] = [escaped || c !== '"', !escaped && c === '\\'];
        continue;
      }
      if (/\s/.test(c)) continue;
      const closes = c === '}' || c === ']';
      if (closes) depth--;
      if (opened) flat = opened === '[' && !/[[{"]/.test(c);
      if (!opened === closes && !flat) made += line();
      if (closes) flat = false;
      opened = c === '{' || c === '[' ? c : '';
      quoted = c === '"';
      if (opened) depth++;
      made += c + (c === ',' ? (flat ? ' ' : line()) : c === ':' ? ' ' : '');
    }
    return made;
  };
};
