/**
 * One test per sentence of the two seed documents that the model claims. A test's name quotes a piece of the sentence; the
 * describe names document and section. Where a sentence is ambiguous the test pins our reading and says so.
 *
 * Seed 004: Microsoft, "Hyper-V replication with Azure Site Recovery", 2016-09-12.
 * Seed 000: Microsoft Learn, on-premises Hyper-V replication to a secondary site with VMM.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_RESYNC_WINDOW, DEFAULT_RULES } from '../../src/model/policy.ts';
import { SCENARIOS } from '../../src/model/scenario.ts';
import { TransferKind } from '../../src/replication/columns.ts';
import { Input } from '../../src/replication/lifecycle.ts';
import { HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, simulated } from '../laws/build-run.ts';
import { BenchVm } from './bench-vm.ts';

const T_MS = 5 * MINUTE_MS;
const MB = 1_000_000;

describe('seed 004, "Enable protection"', () => {
  it('"The Enable protection job checks for the prerequisites before invoking the CreateReplicationRelationship method": nothing is sent or tracked before', () => {
    const bench = new BenchVm({ rules: { enableMs: 3000 } }).feed('enabled');
    expect(bench.phase).toBe('enabling');
    expect(bench.core.effects.upload).toBe(TransferKind.none);
    expect(bench.core.tracked[0]).toBe(0);
    expect(bench.core.wakeAtMs[0]).toBe(3000);
  });

  it('"The Enable protection job starts the initial replication … sends the virtual machine’s virtual disks"', () => {
    const bench = new BenchVm().feed('enabled').wake();
    expect(bench.core.effects).toMatchObject({ upload: TransferKind.initial, uploadBytes: 10 * MIB });
  });
});

describe('seed 004, "Finalize protection on the virtual machine"', () => {
  const seeding = (): BenchVm => new BenchVm().feed('enabled').wake();

  it('"A Hyper-V VM snapshot is taken when initial replication is triggered": the recovery point after it is that instant (our reading)', () => {
    const bench = new BenchVm({ rules: { enableMs: 7000 } }).feed('enabled').wake();
    expect(bench.core.snapshotAtMs[0]).toBe(7000);
    bench
      .feed('transferDone', HOUR_MS)
      .feed('transferDone', 2 * HOUR_MS)
      .wake()
      .wake();
    expect(bench.core.recoveryPointAtMs[0]).toBe(7000);
  });

  it('"Virtual hard disks are processed one by one until all the disks are uploaded"', () => {
    const bench = seeding();
    expect(bench.core.effects.uploadBytes).toBe(10 * MIB);
    bench.feed('transferDone', HOUR_MS);
    expect(bench.core.effects).toMatchObject({ upload: TransferKind.initial, uploadBytes: 20 * MIB });
    bench.feed('transferDone', 2 * HOUR_MS);
    expect(bench.core.effects.upload).toBe(TransferKind.none);
    expect(bench.phase).toBe('merging');
  });

  it('"This normally takes a while to finish, based on the disk size and the bandwidth": used bytes ÷ bandwidth (our reading of the size)', () => {
    const ir = (usedBytes: number, capacityBitsPerSec: number): number =>
      simulated(
        buildRun({
          vms: [buildVm({ disks: [buildDisk({ usedBytes, churn: { kind: 'constant', bytesPerSec: 0 } })] })],
          link: { capacityBitsPerSec },
          options: { skipInitialReplication: false },
        }),
      ).vms[0]!.initialReplication.endMs!;
    expect(ir(100 * MB, 8e6)).toBe(100_000);
    expect(ir(200 * MB, 8e6)).toBe(200_000);
    expect(ir(200 * MB, 16e6)).toBe(100_000);
  });

  it('"the Finalize protection on the virtual machine job configures the network and post-replication settings": after the merge, before delta replication', () => {
    const bench = new BenchVm({ rules: { finalizeMs: 4000 } }).feed('enabled').wake();
    bench
      .feed('transferDone', HOUR_MS)
      .feed('transferDone', 2 * HOUR_MS)
      .wake();
    expect(bench.phase).toBe('finalizing');
    expect(bench.core.wakeAtMs[0]! - bench.nowMs).toBe(4000);
    expect(bench.core.protectedAtMs[0]).toBe(-1);
    expect(bench.wake().phase).toBe('tracking');
    expect(bench.core.protectedAtMs[0]).toBe(bench.nowMs);
  });

  it('"All changes to the disks are tracked": in the log, on every disk, from the snapshot on', () => {
    const bench = seeding();
    bench.written[0] = 5 * MB;
    bench.written[1] = 7 * MB;
    bench.feed('transferDone', HOUR_MS);
    expect(bench.logBytes(0)).toBe(5 * MB + 8192 + 4096 * Math.ceil((5 * MB) / (127 * 8192)));
    expect(bench.logBytes(1)).toBe(7 * MB + 8192 + 4096 * Math.ceil((7 * MB) / (127 * 8192)));
  });

  it('"Additional disk storage is consumed for the snapshot and Hyper-V Replica Log (HRL) files": both, for the same bytes', () => {
    const bench = seeding();
    bench.written[0] = 5 * MIB;
    expect(bench.snapshotBytes(0)).toBe(6 * MIB); // whole blocks of 2 MiB
    expect(bench.logBytes(0)).toBeGreaterThan(5 * MIB);
    const { volumes } = simulated(
      buildRun({
        vms: [
          buildVm({ disks: [buildDisk({ usedBytes: 100 * MB, churn: { kind: 'constant', bytesPerSec: 100_000 } })] }),
        ],
        options: { skipInitialReplication: false },
      }),
    );
    expect(volumes[0]!.snapshotPeakBytes).toBeGreaterThan(0);
    expect(volumes[0]!.extraPeakBytes).toBeGreaterThan(volumes[0]!.snapshotPeakBytes);
  });

  it('"On completion of initial replication, the Hyper-V VM snapshot is deleted": its space is given back at the end of the merge (our reading)', () => {
    const bench = seeding();
    bench.written[0] = 5 * MIB;
    bench.feed('transferDone', HOUR_MS).feed('transferDone', 2 * HOUR_MS);
    expect(bench.snapshotBytes(0)).toBe(6 * MIB);
    bench.wake();
    expect(bench.snapshotBytes(0)).toBe(0);
  });

  it('"This deletion results in merging data changes after initial replication to the parent disk": it takes the snapshot’s bytes ÷ the merge throughput', () => {
    const bench = seeding();
    bench.written[0] = 5 * MIB;
    bench.written[1] = 1;
    bench.feed('transferDone', HOUR_MS).feed('transferDone', 2 * HOUR_MS);
    expect(bench.core.wakeAtMs[0]).toBeCloseTo(2 * HOUR_MS + (8 * MIB) / 100_000, 6);
    // What is written during the merge goes to the parent: the snapshot has stopped growing.
    bench.written[0] = 50 * MIB;
    expect(bench.snapshotBytes(0)).toBe(6 * MIB);
  });
});

describe('seed 004, "Delta replication"', () => {
  const tracking = (): BenchVm => new BenchVm().feed('adopted');

  it('"tracks the changes to a virtual hard disk as Hyper-V Replica Log (*.hrl) files": every write, an overwritten one too', () => {
    const run = buildRun({
      vms: [
        buildVm({
          disks: [
            buildDisk({
              churn: { kind: 'constant', bytesPerSec: 1000 },
              overwrite: { hotBytes: 4096, hotShare: 1 },
            }),
          ],
        }),
      ],
      options: { horizonMs: T_MS - 1 },
    });
    // 4 KiB of distinct bytes, but all 299,999 written ones stand in the log.
    expect(simulated(run).vms[0]!.hrlPeakBytes).toBe(299_999 + 8192 + 4096);
  });

  it('"HRL files are in the same directory as the associated disks": they take space on the disk’s volume', () => {
    const disks = [buildDisk({ name: 'a', volume: 'C:' }), buildDisk({ name: 'b', volume: 'E:' })];
    const { volumes, vms } = simulated(buildRun({ vms: [buildVm({ disks })] }));
    expect(volumes.map((volume) => volume.name)).toEqual(['host0: C:', 'host0: E:']);
    expect(volumes[0]!.hrlPeakBytes + volumes[1]!.hrlPeakBytes).toBe(vms[0]!.hrlPeakBytes);
  });

  it('"Each disk that’s configured for replication has an associated HRL file": a cut of two quiet disks sends two empty logs', () => {
    const bench = tracking().wake();
    expect(bench.core.effects).toMatchObject({ upload: TransferKind.delta, uploadBytes: 2 * 8192 });
    expect(bench.logBytes(0)).toBe(2 * 8192); // the one in flight and the open one
  });

  it('"This log is sent to the customer’s storage account after initial replication is complete": no delta before', () => {
    const { vms } = simulated(
      buildRun({
        vms: [
          buildVm({ disks: [buildDisk({ usedBytes: 1000 * MB, churn: { kind: 'constant', bytesPerSec: 1000 } })] }),
        ],
        link: { capacityBitsPerSec: 8e6 },
        options: { skipInitialReplication: false, horizonMs: 1_000_000 },
      }),
    );
    expect(vms[0]!.initialReplication.endMs).toBe(1_000_000);
    expect(vms[0]!.sentBytes.delta).toBe(0);
    expect(vms[0]!.cycles).toEqual({ completed: 0, missed: 0, failed: 0 });
  });

  it('"When a log is in transit to Azure, the changes in the primary are tracked in another log file in the same directory"', () => {
    const bench = tracking();
    bench.written[0] = 3 * MB;
    bench.wake();
    bench.written[0] = 5 * MB;
    expect(bench.core.inFlightBytes[0]).toBe(3 * MB);
    expect(bench.written[0] - bench.core.openFromBytes[0]!).toBe(2 * MB);
    const file = (data: number): number => data + 8192 + 4096 * Math.ceil(data / (127 * 8192));
    expect(bench.logBytes(0)).toBe(file(3 * MB) + file(2 * MB));
    bench.feed('transferDone', bench.nowMs + 1000);
    expect(bench.logBytes(0)).toBe(file(2 * MB));
    expect(bench.core.deliveredBytes[0]).toBe(3 * MB);
  });

  it('"you can monitor VM replication health in the VM view": a VM whose sets cannot be sent is not Normal', () => {
    const outages = [{ startMs: HOUR_MS, endMs: 24 * HOUR_MS }];
    expect(simulated(buildRun()).vms[0]!.health).toBe('Normal');
    expect(simulated(buildRun({ outages, options: { horizonMs: 2 * HOUR_MS } })).vms[0]!.health).toBe('Critical');
  });
});

describe('seed 004, "Resynchronization"', () => {
  const marked = (disk = 0): BenchVm => {
    const bench = new BenchVm().feed('adopted');
    bench.written[disk] = 50 * MIB;
    return bench.feed('logHalfDue', HOUR_MS);
  };

  it('"when HRL file size piles up to 50 percent of the total disk size": the file size of open and in-flight log of one disk against that disk (our reading)', () => {
    const bench = new BenchVm().feed('adopted');
    // 127 writes of 8 KiB a block of metadata: 51 blocks. A byte is missing to half of the disk.
    bench.written[0] = 50 * MIB - 8192 - 4096 * 51 - 1;
    bench.feed('logHalfDue', HOUR_MS);
    expect([bench.phase, bench.logBytes(0) < 50 * MIB]).toEqual(['tracking', true]);
    bench.written[0]! += 1;
    expect(bench.feed('logHalfDue').phase).toBe('resyncMarked');
    // Both disks together do not count: 30 % on each of two disks is no half of any.
    const both = new BenchVm().feed('adopted');
    both.written[0] = 30 * MIB;
    both.written[1] = 30 * MIB;
    expect(both.feed('logHalfDue', HOUR_MS).phase).toBe('tracking');
  });

  it('"the virtual machine is marked for resynchronization": the VM, whichever disk it was; its logs are dropped (our reading)', () => {
    for (const disk of [0, 1]) {
      const bench = marked(disk);
      expect(bench.phase).toBe('resyncMarked');
      expect(bench.core.markCount[0]).toBe(1);
      expect(bench.logBytes(0) + bench.logBytes(1)).toBe(0);
      expect(bench.core.droppedBytes[disk]).toBe(50 * MIB);
    }
  });

  it('"By default, automatically scheduled resynchronization is configured to happen outside work hours": 18:30 to 06:00; only the start (our reading)', () => {
    expect(DEFAULT_RESYNC_WINDOW).toEqual({ startMinute: 18 * 60 + 30, endMinute: 6 * 60 });
    const bench = marked();
    expect(bench.core.wakeAtMs[0]).toBe(10 * HOUR_MS); // the bench's window
    bench.wake();
    expect(bench.phase).toBe('resyncing');
    // Inside it a mark starts at once.
    const inside = new BenchVm().feed('adopted');
    inside.written[0] = 50 * MIB;
    inside.feed('logHalfDue', 11 * HOUR_MS);
    expect([inside.core.wakeAtMs[0], inside.core.wakeInput[0]]).toEqual([11 * HOUR_MS, Input.windowOpened]);
  });

  it('"minimizes the amount of data sent over the network by computing checksums … and sending only the differential"', () => {
    const bench = marked().wake();
    const checksums = 2 * 100 * 32;
    expect(bench.core.effects.upload).toBe(TransferKind.resync);
    expect(bench.core.effects.uploadBytes).toBe(checksums + 50 * MIB);
    expect(bench.core.effects.uploadBytes).toBeLessThan(200 * MIB);
  });

  it('"uses a fixed-block chunking algorithm where source and target files are divided into fixed chunks": one changed byte sends its whole chunk', () => {
    const bench = new BenchVm().feed('adopted');
    bench.written[0] = 50 * MIB;
    bench.written[1] = 1;
    bench.feed('logHalfDue', HOUR_MS).wake();
    expect(bench.core.effects.uploadBytes).toBe(2 * 100 * 32 + 50 * MIB + MIB);
  });

  it('"Checksums for each chunk are generated and then compared": a checksum per chunk of the whole disk travels, and reading bounds the rate', () => {
    const bench = marked().wake();
    // 100 MiB at 1.33 GB a minute; both disks at a time (our reading).
    const readingMs = ((100 * MIB) / (1.33e9 / 60)) * 1000;
    expect(bench.core.effects.uploadBytes / bench.core.effects.uploadBytesPerMs).toBeCloseTo(readingMs, 6);
  });

  it('"You can resume resynchronization if a network outage or another outage occurs": from the last whole chunk (our reading)', () => {
    const bench = marked().wake();
    const all = bench.core.effects.uploadBytes;
    bench.feed('transferFailed', bench.nowMs + 1000, 'networkError', 12.5 * MIB);
    expect(bench.phase).toBe('resyncBackoff');
    bench.wake();
    expect(bench.core.effects).toMatchObject({ upload: TransferKind.resync, uploadBytes: all - 12 * MIB });
  });

  it('"After resynchronization finishes, normal delta replication should resume": at the next boundary, with what was written since its start', () => {
    const bench = marked().wake();
    const startMs = bench.nowMs;
    bench.written[0]! += 2 * MB;
    bench.feed('transferDone', startMs + 7 * MINUTE_MS);
    expect(bench.phase).toBe('tracking');
    expect(bench.core.recoveryPointAtMs[0]).toBe(startMs);
    expect(bench.core.wakeAtMs[0]).toBe(startMs + 10 * MINUTE_MS);
    bench.wake();
    expect(bench.core.effects.upload).toBe(TransferKind.delta);
    expect(bench.core.inFlightBytes[0]).toBe(2 * MB);
  });
});

describe('seed 004, "Retry logic"', () => {
  /** Instants of the attempts, in minutes from the first failure, when all fail at once. */
  function attempts(bench: BenchVm, count: number): number[] {
    const firstMs = bench.nowMs;
    return Array.from({ length: count }, () => {
      bench.wake();
      const minutes = (bench.nowMs - firstMs) / MINUTE_MS;
      bench.feed('transferFailed');
      return minutes;
    });
  }

  it('"an exponential back-off that increases the retry interval from the start of the first attempt (1, 2, 4, 8, 10 minutes)": we read the minutes as gaps from a failure to the next attempt (ambiguous)', () => {
    expect(DEFAULT_RULES.retryLadderMs.map((gapMs) => gapMs / MINUTE_MS)).toEqual([1, 2, 4, 8, 10, 30]);
    const bench = new BenchVm().feed('adopted').wake().feed('transferFailed');
    expect(attempts(bench, 5)).toEqual([1, 3, 7, 15, 25]);
  });

  it('"If an error persists, retry every 30 minutes"', () => {
    const bench = new BenchVm().feed('adopted').wake().feed('transferFailed');
    expect(attempts(bench, 8).slice(5)).toEqual([55, 85, 115]);
  });

  it('"Retries occur every replication interval": the ladder sets the instants, no cut happens meanwhile (our reading; ambiguous)', () => {
    const bench = new BenchVm().feed('adopted').wake().feed('transferFailed');
    attempts(bench, 4);
    expect(bench.core.cutAtMs[0]).toBe(T_MS);
    expect(bench.phase).toBe('sendingBackoff');
    bench.wake();
    expect(bench.feed('transferDone').core.missedCycles[0]).toBe(4); // 25 minutes: boundaries at 5, 10, 15, 20; at 25 it is in time
  });

  it('"Recoverable error": the same ladder for initial replication and resynchronization; a success begins it anew (our reading)', () => {
    const seeding = new BenchVm().feed('enabled').wake().feed('transferFailed');
    expect(attempts(seeding, 3)).toEqual([1, 3, 7]);
    seeding.wake().feed('transferDone').feed('transferFailed');
    expect(attempts(seeding, 2)).toEqual([1, 3]);
    const resync = new BenchVm().feed('adopted');
    resync.written[0] = 50 * MIB;
    resync
      .feed('logHalfDue', 11 * HOUR_MS)
      .wake()
      .feed('transferFailed');
    expect(attempts(resync, 3)).toEqual([1, 3, 7]);
  });

  it('"Network error" is a recoverable error: an outage is retried, and tracking goes on meanwhile', () => {
    const outages = [{ startMs: HOUR_MS, endMs: HOUR_MS + 2 * MINUTE_MS }];
    const [vm] = simulated(buildRun({ outages, options: { horizonMs: 2 * HOUR_MS } })).vms;
    expect(vm!.cycles.failed).toBe(2);
    expect(vm!.bytes.untracked + vm!.bytes.droppedAtMark).toBe(0);
    expect(vm!.phaseAtEnd).toBe('delta replication');
  });
});

describe('seed 000, "Task 3: Prepare infrastructure"', () => {
  it('"A replication policy defines the replication settings, such as the copy frequency, authentication type, and data transfer compression": frequency and compression decide what is sent', () => {
    const sent = (copyFrequencyMs: number, compressionRatio: number): number =>
      simulated(buildRun({ policy: { copyFrequencyMs, compressionRatio } })).vms[0]!.sentBytes.delta;
    expect(sent(T_MS, 0.5)).toBe(sent(T_MS, 1) / 2);
    // Shorter intervals send more empty headers.
    expect(sent(30_000, 1)).toBeGreaterThan(sent(T_MS, 1));
  });
});

describe('seed 000, "On-premises Hyper-V Replication to a secondary on-premises Hyper-V site (with VMM)"', () => {
  it('"orchestrates the replication and failover between the two sites but not VM data replicates to Azure": its target is a site', () => {
    expect(SCENARIOS['vmm-to-vmm'].target).toBe('site');
    expect(SCENARIOS['hyperv-to-azure'].target).toBe('azure');
  });
});
