/**
 * `npm run notebooks`: executes every notebook in `notebooks/` and compares what it shows with what it showed when it was written;
 * `npm run notebooks -- --write` keeps the new outputs. A cell that fails, an assertion that does not hold, fails.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const NOTEBOOKS: string = resolve(import.meta.dirname, '../notebooks');
const PACKAGES = ['jupyter-nbconvert'];
const CELL_SECONDS = 120;

export interface Cell {
  readonly cell_type: 'markdown' | 'code';
  readonly id: string;
  readonly metadata: object;
  readonly source: readonly string[];
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: object;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** The notebooks' names, without their folder. */
export function notebookNames(folder: string = NOTEBOOKS): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .toSorted();
}

/** As it lies in the repository. */
export function readNotebook(path: string): Notebook {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The text of a notebook's file: what a kernel says of itself is left out, it varies from one to the next. */
export function notebookText({ cells, nbformat, nbformat_minor }: Notebook): string {
  const metadata = {
    kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' },
    language_info: { file_extension: '.ts', mimetype: 'text/x.typescript', name: 'typescript' },
  };
  const plain = cells.map((cell) => ({ ...cell, metadata: {} }));
  return `${JSON.stringify({ cells: plain, metadata, nbformat, nbformat_minor }, null, 1)}\n`;
}

/**
 * Finds what runs notebooks, and gets it where it is not there and it may: `$NBCONVERT_PATH`, `jupyter-nbconvert` on the PATH, else Debian's,
 * installed now where we are root. Throws where there is none: a notebook that was not executed proves nothing.
 */
export function findNbconvert(): string {
  const named = process.env.NBCONVERT_PATH;
  if (named !== undefined && named !== '') return named;
  const installed = onPath('jupyter-nbconvert');
  if (installed !== undefined) return installed;
  if (process.getuid?.() !== 0 || onPath('apt-get') === undefined) {
    throw new Error(
      'There is no jupyter-nbconvert. Install one (apt-get install jupyter-nbconvert, or pip install nbconvert) or name it in NBCONVERT_PATH.',
    );
  }
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', ...PACKAGES]);
  const fresh = onPath('jupyter-nbconvert');
  if (fresh === undefined) throw new Error('apt-get has installed jupyter-nbconvert, but it is not on the PATH.');
  return fresh;
}

/** Deno's program, of the package for this platform; its own launcher would copy it first. */
export function findDeno(): string {
  const require = createRequire(import.meta.url);
  const suffix = process.platform === 'linux' ? '-glibc' : '';
  const name = `@deno/${process.platform}-${process.arch}${suffix}`;
  try {
    return require.resolve(`${name}/${process.platform === 'win32' ? 'deno.exe' : 'deno'}`);
  } catch {
    throw new Error(
      `Deno's package for this platform, ${name}, is not installed: run "npm ci" with optional packages.`,
    );
  }
}

/**
 * Executes one notebook in its own folder, by a kernel that sees nothing of the user's settings.
 * @returns the notebook with its outputs
 * @throws with the cell and what it said, where one fails
 */
export async function executeNotebook(path: string, nbconvert: string = findNbconvert()): Promise<Notebook> {
  const scratch = mkdtempSync(join(tmpdir(), 'asr-plan-notebook-'));
  try {
    const kernel = join(scratch, 'kernels/deno');
    mkdirSync(kernel, { recursive: true });
    const argv = [findDeno(), 'jupyter', '--kernel', '--conn', '{connection_file}'];
    writeFileSync(join(kernel, 'kernel.json'), JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }));
    const { code, said } = await finished(
      nbconvert,
      [
        ...['--to', 'notebook', '--execute', '--output-dir', scratch, '--output', 'executed.ipynb'],
        ...['--ExecutePreprocessor.record_timing=False', `--ExecutePreprocessor.timeout=${CELL_SECONDS}`],
        ...['--ExecutePreprocessor.kernel_name=deno', path],
      ],
      {
        ...process.env,
        ...{
          JUPYTER_PATH: scratch,
          JUPYTER_CONFIG_DIR: scratch,
          JUPYTER_DATA_DIR: scratch,
          JUPYTER_RUNTIME_DIR: scratch,
        },
        ...{
          IPYTHONDIR: scratch,
          DENO_DIR: join(scratch, 'deno'),
          DENO_NO_UPDATE_CHECK: '1',
          NO_COLOR: '1',
          TZ: 'UTC',
        },
      },
    );
    const executed = join(scratch, 'executed.ipynb');
    if (code !== 0 || !existsSync(executed)) throw new Error(`${path} failed (${code}):\n${said.slice(-4000)}`);
    return readNotebook(executed);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function finished(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolveWith, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject).on('close', (code) => resolveWith({ code, said }));
  });
}

function onPath(command: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

function run(command: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync(command, args, { encoding: 'utf8', env });
  if (done.status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed: ${done.error?.message ?? done.stderr.slice(-2000)}`);
}

async function main(isWriting: boolean): Promise<void> {
  for (const name of notebookNames()) {
    const path = join(NOTEBOOKS, name);
    const startMs = performance.now();
    const text = notebookText(await executeNotebook(path));
    const isSame = text === readFileSync(path, 'utf8');
    if (!isSame && isWriting) writeFileSync(path, text);
    if (!isSame && !isWriting) process.exitCode = 1;
    const outcome = isSame ? 'as it was' : isWriting ? 'written' : 'shows something else: npm run notebooks -- --write';
    process.stdout.write(`${name}: ${outcome} (${((performance.now() - startMs) / 1000).toFixed(1)} s)\n`);
  }
}

if (import.meta.filename === process.argv[1]) await main(process.argv.includes('--write'));
