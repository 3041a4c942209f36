import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Assumption } from '../../src/model/assumption.ts';
import type { ScoreRow } from '../../src/plan/score/score.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

const MIB = 1024 ** 2;

/** Ten minutes of a guest: 16 KiB every half second, going round the first 8 MiB. */
function trace(): string {
  const rows = Array.from({ length: 1200 }, (_, index) => `${index * 500_000},W,${((index * 7) % 512) * 16_384},16384`);
  return `ts_us,op,offset,length\n${rows.join('\n')}\n`;
}

describe('rehearse, as a user meets it', () => {
  let folder: ScratchFolder;
  beforeAll(() => {
    folder = new ScratchFolder({ 'trace.csv': trace() });
    writeFileSync(join(folder.path, 'disk.raw'), Buffer.concat([Buffer.alloc(MIB, 7), Buffer.alloc(99 * MIB)]));
  });
  afterAll(() => folder[Symbol.dispose]());

  test('the prediction holds beside what was measured, and the image is as it was', () => {
    const disk = readFileSync(join(folder.path, 'disk.raw'));
    const flags = ['--bandwidth', '2Mbps', '--copy-frequency', '30s', '--aligned', '--speed', 'stepped'];
    const happenings = ['--fault', 'link down at 3min for 1min', '--action', 'resynchronize all at 6min'];
    const files = ['--trace', 'trace.csv', '--disk', 'disk.raw', '--json', 'r.json', '--folder', folder.path];
    const { code, stdout, stderr } = runCli(['rehearse', ...files, ...flags, ...happenings], folder.path);
    expect(stderr).toContain('no backup');
    expect(stdout).toMatch(/Wire, resynchronization .*holds/);
    expect(code).toBe(0);
    const { rows, incidents } = JSON.parse(readFileSync(join(folder.path, 'r.json'), 'utf8'));
    const row = (key: string): ScoreRow => rows.find((candidate: ScoreRow) => candidate.key === key);
    // A MiB of the disk was used, and a log of each half minute has a sixtieth of all that was written.
    expect(row('wire.initial').measured).toBeGreaterThan(MIB);
    expect(row('wire.initial').measured).toBeLessThan(1.03 * MIB);
    expect(row('resync.count')).toMatchObject({ predicted: 1, measured: 1 });
    expect(row('cycles.failed').measured).toBeGreaterThan(0);
    for (const key of ['wire.delta', 'wire.resync', 'log.bytes', 'rpo.max', 'rpo.steadyMax']) {
      expect(row(key), key).toMatchObject({ holds: true });
    }
    expect(incidents.join()).toContain('the link is down');
    expect(readFileSync(join(folder.path, 'disk.raw')).equals(disk)).toBe(true);
    // Nothing is left behind: neither disks nor certificates.
    expect(readdirSync(folder.path).sort()).toEqual(['disk.raw', 'r.json', 'trace.csv']);
  });

  test('a made-up load, compressed', () => {
    const load = ['--load', '100 kB/s', '--hot', '4MiB', '--horizon', '5min', '--compress', '--compressible', '0.25'];
    const flags = ['--bandwidth', '2Mbps', '--copy-frequency', '30s', '--aligned', '--speed', 'stepped'];
    const { code, stdout } = runCli(['rehearse', ...load, ...flags, '--calibrate', 'c.json'], folder.path);
    expect(stdout).toMatch(/Wire, delta replication .*holds/);
    expect(stdout).toMatch(/Compression +0\.2/);
    expect(code).toBe(0);

    // What was measured is what the plan goes by, but for what a flag says.
    const measured = JSON.parse(readFileSync(join(folder.path, 'c.json'), 'utf8'));
    const quick = [
      'quick',
      '--vms',
      '2',
      '--disk',
      '20GiB',
      '--churn',
      '3%/day',
      '--bandwidth',
      '50Mbps',
      '--json',
      '-',
    ];
    const assumed = (...flags: readonly string[]): Map<string, unknown> => {
      const { assumptions } = JSON.parse(runCli([...quick, '--calibration', 'c.json', ...flags], folder.path).stdout);
      return new Map(assumptions.map(({ name, value }: Assumption) => [name, value]));
    };
    const calibrated = assumed();
    expect(calibrated.get('compressionRatio')).toBe(measured.compressionRatio);
    expect(calibrated.get('efficiencyRatio')).toBe(measured.linkEfficiencyRatio);
    expect(calibrated.get('calibratedBy')).toBe('a load of 100 kB/s over 2 Mbit/s for 5 min');
    const own = assumed('--compression', '0.75', '--link-efficiency', '0.9');
    expect([own.get('compressionRatio'), own.get('efficiencyRatio')]).toEqual([0.75, 0.9]);
    expect(runCli([...quick, '--calibration', 'trace.csv'], folder.path)).toMatchObject({ code: 2, stdout: '' });
  });

  test.each([
    ['nothing to write', [], /Either --trace or --load/],
    ['two to write', ['--trace', 'trace.csv', '--load', '1 MB/s'], /Either --trace or --load/],
    ['a trace that is none', ['--trace', 'disk.raw'], /disk.raw/],
    ['no such trace', ['--trace', 'absent.csv'], /absent.csv/],
    ['an image that is none', ['--trace', 'trace.csv', '--disk', 'trace.csv'], /no whole number of sectors/],
    ['a disk that is too small', ['--load', '1 MB/s', '--hot', '200MiB', '--disk', 'disk.raw'], /writes up to byte/],
    ['an endless load', ['--load', '1 TB/s', '--horizon', '400d'], /more writes than are replayed/],
    [
      'what cannot be rehearsed',
      ['--load', '1 MB/s', '--action', 'planned failover all at 1min'],
      /cannot be rehearsed/,
    ],
    ['no bandwidth', ['--load', '1 MB/s', '--horizon', '1min'], /needs a bandwidth/],
    [
      'a folder that is not there',
      ['--load', '1 MB/s', '--folder', 'absent'],
      /folder absent cannot be used \(ENOENT\)/,
    ],
    ['no speed', ['--load', '1 MB/s', '--speed', 'warp'], /--speed must be/],
  ])('%s: refused with a reason, exit code 2', (name, flags, reason) => {
    const bandwidth = name === 'no bandwidth' ? [] : ['--bandwidth', '2Mbps'];
    const { code, stderr, stdout } = runCli(['rehearse', ...flags, ...bandwidth], folder.path);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('two ends, as a user meets them', () => {
  let folder: ScratchFolder;
  beforeAll(() => {
    folder = new ScratchFolder({});
    writeFileSync(join(folder.path, 'disk.raw'), Buffer.alloc(4 * MIB, 3));
  });
  afterAll(() => folder[Symbol.dispose]());
  const certificatesOf = (end: string): string[] => {
    const file = (name: string): string => join('certificates', name);
    return ['--certificate', file(`${end}.pem`), '--key', file(`${end}.key`), '--authority', file('authority.pem')];
  };
  const CLI = join(import.meta.dirname, '../../dist/cli/main.js');

  test('certificates, a replica, a primary, a test failover', async () => {
    expect(runCli(['certificates', '--out', 'certificates'], folder.path).code).toBe(0);
    expect(runCli(['certificates', '--out', 'certificates'], folder.path)).toMatchObject({ code: 2, stdout: '' });
    const listens = ['replica', '--folder', 'replicas', '--port', '0', ...certificatesOf('replica')];
    const replica = spawn(process.execPath, [CLI, ...listens], { cwd: folder.path });
    const said = await textWith(replica.stdout, /port (\d+)/);
    const port = /port (\d+)/.exec(said)![1]!;
    const flags = ['--disk', 'disk.raw', '--folder', 'primary', '--to', `localhost:${port}`, '--bandwidth', '500Mbps'];
    const sends = ['replicate', ...flags, ...certificatesOf('primary')];
    const primary = spawn(process.execPath, [CLI, ...sends], { cwd: folder.path });
    await textWith(primary.stdout, /─▶ tracking/);
    for (const end of [primary, replica]) {
      end.kill('SIGINT');
      const [code] = await once(end, 'exit');
      expect(code).toBe(0);
    }
    const [relationship] = readdirSync(join(folder.path, 'replicas'));
    const failover = runCli(['test-failover', relationship!, '--folder', 'replicas', '--out', 'images'], folder.path);
    expect(failover.code).toBe(0);
    const disk = readFileSync(join(folder.path, 'disk.raw'));
    expect(readFileSync(join(folder.path, 'images', 'disk-0.raw')).equals(disk)).toBe(true);
    const other = runCli([...sends, '--name', 'another'], folder.path);
    expect(other.stderr).toContain('is of the VM "rehearsal", not of "another"');
    expect(other.code).toBe(2);
    const early = runCli(
      ['test-failover', relationship!, '--folder', 'replicas', '--out', 'images', '--at', '2001-01-01'],
      folder.path,
    );
    expect(early).toMatchObject({ code: 2, stdout: '' });
  });

  test.each([
    ['kerberos', ['--authentication', 'kerberos'], /Kerberos needs a domain controller/],
    ['no certificate', [], /--certificate, --key and --authority are needed/],
    ['absent files', ['--certificate', 'x', '--key', 'y', '--authority', 'z'], /x: cannot be read/],
  ])('%s: refused by both ends', (_, flags, reason) => {
    for (const command of [
      ['replica', '--folder', 'f'],
      ['replicate', '--folder', 'f', '--disk', 'disk.raw', '--to', 'localhost', '--bandwidth', '1Mbps'],
    ]) {
      const { code, stderr } = runCli([...command, ...flags], folder.path);
      expect(stderr).toMatch(reason);
      expect(code).toBe(2);
    }
  });
});

test('plain HTTP to another machine is refused', () => {
  using folder = new ScratchFolder({});
  writeFileSync(join(folder.path, 'disk.raw'), Buffer.alloc(MIB));
  const to = ['replicate', '--folder', 'f', '--disk', 'disk.raw', '--to', '192.0.2.1', '--bandwidth', '1Mbps'];
  const { code, stderr } = runCli([...to, '--authentication', 'none'], folder.path);
  expect(stderr).toContain('loopback only');
  expect(code).toBe(2);
});

async function textWith(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const piece of stream) {
    text += piece;
    if (pattern.test(text)) return text;
  }
  throw new Error(`it ended without ${pattern}: ${text}`);
}
