/**
 * `npm run docs`: makes `docs/lifecycle.md` from the table that the program runs by. What phases and inputs mean is read from
 * the comments beside them, so that it is said in one place only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  INPUT_KEYS,
  Input,
  type InputKey,
  LIFECYCLE,
  PHASE_KEYS,
  type PhaseKey,
  REPLICATION_STATES,
} from '../src/replication/lifecycle.ts';

const SOURCE = new URL('../src/replication/lifecycle.ts', import.meta.url);
const PAGE = new URL('../docs/lifecycle.md', import.meta.url);

/** A box around phases; `null` stands outside of all boxes. */
interface Group {
  readonly id: string;
  readonly title: string;
}

const INITIAL: Group = { id: 'initialReplication', title: 'Initial replication' };
const DELTA: Group = { id: 'deltaReplication', title: 'Delta replication' };
const RESYNC: Group = { id: 'resynchronization', title: 'Resynchronization' };
const SUSPENSION: Group = { id: 'suspension', title: 'Suspension' };
const FAILOVER: Group = { id: 'failover', title: 'Failover' };
const GROUPS: readonly Group[] = [INITIAL, DELTA, RESYNC, SUSPENSION, FAILOVER];

const GROUP_OF: Readonly<Record<PhaseKey, Group | null>> = {
  unprotected: null,
  enabling: null,
  awaitingStart: INITIAL,
  seeding: INITIAL,
  seedingBackoff: INITIAL,
  exporting: INITIAL,
  merging: INITIAL,
  finalizing: INITIAL,
  awaitingMedia: INITIAL,
  tracking: DELTA,
  sending: DELTA,
  sendingBackoff: DELTA,
  sendingLast: FAILOVER,
  resyncMarked: RESYNC,
  resyncing: RESYNC,
  resyncBackoff: RESYNC,
  resyncPaused: SUSPENSION,
  paused: SUSPENSION,
  critical: SUSPENSION,
  failedOver: FAILOVER,
  committed: FAILOVER,
};

/** One change of phase that the table allows. */
interface Change {
  readonly from: PhaseKey;
  readonly input: InputKey;
  readonly to: PhaseKey;
}

interface Diagram {
  readonly title: string;
  readonly lead: string;
  readonly shows: (change: Change) => boolean;
}

const MARKS: readonly InputKey[] = ['resyncRequired', 'resyncRequested', 'logHalfDue'];

/** A change stands in the first diagram that shows it; the last one takes what is left, so that none is forgotten. */
const DIAGRAMS: readonly Diagram[] = [
  {
    title: 'Replication back',
    lead: 'From a committed failover: reverse replication between sites, failback from Azure.',
    shows: ({ from, to }) => from === 'committed' || (from === 'resyncing' && to === 'sendingLast'),
  },
  {
    title: 'Failover that fails or is cancelled',
    lead: 'Back to replication from the primary.',
    shows: ({ from, to }) => GROUP_OF[from] === FAILOVER && GROUP_OF[to] !== FAILOVER,
  },
  {
    title: 'Failover',
    lead: 'Planned, where the last changes are sent first, and unplanned; then it is committed or cancelled.',
    shows: ({ to }) => GROUP_OF[to] === FAILOVER,
  },
  {
    title: 'Pauses, resumed',
    lead: 'To where it was, or to what it has become meanwhile.',
    shows: ({ input }) => input === 'resumed',
  },
  {
    title: 'Pauses',
    lead: 'An administrator pauses what is under way.',
    shows: ({ input }) => input === 'paused',
  },
  {
    title: 'Non-recoverable errors, fixed',
    lead: 'An administrator has removed the cause.',
    shows: ({ input }) => input === 'fixed',
  },
  {
    title: 'Non-recoverable errors',
    lead: 'Nothing is tried again.',
    shows: ({ input }) => input === 'fatalError',
  },
  {
    title: 'Marks for resynchronization',
    lead: 'What logs cannot repair, logs of half a disk, and the administrator’s wish.',
    shows: ({ input }) => MARKS.includes(input),
  },
  {
    title: 'The workflow',
    lead: 'Enabling, initial replication, delta replication, resynchronization, and the retries of each.',
    shows: () => true,
  },
];

/** The page. `sourceText` is the text of `lifecycle.ts`, for its comments; the table itself is imported. */
export function lifecycleMarkdown(sourceText: string): string {
  const phases = meanings(sourceText, 'Phase', PHASE_KEYS);
  const inputs = meanings(sourceText, 'Input', INPUT_KEYS);
  for (const phase of PHASE_KEYS) if (!phases.has(phase)) throw new Error(`The phase ${phase} has no comment.`);
  return [
    '# The lifecycle of a protected VM',
    '<!-- Made from src/replication/lifecycle.ts by `npm run docs`. Change that, not this. -->',
    introduction(),
    // The workflow is what a reader wants first; it comes last above because it takes what the others leave.
    ...DIAGRAMS.toReversed().map(diagramSection),
    '## Phases',
    'Each phase with the state that the product’s own interface shows (`Msvm_ReplicationRelationship.ReplicationState`), and\n' +
      'with what can happen in it. What is not listed cannot happen there.',
    ...[null, ...GROUPS].flatMap((group) => groupSection(group, phases)),
    '## Inputs',
    'The number is the order at one instant: deadlines of one VM that coincide are answered lowest first. Where a name tells\n' +
      'all, the meaning only spells it out.',
    table(
      ['number', 'input', 'meaning'],
      INPUT_KEYS.map((key) => [String(Input[key]), code(key), inputs.get(key) ?? `${spelledOut(key)}.`]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function introduction(): string {
  const others = PHASE_KEYS.filter((phase) => phase !== 'unprotected');
  if (!others.every((phase) => LIFECYCLE[phase].disabled?.join() === 'unprotected')) {
    throw new Error('Not every phase can be disabled: the introduction says so.');
  }
  return [
    `A VM is in one of ${PHASE_KEYS.length} phases, and ${INPUT_KEYS.length} inputs can happen to it; the simulation allows nothing but what`,
    'stands here. Where an input has several followers, the rules of [the method](method.md) and the',
    '[decisions](decisions/0005-the-whole-lifecycle.md) choose among them. The diagrams leave out the inputs after which a',
    'VM stays in its phase, and `disabled`, which leads from every other phase to `unprotected`; a box drawn without phases',
    'stands for all of its phases.',
  ].join('\n');
}

/** The comments of a constant's entries, one line each; entries without a comment are absent. */
function meanings(sourceText: string, constant: string, keys: readonly string[]): Map<string, string> {
  const body = new RegExp(`^export const ${constant} = \\{\\n(.*?)^\\} as const;`, 'ms').exec(sourceText)?.[1] ?? '';
  const entries = [...body.matchAll(/(?:\/\*\*((?:(?!\*\/).)*)\*\/\s*)?\b(\w+): \d+,/gs)];
  const found = entries.map((entry) => entry[2]);
  if (found.join() !== keys.join())
    throw new Error(`The source text’s ${constant} is not the table’s: ${found.join()}`);
  return new Map(entries.filter((entry) => entry[1] !== undefined).map((entry) => [entry[2]!, plain(entry[1]!)]));
}

function plain(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `enableDone` → `Enable done`. */
function spelledOut(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

function changes(): Change[] {
  return PHASE_KEYS.flatMap((from) =>
    followers(from).flatMap(([input, next]) => next.map((to) => ({ from, input, to }))),
  ).filter(({ from, input, to }) => from !== to && input !== 'disabled');
}

function followers(phase: PhaseKey): [InputKey, readonly PhaseKey[]][] {
  return Object.entries(LIFECYCLE[phase]) as [InputKey, readonly PhaseKey[]][];
}

function diagramSection(diagram: Diagram): string {
  const shown = changes().filter((change) => DIAGRAMS.find(({ shows }) => shows(change)) === diagram);
  return `## ${diagram.title}\n\n${diagram.lead}\n\n\`\`\`mermaid\n${mermaid(shown)}\n\`\`\``;
}

function mermaid(shown: readonly Change[]): string {
  const all = arrows(shown);
  const ends = new Set(all.flatMap(({ from, to }) => [from, to]));
  const boxes = GROUPS.flatMap((group) => box(group, ends));
  const start = ends.has('unprotected') && !all.some(({ to }) => to === 'unprotected') ? ['[*] --> unprotected'] : [];
  const lines = all.map(({ from, to, inputs }) => `${from} --> ${to}: ${inputs.join(', ')}`);
  return ['stateDiagram-v2', ...[...boxes, ...start, ...lines].map((line) => `    ${line}`)].join('\n');
}

/** A box with what is drawn of it; a single phase needs none. Where no phase of it is drawn, its name stands for all. */
function box(group: Group, ends: ReadonlySet<string>): string[] {
  const inside = phasesOf(group).filter((phase) => ends.has(phase));
  const whole = ends.has(group.id);
  if (inside.length === 0) return whole ? [`state "${group.title}" as ${group.id}`] : [];
  if (inside.length === 1 && !whole) return [];
  const drawn = whole ? phasesOf(group) : inside;
  return [`state "${group.title}" as ${group.id} {`, ...drawn.map((phase) => `    ${phase}`), '}'];
}

interface Arrow {
  /** A phase, or a box all of whose phases lead there. */
  readonly from: string;
  readonly to: PhaseKey;
  readonly inputs: InputKey[];
}

/** One arrow for all inputs between the same two; one from a box where every phase in it leads to the same one outside. */
function arrows(shown: readonly Change[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const change of shown) {
    const { input, to } = change;
    const from = wholeGroup(change, shown)?.id ?? change.from;
    const arrow = found.get(`${from} ${to}`) ?? { from, to, inputs: [] };
    found.set(`${from} ${to}`, arrow);
    if (!arrow.inputs.includes(input)) arrow.inputs.push(input);
  }
  return [...found.values()];
}

/** None where an arrow from outside ends in the box: Mermaid would draw the two over each other. */
function wholeGroup({ from, input, to }: Change, shown: readonly Change[]): Group | undefined {
  const group = GROUP_OF[from];
  if (group === null || shown.some((other) => GROUP_OF[other.to] === group && GROUP_OF[other.from] !== group)) {
    return undefined;
  }
  const alike = shown.filter((other) => other.input === input && other.to === to && GROUP_OF[other.from] === group);
  return alike.length === phasesOf(group).length ? group : undefined;
}

function phasesOf(group: Group | null): PhaseKey[] {
  return PHASE_KEYS.filter((phase) => GROUP_OF[phase] === group);
}

function groupSection(group: Group | null, meaning: ReadonlyMap<string, string>): string[] {
  return [
    `### ${group?.title ?? 'Before protection'}`,
    ...phasesOf(group).flatMap((phase) => phaseSection(phase, meaning.get(phase)!)),
  ];
}

function phaseSection(phase: PhaseKey, meaning: string): string[] {
  const { value, name } = REPLICATION_STATES[phase];
  const rows = followers(phase).map(([input, next]) => [
    code(input),
    next.map((to) => (to === phase ? '_stays_' : code(to))).join(', '),
  ]);
  return [`#### ${phase}`, `${meaning} Shown as ${value}, ${name}.`, table(['input', 'leads to'], rows)];
}

function code(name: string): string {
  return `\`${name}\``;
}

/** A Markdown table with its columns lined up. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

if (import.meta.filename === process.argv[1]) writeFileSync(PAGE, lifecycleMarkdown(readFileSync(SOURCE, 'utf8')));
