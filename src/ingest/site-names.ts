import { didYouMean } from '../model/did-you-mean.ts';
import type { JsonObject } from './json-object.ts';
import { checkName } from './names.ts';
import type { ProblemList } from './problem-list.ts';

/** What a name belongs to, and an example of one. */
export interface NameKind {
  readonly what: string;
  readonly example: string;
}

/** Beyond so many errors nobody reads guesses, and guessing among thousands of names takes its time. */
const GUESSES_MOST = 20;

/** A name that can be shown; `undefined` where it is absent or was refused. */
export function optionalName(
  object: JsonObject,
  key: string,
  kind: NameKind,
  problems: ProblemList,
): string | undefined {
  const name = object.text(key, kind.example);
  if (name === undefined) return undefined;
  return checkName(name, kind.what, object.at(key), undefined, problems) ? name : undefined;
}

/** The `name` of an object, which must have one. */
export function ownName(object: JsonObject, kind: NameKind, problems: ProblemList): string | undefined {
  if (!object.has('name')) {
    const message = `The ${kind.what} has no name.`;
    object.error(
      'site-missing-name',
      'name',
      '',
      message,
      `Write for example "name": ${JSON.stringify(kind.example)}.`,
    );
  }
  return optionalName(object, 'name', kind, problems);
}

/** Reports keys without which the object says nothing. */
export function requireKeys(object: JsonObject, what: string, keys: readonly string[], remedy: string): void {
  for (const key of keys) {
    if (object.has(key)) continue;
    object.error('site-missing-key', key, '', `The ${what} does not say "${key}".`, remedy);
  }
}

/** Reports names that are listed twice; `places` are their paths. */
export function checkUnique(
  names: readonly string[],
  what: string,
  place: (index: number) => string,
  problems: ProblemList,
): void {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    const where = { column: place(index), value: name };
    if (seen.has(name))
      problems.error('site-duplicate', where, `The ${what} "${name}" is listed twice.`, 'Delete one.');
    seen.add(name);
  });
}

/** Names that can be referred to. */
export class KnownNames {
  private readonly names: ReadonlySet<string>;
  /** As in "There is no policy": `policy "x" in this file`. */
  private readonly describe: (name: string) => string;

  constructor(names: Iterable<string>, describe: (name: string) => string) {
    this.names = new Set(names);
    this.describe = describe;
  }

  /** Reports a name that is not among them, with what it may have meant; `row` where it stands in a table. */
  check(name: string | undefined, column: string, problems: ProblemList, row?: number): void {
    if (name === undefined || this.names.has(name)) return;
    const guess = problems.errorCount < GUESSES_MOST ? didYouMean(name, [...this.names]) : undefined;
    const remedy = `${guess === undefined ? '' : `Did you mean "${guess}"? `}Names are compared exactly, capitals too.`;
    const place = { ...(row === undefined ? {} : { row }), column, value: name };
    problems.error('site-unknown-name', place, `There is no ${this.describe(name.slice(0, 80))}.`, remedy);
  }
}
