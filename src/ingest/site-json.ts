import { shownValue } from '../model/problem.ts';
import { isObject } from './json-object.ts';
import type { ProblemList } from './problem-list.ts';

/** The object that a JSON file holds; `undefined`, with a problem, where it holds none. */
export function parseJson(text: string, problems: ProblemList): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const row = rowOf(error.message, text);
    const message = `This is no JSON: ${shownValue(error.message)}`;
    problems.error(
      'site-not-json',
      row === undefined ? {} : { row },
      message,
      'Correct the text there; an editor shows the place.',
    );
    return undefined;
  }
  if (isObject(value)) return value;
  problems.error(
    'site-wrong-type',
    {},
    'The file holds no object.',
    'Write { "hosts": [ … ], "volumes": [ … ], "link": { … } }.',
  );
  return undefined;
}

/** From the engine's message where it names a position; else the first text that is no token of JSON. */
function rowOf(message: string, text: string): number | undefined {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  const token = /\s+|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/y;
  let end = 0;
  while (token.test(text)) end = token.lastIndex;
  // Tokens to the end, but not in an order of JSON: the message shows where, and a guess at the row would mislead.
  if (position === undefined && end === text.length && !message.includes('end of JSON')) return undefined;
  return text.slice(0, position === undefined ? end : Number(position)).split('\n').length;
}
