import { randomBytes } from 'node:crypto';
import { closeSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from '../model/problem.ts';

const PENDING_CHARACTERS = 1 << 20;

/** A file that is to be written. */
export interface Output {
  readonly flag: string;
  readonly path: string;
  /** In pieces where it may be longer than a text can be. */
  readonly content: string | Iterable<string>;
}

/**
 * Writes all files or none: each beside its place first, then all renamed. What was there before stays whole until then.
 *
 * @returns what could not be written, as problems
 */
export function writeOutputs(outputs: readonly Output[]): Problem[] {
  // Somebody who interrupts now waits until what lies beside has been taken away: this is no place to end.
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const end = (): void => process.exit(130);
  for (const signal of signals) process.once(signal, end);
  try {
    return writeBeside(outputs);
  } finally {
    // A signal that came meanwhile is told of at the next turn.
    setImmediate(() => {
      for (const signal of signals) process.off(signal, end);
    });
  }
}

function writeBeside(outputs: readonly Output[]): Problem[] {
  const written: { readonly output: Output; readonly beside: string }[] = [];
  try {
    for (const output of outputs) {
      const beside = join(dirname(output.path), `.${basename(output.path)}.${randomBytes(6).toString('hex')}.tmp`);
      try {
        writeNew(beside, output.content);
      } catch (error) {
        rmSync(beside, { force: true });
        return [notWritten(output, error)];
      }
      written.push({ output, beside });
    }
    for (const { output, beside } of written) {
      try {
        renameSync(beside, output.path);
      } catch (error) {
        return [notWritten(output, error)];
      }
    }
    return [];
  } finally {
    for (const { beside } of written) rmSync(beside, { force: true });
  }
}

/** @throws the system's error, and where there is such a file already */
function writeNew(path: string, content: string | Iterable<string>): void {
  const file = openSync(path, 'wx');
  try {
    let pending = '';
    for (const piece of typeof content === 'string' ? [content] : content) {
      pending += piece;
      if (pending.length < PENDING_CHARACTERS) continue;
      writeWhole(file, pending);
      pending = '';
    }
    writeWhole(file, pending);
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}

/** An output must not replace an input, nor another output. */
export function checkOutputs(
  outputs: readonly { readonly flag: string; readonly path: string }[],
  inputs: readonly string[],
): Problem[] {
  const taken = new Map(inputs.map((path) => [canonical(path), 'an input']));
  return outputs.flatMap(({ flag, path }) => {
    const place = canonical(path);
    const holder = taken.get(place);
    taken.set(place, `the output of ${flag}`);
    if (holder === undefined) return [];
    return [
      {
        severity: 'error' as const,
        code: 'output-taken',
        file: flag,
        value: path,
        message: `${path} is ${holder} already`,
        remedy: 'Name another file.',
      },
    ];
  });
}

function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet: its folder may be.
    return resolve(path);
  }
}

function notWritten({ flag, path }: Output, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'its folder does not exist',
    EACCES: 'there is no permission to write there',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'its folder is a file',
  };
  return {
    severity: 'error',
    code: 'output-not-written',
    file: flag,
    value: path,
    message: `${path} cannot be written: ${reasons[code ?? ''] ?? message}`,
    remedy: 'Name a file in a folder that you may write to.',
  };
}
