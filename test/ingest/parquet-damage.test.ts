import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openInputs } from '../../src/cli/open-input.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { DAY_MS } from '../../src/units.ts';
import { ScratchFolder } from '../cli/run-cli.ts';

const FOLDER = join(import.meta.dirname, '../../datasets/measured');
const WHOLE = readFileSync(join(FOLDER, 'series.parquet'));

const blow = fc.record({ at: fc.nat({ max: WHOLE.length - 1 }), byte: fc.nat({ max: 255 }) });
const spoilt = fc.oneof(
  fc.nat({ max: WHOLE.length }).map((length) => WHOLE.subarray(0, length)),
  fc.array(blow, { minLength: 1, maxLength: 8 }).map((blows) => {
    const bytes = Buffer.from(WHOLE);
    for (const { at, byte } of blows) bytes[at] = byte;
    return bytes;
  }),
);

describe('a spoilt Parquet file', () => {
  test('is read, or its problem is named', async () => {
    using folder = new ScratchFolder({ 'disks.csv': readFileSync(join(FOLDER, 'disks.csv')) });
    await fc.assert(
      fc.asyncProperty(spoilt, async (bytes) => {
        const path = join(folder.path, 'x.parquet');
        writeFileSync(path, bytes);
        const { inputs } = await openInputs([{ path: join(folder.path, 'disks.csv') }, { path, role: 'churn' }]);
        const { workload, problems } = await ingest(inputs, { horizonMs: DAY_MS, assumedChurnPerDay: 0.01 });
        expect(workload === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
        for (const { churn } of workload?.vms.flatMap(({ disks }) => disks) ?? []) {
          if (churn.kind === 'series') expect(churn.writtenBytes.every((written) => written >= 0)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
