/** Finds a browser for the tests, and gets one where there is none and it may. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

/** For a browser that must not touch the network, the display or the sandbox of a container. */
export const BROWSER_FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of a Chromium: `$CHROMIUM_PATH`, an installed Chromium or Chrome, else Debian's, installed now where we are root.
 * Throws where there is none: a report that no browser has opened is not tested.
 */
export async function findBrowser(): Promise<string> {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    accessSync(named, constants.X_OK);
    return named;
  }
  const installed = installedBrowser();
  if (installed !== undefined) return installed;
  if (process.getuid?.() !== 0) {
    throw new Error('There is no Chromium. Install one (apt-get install chromium) or name it in CHROMIUM_PATH.');
  }
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', ...PACKAGES]);
  const fresh = installedBrowser();
  if (fresh === undefined) throw new Error('apt-get has installed chromium, but it is not on the PATH.');
  return fresh;
}

function installedBrowser(): string | undefined {
  for (const command of COMMANDS) {
    const found = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return undefined;
}

function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed: ${done.error?.message ?? done.stderr.slice(-2000)}`);
}

if (import.meta.filename === process.argv[1]) process.stdout.write(`${await findBrowser()}\n`);
