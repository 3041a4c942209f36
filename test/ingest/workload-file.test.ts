import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.ts';
import { parseWorkload, renderWorkload, type WorkloadFile } from '../../src/ingest/workload-file.ts';
import { blockRunsOf, type TouchRecord } from '../../src/model/touch-record.ts';
import type { ChurnSeries, Workload } from '../../src/model/workload.ts';
import { DAY_MS, MIB } from '../../src/units.ts';
import { lines, textInput } from './text-sources.ts';

async function imported(): Promise<WorkloadFile> {
  const vms = lines('vm,disk,size_gib,used_gib,churn_gib_per_day', 'a,c,10,5,1', 'a,d,20,5,', 'b,c,10,5,3');
  const rows = Array.from({ length: 200 }, (_, at) => `${1_767_571_200 + at * 3600},a,d,${at * 1000}`);
  const inputs = [textInput('vms', vms), textInput('series', lines('epoch_s,vm,disk,write_bytes', ...rows))];
  const { workload, assumptions, receipts } = await ingest(inputs, { horizonMs: 400 * DAY_MS });
  return { workload: withTouched(workload!), assumptions, receipts };
}

/** A record of touched blocks for the disk that has a series. */
function withTouched(workload: Workload): Workload {
  const touched = (churn: ChurnSeries): TouchRecord => {
    const runs = churn.startMs.slice(0, Math.ceil(churn.startMs.length / 8)).map((_, at) => [at, 2, 5, 1]);
    return { blockBytes: MIB, intervalsEach: 8, runs };
  };
  const vms = workload.vms.map((vm) => ({
    ...vm,
    disks: vm.disks.map((disk) =>
      disk.churn.kind === 'series' ? { ...disk, churn: { ...disk.churn, touched: touched(disk.churn) } } : disk,
    ),
  }));
  return { ...workload, vms };
}

/** Every value inside, with the way to it. */
function* places(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* places(inner, [...path, key]);
}

function replaced(file: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const copy = structuredClone(file) as Record<string, unknown>;
  const owner = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, copy);
  const last = path.at(-1);
  if (last === undefined) return by;
  if (by === undefined) delete owner[last];
  else owner[last] = by;
  return copy;
}

describe('a workload that was imported', () => {
  it('is read back as it was', async () => {
    const file = await imported();
    const { value, problems } = parseWorkload('w.json', [...renderWorkload(file)].join(''));
    expect(problems.all()).toEqual([]);
    expect(value).toEqual(JSON.parse(JSON.stringify(file)));
  });

  it('fits its schema', async () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/workload.schema.json', import.meta.url), 'utf8'));
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    const file = JSON.parse([...renderWorkload(await imported())].join(''));
    expect([validate(file), validate.errors]).toEqual([true, null]);
    const { vms, ...rest } = file;
    expect(validate(rest)).toBe(false);
    expect(validate({ ...file, vms: [{ ...vms[0], disk: [] }] })).toBe(false);
  });

  it('is read as analyze reads it, and alone', async () => {
    const file = await imported();
    const text = [...renderWorkload(file)].join('');
    const read = await ingest([textInput('w.json', text)], { horizonMs: DAY_MS });
    expect(read.workload).toEqual(JSON.parse(JSON.stringify(file.workload)));
    const both = await ingest([textInput('w.json', text), textInput('vms', 'vm,size_gib\na,1\n')], {
      horizonMs: DAY_MS,
    });
    expect(both.problems.map(({ code }) => code)).toEqual(['workload-not-alone']);
  });

  it('that somebody has changed is whole, or refused with the path, or only shown', async () => {
    const file = JSON.parse([...renderWorkload(await imported())].join(''));
    const paths = [...places(file)];
    const by = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, -1, 1.5, '', 'x', [], {}, true, 1e300, '__proto__', [[]], [null]),
      fc.integer(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), by, (path, value) => {
        const { value: read, problems } = parseWorkload('w.json', JSON.stringify(replaced(file, path, value)) ?? '');
        expect(read === undefined).toBe(problems.errorCount > 0);
        for (const { message, remedy } of problems.all()) expect(message.length * remedy.length).toBeGreaterThan(0);
        if (read === undefined) return;
        // What the simulation relies on.
        for (const { disks } of read.workload.vms) {
          expect(disks.length).toBeGreaterThan(0);
          for (const { sizeBytes, usedBytes, churn } of disks) {
            expect(usedBytes).toBeLessThanOrEqual(sizeBytes);
            if (churn.kind === 'series') {
              expect(churn.startMs.every((at, index) => index === 0 || at > churn.startMs[index - 1]!)).toBe(true);
              expect(churn.writtenBytes.every((bytes) => bytes >= 0)).toBe(true);
              const { intervalsEach, runs } = churn.touched ?? { intervalsEach: churn.startMs.length, runs: [[]] };
              expect(runs).toHaveLength(Math.ceil(churn.startMs.length / intervalsEach));
              for (const entry of runs) expect(Math.max(0, ...blockRunsOf(entry)) * MIB).toBeLessThan(sizeBytes + MIB);
            } else expect(churn.bytesPerSec).toBeGreaterThanOrEqual(0);
          }
        }
        for (const { read: notes, joins } of read.receipts)
          expect([...notes, ...joins].length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1500 },
    );
  });

  it('that is torn is no JSON', async () => {
    const text = [...renderWorkload(await imported())].join('');
    for (const share of [0.1, 0.5, 0.99]) {
      const { problems } = parseWorkload('w.json', text.slice(0, text.length * share));
      expect(problems.all().map(({ code }) => code)).toEqual(['workload-not-json']);
    }
  });
});
