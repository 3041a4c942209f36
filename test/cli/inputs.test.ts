import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { HrlWriter } from '../../src/formats/hrl-write.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const VMS = 'vm,disk,host,volume,size_gib,used_gib\nSQL01,data,HV1,D:,200,90\nWEB01,os,HV1,D:,40,15\n';
const SERIES = `time,vm,disk,write_bytes\n${Array.from({ length: 48 }, (_, hour) => {
  const time = `2026-01-0${5 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z`;
  return `${time},SQL01,data,${1_000_000 * (hour % 24)}\n${time},WEB01,os,1000\n`;
}).join('')}`;

function planOf(stdout: string): Plan {
  return JSON.parse(stdout);
}

async function parquet(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

describe('import', () => {
  test('and analyze later is analyze at once', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS, 'series.csv': SERIES });
    const imported = runCli(['import', 'vms.csv', 'series.csv', '-o', 'w.json'], folder.path);
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stdout).toContain('churn CSV: 96 rows read, 96 used');
    const args = ['--bandwidth', '20Mbps', '--json', '-'];
    const later = runCli(['analyze', 'w.json', ...args], folder.path);
    expect(later.stdout).toBe(runCli(['analyze', 'vms.csv', 'series.csv', ...args], folder.path).stdout);
    expect(planOf(later.stdout).fleet.diskCountByConfidence).toEqual({ week: 0, part: 2, average: 0, assumed: 0 });
  });

  test('of a folder takes what is known in it', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS, 'series.csv': SERIES, 'readme.txt': 'nothing of ours\n' });
    const all = runCli(['import', '.', '-o', join(folder.path, 'w.json')], folder.path);
    expect(all).toMatchObject({ code: 0 });
  });

  test('that is interrupted leaves nothing half-written', async () => {
    const rows = Array.from({ length: 400_000 }, (_, at) => `${1_767_571_200 + at * 60},SQL01,data,${at}`).join('\n');
    using folder = new ScratchFolder({
      'vms.csv': VMS.split('\n').slice(0, 2).join('\n'),
      'long.csv': `epoch_s,vm,disk,write_bytes\n${rows}\n`,
    });
    // Whenever the signal comes: the file is there whole, or not at all, and nothing else is.
    for (const delayMs of [100, 400, 700, 1000]) {
      const child = spawn(
        process.execPath,
        [join(ROOT, 'bin/asr-plan.js'), 'import', 'vms.csv', 'long.csv', '-o', 'w.json'],
        {
          ...{ cwd: folder.path, stdio: 'ignore' },
        },
      );
      setTimeout(() => child.kill('SIGINT'), delayMs);
      await new Promise((resolve) => child.on('close', resolve));
      const left = readdirSync(folder.path).filter((name) => name !== 'vms.csv' && name !== 'long.csv');
      expect(['', 'w.json']).toContain(left.join());
      if (left.length > 0)
        expect(JSON.parse(readFileSync(join(folder.path, 'w.json'), 'utf8')).madeBy).toBe('asr-plan import');
      for (const name of left) rmSync(join(folder.path, name));
    }
  });

  test('writes nothing where there is an error', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    expect(runCli(['import', 'vms.csv', '-o', 'w.json'], folder.path)).toMatchObject({ code: 2 });
    expect(runCli(['import', 'vms.csv', '-o', 'vms.csv'], folder.path).stderr).toContain('is an input already');
    expect(readdirSync(folder.path)).toEqual(['vms.csv']);
  });

  test('leaves out what is excluded, maps columns, and assumes churn where it is told to', () => {
    const other = 'VMName;VHDName;VHDSize(GB);VMHost\nERP;a.vhdx;100;HV1\nERP;pagefile.vhdx;20;HV1\n';
    using folder = new ScratchFolder({ 'scvmm.csv': other });
    const map = ['--map', 'vm=VMName,disk=VHDName,size=VHDSize(GB),host=VMHost'];
    const args = ['scvmm.csv', ...map, '--exclude', 'disk:*pagefile*', '--assume-churn', '2%/day'];
    const { code, stdout } = runCli(['analyze', ...args, '--json', '-'], folder.path);
    expect(code).toBe(0);
    const plan = planOf(stdout);
    expect(plan.vms.map(({ name, diskCount, provisionedBytes }) => [name, diskCount, provisionedBytes])).toEqual([
      ['ERP', 1, 100e9],
    ]);
    expect(plan.fleet.churnBytesPerDay).toBeCloseTo(2e9, -2);
    expect(plan.fleet.diskCountByConfidence.assumed).toBe(1);
    const wrong = runCli(
      ['analyze', 'scvmm.csv', '--map', 'size=Nowhere,vm=VMName', '--exclude', 'tempdb'],
      folder.path,
    );
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--exclude');
    expect(wrong.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('Parquet', () => {
  const columns =
    "'SQL01' AS vm, 'data' AS disk, CAST(1000000 * (s % 24) AS BIGINT) AS write_bytes FROM range(48) t(s)";
  const vms = 'vm,disk,size_gib,used_gib\nSQL01,data,200,90\n';

  test.each([
    ['instants', `SELECT TIMESTAMPTZ '2026-01-05 00:00:00+00' + INTERVAL 1 HOUR * s AS time, ${columns}`],
    ['local timestamps', `SELECT TIMESTAMP '2026-01-05 00:00:00' + INTERVAL 1 HOUR * s AS time, ${columns}`],
    [
      'texts',
      `SELECT strftime(TIMESTAMP '2026-01-05 00:00:00' + INTERVAL 1 HOUR * s, '%Y-%m-%dT%H:%M:%SZ') AS time, ${columns}`,
    ],
    ['seconds since 1970', `SELECT 1767571200 + 3600 * s AS epoch_s, ${columns}`],
  ])('of %s gives what the CSV gives', async (_name, sql) => {
    using folder = new ScratchFolder({ 'vms.csv': vms, 'series.csv': SERIES });
    await parquet(join(folder.path, 'it’s.parquet'), sql);
    const args = ['--bandwidth', '20Mbps', '--json', '-'];
    const ours = planOf(runCli(['analyze', 'vms.csv', 'it’s.parquet', ...args], folder.path).stdout);
    const csv = planOf(runCli(['analyze', 'vms.csv', 'series.csv', ...args], folder.path).stdout);
    expect(ours.vms).toEqual(csv.vms);
    expect(ours.receipts[1]).toMatchObject({ format: 'Parquet', rowCount: 48, usedCount: 48 });
  });

  test('that is torn, or has other columns, is named with a remedy', async () => {
    using folder = new ScratchFolder({ 'vms.csv': vms });
    const path = join(folder.path, 'x.parquet');
    await parquet(path, 'SELECT 1 AS a');
    const columnsMissing = runCli(['analyze', 'vms.csv', 'x.parquet'], folder.path);
    expect(columnsMissing).toMatchObject({ code: 2 });
    expect(columnsMissing.stderr).toContain('There is no column "vm"');
    writeFileSync(path, readFileSync(path).subarray(0, 60));
    const torn = runCli(['analyze', 'vms.csv', 'x.parquet'], folder.path);
    expect(torn).toMatchObject({ code: 2 });
    expect(torn.stderr).toContain('The file cannot be read');
    expect(torn.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('replication that runs already', () => {
  const HEADER =
    'VMName,ReplicationMode,MonitoringStartTime,MonitoringEndTime,AverageReplicationSize,MaximumReplicationSize,AverageReplicationLatency,SuccessfulReplicationCount,MissedReplicationCount';
  const statistics = `#TYPE Deserialized\n${HEADER}\nSQL01,Primary,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,900000,1800000,00:00:02,280,8\nOLD,Primary,,,1,1,00:00:01,1,0\n`;
  const counter = (name: string): string => `"\\\\HV1\\Hyper-V Replica VM(SQL01)\\${name}"`;
  const log = [
    `"(PDH-CSV 4.0) (UTC)(0)",${['Compression Efficiency', 'Replication Count', 'Average Replication Size'].map(counter).join()}`,
    ...Array.from({ length: 10 }, (_, at) => `"01/05/2026 0${at}:00:00.000","60","${12 * at}","900000"`),
  ].join('\r\n');

  test('scores the model, sets the compression, and stands beside a workload that was imported', () => {
    using folder = new ScratchFolder({
      'vms.csv': VMS,
      'series.csv': SERIES,
      'replication.csv': statistics,
      'replica.csv': `${log}\r\n`,
    });
    const args = ['--bandwidth', '20Mbps', '--skip-initial-replication', '--json', '-'];
    const files = ['replication.csv', 'replica.csv'];
    const { stdout, code } = runCli(['analyze', 'vms.csv', 'series.csv', ...files, ...args], folder.path);
    expect(code).toBeLessThan(2);
    const plan = planOf(stdout);
    expect(plan.calibration).toMatchObject({
      vms: [
        {
          vm: 'SQL01',
          compression: { ratio: 0.4, basis: 'counter' },
          pairs: { averageSizeBytes: { measured: 900_000 } },
        },
      ],
      notCompared: [{ vm: 'OLD', reason: 'not in the inventory' }],
    });
    expect(plan.assumptions).toContainEqual(expect.objectContaining({ name: 'measuredCompressionRatio', value: 0.4 }));
    const plain = planOf(runCli(['analyze', 'vms.csv', 'series.csv', ...args], folder.path).stdout);
    const sent = ({ vms }: Plan): number[] => vms.map(({ bytes }) => bytes.delivered);
    expect(sent(plan)).toEqual(sent(plain));
    expect(plan.link.sentBytes.delta / plain.link.sentBytes.delta).toBeLessThan(0.6);
    // What the user says goes before what was measured.
    const given = runCli(['analyze', 'vms.csv', 'series.csv', ...files, ...args, '--compression', '1'], folder.path);
    expect(planOf(given.stdout).link.sentBytes).toEqual(plain.link.sentBytes);
    const imported = runCli(['import', 'vms.csv', 'series.csv', 'replication.csv', '-o', 'w.json'], folder.path);
    expect(imported.stderr).toContain('no part of a workload');
    const later = planOf(runCli(['analyze', 'w.json', ...files, ...args], folder.path).stdout);
    expect(later.calibration).toEqual(plan.calibration);
  });
});

describe('quick', () => {
  test('plans a fleet from five numbers', () => {
    using folder = new ScratchFolder({});
    const numbers = ['--vms', '40', '--disk', '200GiB', '--churn', '3%/day', '--used', '50%'];
    const { code, stdout } = runCli(
      ['quick', ...numbers, '--bandwidth', '1Gbps', '--rpo', '15min', '--json', '-'],
      folder.path,
    );
    expect(code).toBe(0);
    const plan = planOf(stdout);
    expect(plan.fleet).toMatchObject({ vmCount: 40, diskCount: 40, usedBytes: 40 * 100 * 1024 ** 3 });
    expect(plan.fleet.churnBytesPerDay / (40 * 3 * 1024 ** 3)).toBeCloseTo(1, 6);
  });

  test('says which numbers lack or are wrong, all at once', () => {
    using folder = new ScratchFolder({});
    const { code, stderr } = runCli(['quick', '--vms', 'many', '--disk', '200'], folder.path);
    expect(code).toBe(2);
    for (const flag of ['--vms', '--disk', '--churn']) expect(stderr).toContain(`error: ${flag}`);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe('inspect and fit', () => {
  function log(): Uint8Array {
    const writer = new HrlWriter({ createdSec2000: 820_454_400 });
    const pieces = writer.start();
    for (let at = 0; at < 2000; at++) {
      const byteOffset = at % 2 === 0 ? (at % 100) * 8192 : (1000 + at) * 8192;
      pieces.push(...writer.write({ byteOffset, data: new Uint8Array(8192), timestampSec2000: 820_454_400 + at }));
    }
    const { end, header } = writer.close(820_456_400);
    const bytes = Buffer.concat([...pieces, ...end]);
    bytes.set(header, 0);
    return bytes;
  }

  test('a log: facts, entries, JSON; a damaged one ends well where something is left, else not', () => {
    using folder = new ScratchFolder({ 'x.txt': 'nothing\n' });
    const path = join(folder.path, 'a.hrl');
    writeFileSync(path, log());
    const shown = runCli(['inspect', 'a.hrl'], folder.path);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('15.6 MiB (16,384,000 bytes)');
    expect(runCli(['inspect', 'a.hrl', '--entries'], folder.path).stdout.split('\n').length).toBeGreaterThan(2000);
    const lines = runCli(['inspect', 'a.hrl', '--json'], folder.path).stdout.trim().split('\n');
    expect(JSON.parse(lines[0]!).values).toMatchObject({ entryCount: 2000, isClosed: true });
    writeFileSync(path, log().subarray(0, 9_000_000));
    const torn = runCli(['inspect', 'a.hrl'], folder.path);
    expect(torn.code).toBe(0);
    expect(torn.stderr).toContain('a.hrl');
    writeFileSync(path, log().subarray(0, 300));
    expect(runCli(['inspect', 'a.hrl'], folder.path).code).toBe(2);
    expect(runCli(['inspect', 'x.txt', 'nowhere'], folder.path).code).toBe(2);
  });

  test('a fit goes into a workload', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS, 'series.csv': SERIES });
    writeFileSync(join(folder.path, 'a.hrl'), log());
    runCli(['import', 'vms.csv', 'series.csv', '-o', 'w.json', '-q'], folder.path);
    const args = ['--into', 'w.json', '--disk', 'SQL01/data', '-o', 'fitted.json'];
    const fitted = runCli(['fit', 'a.hrl', ...args], folder.path);
    expect(fitted).toMatchObject({ code: 0 });
    const [sql] = JSON.parse(readFileSync(join(folder.path, 'fitted.json'), 'utf8')).vms;
    expect(sql.disks[0]).toMatchObject({ meanWriteBytes: 8192, overwrite: { hotShare: expect.closeTo(0.5, 1) } });
    expect(sql.disks[0].churn.touched).toMatchObject({ blockBytes: 1_048_576, intervalsEach: 1 });
    expect(sql.disks[0].churn.touched.runs).toHaveLength(sql.disks[0].churn.startMs.length);
    expect(fitted.stdout).toContain('in blocks of 1 MiB, recorded every 30 s');
    expect(runCli(['analyze', 'fitted.json', '--json', '-', '--bandwidth', '100Mbps'], folder.path).code).toBeLessThan(
      2,
    );
    expect(runCli(['fit', 'a.hrl', '--into', 'w.json'], folder.path).stderr).toContain('belong together');
    expect(runCli(['fit', 'vms.csv'], folder.path)).toMatchObject({ code: 2 });
    expect(runCli(['fit', 'a.hrl', ...args.with(3, 'SQL01/none')], folder.path).stderr).toContain('no disk "none"');
  });
});
