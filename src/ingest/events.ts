import { CAUSES, type CauseKey } from '../model/cause.ts';
import type { RunClock } from '../model/clock.ts';
import type { ActionKey, LinkSlow, SiteEvent } from '../model/event.ts';
import type { LinkDown } from '../model/event-text.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import type { Outage } from '../model/site.ts';
import { type Bytes, parseBitsPerSec, parseBytes } from '../units.ts';
import { type EventNames, readLinkName, readName, readTarget, readVolume } from './event-names.ts';
import { readInstant, readSpan } from './event-times.ts';
import { exampleOf, findTitle, type Side, type Title } from './event-titles.ts';
import { type Clauses, Complaint, isWord, joined, readWords, shown, splitClauses, type Word } from './event-words.ts';

export { describeEvent, type LinkDown } from '../model/event-text.ts';

/** Against what a text is read, and where it stands. */
export interface EventContext {
  readonly clock: RunClock;
  /** For problems: `--fault` or `--action`, or a site file's name. */
  readonly file: string;
  /** The path inside the site file: `faults[2]`. */
  readonly column?: string;
  /** Absent = names are not checked. */
  readonly known?: EventNames;
}

/** Exactly one of outage, event and problem. */
export interface EventReading {
  /** Of a link: those are the link's own. */
  readonly outage?: Outage;
  /** Of which further link the outage is; absent = of the site's. */
  readonly link?: string;
  readonly event?: SiteEvent;
  readonly problem?: Problem;
}

/** A clause of an event, what it is read against, and how the whole is written. */
interface Reading extends Clauses {
  readonly clock: RunClock;
  readonly known: EventNames | undefined;
  readonly example: string;
}

/** Names have 256 characters at most; what is longer was not written by hand. */
const LONGEST_TEXT = 300;

/** `link down at 2d10h for 40min`, `network error on SQL01 at 10:00 for 2h`: what strikes the site. */
export function parseFault(text: string, context: EventContext): EventReading {
  return read(text, 'fault', context);
}

/** `pause SQL01 at 1d9h`, `planned failover plan ERP at 2026-01-07T10:00`: what an administrator does. */
export function parseAction(text: string, context: EventContext): EventReading {
  return read(text, 'action', context);
}

function read(text: string, side: Side, context: EventContext): EventReading {
  const found = readEvent(text, side, context);
  if (found instanceof Complaint) return { problem: problemOf(found, text, side, context) };
  if (found.kind !== 'linkDown') return { event: found };
  const { atMs: startMs, untilMs: endMs, link } = found;
  return { outage: { startMs, endMs }, ...(link === undefined ? {} : { link }) };
}

function problemOf(complaint: Complaint, text: string, side: Side, { file, column }: EventContext): Problem {
  return {
    ...{ severity: 'error', code: `${side}-${complaint.kind}`, file },
    ...(column === undefined ? {} : { column: shownValue(column) }),
    ...{ value: shownValue(text), message: complaint.message, remedy: complaint.remedy },
  };
}

function readEvent(text: string, side: Side, { clock, known }: EventContext): SiteEvent | LinkDown | Complaint {
  if (text.length > LONGEST_TEXT) {
    const message = `The text is ${text.length} characters long; at most ${LONGEST_TEXT} are read.`;
    return new Complaint(message, `Write for example '${exampleOf(side)}'.`);
  }
  const words = readWords(text);
  if (words instanceof Complaint) return words;
  const { named, rest } = takeLinkName(words, side);
  const begun = findTitle(rest, side);
  if (begun instanceof Complaint) return begun;
  const found = readTitled(begun.title, { ...splitClauses(begun.rest), clock, known, example: begun.example });
  if (named === undefined || found instanceof Complaint) return found;
  const link = readLinkName(named, known);
  return link instanceof Complaint ? link : { ...(found as LinkDown | LinkSlow), link };
}

/** `link branch down …`: the words without the name, which belongs to a further link. */
function takeLinkName(words: readonly Word[], side: Side): { named?: readonly Word[]; rest: readonly Word[] } {
  const verb = words.findIndex((word) => isWord(word, 'down', 'slow'));
  const isNamed = side === 'fault' && isWord(words[0], 'link') && verb > 1;
  return isNamed ? { named: words.slice(1, verb), rest: [words[0]!, ...words.slice(verb)] } : { rest: words };
}

function readTitled(title: Title, reading: Reading): SiteEvent | LinkDown | Complaint {
  switch (title.kind) {
    case 'linkDown':
      return readLinkDown(reading);
    case 'linkSlow':
      return readLinkSlow(reading);
    case 'volume':
      return readVolumeTaken(reading);
    case 'host':
      return readHost(reading);
    case 'cause':
      return readCause(title.cause, reading);
    case 'action':
      return readAction(title.action, reading);
    default:
      return title satisfies never;
  }
}

function readLinkDown(reading: Reading): LinkDown | Complaint {
  if (reading.subject.length > 0) {
    const message = `${shown(joined(reading.subject))} is too much.`;
    const remedy = `Write it as '${reading.example}', or for a further link as 'link branch down at 2d10h for 40min'.`;
    return new Complaint(message, remedy);
  }
  const span = readSpan(reading, reading.clock, reading.example);
  return span instanceof Complaint ? span : { kind: 'linkDown', ...span };
}

function readLinkSlow(reading: Reading): SiteEvent | Complaint {
  const text = joined(reading.subject);
  const capacityBitsPerSec = parseBitsPerSec(text);
  if (capacityBitsPerSec === undefined || capacityBitsPerSec <= 0 || !Number.isSafeInteger(capacityBitsPerSec)) {
    const remedy = "Write it as 10Mbps or 1.5Gbps; a link that carries nothing is 'link down at 2d10h for 40min'.";
    return new Complaint(`${shown(text)} is no rate above 0.`, remedy);
  }
  const span = readSpan(reading, reading.clock, reading.example);
  return span instanceof Complaint ? span : { kind: 'linkSlow', capacityBitsPerSec, ...span };
}

function readVolumeTaken(reading: Reading): SiteEvent | Complaint {
  const { subject, known, clock, example } = reading;
  const verb = subject.findIndex((word, index) => index > 0 && isWord(word, 'full', 'loses'));
  if (verb === -1) {
    const remedy = `Write it as '${example}' or 'volume D: loses 50GiB on hv-01 at 2d10h for 6h'.`;
    return new Complaint('It does not say what happens to which volume.', remedy);
  }
  const [amount, host] = splitAtOn(subject.slice(verb + 1));
  const bytes = readAmount(isWord(subject[verb], 'full'), amount, example);
  if (bytes instanceof Complaint) return bytes;
  const volume = readVolume(subject.slice(0, verb), host, known);
  if (volume instanceof Complaint) return volume;
  const span = readSpan(reading, clock, example);
  return span instanceof Complaint ? span : { kind: 'volumeTaken', ...volume, ...bytes, ...span };
}

function splitAtOn(words: readonly Word[]): [amount: readonly Word[], host: readonly Word[] | undefined] {
  const on = words.findIndex((word) => isWord(word, 'on'));
  return on === -1 ? [words, undefined] : [words.slice(0, on), words.slice(on + 1)];
}

function readAmount(full: boolean, words: readonly Word[], example: string): { bytes?: Bytes } | Complaint {
  const text = joined(words);
  if (full) {
    if (words.length === 0) return {};
    return new Complaint(`${shown(text)} is not understood after "full".`, `Write it as '${example}'.`);
  }
  const bytes = parseBytes(text);
  if (bytes !== undefined && bytes > 0 && Number.isSafeInteger(bytes)) return { bytes };
  return new Complaint(`${shown(text)} is no size above 0.`, 'Write it as 50GiB or 1.5TB.');
}

/** `host hv-01 down …` or `host hv-01 drained to hv-02 …`. */
function readHost(reading: Reading): SiteEvent | Complaint {
  const drained = reading.subject.findIndex((word, index) => index > 0 && isWord(word, 'drained'));
  return drained === -1 ? readHostDown(reading) : readHostDrained(reading, drained);
}

function readHostDrained(reading: Reading, drained: number): SiteEvent | Complaint {
  const { subject, known, clock, example } = reading;
  const other = subject.slice(drained + 2);
  if (!isWord(subject[drained + 1], 'to') || other.length === 0) {
    return new Complaint('It does not say to which host.', "Write it as 'host hv-01 drained to hv-02 at 2d for 2h'.");
  }
  const host = readName(subject.slice(0, drained), 'host', known);
  if (host instanceof Complaint) return host;
  const to = readName(
    other,
    'host',
    known === undefined ? undefined : { ...known, hosts: known.drainHosts ?? known.hosts },
  );
  if (to instanceof Complaint) return to;
  if (host === to) return new Complaint(`${shown(host)} is drained to itself.`, 'Name another host to go to.');
  // Without a length they stay there.
  if (reading.for === undefined) {
    const atMs = readInstant(reading, clock, example);
    return atMs instanceof Complaint ? atMs : { kind: 'hostDrained', host, to, atMs };
  }
  const span = readSpan(reading, clock, example);
  return span instanceof Complaint ? span : { kind: 'hostDrained', host, to, ...span };
}

function readHostDown(reading: Reading): SiteEvent | Complaint {
  const { subject, known, clock, example } = reading;
  if (!isWord(subject.at(-1), 'down')) {
    return new Complaint('It does not say what happens to which host.', `Write it as '${example}'.`);
  }
  const host = readName(subject.slice(0, -1), 'host', known);
  if (host instanceof Complaint) return host;
  const span = readSpan(reading, clock, example);
  return span instanceof Complaint ? span : { kind: 'hostDown', host, ...span };
}

function readCause(cause: CauseKey, reading: Reading): SiteEvent | Complaint {
  const { subject, known, clock, example } = reading;
  const { kind } = CAUSES[cause];
  if (!isWord(subject[0], 'on')) return new Complaint('It does not say on what.', `Write it as '${example}'.`);
  const target = readTarget(subject.slice(1), known, example);
  if (target instanceof Complaint) return target;
  if (kind === 'recoverable') {
    const span = readSpan(reading, clock, example);
    return span instanceof Complaint ? span : { kind, cause, target, ...span };
  }
  if (reading.for !== undefined) return kind === 'resync' ? noLength(reading) : untilFixed(cause, reading);
  const atMs = readInstant(reading, clock, example);
  if (atMs instanceof Complaint) return atMs;
  return { kind: kind === 'resync' ? 'resyncTrigger' : kind, cause, target, atMs };
}

function readAction(action: ActionKey, reading: Reading): SiteEvent | Complaint {
  const { subject, known, clock, example } = reading;
  const target = readTarget(subject, known, example);
  if (target instanceof Complaint) return target;
  if (reading.for !== undefined) return noLength(reading);
  const atMs = readInstant(reading, clock, example);
  return atMs instanceof Complaint ? atMs : { kind: 'action', action, target, atMs };
}

function noLength({ for: length, example }: Reading): Complaint {
  const message = 'It happens at an instant and takes no "for".';
  return new Complaint(message, `Leave ${shown(`for ${length}`)} out: '${example}'.`);
}

function untilFixed(cause: CauseKey, { for: length }: Reading): Complaint {
  const message = `"${CAUSES[cause].title}" lasts until an administrator acts, and takes no "for".`;
  return new Complaint(message, `Leave ${shown(`for ${length}`)} out, and fix it: --action 'fix SQL01 at 2d12h'.`);
}
