import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.ts';
import { GIB, MIB, TIB } from '../../src/units.ts';
import { codes, ingestText, lines, onlyDisk, textInput, textSource } from './text-sources.ts';

const HEADER = 'vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day';
const GIB_PER_DAY = GIB / 86_400;

describe('a row per disk', () => {
  it('reads the documented columns', async () => {
    const { workload, problems } = await ingestText(
      lines(HEADER, 'sql01,data,hv1,D:,40,10,2', 'sql01,log,hv1,E:,10,5,1'),
    );
    expect(problems).toEqual([]);
    expect(workload?.schema).toBe('asr-plan/workload@1');
    expect(workload?.vms).toEqual([
      {
        name: 'sql01',
        host: 'hv1',
        disks: [
          {
            ...{ name: 'data', volume: 'D:', sizeBytes: 40 * GIB, usedBytes: 10 * GIB, meanWriteBytes: 8192 },
            churn: { kind: 'constant', bytesPerSec: 2 * GIB_PER_DAY },
            readFrom: { file: 'vms.csv', row: 2 },
          },
          {
            ...{ name: 'log', volume: 'E:', sizeBytes: 10 * GIB, usedBytes: 5 * GIB, meanWriteBytes: 8192 },
            churn: { kind: 'constant', bytesPerSec: GIB_PER_DAY },
            readFrom: { file: 'vms.csv', row: 3 },
          },
        ],
      },
    ]);
  });

  it('names the only disk of a VM without a disk column disk0, and records each default once', async () => {
    const { workload, assumptions } = await ingestText(lines('vm,size_gib,churn_gib_per_day', 'a,40,0', 'b,10,0'));
    expect(workload?.vms.map((vm) => [vm.name, vm.host, vm.disks[0]!.name, vm.disks[0]!.volume])).toEqual([
      ['a', 'host1', 'disk0', 'volume1'],
      ['b', 'host1', 'disk0', 'volume1'],
    ]);
    const defaults = assumptions.map(({ name, value, origin }) => [name, value, origin]);
    expect(defaults).toEqual([
      ['timeZone', 'UTC', 'default'],
      ['start', '2026-01-05T00:00+00:00', 'default'],
      ['host', 'host1', 'default'],
      ['volume', 'volume1', 'default'],
      ['usedBytes', 'sizeBytes', 'default'],
      ['meanWriteBytes', 8192, 'default'],
    ]);
    expect(assumptions.at(-1)!.reason).toContain('2 disks');
  });

  it('takes the host of a VM from any of its rows', async () => {
    const { workload } = await ingestText(lines(HEADER, 'a,c,,v,40,10,2', 'a,d,hv7,v,40,10,2'));
    expect(workload?.vms[0]?.host).toBe('hv7');
  });
});

describe('headers', () => {
  it.each([
    ['VM Name;Virtual Disk;Hyper-V Host;Datastore;Capacity (GiB);In Use [GiB];Change Rate (GiB/day)'],
    ['server;VHDX;ComputerName;CSV;disk size GiB;Used Space GiB;data_churn_gib_per_day'],
    ['Virtual-Machine;path;node;Drive Letter;SizeGiB;consumed_gib;Churn [GiB / day]'],
    ['NAME;Drive;HOST;LUN;provisioned gib;allocated (gib);write rate gib_day'],
  ])('%s', async (header) => {
    const disk = onlyDisk(await ingestText(lines(header, 'a;d;h;v;40;10;2')));
    expect(disk).toMatchObject({ name: 'd', volume: 'v', sizeBytes: 40 * GIB, usedBytes: 10 * GIB });
    expect(disk.churn).toEqual({ kind: 'constant', bytesPerSec: 2 * GIB_PER_DAY });
  });

  it('takes __proto__, constructor and toString for unknown columns and fine names', async () => {
    const { workload, problems } = await ingestText(
      lines(
        '__proto__,vm,size_gib,constructor,churn_mb_per_s,toString',
        'x,__proto__,1,x,1,x',
        'x,constructor,1,x,1,x',
        'x,</script><script>alert(1)</script>,1,x,1,x',
      ),
    );
    expect(codes({ problems })).toEqual(['~csv-unknown-columns@1']);
    expect(problems[0]!.message).toContain('"__proto__", "constructor", "toString"');
    expect(workload?.vms.map((vm) => vm.name)).toEqual([
      '__proto__',
      'constructor',
      '</script><script>alert(1)</script>',
    ]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('quantities', () => {
  const size = async (header: string, cell: string, by = ','): Promise<number> =>
    onlyDisk(await ingestText(lines(['vm', header, 'churn_mb_per_s'].join(by), ['a', cell, '0'].join(by)))).sizeBytes;

  it.each([
    ['size', '40 GiB', ',', 40 * GIB],
    ['size', '1.5TB', ',', 1.5e12],
    ['size_bytes', '4194304', ',', 4194304],
    ['size_gib', '40 GiB', ',', 40 * GIB],
    ['Size (GB)', '1.5', ',', 1.5e9],
    ['size_gib', '"1,5"', ',', 1.5 * GIB],
    ['size_gib', '1,5', ';', 1.5 * GIB],
    ['size_gib', '1,024', ';', 1.024 * GIB],
    ['size_gib', '1.024', ';', 1.024 * GIB],
    ['size_gib', '1,5', '\t', 1.5 * GIB],
    ['size_gib', '0,125', '\t', 0.125 * GIB],
    ['size_gib', '1e3', ',', 1000 * GIB],
    ['size', '64 TiB', ',', 64 * TIB],
  ])('%s = %s by %j', async (header, cell, by, bytes) => {
    expect(await size(header, cell, by)).toBe(Math.round(bytes));
  });

  const churn = async (header: string, cell: string): Promise<unknown> =>
    onlyDisk(await ingestText(lines(`vm,size,used,${header}`, `a,40 GiB,10 GiB,${cell}`))).churn;

  it.each([
    ['churn', '1.5 MB/s', 1.5e6],
    ['churn_mb_per_s', '2', 2e6],
    ['churn_mib_s', '2', 2 * MIB],
    ['churn [MB/s]', '2 MB/s', 2e6],
    ['churn (GB/day)', '86.4', 1e6],
    ['churn', '0', 0],
    ['churn', '3%/day', (0.03 * 10 * GIB) / 86_400],
    ['churn', '3 % per day', (0.03 * 10 * GIB) / 86_400],
    ['churn_percent_per_day', '3', (0.03 * 10 * GIB) / 86_400],
    ['Churn (%/day)', '3', (0.03 * 10 * GIB) / 86_400],
  ])('%s = %s', async (header, cell, bytesPerSec) => {
    expect(await churn(header, cell)).toEqual({ kind: 'constant', bytesPerSec: expect.closeTo(bytesPerSec, 6) });
  });

  it('says of what churn in percent is taken', async () => {
    const { assumptions } = await ingestText(lines('vm,size,churn', 'a,40 GiB,3%/day'));
    expect(assumptions).toContainEqual(expect.objectContaining({ name: 'churnShareOf', value: 'usedBytes' }));
  });

  it('takes the mean write from its column, else from churn and write_iops, else from the option', async () => {
    const { workload, problems, assumptions } = await ingestText(
      lines(
        'vm,size_gib,churn_mb_per_s,mean_write,write_iops',
        'given,1,1,4 KiB,10',
        'divided,1,1,,100',
        'idle,1,0,,100',
        'tiny,1,0.001,,1000',
      ),
      undefined,
      { meanWriteBytes: 65_536 },
    );
    expect(workload?.vms.map((vm) => vm.disks[0]!.meanWriteBytes)).toEqual([4096, 10_000, 65_536, 512]);
    expect(codes({ problems })).toEqual(['~vms-mean-write-raised']);
    expect(assumptions).toContainEqual(
      expect.objectContaining({ name: 'meanWriteBytes', value: 65_536, origin: 'given' }),
    );
  });
});

describe('problems of the header and the file', () => {
  const required = 'vm,size_gib,churn_gib_per_day';
  it.each([
    ['', 'csv-empty'],
    ['\n\n', 'csv-empty'],
    [lines(required), 'csv-header-only'],
    [lines('disk,size_gib,churn_gib_per_day', 'a,1,1'), 'csv-missing-column@1'],
    [lines('vm,churn_gib_per_day', 'a,1'), 'csv-missing-column@1'],
    [lines('vm,size_gib', 'a,1'), 'csv-missing-column@1'],
    [lines('vm,size (furlongs),churn_gib_per_day', 'a,1,1'), '~csv-unknown-columns@1 csv-missing-column@1'],
    [lines('vm,size_gib,churn (Mbps)', 'a,1,1'), '~csv-unknown-columns@1 csv-missing-column@1'],
    [lines('vm,name,size_gib,churn_gib_per_day', 'a,b,1,1'), 'csv-same-column-twice@1'],
    [lines(required, 'a,1,1,1'), 'csv-extra-cells@2'],
    [lines(required, 'a,1'), 'vms-missing-churn@2'],
    [lines(required, '"a,1,1', 'b,1,1'), 'csv-unclosed-quote@2'],
    [lines(required, '"a"x,1,1', 'b,1,1'), 'csv-stray-quote@2'],
    [lines(required, 'a,1,1', 'x'.repeat(1_100_000)), 'csv-record-too-long@3'],
  ])('%#: %.60j', async (text, expected) => {
    const ingested = await ingestText(text);
    expect(codes(ingested).join(' ')).toBe(expected);
    expect(ingested.workload).toBeUndefined();
  });

  it('lists what was found and what is accepted, and names --churn', async () => {
    const { problems } = await ingestText(lines('vm|size_gib|churn', 'a|1|1'));
    expect(problems.map((problem) => problem.column)).toEqual([undefined, 'vm', 'size', 'churn']);
    expect(problems[1]!.message).toContain('Found: "vm|size_gib|churn"');
    expect(problems[2]!.remedy).toContain('size, capacity, provisioned');
    expect(problems[3]!.remedy).toContain('--churn');
  });
});

describe('problems of a row', () => {
  const header = 'vm,disk,host,size,used,churn,mean_write,write_iops,exclude';
  const fine = 'x,d,h,40 GiB,10 GiB,1 MB/s,,,';
  it.each([
    ['a,d,h,forty,10 GiB,1 MB/s,,,', 'csv-wrong-number', 'size', 'forty'],
    ['a,d,h,4o GiB,10 GiB,1 MB/s,,,', 'csv-unknown-unit', 'size', '4o GiB'],
    ['a,d,h,NaN,10 GiB,1 MB/s,,,', 'csv-wrong-number', 'size', 'NaN'],
    ['a,d,h,1 024 GiB,10 GiB,1 MB/s,,,', 'csv-wrong-number', 'size', '1 024 GiB'],
    ['a,d,h,"1,234,567 B",1 B,1 MB/s,,,', 'csv-wrong-number', 'size', '1,234,567 B'],
    ['a,d,h,"1,024 GiB",1 GiB,1 MB/s,,,', 'csv-ambiguous-number', 'size', '1,024'],
    ['a,d,h,40,10 GiB,1 MB/s,,,', 'csv-missing-unit', 'size', '40'],
    ['a,d,h,40 GiB,10 GiB,1,,,', 'csv-missing-unit', 'churn', '1'],
    ['a,d,h,40 Gb,10 GiB,1 MB/s,,,', 'csv-unknown-unit', 'size', '40 Gb'],
    ['a,d,h,40 GiB,10 GiB,3%,,,', 'csv-unknown-unit', 'churn', '3%'],
    ['a,d,h,40 GiB,10 GiB,1 Mbit/s,,,', 'csv-unknown-unit', 'churn', '1 Mbit/s'],
    ['a,d,h,40 GiB,10 GiB,1 MB/s,,5/s,', 'csv-wrong-number', 'write_iops', '5/s'],
    ['a,d,h,40 GiB,10 GiB,1 MB/s,,5 io,', 'csv-unknown-unit', 'write_iops', '5 io'],
    ['a,d,h,,10 GiB,1 MB/s,,,', 'vms-missing-size', 'size', ''],
    ['a,d,h,0,0,1 MB/s,,,', 'vms-size-not-positive', 'size', '0'],
    ['a,d,h,-40 GiB,0,1 MB/s,,,', 'vms-size-not-positive', 'size', '-40 GiB'],
    ['a,d,h,65 TiB,10 GiB,1 MB/s,,,', 'vms-size-too-large', 'size', '65 TiB'],
    ['a,d,h,1023 KiB,0,1 B/s,,,', 'vms-size-too-small', 'size', '1023 KiB'],
    ['a,d,h,1 MiB,0,1 MB/s,,,', undefined, '', ''],
    ['a,d,h,1 GiB,0,1.1 GB/s,,,', 'vms-churn-over-size', 'size', undefined],
    ['a,d,h,40 GiB,-1 GiB,1 MB/s,,,', 'vms-negative-used', 'used', '-1 GiB'],
    ['a,d,h,40 GB,40 GiB,1 MB/s,,,', 'vms-used-over-size', 'used', '40 GiB'],
    ['a,d,h,40 GiB,10 GiB,-1 MB/s,,,', 'vms-negative-churn', 'churn', '-1 MB/s'],
    ['a,d,h,40 GiB,10 GiB,10.1 GB/s,,,', 'vms-churn-too-high', 'churn', '10.1 GB/s'],
    ['a,d,h,40 TiB,40 TiB,1900%/day,,,', undefined, '', ''],
    ['a,d,h,40 GiB,10 GiB,1 MB/s,100 B,,', 'vms-mean-write-too-small', 'mean_write', '100 B'],
    ['a,d,h,40 GiB,10 GiB,1 MB/s,,-5,', 'vms-negative-iops', 'write_iops', '-5'],
    ['a,d,h,40 GiB,10 GiB,1 MB/s,,,maybe', 'vms-wrong-exclude', 'exclude', 'maybe'],
    [' ,d,h,40 GiB,10 GiB,1 MB/s,,,', 'vms-empty-name', 'vm', ''],
    [`${'n'.repeat(257)},d,h,40 GiB,10 GiB,1 MB/s,,,`, 'name-too-long', 'vm', `${'n'.repeat(80)}…`],
    [`${'n'.repeat(256)},d,h,40 GiB,10 GiB,1 MB/s,,,`, undefined, '', ''],
    ['"a\nb",d,h,40 GiB,10 GiB,1 MB/s,,,', 'name-control-character', 'vm', 'a\uFFFDb'],
    ['x,d,h,40 GiB,10 GiB,1 MB/s,,,', 'vms-duplicate-disk', 'disk', 'd'],
    ['x,e,other,40 GiB,10 GiB,1 MB/s,,,', 'vms-two-hosts', 'host', 'other'],
    ['a,d,h,40 GiB,10 GiB,,,,', 'vms-missing-churn', 'churn', ''],
    ['a,d,h,40 TiB,40 TiB,999999%/day,,,', 'vms-churn-too-high', 'churn', undefined],
  ])('%#: %.50s', async (row, code, column, value) => {
    const { problems, workload } = await ingestText(lines(header, fine, row));
    if (code === undefined) {
      expect(problems).toEqual([]);
      expect(workload).toBeDefined();
      return;
    }
    expect(problems).toEqual([
      {
        ...{
          severity: 'error',
          code,
          file: 'vms.csv',
          row: 3,
          column,
          message: expect.any(String),
          remedy: expect.any(String),
        },
        ...(value === undefined ? {} : { value }),
      },
    ]);
    expect(workload).toBeUndefined();
  });

  it('refuses a unit that contradicts the header', async () => {
    expect(codes(await ingestText(lines('vm,size_gib,churn_mb_per_s', 'a,40 GB,1')))).toEqual(['csv-two-units@2']);
  });

  it('refuses VMs of several rows that name no disk', async () => {
    const withColumn = lines('vm,disk,size_gib,churn_mb_per_s', 'a,,1,1', 'a,d,1,1');
    expect(codes(await ingestText(withColumn))).toEqual(['vms-unnamed-disk@2']);
    const without = lines('vm,size_gib,churn_mb_per_s', 'a,1,1', 'b,1,1', 'a,1,1', 'a,1,1');
    expect(codes(await ingestText(without))).toEqual(['vms-unnamed-disk@4', 'vms-unnamed-disk@5']);
  });

  it('finds every problem in one pass, those of rows that are broken otherwise too', async () => {
    const text = lines(
      'vm,disk,host,size_gib,used_gib,churn_gib_per_day',
      'a,d,h1,x,60,-1',
      'a,d,h2,40,60,y',
      '"b\t",d,h,-1,1,1',
      '"b\tb",d,h,-1,1,1',
    );
    expect(codes(await ingestText(text))).toEqual([
      ...['csv-wrong-number@2', 'vms-negative-churn@2'],
      ...['vms-used-over-size@3', 'csv-wrong-number@3', 'vms-duplicate-disk@3', 'vms-two-hosts@3'],
      ...['vms-size-not-positive@4', 'vms-size-not-positive@5', 'name-control-character@5'],
    ]);
  });

  it('lists 200 errors and says how many more there are', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => `vm${index},x,1`);
    const { problems } = await ingestText(lines('vm,size_gib,churn_mb_per_s', ...rows));
    expect(problems).toHaveLength(201);
    expect(problems.at(-1)).toMatchObject({ code: 'too-many-errors', message: expect.stringContaining('50 more') });
  });

  it('stops at 200,000 disks', async () => {
    const rows = (count: number): string =>
      `vm,size_gib,churn_mb_per_s\n${Array.from({ length: count }, (_, index) => `vm${index},1,1\n`).join('')}`;
    expect((await ingestText(rows(200_000))).workload?.vms).toHaveLength(200_000);
    expect(codes(await ingestText(rows(200_002)))).toEqual(['vms-too-many-disks@200002']);
  });
});

describe('decimal signs of a whole file', () => {
  const table = (by: string, ...sizes: readonly string[]): string =>
    lines(`vm${by}size_gib${by}churn_mb_per_s`, ...sizes.map((size, index) => `vm${index}${by}${size}${by}0`));

  it('doubts 1.024 where the file has decimal commas, before or behind it', async () => {
    expect(codes(await ingestText(table(';', '1.024', '1,5')))).toEqual(['csv-ambiguous-number@2']);
    expect(codes(await ingestText(table(';', '1,5', '1.024')))).toEqual(['csv-ambiguous-number@3']);
    expect(codes(await ingestText(table(';', '1.024', '1.5')))).toEqual([]);
  });

  it('doubts 1,024 in a tab-delimited file that has no other decimal comma', async () => {
    expect(codes(await ingestText(table('\t', '1,024', '2')))).toEqual(['csv-ambiguous-number@2']);
    expect(codes(await ingestText(table('\t', '1,024', '1,5')))).toEqual([]);
  });

  it('counts the doubtful beyond the 200 that it lists', async () => {
    const { problems } = await ingestText(table(';', '1,5', ...Array.from({ length: 300 }, () => '1.024')));
    expect(problems.at(-1)!.message).toContain('100 more');
  });
});

describe('warnings', () => {
  it('counts excluded disks, and needs nothing of them but the flag', async () => {
    const text = lines('vm,size_gib,churn_mb_per_s,exclude', 'a,1,1,no', 'b,x,y,YES', 'c,,,1', 'd,,,true');
    const { workload, problems } = await ingestText(text);
    expect(workload?.vms.map((vm) => vm.name)).toEqual(['a']);
    expect(codes({ problems })).toEqual(['~vms-excluded-disks']);
    expect(problems[0]!.message).toContain('3 disks');
    expect(codes(await ingestText(lines('vm,size_gib,churn_mb_per_s,exclude', 'a,1,1,x')))).toEqual([
      'vms-all-excluded',
    ]);
  });

  it('warns of names that differ in capitals only, and keeps them apart', async () => {
    const { workload, problems } = await ingestText(lines(HEADER, 'a,c,h,v,1,1,1', 'A,c,h,v,1,1,1', 'A,C,h,V,1,1,1'));
    expect(workload?.vms).toHaveLength(2);
    expect(codes({ problems })).toEqual(['~name-case', '~name-case', '~name-case']);
  });
});

it('tells of progress over both files', async () => {
  const seen: number[] = [];
  await ingest([textInput('v', 'vm,size_gib\na,1\n', [8]), textInput('c', 'time,vm,write_bytes\n', [10])], {
    horizonMs: 1,
    onProgress: (characters) => seen.push(characters),
  });
  expect(seen).toEqual([8, 16, 26, 36]);
});

it('passes on why a source broke off', async () => {
  const broken = { severity: 'error', code: 'disk-on-fire', file: 'v', message: 'm', remedy: 'r' } as const;
  const text = 'vm,size_gib,churn\na,1,0\n';
  const vms = { ...textInput('v', text), text: () => ({ ...textSource('v', text), brokenOff: () => broken }) };
  expect(await ingest([vms], { horizonMs: 1 })).toMatchObject({ problems: [broken], assumptions: [] });
});
