import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReplicaCountersFile, readReplicaCounters } from '../../src/ingest/replica-counters.ts';
import { codes, lines, textInput } from './text-sources.ts';

function read(text: string, length?: number): Promise<ReplicaCountersFile> {
  return readReplicaCounters(textInput('hv1.csv', text, length === undefined ? undefined : [length]).utf8());
}

function codesOf({ problems }: ReplicaCountersFile): string[] {
  return codes({ problems: problems.all() });
}

function path(counter: string, vm = 'SQL01', host = 'HV1'): string {
  return `\\\\${host}\\Hyper-V Replica VM(${vm})\\${counter}`;
}

function log(
  paths: readonly string[],
  rows: readonly (readonly (number | string)[])[],
  zone = '(W. Europe Standard Time)(-60)',
): string {
  const header = [`(PDH-CSV 4.0) ${zone}`, ...paths].map((cell) => `"${cell}"`).join(',');
  return lines(
    header,
    ...rows.map((values, row) => [`01/05/2026 09:0${row}:00.000`, ...values].map((cell) => `"${cell}"`).join(',')),
  );
}

const COUNTERS = [
  'Average Replication Size',
  'Average Replication Latency',
  'Compression Efficiency',
  'Network Bytes Sent',
  'Replication Count',
  'Resynchronized Bytes',
];

/** By hand: means 2000, 5, 60 %; totals grow by 100 + 300, by 1 + 2, by 0. */
const SAMPLE = log(
  COUNTERS.map((counter) => path(counter)),
  [
    [' ', 4, 50, 1000, 10, 7],
    [1000, 5, 60, 1100, 11, 7],
    [3000, 6, 70, 1400, 13, 7],
  ],
);

describe('the counters of Hyper-V Replica', () => {
  test('means of sizes, latency and efficiency; growth of counts and bytes; times at the log’s offset', async () => {
    const file = await read(SAMPLE);
    expect(codesOf(file)).toEqual([]);
    expect(file.rowCount).toBe(3);
    expect(file.measured).toEqual([
      {
        ...{ vm: 'SQL01', source: 'counters', file: 'hv1.csv', isLocal: false },
        ...{ fromMs: Date.UTC(2026, 0, 5, 8, 0), untilMs: Date.UTC(2026, 0, 5, 8, 2) },
        ...{ averageSizeBytes: 2000, averageLatencySec: 5, compressionEfficiencyRatio: 0.6 },
        ...{ networkSentBytes: 400, successCount: 3, resynchronizedBytes: 0 },
        ...{ missCount: null, maxSizeBytes: null, maxLatencySec: null, pendingBytes: null },
        ...{ networkFailureCount: null, replicationFailureCount: null, errorCount: null },
      },
    ]);
  });

  test('several VMs among other counters; a header without a zone is local', async () => {
    const file = await read(
      log(
        [
          '\\\\HV1\\Memory\\Pages/sec',
          path('Average Replication Size', 'a'),
          path('Average Replication Size', 'b [x]'),
          path('Average Replication Size', '_Total'),
        ],
        [[9, 1, 2, 3]],
        '',
      ),
    );
    expect(file.measured).toMatchObject([
      { vm: 'a', averageSizeBytes: 1, isLocal: true, fromMs: Date.UTC(2026, 0, 5, 9) },
      { vm: 'b [x]', averageSizeBytes: 2 },
    ]);
    expect(file.measured.length).toBe(2);
  });

  test('a total that begins anew at 0 goes on; one that keeps falling is none', async () => {
    const grow = async (values: readonly number[]): Promise<number | undefined> =>
      (
        await read(
          log(
            [path('Network Bytes Sent'), path('Average Replication Size')],
            values.map((value) => [value, 1]),
          ),
        )
      ).measured[0]!.networkSentBytes;
    expect(await grow([100, 150, 170, 180, 190, 200, 210, 220, 230, 30])).toBe(160);
    expect(await grow([100, 50, 100, 50])).toBeUndefined();
    expect(await grow([100])).toBeUndefined();
  });

  test('of two hosts the one that sends counts', async () => {
    const counters = ['Network Bytes Sent', 'Average Replication Size'];
    const paths = ['HV1', 'HV2'].flatMap((host) => counters.map((counter) => path(counter, 'a', host)));
    const file = await read(
      log(paths, [
        [10, 5, 0, 7],
        [20, 5, 0, 7],
      ]),
    );
    expect(file.measured).toMatchObject([{ vm: 'a', averageSizeBytes: 5, networkSentBytes: 10 }]);
    expect(file.measured.length).toBe(1);
  });

  test('an efficiency beyond 100 is no percentage: it is told and not used', async () => {
    const file = await read(log([path('Compression Efficiency')], [[250], [150]]));
    expect(codesOf(file)).toEqual(['~replica-compression-range']);
    expect(file.measured[0]).not.toHaveProperty('compressionEfficiencyRatio');
  });

  test('a log without them is no error, one with unknown or empty ones is told', async () => {
    const none = await read(log(['\\\\HV1\\Memory\\Pages/sec'], [[1]]));
    expect([none.measured, codesOf(none)]).toEqual([[], []]);
    expect(
      codesOf(
        await read(log(['\\\\HV1\\Hyper-V-Replikat-VM(a)\\Replica Größe', path('Last Replication Size')], [[1, 2]])),
      ),
    ).toEqual(['~replica-unknown-counters']);
    expect(codesOf(await read(log([path('Replication Count')], [[' ']])))).toEqual(['replica-no-values']);
    expect(codesOf(await read('time,vm\n'))).toEqual(['pdh-no-pdh-header@1']);
  });

  test('negative and unreadable values are not measured', async () => {
    const file = await read(log([path('Average Replication Size')], [[-5], ['x'], [8], ['1e300']]));
    expect(file.measured).toMatchObject([{ averageSizeBytes: 8 }]);
    expect(codesOf(file)).toEqual(['~replica-rows-left-out']);
  });
});

describe('laws', () => {
  function check({ measured, problems }: ReplicaCountersFile): void {
    for (const one of measured) {
      for (const value of [
        one.averageSizeBytes,
        one.averageLatencySec,
        one.successCount,
        one.networkSentBytes ?? null,
      ]) {
        expect(value === null || (value >= 0 && Number.isFinite(value))).toBe(true);
      }
      expect(one.compressionEfficiencyRatio ?? 0).toBeLessThanOrEqual(1);
      expect(one.fromMs! <= one.untilMs!).toBe(true);
    }
    for (const { code, message, remedy } of problems.all())
      expect(code !== '' && message !== '' && remedy !== '').toBe(true);
  }

  test('every prefix reads, or its problems are named', async () => {
    for (let length = 0; length <= SAMPLE.length; length++) check(await read(SAMPLE.slice(0, length)));
  });

  test('every mutation reads, or its problems are named', async () => {
    const piece = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\\', '(', ')', '#', '/', '9', '-', 'é'),
      maxLength: 4,
    });
    const blow = fc.tuple(fc.nat(SAMPLE.length), fc.nat(30), piece);
    await fc.assert(
      fc.asyncProperty(fc.array(blow, { minLength: 1, maxLength: 3 }), async (blows) => {
        check(
          await read(
            blows.reduce((spoilt, [at, length, by]) => spoilt.slice(0, at) + by + spoilt.slice(at + length), SAMPLE),
          ),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('a total’s growth is last − first where it never falls, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1e9), { minLength: 2, maxLength: 9 }),
        fc.integer({ min: 1, max: 80 }),
        async (steps, length) => {
          const values = steps.map((_, at) => steps.slice(0, at + 1).reduce((sum, step) => sum + step, 0));
          const file = await read(
            log(
              [path('Network Bytes Sent')],
              values.map((value) => [value]),
            ),
            length,
          );
          expect(file.measured[0]!.networkSentBytes).toBe(values.at(-1)! - values[0]!);
        },
      ),
      { numRuns: 60 },
    );
  });
});
