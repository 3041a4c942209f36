/**
 * Random small worlds for the core and its twin: some disks so tiny that the half-disk rule fires often, others that live
 * long; bursts and silence; every mode of initial replication, every setting per VM.
 */
import fc from 'fast-check';
import type { Span } from '../../src/model/clock.ts';
import {
  DEFAULT_RESYNC_WINDOW,
  DEFAULT_RULES,
  INITIAL_REPLICATION_AT_ONCE,
  type InitialReplicationPlan,
  type Policy,
  type ReplicationSettings,
  settingsOf,
} from '../../src/model/policy.ts';
import {
  type Churn,
  type Disk,
  meanBytesPerSec,
  type OverwriteModel,
  type Vm,
  type Workload,
} from '../../src/model/workload.ts';
import { DAY_MS, HOUR_MS, KIB, MIB, MINUTE_MS } from '../../src/units.ts';

export interface CoreCase {
  readonly workload: Workload;
  readonly policy: Policy;
  readonly resyncSpans: readonly Span[];
  readonly cutPhaseMs: readonly number[];
  /** Per disk, in the order of VMs and rows: what was written since the copy that an existing replica VM is (R26). */
  readonly existingWrittenBytes: readonly number[];
}

const constantChurn: fc.Arbitrary<Churn> = fc
  .oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
    { weight: 1, arbitrary: fc.double({ min: 0.01, max: 5000, noNaN: true }) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 100_000 }).map((thousandths) => thousandths / 1000) },
  )
  .map((bytesPerSec) => ({ kind: 'constant', bytesPerSec }));

const churnSeries: fc.Arbitrary<Churn> = fc
  .record({
    firstMs: fc.constantFrom(-HOUR_MS, 0, 30_000, 1234),
    steps: fc.array(
      fc.record({
        lengthMs: fc.constantFrom(1000, 30_000, MINUTE_MS, 17_003, HOUR_MS),
        bytes: fc.oneof(
          { weight: 1, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * MIB }) },
          { weight: 2, arbitrary: fc.integer({ min: 1, max: 5000 }) },
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    repeat: fc.constantFrom('none', 'all', 'last'),
  })
  .map(({ firstMs, steps, repeat }) => {
    const startMs: number[] = [];
    let atMs = firstMs;
    for (const step of steps) {
      startMs.push(atMs);
      atMs += step.lengthMs;
    }
    // What repeats must lie in the run's time or before: keep the end positive, so that the run begins inside or before it.
    const endMs = Math.max(atMs, 1000);
    const repeatMs = repeat === 'none' ? 0 : repeat === 'all' ? endMs - firstMs : endMs - startMs.at(-1)!;
    return { kind: 'series', startMs, writtenBytes: steps.map((step) => step.bytes), endMs, repeatMs };
  });

export const anyChurn: fc.Arbitrary<Churn> = fc.oneof(constantChurn, churnSeries);

const overwrite: fc.Arbitrary<OverwriteModel | undefined> = fc.option(
  fc.record({
    hotBytes: fc.oneof(fc.constant(0), fc.integer({ min: 4096, max: 8 * MIB })),
    hotShare: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { nil: undefined },
);

const disk = (name: string): fc.Arbitrary<Disk> =>
  fc
    .record({
      sizeBytes: fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(32_768, 65_536, 100_001) },
        { weight: 1, arbitrary: fc.integer({ min: 40 * KIB, max: 2 * MIB }) },
        { weight: 3, arbitrary: fc.integer({ min: MIB, max: 64 * MIB }) },
      ),
      usedShare: fc.constantFrom(0, 0.3, 1),
      churn: anyChurn,
      meanWriteBytes: fc.constantFrom(512, 4096, 8192, 10_000.5, 65_536),
      overwrite,
    })
    .map(({ sizeBytes, usedShare, churn, meanWriteBytes, overwrite: model }) => ({
      name,
      volume: 'D:',
      sizeBytes,
      usedBytes: Math.floor(sizeBytes * usedShare),
      churn,
      meanWriteBytes,
      ...(model === undefined ? {} : { overwrite: model }),
    }));

/** Disks and VMs stand in the order of their names: the host sorts them (decision 2), the core takes the given order. */
const vm = (name: string): fc.Arbitrary<Vm> =>
  fc
    .integer({ min: 1, max: 3 })
    .chain((count) =>
      fc
        .tuple(...Array.from({ length: count }, (_, d) => disk(`disk${d}`)))
        .map((disks) => ({ name, host: 'h', disks })),
    );

const copyFrequencyMs = fc.constantFrom(30_000, 5 * MINUTE_MS, 15 * MINUTE_MS, 60_007);
const compressionRatio = fc.constantFrom(1, 0.6, 0.25);
const recoveryPointHours = fc.constantFrom(0, 1, 2, 5, 24);
const appConsistentHours = fc.constantFrom(null, 1, 2, 3);

/** Media and existing replica VMs are for sites (semantics 11). Often at once, sometimes hours later. */
const initialReplication = (toAzure: boolean): fc.Arbitrary<InitialReplicationPlan> =>
  fc.record({
    mode: toAzure ? fc.constant('network') : fc.constantFrom('network', 'media', 'media', 'existing'),
    enableAtMs: fc.constant(0),
    startAtMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: HOUR_MS }) },
    ),
    shippingMs: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(0, 1000) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }).map((turns) => turns * 20 * MINUTE_MS) },
    ),
    existingAgeMs: fc.constantFrom(0, 1234, HOUR_MS, 3 * DAY_MS),
  });

const ownSettings = (toAzure: boolean): fc.Arbitrary<Partial<ReplicationSettings>> =>
  fc.record(
    {
      copyFrequencyMs,
      compressionRatio,
      recoveryPointHours,
      appConsistentHours,
      initialReplication: initialReplication(toAzure),
    },
    { requiredKeys: [] },
  );

const policyOf = (names: readonly string[]): fc.Arbitrary<Policy> =>
  fc.boolean().chain((toAzure) =>
    fc
      .record({
        settings: fc.record({
          copyFrequencyMs,
          compressionRatio,
          recoveryPointHours,
          appConsistentHours,
          initialReplication: fc.oneof(
            { weight: 1, arbitrary: fc.constant(INITIAL_REPLICATION_AT_ONCE) },
            { weight: 3, arbitrary: initialReplication(toAzure) },
          ),
        }),
        overrides: fc.tuple(...names.map(() => fc.option(ownSettings(toAzure)))),
        rules: fc.record({
          retryLadderMs: fc.constantFrom(
            DEFAULT_RULES.retryLadderMs,
            [MINUTE_MS, 2 * MINUTE_MS],
            [1000],
            [3 * HOUR_MS],
            [3 * HOUR_MS],
          ),
          resyncLogRatio: fc.constantFrom(0.5, 0.5, 0.7),
          snapshotBlockBytes: fc.constantFrom(2 * MIB, 64 * KIB),
          mergeBytesPerSec: fc.constantFrom(100e6, 1e5, 1e4),
          chunkBytes: fc.constantFrom(MIB, 64 * KIB),
          checksumBytes: fc.constantFrom(32, 0),
          compareBytesPerSec: fc.constantFrom(DEFAULT_RULES.compareBytesPerSec, 1e5),
          enableMs: fc.constantFrom(0, 5000),
          finalizeMs: fc.constantFrom(0, 7 * MINUTE_MS),
          exportBytesPerSec: fc.constantFrom(100e6, 1e5, 1e4),
        }),
        logOverhead: fc.constantFrom(true, true, false),
      })
      .map(({ settings, overrides, rules, logOverhead }) => ({
        ...settings,
        scenario: toAzure ? 'hyperv-to-azure' : 'vmm-to-vmm',
        authentication: toAzure ? null : 'kerberos',
        maxActiveTransfers: null,
        alignedCuts: false,
        resyncWindow: DEFAULT_RESYNC_WINDOW,
        rules: { ...DEFAULT_RULES, ...rules, ...(logOverhead ? {} : { logEmptyBytes: 0, logBlockBytes: 0 }) },
        overrides: names.flatMap((name, v) => (overrides[v] ? [{ vm: name, settings: overrides[v] }] : [])),
      })),
  );

const spans: fc.Arbitrary<readonly Span[]> = fc.oneof(
  fc.constant([{ startMs: -DAY_MS, endMs: Number.POSITIVE_INFINITY }]),
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 * HOUR_MS }), fc.integer({ min: 1, max: 2 * HOUR_MS })), {
      minLength: 1,
      maxLength: 12,
    })
    .map((pieces) => {
      let atMs = -HOUR_MS;
      return pieces.map(([gapMs, lengthMs]) => {
        const startMs = atMs + gapMs;
        atMs = startMs + lengthMs;
        return { startMs, endMs: atMs };
      });
    }),
);

export const coreCase: fc.Arbitrary<CoreCase> = fc
  .integer({ min: 1, max: 2 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, v) => vm(`vm${v}`))))
  .chain((vms) => {
    const names = vms.map(({ name }) => name);
    return policyOf(names).chain((policy) => {
      const settings = settingsOf(policy, names);
      return fc.record({
        workload: fc.constant<Workload>({
          schema: 'asr-plan/workload@1',
          clock: { startEpochMs: 0, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
          vms,
        }),
        policy: fc.constant(policy),
        resyncSpans: spans,
        cutPhaseMs: fc.tuple(
          ...settings.map((each) => fc.oneof(fc.constant(0), fc.integer({ min: 0, max: each.copyFrequencyMs - 1 }))),
        ),
        existingWrittenBytes: fc.constant(
          vms.flatMap(({ disks }, v) =>
            disks.map(({ churn }) => {
              const { mode, existingAgeMs } = settings[v]!.initialReplication;
              return mode === 'existing' ? Math.round((meanBytesPerSec(churn) * existingAgeMs) / 1000) : 0;
            }),
          ),
        ),
      });
    });
  });
