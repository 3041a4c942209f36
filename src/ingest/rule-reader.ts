import { didYouMean } from '../model/did-you-mean.ts';
import { isObject } from './json-object.ts';
import type { ProblemList } from './problem-list.ts';

const MOST_NUMBER = 1e15;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** One object of a file of rules: its values, checked, each refusal with its path. Nothing is read but the keys that are asked for. */
export class RuleReader {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #problems: ProblemList;

  constructor(value: object, path: string, problems: ProblemList) {
    // A Map: a key `__proto__` is only a key.
    this.#members = new Map(Object.entries(value));
    this.#path = path;
    this.#problems = problems;
  }

  value(key: string): unknown {
    return this.#members.get(key);
  }

  /** Reports keys that are not known, and all of them. */
  onlyKeys(keys: readonly string[]): void {
    for (const key of this.#members.keys()) {
      if (keys.includes(key)) continue;
      const guess = didYouMean(key, keys);
      const remedy = `${guess === undefined ? '' : `Did you mean "${guess}"? `}Known here are ${keys.join(', ')}.`;
      const place = { column: this.#at(key.slice(0, 80)), value: key };
      this.#problems.error('rules-unknown-key', place, `There is no key "${key.slice(0, 80)}".`, remedy);
    }
  }

  refuse(key: string, message: string, remedy: string): undefined {
    const column = this.#at(key);
    if (this.#members.has(key)) {
      this.#problems.error('rules-wrong-value', { column, value: shown(this.value(key)) }, message, remedy);
    } else {
      this.#problems.error('rules-missing', { column }, `There is no "${key}": ${message}`, remedy);
    }
    return undefined;
  }

  id(): string | undefined {
    const value = this.value('id');
    if (typeof value === 'string' && ID.test(value)) return value;
    const message =
      'An id is 1 to 80 letters, digits, points, hyphens and underscores, and begins with a letter or digit.';
    return this.refuse('id', message, 'Write it as in "disk-size".');
  }

  text(key: string, most: number): string | undefined {
    const value = this.value(key);
    if (isText(value, most)) return value;
    return this.refuse(key, `"${key}" must be a text of 1 to ${most} characters on one line.`, 'Write it in quotes.');
  }

  /** At least one text. */
  texts(key: string, mostItems: number, most: number): string[] | undefined {
    const value = this.value(key);
    const isList = Array.isArray(value) && value.length > 0 && value.length <= mostItems;
    if (isList && value.every((item) => isText(item, most))) return [...value];
    return this.refuse(key, `"${key}" must be a list of 1 to ${mostItems} texts.`, 'Write it as in ["VHD", "VHDX"].');
  }

  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (typeof value === 'boolean') return value;
    return this.refuse(key, `"${key}" must be true or false.`, 'Write it without quotes.');
  }

  choice<T extends string>(key: string, words: readonly T[]): T | undefined {
    const value = this.value(key);
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    const guess = typeof value === 'string' && value.length <= 80 ? didYouMean(value, words) : undefined;
    const remedy = `${guess === undefined ? '' : `Did you mean "${guess}"? `}Known are ${words.join(', ')}.`;
    return this.refuse(key, `"${key}" is not one of the known words.`, remedy);
  }

  /** A list of different known words, which may be empty. */
  choices<T extends string>(key: string, words: readonly T[]): T[] | undefined {
    const value = this.value(key);
    const isList = Array.isArray(value) && value.length <= words.length && new Set(value).size === value.length;
    if (isList && value.every((item) => words.includes(item))) return [...value];
    return this.refuse(key, `"${key}" must be a list of different known words.`, `Known are ${words.join(', ')}.`);
  }

  number(key: string, least: number): number | undefined {
    const value = this.value(key);
    if (typeof value === 'number' && value >= least && value <= MOST_NUMBER) return value;
    return this.refuse(key, `"${key}" must be a number of ${least} or more.`, 'Write it without quotes and unit.');
  }

  positive(key: string): number | undefined {
    const value = this.value(key);
    if (typeof value === 'number' && value > 0 && value <= MOST_NUMBER) return value;
    return this.refuse(key, `"${key}" must be a number above 0.`, 'Write it without quotes and unit.');
  }

  whole(key: string): number | undefined {
    const value = this.value(key);
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_NUMBER) return value as number;
    return this.refuse(key, `"${key}" must be a whole number of 0 or more.`, 'Write it without quotes.');
  }

  /** `2020-01-27`, a day of the calendar. */
  date(key: string): string | undefined {
    const value = this.value(key);
    if (typeof value === 'string' && isDay(value)) return value;
    const message = `"${key}" must be the date of the source, year-month-day: a limit without it cannot be judged.`;
    return this.refuse(key, message, 'Write it as in "2020-01-27".');
  }

  /** The objects of a list that may be absent. */
  children(key: string, most: number): RuleReader[] {
    const value = this.value(key);
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length > most) {
      this.refuse(key, `"${key}" must be a list of at most ${most} entries.`, 'Write it in brackets: [ … ].');
      return [];
    }
    return value.flatMap((item, at) => {
      const path = `${this.#at(key)}[${at}]`;
      if (isObject(item)) return new RuleReader(item, path, this.#problems);
      const place = { column: path, value: shown(item) };
      this.#problems.error('rules-wrong-type', place, 'This is no object.', 'Write it in braces: { … }.');
      return [];
    });
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= most && !/\p{Cc}/u.test(value);
}

function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1990 && year <= 2199 && days !== undefined && day >= 1 && day <= days;
}

/** What stands there. A nested value is not written out: it may be deeper than the stack. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  return isObject(value) ? '{…}' : String(value);
}
