import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockTraceFile, readBlockTrace } from '../../src/ingest/block-trace.ts';
import { WriteHistory, type WriteSummary } from '../../src/ingest/write-history.ts';
import { lines, textSource } from './text-sources.ts';

interface Read {
  readonly file: BlockTraceFile;
  readonly summary: WriteSummary;
  readonly codes: readonly string[];
}

async function read(text: string, lengths?: readonly number[]): Promise<Read> {
  const history = new WriteHistory();
  const file = await readBlockTrace(textSource('trace.csv', text, lengths), history);
  const codes = file.problems.all().map(({ code, row, column }) => `${code}@${row ?? ''}/${column ?? ''}`);
  return { file, summary: history.summary(file.lengthMs), codes };
}

/** Three writes, at 0, 31 s and 70 s, a read and a flush. */
const PLAIN = lines(
  'ts_us,op,offset,length',
  '0,W,4096,4096',
  '10,R,0,65536',
  '31000000,W,8192,8192',
  '70000500,W,4096,512',
  '70000501,F,0,0',
);

describe('the writings of one trace', () => {
  it('are read as they are', async () => {
    const { file, summary, codes } = await read(PLAIN);
    expect(codes).toEqual([]);
    expect([file.rowCount, file.usedCount, file.lengthMs, file.start]).toEqual([5, 5, 70_000.501, undefined]);
    expect([summary.writeCount, summary.writtenBytes]).toEqual([3, 12_800]);
    expect(summary.otherCounts).toEqual({ read: 1, trim: 0, zero: 0, flush: 1 });
    expect(summary.churn!.writtenBytes).toEqual([4096, 8192, 512]);
    expect(summary.windows.map(({ distinctBytes }) => distinctBytes)).toEqual([16_384, 12_288, 12_288, 12_288, 12_288]);
  });

  it.each([
    [
      'other names and another order',
      'Length;Operation;Byte Offset;Timestamp (us)\n4096;Write;4096;5\n65536;read;0;15\n8192;WRITE;8192;31000005\n512;w;4096;70000505\n;flush;;70000506\n',
    ],
    ['sectors', 'time_us,rw,lba,sectors\n0,W,8,8\n10,R,0,128\n31000000,W,16,16\n70000500,W,8,1\n70000501,F,0,0\n'],
    [
      'sectors and bytes',
      'ts_us,op,offset_sectors,size\n0,W,8,4096\n10,R,0,65536\n31000000,W,16,8192\n70000500,W,8,512\n70000501,F,0,0\n',
    ],
    [
      'kibibytes',
      'ts_us,op,offset (KiB),length_kib\n0,W,4,4\n10,R,0,64\n31000000,W,8,8\n70000500,W,4,0.5\n70000501,F,0,0\n',
    ],
    [
      'milliseconds',
      'time_ms,op,offset,length\n100,W,4096,4096\n100.01,R,0,65536\n31100,W,8192,8192\n70100.5,W,4096,512\n70100.501,F,0,0\n',
    ],
    [
      'seconds',
      'time_s,op,offset,length\n0,W,4096,4096\n0.00001,R,0,65536\n31,W,8192,8192\n70.0005,W,4096,512\n70.000501,F,0,0\n',
    ],
    [
      'nanoseconds',
      'ts_ns,op,offset,length\n0,W,4096,4096\n10000,R,0,65536\n31000000000,W,8192,8192\n70000500000,W,4096,512\n70000501000,F,0,0\n',
    ],
  ])('may have %s', async (_name, text) => {
    const plain = await read(PLAIN);
    const other = await read(text);
    expect(other.codes).toEqual([]);
    expect(other.file.lengthMs).toBeCloseTo(plain.file.lengthMs, 6);
    expect(other.summary).toEqual(plain.summary);
  });

  it('are all writes where no column tells them apart', async () => {
    const { file, summary, codes } = await read('time_s,offset,length\n0,0,4096\n1,0,4096\n');
    expect([codes, file.usedCount, summary.writeCount]).toEqual([[], 2, 2]);
  });

  it('take trims and zeroes for no writes', async () => {
    const rows = [
      '0,W,0,4096',
      '1,T,0,1099511627776',
      '2,trim,0,1',
      '3,Z,0,4096',
      '4,write zeroes,0,4096',
      '5,D,0,512',
      '6,unmap,0,1',
    ];
    const { summary, codes } = await read(lines('ts_us,op,offset,length', ...rows));
    expect(codes).toEqual([]);
    expect([summary.writeCount, summary.writtenBytes]).toEqual([1, 4096]);
    expect(summary.otherCounts).toEqual({ read: 0, trim: 4, zero: 2, flush: 0 });
    expect(summary.otherBytes).toEqual({ read: 0, trim: 1_099_511_627_776 + 514, zero: 8192, flush: 0 });
  });

  it('may have dates, which tell when the trace begins', async () => {
    const text =
      'timestamp,offset,length\n2026-01-05T08:00:00.250+01:00,0,4096\n2026-01-05T08:00:40.250+01:00,0,4096\n';
    const { file, summary, codes } = await read(text);
    expect(codes).toEqual([]);
    expect(file.start).toEqual({ wallMs: Date.UTC(2026, 0, 5, 8, 0, 0, 250), offsetMs: 3_600_000 });
    expect([file.lengthMs, summary.churn!.writtenBytes]).toEqual([40_000, [4096, 4096]]);
    const local = await read(text.replaceAll('+01:00', ''));
    expect(local.file.start).toEqual({ wallMs: Date.UTC(2026, 0, 5, 8, 0, 0, 250), offsetMs: undefined });
    const epoch = await read('epoch_s,offset,length\n1767600000,0,4096\n1767600040,0,4096\n');
    expect(epoch.file.start).toEqual({ wallMs: 1_767_600_000_000, offsetMs: 0 });
    expect(epoch.file.lengthMs).toBe(40_000);
  });

  it('may be of Microsoft Research, with their header or without any', async () => {
    const rows = [
      '128166372003061629,hm,1,Read,383496192,32768,413',
      '128166372303061629,hm,1,Write,2822144,4096,1298',
    ];
    const header = 'Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime';
    const bare = await read(lines(...rows));
    const headed = await read(lines(header, ...rows));
    for (const { file, summary, codes } of [bare, headed]) {
      expect(codes).toEqual([]);
      expect([file.rowCount, file.lengthMs, summary.writeCount, summary.otherCounts.read]).toEqual([2, 30_000, 1, 1]);
      expect(new Date(file.start!.wallMs).toISOString()).toBe('2007-02-22T17:00:00.306Z');
      expect(file.start!.offsetMs).toBe(0);
      expect(summary.churn!.startMs).toEqual([0, 30_000]);
    }
  });
});

describe('what is wrong', () => {
  const row = (cells: string): Promise<Read> =>
    read(lines('ts_us,op,offset,length', '0,W,0,4096', cells, '9,W,4096,4096'));

  it.each([
    ['1,W,-4096,4096', 'trace-wrong-offset@3/offset'],
    ['1,W,1152921504606846976,4096', 'trace-wrong-offset@3/offset'],
    ['1,W,1e30,4096', 'trace-wrong-offset@3/offset'],
    ['1,W,0.5,4096', 'trace-wrong-offset@3/offset'],
    ['1,W,NaN,4096', 'csv-wrong-number@3/offset'],
    ['1,W,,4096', 'trace-missing-value@3/offset'],
    ['1,W,0,-4096', 'trace-wrong-length@3/length'],
    ['1,W,0,1152921504606846976', 'trace-wrong-length@3/length'],
    ['1,W,0,67108865', 'trace-wrong-length@3/length'],
    ['1,W,70368744177152,4096', 'trace-wrong-length@3/length'],
    ['1,W,0,Infinity', 'csv-wrong-number@3/length'],
    ['1,W,0', 'trace-missing-value@3/length'],
    ['1,T,0,-1', 'trace-wrong-length@3/length'],
    ['1,X,0,4096', 'trace-wrong-op@3/op'],
    ['1,,0,4096', 'trace-wrong-op@3/op'],
    ['NaN,W,0,4096', 'csv-wrong-number@3/ts_us'],
    [',W,0,4096', 'trace-wrong-time@3/ts_us'],
    ['1e30,W,0,4096', 'trace-wrong-time@3/ts_us'],
    ['1,W,0,4096,5', 'csv-extra-cells@3/'],
  ])('is said of the row and the column: %s', async (cells, code) => {
    const { file, summary, codes } = await row(cells);
    expect(codes).toEqual([code]);
    expect(file.usedCount).toBe(2);
    expect([summary.writeCount, summary.writtenBytes, file.lengthMs]).toEqual([2, 8192, 0.009]);
  });

  it.each([
    ['op,offset,length\nW,0,1\n', ['csv-missing-column@1/time']],
    ['ts_us,op\n0,W\n', ['csv-missing-column@1/offset', 'csv-missing-column@1/length']],
    ['ts_us,offset,lba,length\n0,0,0,1\n', ['csv-same-column-twice@1/lba']],
    ['ts_us,time_s,offset,length\n0,0,0,1\n', ['csv-same-column-twice@1/time_s']],
    ['time,offset,length\n0,0,1\n1,0,1\n', ['csv-missing-unit@2/time']],
    [
      'time,offset,length\n2026-01-05T08:00Z,0,1\n2026-01-05T08:00,0,1\nsoon,0,1\n',
      ['trace-wrong-time@3/time', 'trace-wrong-time@4/time'],
    ],
    ['ts_us,offset,length\n', ['csv-header-only@/']],
    ['', ['csv-empty@/']],
    ['ts_us,disk,offset,length\n0,1,0,1\n1,2,0,1\n2,1,0,1\n3,3,0,1\n', ['trace-several-disks@3/disk']],
  ])('is said of the file: %j', async (text, expected) => {
    expect((await read(text)).codes).toEqual(expected);
  });

  it('is a second disk, of which nothing is taken', async () => {
    const { file, summary } = await read('ts_us,host,disk,offset,length\n0,a,1,0,1\n1,a,2,0,2\n2,b,1,0,4\n3,a,1,0,8\n');
    expect([file.usedCount, summary.writtenBytes]).toEqual([2, 9]);
  });

  it('is no write of nothing, which is counted', async () => {
    const { file, summary, codes } = await row('1,W,4096,0');
    expect([codes, file.rowCount, file.usedCount, summary.refused.empty]).toEqual([[], 3, 2, 1]);
  });

  it('is the order, told once', async () => {
    const { file, summary } = await read(
      lines('ts_us,offset,length', '50,0,1', '90,0,1', '60,0,1', '40,0,1', '95,0,1'),
    );
    expect(file.problems.all()).toMatchObject([
      {
        severity: 'warning',
        code: 'trace-out-of-order',
        row: 4,
        column: 'ts_us',
        message: expect.stringContaining('2 rows'),
      },
    ]);
    expect([summary.outOfOrderCount, summary.writeCount, file.lengthMs]).toEqual([2, 5, 0.045]);
  });
});

it('depends on no chunk boundary, and never throws', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '0',
      '1',
      '4096',
      'W',
      'R',
      'T',
      '-1',
      '',
      'NaN',
      '1,024',
      '"',
      '9'.repeat(30),
      '128166372003061629',
      '2026-01-05T08:00',
    ),
    fc.string({ maxLength: 6 }),
  );
  const header = fc.constantFrom(
    'ts_us,op,offset,length',
    'time;type;lba;size',
    'timestamp,offset,length',
    '128166372003061629,hm,1,Write,0,512,1',
  );
  const rows = fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      header,
      rows,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
      async (first, cells, cuts) => {
        const text = lines(first, ...cells.map((row) => row.join(first.includes(';') ? ';' : ',')));
        const whole = await read(text);
        const cut = await read(text, cuts);
        expect(cut.summary).toEqual(whole.summary);
        expect(cut.codes).toEqual(whole.codes);
        expect(whole.file.usedCount).toBeLessThanOrEqual(whole.file.rowCount);
      },
    ),
    { numRuns: 300 },
  );
});
