import { randomBytes } from 'node:crypto';
import { realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from '../model/problem.ts';

/** A file that is to be written. */
export interface Output {
  readonly flag: string;
  readonly path: string;
  readonly content: string;
}

/**
 * Writes all files or none: each beside its place first, then all renamed. What was there before stays whole until then.
 *
 * @returns what could not be written, as problems
 */
export function writeOutputs(outputs: readonly Output[]): Problem[] {
  const written: { readonly output: Output; readonly beside: string }[] = [];
  try {
    for (const output of outputs) {
      const beside = join(dirname(output.path), `.${basename(output.path)}.${randomBytes(6).toString('hex')}.tmp`);
      try {
        writeFileSync(beside, output.content, { flag: 'wx' });
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
