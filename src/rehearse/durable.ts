import { readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ByteFile } from './byte-file.ts';

/** Puts a file in its place at once: whoever reads it finds the old one or the new one, whole, whatever is killed. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await ByteFile.open(draft, 'wx');
  try {
    await file.write(Buffer.from(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** The names in a folder are durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing: its NTFS journals them.
  if (process.platform === 'win32') return;
  const handle = await ByteFile.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @returns `undefined` where there is no such file */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
