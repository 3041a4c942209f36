import { didYouMeanOneOf } from '../../model/did-you-mean.ts';
import { isLike } from '../../model/name-pattern.ts';
import { type Problem, shownValue } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import { hostBeside, SUBJECTS, volumeNames } from './events.ts';
import { LIBRARY, libraryCase } from './library.ts';
import { variableName } from './point-text.ts';
import { ValueReader } from './read-values.ts';
import type { Dimension, Setting, Subject, Variable } from './space.ts';
import { kindOf, VARIABLES, type VariableKind } from './variables.ts';
import { TEXT_LENGTH_MOST, Wrong } from './wrong.ts';

/** Where a text comes from, and what it is about. */
export interface VaryContext {
  /** The base case. */
  readonly run: Run;
  /** The flag or the file. */
  readonly file: string;
}

export interface ReadVary {
  readonly dimensions: readonly Dimension[];
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

const FORM =
  "Write '<variable> in <from> .. <to>', '<variable> x <from> .. <to>', a list, '~ normal(1, 0.2)' or '= <value>'; see docs/scenarios.md.";

/**
 * What varies, or what is otherwise than in the base case: `outage.length in 0 h .. 8 h`, `churn x 0.5 .. 3`, `copy in 30s, 5min`, `outage.start
 * in week`, `churn ~ lognormal(1, 0.3)`, `bandwidth = 50 Mbps`, `outage 2 h any time`, or the name of a case of the library.
 */
export function parseVary(text: string, context: VaryContext): ReadVary {
  const trimmed = text.trim();
  try {
    if (trimmed.length > TEXT_LENGTH_MOST)
      throw new Wrong(`It has ${trimmed.length} characters; ${TEXT_LENGTH_MOST} are the most.`, FORM);
    const short = shortOutage(trimmed) ?? libraryCase(trimmed, context.run)?.varied;
    const texts = short ?? [trimmed];
    const read = texts.map((own) => readOne(own, context));
    return {
      dimensions: read.flatMap((one) => one.dimensions),
      settings: read.flatMap((one) => one.settings),
      problems: [],
    };
  } catch (error) {
    return { dimensions: [], settings: [], problems: [problemFrom(error, trimmed, context)] };
  }
}

/** As {@link parseVary}, but a case of the library is meant as it stands there, not as a range: the link is halved. */
export function parseUnder(text: string, context: VaryContext): ReadVary {
  return libraryCase(text.trim(), context.run) === undefined
    ? parseVary(text, context)
    : { dimensions: [], ...parseSetting(text, context) };
}

/** What is the case: `outage.length = 2 h`, `churn x 2`, or a case of the library as it stands there. */
export function parseSetting(text: string, context: VaryContext): Omit<ReadVary, 'dimensions'> {
  const trimmed = text.trim();
  try {
    if (trimmed.length > TEXT_LENGTH_MOST)
      throw new Wrong(`It has ${trimmed.length} characters; ${TEXT_LENGTH_MOST} are the most.`, FORM);
    const texts = shortOutage(trimmed) ?? libraryCase(trimmed, context.run)?.fixed ?? [trimmed];
    const read = texts.map((own) => readOne(own, context));
    const open = read.flatMap(({ dimensions }) => dimensions).find(({ levels }) => levels.length > 1);
    if (open !== undefined)
      throw new Wrong(
        `${variableName(open.variable)} has ${open.levels.length} values here, and one is wanted.`,
        `Write '${variableName(open.variable)} = …'.`,
      );
    const single = read
      .flatMap(({ dimensions }) => dimensions)
      .map(({ variable, levels }) => ({ variable, value: levels[0]! }));
    return { settings: [...read.flatMap(({ settings }) => settings), ...single], problems: [] };
  } catch (error) {
    return { settings: [], problems: [problemFrom(error, trimmed, context)] };
  }
}

function problemFrom(error: unknown, text: string, { file }: VaryContext): Problem {
  if (!(error instanceof Wrong)) throw error;
  return {
    severity: 'error',
    code: 'scenario',
    file,
    value: shownValue(text),
    message: error.message,
    remedy: error.remedy,
  };
}

/** `outage 2 h any time`, `outage 2 h at Tue 11:00`: as people say it. */
function shortOutage(text: string): string[] | undefined {
  const match = /^(outage|storm|burst|slow) (.{1,40}?) (?:(any time)|at (.{1,40}))$/.exec(text);
  if (match === null) return undefined;
  const [, event, length, anyTime, at] = match;
  return [`${event}.length = ${length}`, anyTime === undefined ? `${event}.start = ${at}` : `${event}.start in week`];
}

interface ReadOne {
  readonly dimensions: readonly Dimension[];
  readonly settings: readonly Setting[];
}

const DIMENSION =
  /^(?:(?<scope>[a-z]+)\[(?:'(?<single>[^']*)'|"(?<double>[^"]*)")\]\.)?(?<key>[A-Za-z][\w.-]*)(?:\s+(?<word>in|x)\s+|\s*(?<sign>~|=)\s*)(?<rest>[\s\S]*)$/;

function readOne(text: string, context: VaryContext): ReadOne {
  const groups = DIMENSION.exec(text)?.groups;
  if (groups === undefined) throw notUnderstood(text);
  const { scope, single, double, word, sign, key = '', rest = '' } = groups;
  const kind = kindOf(key);
  if (kind === undefined) {
    const some = KEYS.slice(0, 8).join(', ');
    const remedy = didYouMeanOneOf(key, KEYS) ?? `There are ${some} …; see docs/scenarios.md.`;
    throw new Wrong(`There is no variable '${shownValue(key)}'.`, remedy);
  }
  const subject = scope === undefined ? undefined : readSubject(scope, single ?? double ?? '', kind, context.run);
  if (subject === undefined && kind.needsSubject === true) {
    throw new Wrong(`'${key}' does not say of whom.`, `Write ${kind.subjects![0]}['name'].${key}.`);
  }
  const multiplies = word === 'x' || (word === undefined && !kind.relations.includes('in'));
  if (!kind.relations.includes(multiplies ? 'x' : 'in')) {
    const [not, write] = multiplies ? ['a factor', `${key} in …`] : ['a value', `${key} x 0.5 .. 2`];
    throw new Wrong(`'${key}' is not given as ${not}.`, `Write '${write}'.`);
  }
  const variable: Variable = {
    ...{ key, multiplies, unit: multiplies ? 'ratio' : kind.unit },
    ...(subject === undefined ? {} : { subject }),
  };
  const reader = new ValueReader(kind, variable, context.run);
  if (sign === '=') return { dimensions: [], settings: [{ variable, value: reader.value(rest) }] };
  return { dimensions: [sign === '~' ? reader.drawn(rest) : reader.dimension(rest)], settings: [] };
}

const KEYS = VARIABLES.map(({ key }) => key);

function notUnderstood(text: string): Wrong {
  const names = LIBRARY.map(({ name }) => name);
  const word = /^[\w.-]+/.exec(text)?.[0] ?? '';
  const near = didYouMeanOneOf(text, names) ?? (kindOf(word) === undefined ? didYouMeanOneOf(word, KEYS) : undefined);
  return new Wrong('This says neither what varies nor how.', near ?? FORM);
}

function readSubject(scope: string, name: string, kind: VariableKind, run: Run): Subject {
  const known = SUBJECTS.find((own) => own === scope);
  if (known === undefined || kind.subjects?.includes(known) !== true) {
    const can = kind.subjects ?? [];
    throw new Wrong(
      `'${kind.key}' cannot be said of ${shownValue(scope)}.`,
      can.length === 0 ? `Write '${kind.key}' alone.` : `It can of ${can.join(' and ')}.`,
    );
  }
  const names = namesOf(known, run);
  const isKnown = known === 'vms' ? names.some((own) => isLike(own, name)) : names.includes(name);
  if (!isKnown) {
    const some =
      names.length === 0
        ? 'There are none.'
        : `There are ${names.slice(0, 5).map(shownValue).join(', ')}${names.length > 5 ? ' …' : ''}.`;
    throw new Wrong(`There is none called '${shownValue(name)}' among ${known}.`, didYouMeanOneOf(name, names) ?? some);
  }
  if (kind.key.startsWith('drain.') && hostBeside(run, name) === undefined) {
    throw new Wrong(
      `There is no other host to which the VMs of '${shownValue(name)}' could go.`,
      'Name the other hosts in a site file (--site).',
    );
  }
  return { scope: known, name };
}

function namesOf(scope: Subject['scope'], run: Run): string[] {
  switch (scope) {
    case 'vms':
      return run.workload.vms.map(({ name }) => name);
    case 'hosts':
      return [...new Set(run.workload.vms.map(({ host }) => host))];
    case 'volumes':
      return volumeNames(run);
    case 'links':
      return (run.site.furtherLinks ?? []).map(({ name }) => name);
    default:
      return scope satisfies never;
  }
}
