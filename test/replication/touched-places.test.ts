/** A host that knows where the guests' writes fall is asked by the core; another one's disks go by their overwrite model. */
import { expect, it } from 'vitest';
import type { TouchedPlaces } from '../../src/replication/tracked-writes.ts';
import { MIB } from '../../src/units.ts';
import type { RunChange } from '../laws/build-run.ts';
import { BenchVm } from './bench-vm.ts';

type Question = readonly [disk: number, fromBytes: number, untilBytes: number, blockBytes: number];

/** Each time so many blocks on the first disk, and none on the second. */
function asked(blocks: number): { readonly questions: Question[]; readonly places: TouchedPlaces } {
  const questions: Question[] = [];
  const places: TouchedPlaces = {
    touchedBytes(...question) {
      questions.push(question);
      return question[0] === 0 ? blocks * question[3] : 0;
    },
  };
  return { questions, places };
}

const CHANGE: RunChange = { rules: { chunkBytes: 3 * MIB, checksumBytes: 32, snapshotBlockBytes: 2 * MIB } };
/** Two disks of 100 MiB, in chunks of 3 MiB. */
const CHECKSUMS = 2 * 34 * 32;

it('of a resynchronization: the chunks touched since the recovery point, at most those of the disk', () => {
  for (const [blocks, chunks] of [
    [7, 7],
    [40, 34],
  ] as const) {
    const { questions, places } = asked(blocks);
    const bench = new BenchVm(CHANGE, places).write(1000).feed('adopted', 0).write(500);
    bench.feed('resyncRequired', 1000, 'diskChanged').write(20);
    bench.feed('windowOpened', 10 * 3_600_000);
    expect(questions).toEqual([0, 1].map((disk) => [disk, 1000, 1520, 3 * MIB]));
    expect(bench.core.effects.uploadBytes).toBe(CHECKSUMS + chunks * 3 * MIB);
  }
});

it('of a snapshot: the blocks touched since it was taken, at most the size of the disk', () => {
  const { questions, places } = asked(9);
  const bench = new BenchVm(CHANGE, places).write(1000).feed('enabled').wake().write(500);
  expect([0, 1].map((disk) => bench.snapshotBytes(disk))).toEqual([18 * MIB, 0]);
  expect(questions).toEqual([0, 1].map((disk) => [disk, 1000, 1500, 2 * MIB]));
  const all = new BenchVm(CHANGE, asked(51).places).feed('enabled').wake().write(1);
  expect(all.snapshotBytes(0)).toBe(100 * MIB);
});

it('without such a host: the distinct bytes by the model, in whole blocks', () => {
  const bench = new BenchVm(CHANGE).write(1000).feed('enabled').wake();
  expect(bench.snapshotBytes(0)).toBe(0);
  expect(bench.write(1).snapshotBytes(0)).toBe(2 * MIB);
  expect(bench.write(2 * MIB - 1).snapshotBytes(0)).toBe(2 * MIB);
  expect(bench.write(1).snapshotBytes(0)).toBe(4 * MIB);
});
