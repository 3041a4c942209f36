import { createHash } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { type Problem, problemOf } from '../../model/problem.ts';
import type { Question } from '../../study/answer-scenario.ts';
import type { Answer } from '../../study/search/ask.ts';

const SCHEMA = 'asr-plan/answers@1';

/**
 * Answers as they come, a line each, so that whatever ends a study (Ctrl-C, kill -9, a power cut) takes nothing with it but what was being
 * computed. The first line says of which run and promises they are; the last one may be torn, and is then cut off.
 */
export class AnswersFile {
  readonly path: string;
  /** By the scenario's settings. */
  readonly known: ReadonlyMap<string, Answer>;
  readonly #file: number;

  private constructor(path: string, file: number, known: ReadonlyMap<string, Answer>) {
    this.path = path;
    this.#file = file;
    this.known = known;
  }

  /** Opens or begins the file. With `resume` what is in it is taken up; without, a file that is there is a problem, for somebody's work is in it. */
  static open(path: string, question: Question, resume: boolean): { answers?: AnswersFile; problem?: Problem } {
    const fingerprint = fingerprintOf(question);
    const wrong = (message: string, remedy: string): { problem: Problem } => ({
      problem: problemOf('error', 'answers-file', '--answers', message, remedy),
    });
    const isThere = existsSync(path);
    if (isThere && !resume) {
      return wrong(
        `${path} has the answers of a study that was interrupted.`,
        'Go on with --resume, delete the file, or name another with --answers.',
      );
    }
    try {
      const text = isThere ? readFileSync(path, 'utf8') : '';
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const [head, ...lines] = whole.split('\n').filter((line) => line !== '');
      if (head !== undefined && fingerprintIn(head) !== fingerprint) {
        return wrong(
          `${path} has answers about another run, or other promises.`,
          'Give the same inputs and promises as before, delete the file, or name another with --answers.',
        );
      }
      const known = new Map<string, Answer>();
      for (const [index, line] of lines.entries()) {
        const entry = entryIn(line);
        if (entry === undefined)
          return wrong(`${path} is damaged in line ${index + 2}.`, 'Delete that line and those after it.');
        known.set(entry.scenario, entry.answer);
      }
      const file = openSync(path, isThere ? 'r+' : 'wx');
      ftruncateSync(file, Buffer.byteLength(whole));
      const answers = new AnswersFile(path, file, known);
      if (head === undefined) answers.#write({ schema: SCHEMA, fingerprint }, 0);
      else answers.#at = Buffer.byteLength(whole);
      return { answers };
    } catch (error) {
      return wrong(`${path} cannot be used: ${(error as Error).message}`, 'Name another file with --answers.');
    }
  }

  #at = 0;

  keep(scenario: string, answer: Answer): void {
    this.#write({ scenario, answer }, this.#at);
  }

  #write(entry: unknown, at: number): void {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
    for (let from = 0; from < bytes.length; )
      from += writeSync(this.#file, bytes, from, bytes.length - from, at + from);
    this.#at = at + bytes.length;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Once the study is through, and written. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/** Of everything that an answer rests on, but for the scenario and the product's own rules. */
function fingerprintOf({ run, requirements }: Question): string {
  const promises = requirements.map(({ text }) => text);
  return createHash('sha256')
    .update(JSON.stringify([SCHEMA, run, promises]))
    .digest('hex');
}

function fingerprintIn(line: string): string | undefined {
  try {
    const { schema, fingerprint } = JSON.parse(line);
    return schema === SCHEMA ? fingerprint : undefined;
  } catch {
    return undefined;
  }
}

function entryIn(line: string): { scenario: string; answer: Answer } | undefined {
  try {
    const { scenario, answer } = JSON.parse(line);
    const isAnswer =
      typeof answer?.holds === 'boolean' && (answer.judgements === null || Array.isArray(answer.judgements));
    return typeof scenario === 'string' && isAnswer ? { scenario, answer } : undefined;
  } catch {
    return undefined;
  }
}
