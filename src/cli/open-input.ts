import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input } from '../ingest/input.ts';
import type { Problem } from '../model/problem.ts';
import { type Files, inputOf, type Named } from '../request/opened-file.ts';
import { openFile, unreadable } from './read-text.ts';

/** A folder with more files is the wrong one, most likely. [chosen] */
const MOST_FILES = 50_000;
const MOST_LEVELS = 12;

/** The files of the disks. */
export const DISK_FILES: Files = { inputs: openInputs, open: openFile };

/** The files that the user named, and all files of the folders that he named. What cannot be opened is a problem. */
export async function openInputs(named: readonly Named[]): Promise<{ inputs: Input[]; problems: Problem[] }> {
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  for (const { path, role } of named) {
    const { files, isFolder, problem } = await filesAt(path);
    if (problem !== undefined) problems.push(problem);
    for (const file of files) {
      const { value: opened, problems: found } = await openFile(file);
      problems.push(...found);
      if (opened === undefined) continue;
      const input = inputOf(opened, isFolder);
      inputs.push(role === undefined ? input : { ...input, role });
    }
  }
  return { inputs, problems };
}

interface Found {
  readonly files: readonly string[];
  readonly isFolder: boolean;
  readonly problem?: Problem;
}

/** The file itself, or the files in the folder and the folders in it, in the order of their names. */
async function filesAt(path: string): Promise<Found> {
  try {
    if (!(await stat(path)).isDirectory()) return { files: [path], isFolder: false };
    const files: string[] = [];
    const isAll = await collect(path, files, 0);
    if (files.length > 0 && isAll) return { files, isFolder: true };
    return { files, isFolder: true, problem: isAll ? emptyFolder(path) : tooMany(path) };
  } catch (error) {
    return { files: [], isFolder: false, problem: unreadable(path, error) };
  }
}

/** @returns whether all were collected */
async function collect(folder: string, into: string[], level: number): Promise<boolean> {
  if (level > MOST_LEVELS) return false;
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // A symbolic link may lead anywhere, in circles too.
    if (entry.isFile()) into.push(path);
    else if (entry.isDirectory() && !(await collect(path, into, level + 1))) return false;
    if (into.length > MOST_FILES) return false;
  }
  return true;
}

function emptyFolder(path: string): Problem {
  const message = 'There is no file in this folder.';
  return { severity: 'error', code: 'input-empty-folder', file: path, message, remedy: 'Check the folder’s name.' };
}

function tooMany(path: string): Problem {
  const message = `The folder has more than ${MOST_FILES} files, or folders more than ${MOST_LEVELS} deep; not all were looked at.`;
  const remedy = 'Name the folders of the disks one by one.';
  return { severity: 'error', code: 'input-too-many', file: path, message, remedy };
}
