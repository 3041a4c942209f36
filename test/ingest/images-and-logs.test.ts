import { describe, expect, it } from 'vitest';
import { inMemory, type RandomAccess } from '../../src/formats/random-access.ts';
import { type Input, ingest } from '../../src/ingest/ingest.ts';
import { inspectInput } from '../../src/ingest/inspect.ts';
import type { LogEntry } from '../../src/model/inspection.ts';
import { confidenceOf } from '../../src/model/workload.ts';
import { DAY_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { CREATED_SEC, logOf, type Step } from '../formats/hrl-samples.ts';
import { buildVhdx, NO_GUID, type VhdxSpec } from '../formats/vhd-build-vhdx.ts';
import { codes, lines, textInput } from './text-sources.ts';

const WRITTEN = '{b9be5c57-f8be-5503-98bb-6c44faf9ac87}';
const CHILD = '{11111111-2222-3333-4444-555555555555}';

/** A binary file as an input. */
async function binary(name: string, file: RandomAccess, isFound = false): Promise<Input> {
  const head = new Uint8Array(Math.min(65_536, file.sizeBytes));
  await file.read(head, 0);
  return {
    ...{ name, head, isFound, sniffed: { what: 'a binary file', remedy: 'None.' } },
    text: () => textInput(name, '').text(),
    utf8: () => textInput(name, '').utf8(),
    withBytes: (use) => use(file),
  };
}

function disk(spec: Partial<VhdxSpec>): RandomAccess {
  return buildVhdx({
    ...{ type: 'dynamic', virtualSizeBytes: 64 * MIB, blockBytes: MIB, logicalSectorBytes: 512 },
    ...{ physicalSectorBytes: 4096, id: CHILD, dataWriteGuid: WRITTEN, logGuid: NO_GUID, createdBy: 'a test' },
    ...{ locator: [], blocks: [] },
    ...spec,
  });
}

const BASE = disk({ blocks: [0, 1, 2].map((block) => ({ block, state: 6, sectors: 0 })) });
const TIP = disk({
  ...{ type: 'differencing', dataWriteGuid: CHILD },
  locator: [
    ['parent_linkage', WRITTEN],
    ['relative_path', '.\\data.vhdx'],
  ],
  blocks: [{ block: 5, state: 6, sectors: 0 }],
});

/** Writes of 8 KiB a second, `hot` of ten on the same place. */
function log(seconds: number, isClosed: boolean, vhd2DataWriteGuid: string = WRITTEN): RandomAccess {
  const steps = Array.from({ length: seconds }, (_, second): Step => {
    const byteOffset = second % 2 === 0 ? 0 : second * 8192;
    return {
      byteOffset,
      data: new Uint8Array(8192),
      timestampSec2000: CREATED_SEC + second,
      isFlushed: second % 30 === 29,
    };
  });
  return inMemory(logOf({ steps, isClosed, options: { createdSec2000: CREATED_SEC, vhd2DataWriteGuid } }));
}

describe('a folder of disks', () => {
  it('is an inventory: a chain is one disk with what all its files hold', async () => {
    const inputs = [await binary('SQL01/data.vhdx', BASE), await binary('SQL01/data_1.avhdx', TIP)];
    const { workload, receipts, problems } = await ingest(inputs, { horizonMs: DAY_MS });
    expect(problems).toEqual([]);
    expect(workload!.vms).toHaveLength(1);
    expect(workload!.vms[0]).toMatchObject({
      name: 'SQL01',
      disks: [{ name: 'data.vhdx', sizeBytes: 64 * MIB, usedBytes: 4 * MIB, isChurnAssumed: true }],
    });
    expect(receipts[0]).toMatchObject({ rowCount: 2, usedCount: 1 });
  });

  it('with a broken chain names it, and is planned all the same', async () => {
    const read = await ingest([await binary('SQL01/data_1.avhdx', TIP)], { horizonMs: DAY_MS });
    expect(codes(read)).toEqual(['~chain-parent-absent']);
    expect(read.workload!.vms[0]!.disks[0]!.usedBytes).toBe(MIB);
  });

  it('finds its VMs in Get-VMHardDiskDrive', async () => {
    const drives = lines('VMName,ControllerType,Path,DiskNumber,ComputerName', 'ERP,SCSI,D:\\store\\data.vhdx,,HV7');
    const read = await ingest([await binary('copy/data.vhdx', BASE), textInput('drives', drives)], {
      horizonMs: DAY_MS,
    });
    expect(read.workload!.vms).toMatchObject([{ name: 'ERP', host: 'HV7', disks: [{ sizeBytes: 64 * MIB }] }]);
  });

  it('ignores what is none of ours, and does not forgive a disk that was named itself', async () => {
    const torn = inMemory(new TextEncoder().encode('vhdxfile and nothing else'));
    const found = [
      await binary('a/data.vhdx', BASE, true),
      await binary('a/notes.bin', inMemory(new Uint8Array(9)), true),
    ];
    const read = await ingest([...found, await binary('a/torn.vhdx', torn, true)], { horizonMs: DAY_MS });
    expect(read.workload!.vms[0]!.disks).toHaveLength(1);
    expect(codes(read).every((code) => code.startsWith('~vhdx-'))).toBe(true);
    const named = await ingest([await binary('torn.vhdx', torn)], { horizonMs: DAY_MS });
    expect(named.workload).toBeUndefined();
    expect(codes(named)[0]).toMatch(/^vhdx-/);
  });
});

describe('replication logs', () => {
  it('tell churn, write sizes and overwriting of the disk whose Data Write GUID they name', async () => {
    const inputs = [await binary('SQL01/data.vhdx', BASE), await binary('logs/x.hrl', log(1200, true))];
    const { workload, problems, receipts } = await ingest(inputs, { horizonMs: DAY_MS });
    const [of] = workload!.vms[0]!.disks;
    expect(problems.map(({ code }) => code)).toEqual(['churn-short']);
    if (of!.churn.kind !== 'series') throw new Error('no series');
    expect(of!.churn.writtenBytes).toEqual(new Array(20).fill(60 * 8192));
    expect(of!.churn.endMs - of!.churn.startMs[0]!).toBe(20 * MINUTE_MS);
    expect(of!.meanWriteBytes).toBe(8192);
    expect(confidenceOf(of!)).toBe('part');
    // Every second write hits one place of 8 KiB.
    expect(of!.overwrite!.hotShare).toBeCloseTo(0.5, 1);
    expect(receipts[1]!.read).toContain('closed properly');
  });

  it('that were not closed tell what is whole', async () => {
    const inputs = [await binary('SQL01/data.vhdx', BASE), await binary('SQL01/data.hrl', log(95, false, NO_GUID))];
    const { workload, receipts, problems } = await ingest(inputs, { horizonMs: DAY_MS });
    expect(problems.map(({ code }) => code)).toContain('hrl-not-closed');
    const [of] = workload!.vms[0]!.disks;
    if (of!.churn.kind !== 'series') throw new Error('no series');
    // Three blocks of 30 writes; the last five stand in none.
    expect(of!.churn.writtenBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(90 * 8192);
    expect(receipts[1]!.rowCount).toBe(90);
  });

  it('of no disk that is known are named', async () => {
    const inputs = [await binary('SQL01/data.vhdx', BASE), await binary('logs/other.hrl', log(10, true, CHILD))];
    expect(codes(await ingest(inputs, { horizonMs: DAY_MS }))).toEqual(['~join-not-found']);
  });
});

describe('inspect', () => {
  it('shows a log with exact numbers, and every entry', async () => {
    const entries: LogEntry[] = [];
    const { facts, values, problems } = await inspectInput(await binary('x.hrl', log(64, true)), (entry) =>
      entries.push(entry),
    );
    expect(problems).toEqual([]);
    expect(values).toMatchObject({ entryCount: 64, loggedBytes: 64 * 8192, isClosed: true, distinctBytes: 33 * 8192 });
    expect(new Map(facts).get('Bytes logged')).toBe('512 KiB (524,288 bytes)');
    expect(new Map(facts).get('Created')).toBe('2017-02-08T04:13:00Z');
    expect(entries[1]).toMatchObject({ time: '2017-02-08T04:13:01Z', byteOffset: 8192, dataLength: 8192 });
  });

  it('shows a disk, and what is nothing', async () => {
    const { format, values } = await inspectInput(await binary('d.vhdx', TIP));
    expect(format).toBe('VHDX, differencing');
    expect(values).toMatchObject({ virtualSizeBytes: 64 * MIB, allocatedBytes: MIB, parent: { id: WRITTEN } });
    const nothing = await inspectInput(await binary('x', inMemory(new Uint8Array(100))));
    expect(nothing.problems).toMatchObject([{ severity: 'error', code: 'input-not-readable' }]);
  });
});
