import { shownValue } from '../model/problem.ts';

/** A word of an event's text, or a quoted name, its quotes taken off. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** What is wrong with an event's text; where it stands is added by whoever knows it. */
export class Complaint {
  readonly kind: 'wrong' | 'unknown-name';
  readonly message: string;
  readonly remedy: string;

  constructor(message: string, remedy: string, kind: 'wrong' | 'unknown-name' = 'wrong') {
    this.kind = kind;
    this.message = message;
    this.remedy = remedy;
  }
}

/** The text after an event's title: whom or what it concerns, when, and how long. */
export interface Clauses {
  readonly subject: readonly Word[];
  /** Absent where nothing is said. */
  readonly at?: string;
  readonly for?: string;
}

/** A quoted name, a quote in it doubled, or anything up to a blank. Each character can be taken in one way only. */
const WORD = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^\s"']\S*))(?=\s|$)/y;

export function readWords(text: string): Word[] | Complaint {
  const trimmed = text.trim();
  const words: Word[] = [];
  WORD.lastIndex = 0;
  while (WORD.lastIndex < trimmed.length) {
    const fromIndex = WORD.lastIndex;
    const match = WORD.exec(trimmed);
    if (match === null) return openQuote(trimmed.slice(fromIndex).trim());
    const [, double, single, plain] = match;
    if (plain !== undefined) words.push({ text: plain, quoted: false });
    else words.push({ text: double?.replaceAll('""', '"') ?? single!.replaceAll("''", "'"), quoted: true });
  }
  return words;
}

/** `at` and `for` come in either order; a second one of a kind is taken as part of what is being said. */
export function splitClauses(words: readonly Word[]): Clauses {
  const parts: { subject: Word[]; at?: Word[]; for?: Word[] } = { subject: [] };
  let part = parts.subject;
  for (const word of words) {
    if (isWord(word, 'at') && parts.at === undefined) part = parts.at = [];
    else if (isWord(word, 'for') && parts.for === undefined) part = parts.for = [];
    else part.push(word);
  }
  return {
    subject: parts.subject,
    ...(parts.at === undefined ? {} : { at: joined(parts.at) }),
    ...(parts.for === undefined ? {} : { for: joined(parts.for) }),
  };
}

/** Whether it is this word of the grammar: capitals do not matter, and what is quoted is a name. */
export function isWord(word: Word | undefined, ...texts: readonly string[]): boolean {
  return word !== undefined && !word.quoted && texts.includes(word.text.toLowerCase());
}

export function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

/** `"noon"` as it can stand in a sentence. */
export function shown(text: string): string {
  return `"${shownValue(text)}"`;
}

function openQuote(rest: string): Complaint {
  const message = `The quote at ${shown(rest)} is not closed, or something follows it without a blank.`;
  const remedy = `Write a name with blanks as "SQL Server 01", and double a quote that belongs to it: "Bob""s VM".`;
  return new Complaint(message, remedy);
}
