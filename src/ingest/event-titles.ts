import { CAUSE_KEYS, CAUSES, type CauseKey } from '../model/cause.ts';
import { didYouMean } from '../model/did-you-mean.ts';
import { ACTION_KEYS, ACTIONS, type ActionKey } from '../model/event.ts';
import { Complaint, isWord, joined, type Word } from './event-words.ts';

export type Side = 'fault' | 'action';

/** What an event's first words say. */
export type Title =
  | { readonly kind: 'linkDown' | 'linkSlow' | 'volume' | 'host' }
  | { readonly kind: 'cause'; readonly cause: CauseKey }
  | { readonly kind: 'action'; readonly action: ActionKey };

interface TitleEntry {
  readonly side: Side;
  /** As it is written; capitals do not matter. */
  readonly words: string;
  readonly title: Title;
  /** A whole text that begins with it. */
  readonly example: string;
}

/** Causes with which nothing can be struck, and what brings them about instead. */
const COMES_BY_ITSELF: Partial<Readonly<Record<CauseKey, string>>> = {
  logsAtHalfDisk:
    "Leave it out: the run finds out when it happens. A slow link brings it about: --fault 'link slow to 10Mbps at 2d10h for 2h'.",
  resyncByHand: "Write it as an action: --action 'resynchronize SQL01 at 2d10h'.",
  repaired: "Leave it out: fixing a broken VHD chain brings it about: --action 'fix SQL01 at 2d10h'.",
};

const ENTRIES: readonly TitleEntry[] = [
  ...siteFaults(),
  ...CAUSE_KEYS.map(causeEntry),
  ...ACTION_KEYS.map((action): TitleEntry => {
    const words = ACTIONS[action].title;
    return { side: 'action', words, title: { kind: 'action', action }, example: `${words} SQL01 at 2d10h` };
  }),
];
const BY_WORDS: ReadonlyMap<string, TitleEntry> = new Map(ENTRIES.map((entry) => [entry.words.toLowerCase(), entry]));
const MOST_WORDS = Math.max(...ENTRIES.map(({ words }) => words.split(' ').length));
/** What is offered to someone who has written something else. */
const OFFERED: Readonly<Record<Side, readonly TitleEntry[]>> = {
  fault: ENTRIES.filter(
    ({ side, title }) => side === 'fault' && !(title.kind === 'cause' && title.cause in COMES_BY_ITSELF),
  ),
  action: ENTRIES.filter(({ side }) => side === 'action'),
};

/** The longest title with which a text begins, or what is wrong with it as a fault or as an action. */
export function findTitle(
  words: readonly Word[],
  side: Side,
): { readonly title: Title; readonly example: string; readonly rest: readonly Word[] } | Complaint {
  for (let count = Math.min(words.length, MOST_WORDS); count > 0; count--) {
    const entry = BY_WORDS.get(beginning(words, count));
    if (entry === undefined) continue;
    const { title, example } = entry;
    const pointer = title.kind === 'cause' ? COMES_BY_ITSELF[title.cause] : undefined;
    if (pointer !== undefined) return new Complaint(`Nothing can be struck with "${entry.words}".`, pointer);
    if (entry.side !== side) return onOtherSide(entry);
    return { title, example, rest: words.slice(count) };
  }
  return unknownTitle(words, side);
}

/** For whoever has written nothing that can be read. */
export function exampleOf(side: Side): string {
  return OFFERED[side][0]!.example;
}

function siteFaults(): TitleEntry[] {
  const entry = (words: string, kind: Exclude<Title['kind'], 'cause' | 'action'>, rest: string): TitleEntry => ({
    ...{ side: 'fault', words, title: { kind }, example: `${words} ${rest}` },
  });
  return [
    entry('link down', 'linkDown', 'at 2d10h for 40min'),
    entry('link slow to', 'linkSlow', '10Mbps at 2d10h for 2h'),
    entry('volume', 'volume', 'D: full on hv-01 at 2d10h for 6h'),
    entry('host', 'host', 'hv-01 down at 2d10h for 2h'),
  ];
}

function causeEntry(cause: CauseKey): TitleEntry {
  const { title: words, kind } = CAUSES[cause];
  const lasting = kind === 'recoverable' ? ' for 40min' : '';
  return { side: 'fault', words, title: { kind: 'cause', cause }, example: `${words} on SQL01 at 2d10h${lasting}` };
}

/** Lower-case; a quoted name ends it, since no title has one. */
function beginning(words: readonly Word[], count: number): string {
  const first = words.slice(0, count);
  return first.some(({ quoted }) => quoted) ? '' : joined(first).toLowerCase();
}

function onOtherSide({ side, words, example }: TitleEntry): Complaint {
  const message =
    side === 'action'
      ? `"${words}" is what an administrator does, not a fault.`
      : `"${words}" is a fault, not what an administrator does.`;
  return new Complaint(
    message,
    `Give it with --${side}, or under "${side}s" in the site file: --${side} '${example}'.`,
  );
}

function unknownTitle(words: readonly Word[], side: Side): Complaint {
  const message =
    side === 'fault' ? 'This is no fault that can be planned.' : 'This is nothing that an administrator can do here.';
  const guess = guessOf(words, OFFERED[side]);
  const other = guess === undefined ? guessOf(words, OFFERED[side === 'fault' ? 'action' : 'fault']) : undefined;
  if (other !== undefined) return new Complaint(message, `Did you mean --${other.side} '${other.example}'?`);
  const instead = guess === undefined ? `Write for example '${exampleOf(side)}'.` : `Did you mean '${guess.example}'?`;
  return new Complaint(message, `${instead} Known are ${OFFERED[side].map((entry) => entry.words).join(', ')}.`);
}

/** The title that the first words begin (`resync`, `link slow`) or resemble, most words first. */
function guessOf(words: readonly Word[], offered: readonly TitleEntry[]): TitleEntry | undefined {
  const end = words.findIndex((word) => word.quoted || isWord(word, 'at', 'on'));
  const titles = offered.map((entry) => entry.words.toLowerCase());
  for (let count = Math.min(end === -1 ? words.length : end, MOST_WORDS); count > 0; count--) {
    const first = beginning(words, count);
    // Two letters begin too much.
    const begun = first.length < 3 ? undefined : titles.find((title) => title.startsWith(first));
    const guess = begun ?? didYouMean(first, titles);
    if (guess !== undefined) return BY_WORDS.get(guess);
  }
  return undefined;
}
