/**
 * One test per sentence of the sources on errors, administrators' acts, triggers, failover and recovery points. A test's name
 * quotes a piece of the sentence; the describe names document and place. Where a sentence is ambiguous the test pins our reading.
 *
 * Seed 004: Microsoft, "Hyper-V replication with Azure Site Recovery", 2016-09-12.
 * Seed 000: Microsoft Learn, on-premises Hyper-V replication to a secondary site with VMM.
 * The blog articles are those of the Microsoft Virtualization team.
 */
import { describe, expect, it } from 'vitest';
import { CAUSE_KEYS, CAUSES } from '../../src/model/cause.ts';
import { INITIAL_REPLICATION_AT_ONCE } from '../../src/model/policy.ts';
import { TransferKind } from '../../src/replication/columns.ts';
import { pointAtMs, pointIsAppConsistent, pointStorageBytes } from '../../src/replication/recovery-points.ts';
import { DAY_MS, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildRun, buildVm, simulated } from '../laws/build-run.ts';
import { BenchVm } from './bench-vm.ts';

const T_MS = 5 * MINUTE_MS;
const BETWEEN_SITES = { policy: { scenario: 'vmm-to-vmm' } } as const;

const replicating = (change: ConstructorParameters<typeof BenchVm>[0] = {}): BenchVm =>
  new BenchVm(change).feed('adopted', 0);
const sending = (): BenchVm => replicating().write(MIB).feed('intervalElapsed', T_MS);

describe('seed 004, "Retry logic", non-recoverable errors', () => {
  const NON_RECOVERABLE = CAUSE_KEYS.filter(
    (key) => CAUSES[key].kind === 'nonRecoverable' && key !== 'prerequisiteMissing',
  );

  it('"Examples include": broken VHD chain, invalid replica state, authentication, authorization, VM not found', () => {
    expect(NON_RECOVERABLE.map((key) => CAUSES[key].title)).toEqual([
      'broken VHD chain',
      'invalid replica state',
      'authentication error',
      'authorization error',
      'VM not found',
    ]);
  });

  it.each(NON_RECOVERABLE)('"No retry is attempted": %s leaves no deadline', (cause) => {
    const bench = sending().feed('fatalError', T_MS + 1000, cause);
    expect(bench.phase).toBe('critical');
    expect(bench.core.effects).toMatchObject({ abort: true, upload: TransferKind.none });
    expect(bench.core.wakeAtMs[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('"administrator intervention is required": tracking goes on, and the set in flight is sent again from its beginning once fixed (our reading)', () => {
    const bench = sending().feed('fatalError', T_MS + 1000, 'authenticationError');
    const before = bench.allLogBytes;
    bench.write(MIB);
    bench.nowMs = HOUR_MS;
    expect(bench.allLogBytes).toBeGreaterThan(before + 2 * MIB - 1);
    bench.feed('fixed', HOUR_MS);
    expect(bench.phase).toBe('sending');
    expect(bench.core.effects.uploadBytes).toBe(before - 2 * 8192);
  });

  it('a broken VHD chain leads through a resynchronization: logs no longer tell all changes (our reading)', () => {
    const bench = sending()
      .feed('fatalError', T_MS + 1000, 'brokenVhdChain')
      .feed('fixed', HOUR_MS);
    expect(bench.phase).toBe('resyncMarked');
    expect(bench.core.markCount[0]).toBe(1);
    expect(bench.allLogBytes).toBe(0);
  });

  it('an error in Enable protection ends the job: the VM stays unprotected (our reading)', () => {
    const bench = new BenchVm({ rules: { enableMs: 5000 } })
      .feed('enabled', 0)
      .feed('fatalError', 5000, 'prerequisiteMissing');
    expect(bench.phase).toBe('unprotected');
    expect(bench.allLogBytes).toBe(0);
  });
});

describe('seed 004, "Retry logic", recoverable errors', () => {
  const RECOVERABLE = CAUSE_KEYS.filter((key) => CAUSES[key].kind === 'recoverable');

  it('"Examples include": network error, low disk space, low memory', () => {
    expect(RECOVERABLE.map((key) => CAUSES[key].title)).toEqual(['network error', 'low disk space', 'low memory']);
  });

  it.each(RECOVERABLE)('%s climbs the same ladder, whatever came before (our reading)', (cause) => {
    const bench = sending().feed('transferFailed', T_MS, 'networkError');
    const attempts = [bench.core.wakeAtMs[0]!];
    for (let attempt = 0; attempt < 5; attempt++) {
      bench.wake().feed('transferFailed', bench.nowMs, cause);
      attempts.push(bench.core.wakeAtMs[0]!);
    }
    expect(attempts.map((atMs) => (atMs - T_MS) / MINUTE_MS)).toEqual([1, 3, 7, 15, 25, 55]);
  });

  it('"Low disk space": a volume that fills makes sending fail, and at nothing free the log write (our reading)', () => {
    const run = buildRun({
      vms: [buildVm()],
      // 100 kB/s for 5 minutes are 30 MB a log: below the reserve of 50 MB from the second log on, full in the fourth.
      volumes: [{ name: 'D:', host: 'host0', capacityBytes: 1e9, freeBytes: 110e6 }],
      link: { capacityBitsPerSec: 1000 },
      options: { horizonMs: 2 * HOUR_MS },
    });
    const [volume] = simulated(run).volumes;
    expect(volume!.lowAtMs).not.toBeNull();
    expect(volume!.fullAtMs).toBeGreaterThan(volume!.lowAtMs!);
    // 60 MB take 10 minutes, 110 MB take 18 minutes and 20 seconds; volumes are looked at at full minutes.
    expect(volume!.lowAtMs! / MINUTE_MS).toBe(10);
    expect(volume!.fullAtMs! / MINUTE_MS).toBe(19);
  });

  it('… also where something else takes the space: no attempt goes through below the reserve, each one after it', () => {
    const run = buildRun({
      vms: [buildVm()],
      volumes: [{ name: 'D:', host: 'host0', capacityBytes: 100e9, freeBytes: 50e9 }],
      link: { capacityBitsPerSec: 1e9 },
      // 4 GB are left of 100: less than the reserve of 5 GB, more than the logs take.
      events: [{ kind: 'volumeTaken', volume: 'D:', bytes: 46e9, atMs: 12 * MINUTE_MS, untilMs: 41 * MINUTE_MS }],
      options: { horizonMs: 59 * MINUTE_MS },
    });
    const { vms, volumes } = simulated(run);
    // The cut of minute 15 fails at once, and so do the attempts of 16, 18, 22, 30 and 40; that of 70 is beyond the horizon.
    expect(vms[0]!.cycles).toEqual({ completed: 2, missed: 8, failed: 6 });
    expect(volumes[0]!.fullAtMs).toBeNull();
    // Also between the full minutes at which volumes are looked at: nothing begins to flow.
    const begun: number[] = [];
    const spread = { ...run, policy: { ...run.policy, alignedCuts: false } };
    simulated(spread, { observer: { transfer: (_, flows, nowMs) => void (flows && begun.push(nowMs / MINUTE_MS)) } });
    expect(begun.some((atMin) => atMin % 1 !== 0)).toBe(true);
    expect(begun.filter((atMin) => atMin >= 12 && atMin < 41)).toEqual([]);
  });
});

describe('seed 004, "Resynchronization", triggers (blog, 2013-05-10)', () => {
  it.each(['logWriteFailed', 'logNotClosed', 'diskChanged', 'volumeReverted', 'logOutOfSequence'] as const)(
    '%s marks the VM: its logs are dropped, nothing is tracked',
    (cause) => {
      const bench = sending().feed('resyncRequired', T_MS + 1000, cause);
      expect(bench.phase).toBe('resyncMarked');
      expect(bench.core.markCause[0]).toBe(CAUSES[cause].code);
      expect(bench.core.tracked[0]).toBe(0);
      expect(bench.core.effects.abort).toBe(true);
      expect(bench.core.wakeAtMs[0]).toBe(10 * HOUR_MS);
    },
  );

  it('"If the virtual machine needs to be resynchronized manually, select the virtual machine … and click Resynchronize": at once, outside the window', () => {
    const bench = sending().feed('resyncRequested', T_MS + 1000);
    expect(bench.phase).toBe('resyncing');
    expect(bench.core.effects).toMatchObject({ abort: true, upload: TransferKind.resync });
    expect(bench.core.resyncStartedAtMs[0]).toBe(T_MS + 1000);
  });

  it('all recovery points are deleted when it ends (blog, 2013-05-10)', () => {
    const bench = replicating({ policy: { recoveryPointHours: 4 } });
    for (let hour = 1; hour <= 3; hour++) {
      bench.feed('intervalElapsed', hour * HOUR_MS).feed('transferDone', hour * HOUR_MS + 1000);
    }
    expect(bench.core.pointCount[0]).toBe(3);
    bench.feed('resyncRequested', 4 * HOUR_MS);
    expect(bench.core.pointCount[0]).toBe(3);
    bench.feed('transferDone', 5 * HOUR_MS);
    expect(bench.core.pointCount[0]).toBe(0);
  });

  it('pause and resume go on where it stopped; planned and test failover are not possible, an unplanned one cancels it (blog, 2013-05-10)', () => {
    const bench = replicating()
      .write(40 * MIB)
      .feed('resyncRequested', T_MS);
    const wholeBytes = bench.core.effects.uploadBytes;
    expect(bench.refuses('plannedFailover')).toBe('a resynchronization runs');
    expect(bench.refuses('testFailoverStarted')).toBe('a resynchronization runs');
    bench.feed('paused', HOUR_MS, undefined, 30.5 * MIB);
    expect(bench.phase).toBe('resyncPaused');
    bench.feed('resumed', 2 * HOUR_MS);
    expect(bench.core.effects.uploadBytes).toBe(wholeBytes - 30 * MIB);
    bench.feed('unplannedFailover', 3 * HOUR_MS);
    expect(bench.core.effects.abort).toBe(true);
    expect(bench.phase).toBe('failedOver');
  });
});

describe('pausing (support article on Hyper-V Replica: if replication is paused, tracking continues)', () => {
  it('a paused VM’s log grows, and a set in flight is sent again from its beginning', () => {
    const bench = sending();
    const setBytes = bench.core.effects.uploadBytes;
    bench.feed('paused', T_MS + 1000, undefined, MIB).write(5 * MIB);
    bench.nowMs = HOUR_MS;
    expect(bench.phase).toBe('paused');
    expect(bench.allLogBytes).toBeGreaterThan(10 * MIB);
    bench.feed('resumed', HOUR_MS);
    expect(bench.core.effects.uploadBytes).toBe(setBytes);
  });

  it('half a disk of logs marks it all the same: resuming leads to the mark (our reading)', () => {
    const bench = replicating()
      .feed('paused', 1000)
      .write(51 * MIB)
      .feed('logHalfDue', HOUR_MS);
    expect(bench.phase).toBe('paused');
    expect(bench.allLogBytes).toBe(0);
    bench.feed('resumed', 2 * HOUR_MS);
    expect(bench.phase).toBe('resyncMarked');
  });

  it('a paused VM gives its slot to whoever waits for it', () => {
    const run = buildRun({
      vms: [buildVm({ name: 'a' }), buildVm({ name: 'b' })],
      policy: { scenario: 'vmm-to-vmm', maxActiveTransfers: 1 },
      events: [{ kind: 'action', action: 'pause', target: { scope: 'vm', name: 'a' }, atMs: 5 * MINUTE_MS + 1000 }],
      options: { horizonMs: HOUR_MS },
    });
    const [paused, waiting] = simulated(run).vms;
    expect(paused!.cycles.completed).toBe(0);
    expect(waiting!.cycles.completed).toBe(11);
  });

  it('paused initial replication keeps its whole chunks', () => {
    const bench = new BenchVm()
      .feed('enabled', 0)
      .wake()
      .feed('paused', 1000, undefined, 3.7 * MIB);
    bench.feed('resumed', HOUR_MS);
    expect(bench.core.effects.uploadBytes).toBe(7 * MIB);
  });
});

describe('initial replication otherwise than over the network (facts 1; blog, 2013-06-28)', () => {
  const media = (): BenchVm =>
    new BenchVm({
      policy: {
        scenario: 'vmm-to-vmm',
        initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode: 'media', shippingMs: 2 * DAY_MS },
      },
      rules: { exportBytesPerSec: MIB },
    })
      .feed('enabled', 0)
      .wake();

  it('exported media: the bytes travel outside the link, and the export takes used bytes ÷ its throughput', () => {
    const bench = media();
    expect(bench.phase).toBe('exporting');
    expect(bench.core.effects.upload).toBe(TransferKind.none);
    expect(bench.core.wakeAtMs[0]).toBe(30_000);
  });

  it('deltas flow to the placeholder from the start; the VM is protected from the import on', () => {
    const bench = media().wake().wake();
    expect(bench.phase).toBe('tracking');
    bench.feed('intervalElapsed', T_MS).feed('transferDone', T_MS + 1000);
    expect(bench.core.protectedAtMs[0]).toBe(-1);
    expect(bench.refuses('unplannedFailover')).toBe('there is no replica to start from yet');
    bench.feed('mediaImported', 30_000 + 2 * DAY_MS);
    expect(bench.core.protectedAtMs[0]).toBe(30_000 + 2 * DAY_MS);
    expect(bench.core.recoveryPointAtMs[0]).toBe(T_MS);
  });

  it('an existing replica VM: the first step is a resynchronization, at once; what differs is what was written since the copy', () => {
    const bench = new BenchVm({
      policy: {
        scenario: 'vmm-to-vmm',
        initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode: 'existing' },
      },
    });
    bench.core.recoveryPointBytes.fill(-5 * MIB);
    bench.feed('enabled', 0).wake();
    expect(bench.phase).toBe('resyncing');
    expect(bench.core.effects.uploadBytes).toBe(2 * (100 * 32 + 5 * MIB));
    bench.feed('transferDone', HOUR_MS);
    expect(bench.phase).toBe('finalizing');
    expect(bench.core.recoveryPointAtMs[0]).toBe(0);
  });
});

describe('seed 000, "Task 5: Manage a recovery plan": test, planned and unplanned failover, reverse replication', () => {
  it('"perform a test failover": replication goes on, one at a time per VM (facts 8)', () => {
    const bench = sending().feed('testFailoverStarted', T_MS + 1000);
    expect(bench.phase).toBe('sending');
    expect(bench.core.effects).toMatchObject({ abort: false, upload: TransferKind.none });
    expect(bench.refuses('testFailoverStarted')).toBe('a test failover has not been cleaned up');
    expect(bench.refuses('unplannedFailover')).toBe('a test failover has not been cleaned up');
    bench.feed('transferDone', T_MS + 2000).feed('testFailoverCleanedUp', T_MS + 3000);
    expect(bench.refuses('unplannedFailover')).toBeNull();
  });

  it('"a planned failover": the last changes are sent first, with the guest off; no data is lost', () => {
    const bench = sending()
      .write(MIB)
      .feed('plannedFailover', T_MS + 1000);
    expect(bench.guest).toBe('stops');
    expect(bench.core.effects.abort).toBe(false);
    bench.feed('transferDone', T_MS + 2000);
    expect(bench.phase).toBe('sendingLast');
    expect(bench.core.cutAtMs[0]).toBe(T_MS + 2000);
    bench.feed('transferDone', T_MS + 3000);
    expect(bench.guest).toBe('starts');
    expect(bench.phase).toBe('failedOver');
    expect(bench.core.recoveryPointAtMs[0]).toBe(T_MS + 2000);
    expect([...bench.core.deliveredBytes]).toEqual([2 * MIB, 2 * MIB]);
  });

  it('a planned failover whose last changes cannot be sent has failed: the guest goes on (our reading)', () => {
    const bench = replicating().feed('plannedFailover', 1000).feed('transferFailed', 2000, 'networkError');
    expect(bench.guest).toBe('starts');
    expect(bench.phase).toBe('sendingBackoff');
    expect(bench.core.timerAtMs[0]).toBe(2000 + MINUTE_MS);
  });

  it('"an unplanned failover": the guest starts from the recovery point, and cancelling throws away what it wrote there (our reading)', () => {
    const bench = sending().feed('unplannedFailover', T_MS + 1000);
    expect(bench.core.effects.abort).toBe(true);
    expect(bench.core.recoveryPointAtMs[0]).toBe(0);
    const logBytes = bench.allLogBytes;
    bench.write(7 * MIB);
    bench.nowMs = HOUR_MS;
    expect(bench.allLogBytes).toBe(logBytes);
    bench.feed('failoverCancelled', HOUR_MS);
    expect(bench.phase).toBe('sending');
    expect(bench.allLogBytes).toBe(logBytes);
    expect([...bench.core.untrackedBytes]).toEqual([7 * MIB, 7 * MIB]);
  });

  it('"a reverse replication after failover": after a planned one only the changes since are sent (facts 8)', () => {
    const bench = replicating(BETWEEN_SITES)
      .feed('plannedFailover', 1000)
      .feed('transferDone', 2000)
      .write(3 * MIB);
    bench
      .feed('failoverCommitted', HOUR_MS)
      .wake()
      .feed('reversed', 2 * HOUR_MS);
    expect(bench.phase).toBe('tracking');
    expect(bench.core.reversed[0]).toBe(1);
    expect(bench.core.recoveryPointAtMs[0]).toBe(2000);
    bench.wake();
    expect([...bench.core.inFlightBytes]).toEqual([3 * MIB, 3 * MIB]);
  });

  it('… after an unplanned one it begins with a resynchronization, or with a full copy (semantics 30)', () => {
    const failedOver = (): BenchVm =>
      replicating(BETWEEN_SITES).feed('unplannedFailover', 1000).feed('failoverCommitted', 2000);
    expect(failedOver().feed('reversed', 3000).phase).toBe('resyncing');
    expect(failedOver().feed('reversedInFull', 3000).core.effects).toMatchObject({
      upload: TransferKind.initial,
      uploadBytes: 10 * MIB,
    });
  });

  it('machines that have failed over to Azure are not replicated until they fail back by a planned failover (facts 8)', () => {
    const bench = replicating().feed('unplannedFailover', 1000).feed('failoverCommitted', 2000);
    expect(bench.refuses('reversed')).toContain('runs in Azure');
    bench.write(MIB).feed('plannedFailover', 3000);
    expect(bench.phase).toBe('resyncing');
    expect(bench.guest).toBe('goes on');
    bench.write(MIB).feed('transferDone', HOUR_MS);
    expect(bench.phase).toBe('sendingLast');
    expect(bench.guest).toBe('stops');
    bench
      .feed('transferDone', HOUR_MS + 1000)
      .feed('failoverCommitted', HOUR_MS + 2000)
      .feed('reversed', HOUR_MS + 3000);
    expect(bench.phase).toBe('tracking');
    expect(bench.core.atTarget[0]).toBe(0);
    expect(bench.core.reversed[0]).toBe(0);
  });
});

describe('recovery points (facts 1: RecoveryHistory, hourly; ApplicationConsistentSnapshotInterval)', () => {
  const hours = (count: number, change: { appConsistentHours: number | null }): BenchVm => {
    const bench = replicating({ policy: { recoveryPointHours: 2, ...change } });
    for (let quarter = 1; quarter <= 4 * count; quarter++) {
      bench
        .write(MIB)
        .feed('intervalElapsed', quarter * 15 * MINUTE_MS)
        .feed('transferDone', bench.nowMs + 1000);
    }
    return bench;
  };
  const kept = (bench: BenchVm): number[] =>
    Array.from({ length: bench.core.pointCount[0]! }, (_, index) => pointAtMs(bench.core, 0, index) / HOUR_MS);

  it('one an hour is kept for the retention; older ones are merged', () => {
    expect(kept(hours(5, { appConsistentHours: null }))).toEqual([3, 4, 5]);
    expect(kept(hours(5.25, { appConsistentHours: null }))).toEqual([4, 5]);
  });

  it('every so many hours one is app-consistent', () => {
    const bench = hours(6, { appConsistentHours: 3 });
    expect(kept(bench)).toEqual([4, 5, 6]);
    expect([0, 1, 2].map((index) => pointIsAppConsistent(bench.core, 0, index))).toEqual([false, false, true]);
  });

  it('their storage at the target is the distinct bytes between them, and to the latest', () => {
    // Two disks, 4 MiB an hour each between neighbours, and 1 MiB each since the newest.
    expect(pointStorageBytes(hours(5, { appConsistentHours: null }).core, 0)).toBe(2 * 2 * 4 * MIB);
    expect(pointStorageBytes(hours(5.25, { appConsistentHours: null }).core, 0)).toBe(2 * (4 + 1) * MIB);
  });
});

describe('support matrix: a disk added or resized while protected (facts 2.5)', () => {
  it('is refused with the documented remedy; ending protection drops logs and snapshot', () => {
    const run = buildRun({
      events: [{ kind: 'action', action: 'resizeDisk', target: { scope: 'vm', name: 'vm0' }, atMs: HOUR_MS }],
    });
    const [event] = simulated(run).events;
    expect(event).toMatchObject({ appliedCount: 0, refusedCount: 1 });
    expect(event!.refused[0]!.reason).toContain('disable its protection, change the disk, and enable it again');
    const bench = new BenchVm()
      .feed('enabled', 0)
      .wake()
      .write(5 * MIB)
      .feed('disabled', 1000);
    expect(bench.phase).toBe('unprotected');
    expect(bench.allLogBytes + bench.snapshotBytes(0)).toBe(0);
  });
});
