import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from '../model/problem.ts';

const PENDING_CHARACTERS = 1 << 20;

/** A file that is to be written. */
export interface Output {
  readonly flag: string;
  readonly path: string;
  /** Bytes, or a text; in pieces where it may be longer than a text can be. */
  readonly content: string | Uint8Array | Iterable<string>;
}

/**
 * Writes all files or none: each beside its place first, then all renamed. What was there before stays whole until then, and comes back where a
 * later file cannot take its place.
 *
 * @param folders are made where they are not there, and taken away again where nothing was written
 * @returns what could not be written, as problems
 */
export function writeOutputs(
  outputs: readonly Output[],
  folders: readonly { readonly flag: string; readonly path: string }[] = [],
): Problem[] {
  // Somebody who interrupts now waits until what lies beside has been taken away: this is no place to end.
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const end = (): void => process.exit(130);
  for (const signal of signals) process.once(signal, end);
  try {
    return writeIntoFolders(outputs, folders);
  } finally {
    // A signal that came meanwhile is told of at the next turn.
    setImmediate(() => {
      for (const signal of signals) process.off(signal, end);
    });
  }
}

function writeIntoFolders(
  outputs: readonly Output[],
  folders: readonly { readonly flag: string; readonly path: string }[],
): Problem[] {
  const made: string[] = [];
  let problems: Problem[] = [];
  for (const { flag, path } of folders) {
    try {
      made.push(...makeFolder(path));
    } catch (error) {
      problems = [notWritten({ flag, path }, error)];
      break;
    }
  }
  if (problems.length === 0) problems = writeBeside(outputs);
  if (problems.length > 0) for (const folder of made.toReversed()) removeEmpty(folder);
  return problems;
}

/** @returns the folders that were not there, the outermost first. @throws the system's error */
function makeFolder(path: string): string[] {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return [];
  const made = [resolve(path)];
  while (made[0] !== resolve(first)) made.unshift(dirname(made[0]!));
  return made;
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else has put something into it meanwhile: it stays.
  }
}

interface Written {
  readonly output: Output;
  readonly beside: string;
  /** The file that was there before, under another name. */
  readonly kept: string;
}

function writeBeside(outputs: readonly Output[]): Problem[] {
  const written: Written[] = [];
  try {
    for (const output of outputs) {
      const beside = besideOf(output.path);
      try {
        writeNew(beside, output.content);
      } catch (error) {
        rmSync(beside, { force: true });
        return [notWritten(output, error)];
      }
      written.push({ output, beside, kept: besideOf(output.path) });
    }
    return putInPlace(written);
  } finally {
    for (const { beside, kept } of written) {
      rmSync(beside, { force: true });
      rmSync(kept, { force: true });
    }
  }
}

function besideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Renames all; where one cannot be, those before it are put back as they were. */
function putInPlace(written: readonly Written[]): Problem[] {
  const done: { readonly path: string; readonly kept: string | undefined }[] = [];
  for (const { output, beside, kept } of written) {
    try {
      // The last one needs no way back.
      const hasBefore = done.length < written.length - 1 && keep(output.path, kept);
      renameSync(beside, output.path);
      done.push({ path: output.path, kept: hasBefore ? kept : undefined });
    } catch (error) {
      for (const { path, kept: before } of done.toReversed()) {
        if (before === undefined) rmSync(path, { force: true });
        else renameSync(before, path);
      }
      return [notWritten(output, error)];
    }
  }
  return [];
}

/** Gives what is there a second name. @returns whether there was anything. @throws the system's error, and where it is a folder */
function keep(path: string, kept: string): boolean {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined) return false;
  if (before.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  try {
    linkSync(path, kept);
  } catch {
    // Not every file system has hard links.
    copyFileSync(path, kept);
  }
  return true;
}

/** @throws the system's error, and where there is such a file already */
function writeNew(path: string, content: Output['content']): void {
  const file = openSync(path, 'wx');
  try {
    if (content instanceof Uint8Array) {
      writeBytes(file, content);
      return;
    }
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
  writeBytes(file, Buffer.from(text));
}

function writeBytes(file: number, bytes: Uint8Array): void {
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

function notWritten({ flag, path }: { readonly flag: string; readonly path: string }, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'its folder does not exist',
    EACCES: 'there is no permission to write there',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'its folder is a file',
    EEXIST: 'a file of that name is there',
    EBUSY: 'another program has it open',
    EPERM: 'it may not be changed, or another program has it open',
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
