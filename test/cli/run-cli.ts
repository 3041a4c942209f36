import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT: string = resolve(import.meta.dirname, '../..');

export interface CliEnding {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a user does, in a folder of its own. */
export function runCli(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): CliEnding {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/asr-plan.js'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}

/** A folder for one test, with files in it; gone with {@link Disposable}. */
export class ScratchFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'asr-plan-cli-'));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.path, name), content);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
