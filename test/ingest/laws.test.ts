import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ingested, ingest } from '../../src/ingest/ingest.ts';
import type { Disk, Workload } from '../../src/model/workload.ts';
import { DAY_MS, GIB } from '../../src/units.ts';
import { ingestText, textInput } from './text-sources.ts';

const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '</script>', 'a,b', 'a;b', 'a"b', 'disk0'),
);
// Trimmed by the reader, and refused with control characters: not what these laws are about.
const plainName = name.filter((text) => text.trim() === text && !/\p{Cc}/u.test(text) && text !== '');

interface AnyDisk {
  readonly vm: string;
  readonly disk: string;
  readonly sizeGib: number;
  readonly usedShare: number;
  readonly churn: number;
}

const fleet = fc.uniqueArray(
  fc.record<AnyDisk>({
    vm: plainName,
    disk: plainName,
    sizeGib: fc.integer({ min: 1, max: 65_536 }),
    usedShare: fc.constantFrom(0, 0.5, 1),
    churn: fc.integer({ min: 0, max: 1e6 }),
  }),
  { selector: ({ vm, disk }) => JSON.stringify([vm, disk]), minLength: 1, maxLength: 8 },
);

const HEADERS = ['vm', 'disk', 'host', 'size_bytes', 'used', 'churn_kb_per_s'] as const;

function cellsOf(disk: AnyDisk): string[] {
  const sizeBytes = disk.sizeGib * GIB;
  const usedBytes = Math.floor(sizeBytes * disk.usedShare);
  return [disk.vm, disk.disk, 'h', `${sizeBytes}`, `${usedBytes} B`, `${disk.churn}`];
}

function toCsv(
  rows: readonly (readonly string[])[],
  by: string,
  order: readonly number[] = HEADERS.map((_, i) => i),
): string {
  const quote = (text: string): string => (/[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [HEADERS, ...rows].map((row) => order.map((index) => quote(row[index]!)).join(by)).join('\n');
}

/** VMs and disks by name, so that only their order is lost. */
function unordered(workload: Workload | undefined): unknown {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  const withoutRow = ({ readFrom: _, ...disk }: Disk): Omit<Disk, 'readFrom'> => disk;
  return workload?.vms.map((vm) => ({ ...vm, disks: vm.disks.map(withoutRow).toSorted(byName) })).toSorted(byName);
}

function workloadOf(ingested: Ingested): Workload {
  if (ingested.workload === undefined) throw new Error(JSON.stringify(ingested.problems));
  return ingested.workload;
}

describe('reading what was written', () => {
  it('gives the same disks, whatever the delimiter and the chunks', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fleet, fc.constantFrom(',', ';', '\t'), lengths, async (disks, by, cuts) => {
        const vms = textInput('vms.csv', toCsv(disks.map(cellsOf), by), cuts);
        const read = workloadOf(await ingest([vms], { horizonMs: DAY_MS })).vms.flatMap((vm) =>
          vm.disks.map((disk) => [vm.name, disk.name, disk.sizeBytes, disk.usedBytes, disk.churn]),
        );
        const written = [...Map.groupBy(disks, (disk) => disk.vm).values()]
          .flat()
          .map(({ vm, disk, sizeGib, usedShare, churn }) => [
            ...[vm, disk, sizeGib * GIB, Math.floor(sizeGib * GIB * usedShare)],
            { kind: 'constant', bytesPerSec: churn * 1000 },
          ]);
        expect(read).toEqual(written);
      }),
    );
  });

  it('gives the same workload up to order, whatever the order of rows and columns', async () => {
    const columns = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    const shuffled = fleet.chain((disks) =>
      fc.tuple(fc.constant(disks), fc.shuffledSubarray(disks, { minLength: disks.length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, columns, async ([disks, others], order) => {
        const one = await ingestText(toCsv(disks.map(cellsOf), ','));
        const other = await ingestText(toCsv(others.map(cellsOf), ',', order));
        expect(unordered(other.workload)).toEqual(unordered(workloadOf(one)));
        expect(other.assumptions).toEqual(one.assumptions);
      }),
    );
  });

  it('gives the same series, whatever the order of its rows', async () => {
    const rows = fc.uniqueArray(
      fc.record({ vm: fc.constantFrom('a', 'b'), minute: fc.nat(20_000), bytes: fc.nat(100) }),
      { selector: ({ vm, minute }) => `${vm}${minute}`, minLength: 1, maxLength: 12 },
    );
    const pair = rows.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    const vms = 'vm,size_gib,churn\na,1,0\nb,1,0\n';
    await fc.assert(
      fc.asyncProperty(pair, async (lists) => {
        const [one, other] = await Promise.all(
          lists.map((list) => {
            const csv = list.map(({ vm, minute, bytes }) => `${1_767_571_200 + minute * 60},${vm},${bytes}\n`).join('');
            return ingestText(vms, `epoch_s,vm,write_bytes\n${csv}`);
          }),
        );
        expect(other).toEqual(one);
        const total = workloadOf(one!).vms.flatMap(({ disks: [disk] }) =>
          disk!.churn.kind === 'series' ? disk!.churn.writtenBytes : [],
        );
        expect(total.reduce((sum, bytes) => sum + bytes, 0)).toBe(lists[0].reduce((sum, { bytes }) => sum + bytes, 0));
      }),
    );
  });
});

describe('garbage', () => {
  const unit = fc.constantFrom(
    ...['vm', 'size', 'churn', 'used', 'time', '_gib', '_mb_per_s', 'disk', ' GiB', '%/day', '1,024', '1.5', '-1', '0'],
    ...[
      '2026-01-05T00:00',
      'Z',
      '__proto__',
      ',',
      ',',
      ';',
      '\t',
      '\n',
      '\n',
      '\r\n',
      '"',
      ' ',
      '\0',
      '\uFEFF',
      '😀',
      '\uD800',
    ],
  );
  const garbage = fc.oneof(
    fc.array(unit, { maxLength: 60 }).map((units) => units.join('')),
    fc.array(unit, { maxLength: 40 }).map((units) => `vm,disk,size,used,churn\n${units.join('')}`),
    fc.array(unit, { maxLength: 40 }).map((units) => `time,vm,disk,write\n${units.join('')}`),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  it('never throws, and every problem can be printed', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 });
    const text = fc.option(fc.string({ maxLength: 20 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(garbage, garbage, lengths, text, text, async (vms, churn, cuts, timeZone, start) => {
        const { workload, problems } = await ingest(
          [textInput('vms.csv', vms, cuts, 'inventory'), textInput('series.csv', churn, cuts, 'churn')],
          {
            horizonMs: DAY_MS,
            ...(timeZone === undefined ? {} : { timeZone }),
            ...(start === undefined ? {} : { start }),
          },
        );
        expect(workload === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
        for (const { message, remedy, value = '', code } of problems) {
          expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
          expect(message.length * remedy.length).toBeGreaterThan(0);
          expect(message.length).toBeLessThan(2000);
          expect(value.length).toBeLessThanOrEqual(81);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('ends soon where there is a lot of it', async () => {
    const everything = ['vm,disk,size,churn\n', '"a"b,', ';;;', 'x,y,1 GiB,1\n'].map((text) => text.repeat(50_000));
    for (const text of [
      ...everything,
      `vm,disk,size,churn\n${'"a"b,x,1,1\n,,,x\n'.repeat(50_000)}`,
      'vm,'.repeat(200_000),
    ]) {
      expect((await ingestText(text)).problems.length).toBeGreaterThan(0);
    }
  });
});
