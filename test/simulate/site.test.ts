import { describe, expect, it } from 'vitest';
import type { Throttle, WeeklySchedule } from '../../src/model/schedule.ts';
import type { Site } from '../../src/model/site.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import { connectionBytesPerMs } from '../../src/simulate/topology.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, type RunChange, simulated } from '../laws/build-run.ts';

/** No log overhead, all payload: a set of c · T bytes takes 8 c T ÷ b. */
const PLAIN = { logEmptyBytes: 0, logBlockBytes: 0 };
const T = 5 * MINUTE_MS;
/** Written and sent in each cycle: 30 MB. */
const CHURN = { kind: 'constant', bytesPerSec: 100_000 } as const;

function atSite(site: Partial<Site>, change: RunChange = {}): RunResult {
  const run = buildRun({ rules: PLAIN, vms: [buildVm({ disks: [buildDisk({ churn: CHURN })] })], ...change });
  return simulated({ ...run, site: { ...run.site, ...site, link: { ...run.site.link, ...site.link } } });
}

const LINK = { capacityBitsPerSec: 10e6, efficiencyRatio: 1, outages: [] };
/** 30 MB at 10 Mbit/s. */
const TRANSFER_MS = 24_000;

function workHours(value: Throttle, otherwise: Throttle = { kind: 'none' }): WeeklySchedule<Throttle> {
  return { windows: [{ days: [0, 1, 2, 3, 4], startMinute: 8 * 60, endMinute: 18 * 60, value }], otherwise };
}

describe('a throttle', () => {
  it('of the link slows transfers in its hours, and is named as what holds them', () => {
    const { vms, series } = atSite({ link: { ...LINK, throttle: workHours({ kind: 'rate', bitsPerSec: 2e6 }) } });
    // 30 MB at 2 Mbit/s are 120 s, from 08:00 to 18:00; the run begins on Monday at 00:00.
    expect(vms[0]!.rpo.maxMs).toBe(T + 120_000);
    expect(vms[0]!.constraintMs.throttle).toBe(120 * 120_000);
    expect(vms[0]!.constraintMs.link).toBe((287 - 120) * TRANSFER_MS);
    const bucketOf = (hour: number): number => (hour * HOUR_MS) / series.trafficBucketMs;
    expect(series.traffic.capacity[bucketOf(7)]).toBe((10e6 / 8000) * series.trafficBucketMs);
    expect(series.traffic.capacity[bucketOf(9)]).toBe((2e6 / 8000) * series.trafficBucketMs);
  });

  it('of a host slows its own VMs alone', () => {
    const vms = [
      buildVm({ disks: [buildDisk({ churn: CHURN })] }),
      buildVm({ name: 'vm1', host: 'host1', disks: [buildDisk({ churn: CHURN })] }),
    ];
    const throttle = workHours({ kind: 'rate', bitsPerSec: 1e6 });
    const { vms: results, hosts } = atSite(
      { hosts: [{ name: 'host0', throttle }] },
      { vms, link: { capacityBitsPerSec: 20e6 } },
    );
    expect(results[0]!.rpo.maxMs).toBe(T + 240_000);
    expect(results[1]!.rpo.maxMs).toBe(T + 24_000);
    expect(hosts.map(({ name }) => name)).toEqual(['host0', 'host1']);
    expect(hosts[0]!.clippedFraction).toBeGreaterThan(0);
    expect(hosts[1]!.clippedFraction).toBe(0);
  });

  it('of 0 stops sending at its hours without an error', () => {
    const { vms } = atSite({ link: { ...LINK, throttle: workHours({ kind: 'share', ratio: 0 }) } });
    expect(vms[0]!.cycles.failed).toBe(0);
    // The set of 08:00 arrives at 18:00:24; the next, cut at 18:05, carries 3.63 GB for 2,904 s. Until then the replica is of 08:00.
    expect(vms[0]!.rpo.maxMs).toBe(10 * HOUR_MS + T + 2_904_000);
  });
});

describe('what others use of the link', () => {
  it('is not there for replication', () => {
    const background = {
      kind: 'series',
      startMs: [0, 6 * HOUR_MS],
      bitsPerSec: [8e6, 0],
      endMs: 12 * HOUR_MS,
      repeatMs: 0,
    } as const;
    const { vms } = atSite({ link: { ...LINK, background } });
    expect(vms[0]!.rpo.maxMs).toBe(T + 120_000);
    expect(vms[0]!.constraintMs.link).toBe(71 * 120_000 + 216 * TRANSFER_MS);
  });
});

describe('a cap', () => {
  it('of a VM holds it, and leaves the rest to others by their weights', () => {
    const disk = buildDisk({ churn: { kind: 'constant', bytesPerSec: 0 }, usedBytes: 300e6 });
    const names = ['vm0', 'vm1', 'vm2'];
    const { vms } = atSite(
      {
        vms: [
          { vm: 'vm0', capBitsPerSec: 1e6 },
          { vm: 'vm1', weight: 1 },
          { vm: 'vm2', weight: 2 },
        ],
      },
      { vms: names.map((name) => buildVm({ name, disks: [disk] })), options: { skipInitialReplication: false } },
    );
    const endMs = (vm: number): number => vms[vm]!.initialReplication.endMs!;
    // 9 Mbit/s shared 1 : 2. vm2 has its 300 MB at 6 Mbit/s after 400 s; vm1 then has half and goes on at 9.
    expect(endMs(2)).toBe(400_000);
    expect(endMs(1)).toBe(Math.ceil(400_000 + (150e6 * 8) / 9e3));
    expect(endMs(0)).toBe(2_400_000);
    expect(vms[0]!.constraintMs.threads).toBe(2_400_000);
  });

  it('of its connections follows from round trip, loss and threads', () => {
    const rules = { tcpWindowBytes: 64_000, tcpSegmentBytes: 1460 };
    expect(connectionBytesPerMs([{ roundTripMs: 20 }, { roundTripMs: 60 }], rules)).toBe(800);
    expect(connectionBytesPerMs([{}], rules)).toBe(Number.POSITIVE_INFINITY);
    // Mathis: 1,460 ÷ 0.08 s × √(1.5 ÷ 0.01) = 223.5 kB/s.
    expect(connectionBytesPerMs([{ roundTripMs: 80, lossRatio: 0.01 }], rules)).toBeCloseTo(223.5, 1);
    const at = (uploadThreadsPerVm: number): RunResult =>
      atSite(
        {
          link: { ...LINK, capacityBitsPerSec: 100e6, roundTripMs: 80 },
          hosts: [{ name: 'host0', uploadThreadsPerVm }],
        },
        { rules: { ...PLAIN, tcpWindowBytes: 64_000 } },
      );
    // 0.8 MB/s for each thread: 30 MB take 37.5 s with one, 9.375 s with four.
    expect(at(1).vms[0]!.rpo.maxMs).toBe(T + 37_500);
    expect(at(4).vms[0]!.rpo.maxMs).toBe(T + 9375);
  });
});

describe('a further link', () => {
  const vms = [
    buildVm({ disks: [buildDisk({ churn: CHURN })] }),
    buildVm({ name: 'vm1', disks: [buildDisk({ churn: CHURN })] }),
  ];
  const site = {
    link: { ...LINK, capacityBitsPerSec: 100e6 },
    furtherLinks: [
      {
        name: 'branch',
        capacityBitsPerSec: 4e6,
        outages: [{ startMs: HOUR_MS, endMs: HOUR_MS + 10 * MINUTE_MS }],
        via: 'hub',
      },
      { name: 'hub', capacityBitsPerSec: 8e6, outages: [] },
    ],
    vms: [{ vm: 'vm1', link: 'branch' }],
  };

  it('slows those whose way it is on, and its outage fails them alone', () => {
    const { vms: results, furtherLinks } = atSite(site, { vms });
    expect(results[0]!.cycles.failed).toBe(0);
    // The other has 4 Mbit/s of the 100 at most: 96 are left.
    expect(results[0]!.rpo.maxMs).toBe(T + 2500);
    expect(results[1]!.cycles.failed).toBeGreaterThan(0);
    expect(furtherLinks.map(({ name, sentBytes }) => [name, sentBytes])).toEqual([
      ['branch', results[1]!.sentBytes.delta],
      ['hub', results[1]!.sentBytes.delta],
    ]);
  });
});

describe('random outages', () => {
  it('come from the seed, whole and apart, at their mean rate, and each link has its own', () => {
    const randomOutages = { meanBetweenMs: 10 * HOUR_MS, meanRepairMs: 30 * MINUTE_MS };
    const site = {
      link: { ...LINK, randomOutages },
      furtherLinks: [{ name: 'other', capacityBitsPerSec: 1e6, outages: [], randomOutages }],
    };
    const options = { horizonMs: 300 * DAY_MS };
    const change = {
      options,
      vms: [buildVm({ disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 0 } })] })],
      policy: { copyFrequencyMs: 15 * MINUTE_MS },
    };
    const { link, furtherLinks } = atSite(site, change);
    expect(atSite(site, change).link.outages).toEqual(link.outages);
    expect(furtherLinks[0]!.outages).not.toEqual(link.outages);
    expect(atSite(site, { ...change, options: { ...options, seed: 2 } }).link.outages).not.toEqual(link.outages);
    // 300 days ÷ 10.5 h = 686 on the average; four standard deviations are about 100.
    expect(Math.abs(link.outages.length - 686)).toBeLessThan(100);
    link.outages.slice(1).forEach(({ startMs }, i) => {
      expect(startMs).toBeGreaterThan(link.outages[i]!.endMs);
      expect(Number.isInteger(startMs)).toBe(true);
    });
  });
});

describe('a drained host', () => {
  const cluster = 'C:\\ClusterStorage\\Volume1';
  const onCluster = buildVm({ disks: [buildDisk({ churn: CHURN, volume: cluster })] });
  const local = buildVm({ name: 'vm1', disks: [buildDisk({ churn: CHURN })] });
  const drain = { kind: 'hostDrained', host: 'host0', to: 'host9', atMs: 2 * HOUR_MS, untilMs: 4 * HOUR_MS } as const;
  const hosts = [{ name: 'host9', uplinkBitsPerSec: 2e6 }];

  it('sends its VMs’ traffic from the other host, and back; a VM on a local volume stays', () => {
    const { vms, hosts: used, series, events } = atSite({ hosts }, { vms: [onCluster, local], events: [drain] });
    expect(events[0]!.appliedCount).toBe(2);
    expect(events[0]!.refused.map(({ vm }) => vm)).toEqual(['vm1']);
    // 30 MB at the other host's 2 Mbit/s.
    expect(vms[0]!.rpo.maxMs).toBe(T + 120_000);
    expect(vms[1]!.rpo.maxMs).toBe(T + 48_000);
    expect(used.map(({ name, vmCount }) => [name, vmCount])).toEqual([
      ['host0', 2],
      ['host9', 0],
    ]);
    const sent = series.hostBytes[1]!.map((bytes, bucket) => ({ atMs: bucket * series.stateBucketMs, bytes }));
    for (const { atMs, bytes } of sent) {
      if (atMs >= 2 * HOUR_MS && atMs < 4 * HOUR_MS) expect(bytes).toBeGreaterThan(0);
      else if (atMs !== 4 * HOUR_MS) expect(bytes).toBe(0);
    }
  });

  it('that is down moves nobody', () => {
    const down = { kind: 'hostDown', host: 'host0', atMs: HOUR_MS, untilMs: 3 * HOUR_MS } as const;
    const { events } = atSite({ hosts }, { vms: [onCluster], events: [down, drain] });
    expect(events[1]).toMatchObject({ appliedCount: 0, refusedCount: 1 });
  });

  it('takes faults of the host it went to with it', () => {
    const down = { kind: 'hostDown', host: 'host9', atMs: 3 * HOUR_MS, untilMs: 3 * HOUR_MS + 1000 } as const;
    const { events } = atSite({ hosts }, { vms: [onCluster], events: [drain, down] });
    expect(events[1]!.appliedCount).toBe(1);
  });
});

describe('a volume', () => {
  it('is read by initial replications together, at its throughput', () => {
    const disk = buildDisk({ usedBytes: 1e9, churn: { kind: 'constant', bytesPerSec: 0 } });
    const vms = ['vm0', 'vm1'].map((name) => buildVm({ name, disks: [disk] }));
    const change = { vms, link: { capacityBitsPerSec: 1e9 }, options: { skipInitialReplication: false } };
    const { vms: results } = atSite({ volumes: [{ name: 'D:', host: 'host0', readBytesPerSec: 10e6 }] }, change);
    // 2 GB at 10 MB/s, together.
    for (const vm of results) {
      expect(vm.initialReplication.endMs).toBe(200_000);
      expect(vm.constraintMs.read).toBe(200_000);
    }
  });

  it('is read by resynchronizations whole, whatever differs', () => {
    const disk = buildDisk({ sizeBytes: 10e9, churn: { kind: 'constant', bytesPerSec: 100 } });
    const { vms } = atSite(
      { volumes: [{ name: 'D:', host: 'host0', readBytesPerSec: 10e6 }] },
      {
        vms: [buildVm({ disks: [disk] })],
        events: [{ kind: 'action', action: 'resynchronize', target: { scope: 'all' }, atMs: HOUR_MS }],
      },
    );
    // 10 GB at 10 MB/s; comparing alone would take 451 s.
    const job = vms[0]!.jobs.find(({ startMs }) => startMs === HOUR_MS)!;
    expect(Math.abs(job.endMs! - job.startMs - 1_000_000)).toBeLessThanOrEqual(1);
  });

  it('merges at its own rate', () => {
    const disk = buildDisk({ usedBytes: 300e6, churn: CHURN });
    const at = (mergeBytesPerSec?: number): number =>
      atSite(
        { volumes: [{ name: 'D:', host: 'host0', ...(mergeBytesPerSec === undefined ? {} : { mergeBytesPerSec }) }] },
        { vms: [buildVm({ disks: [disk] })], options: { skipInitialReplication: false } },
      ).vms[0]!.protectedAtMs!;
    // 240 s of 100 kB/s are 24 MB: twelve blocks of 2 MiB.
    expect(at(12 * 2 * MIB)).toBe(241_000);
    expect(at()).toBe(Math.ceil(240_000 + (12 * 2 * MIB * 1000) / 100e6));
  });

  it('holds what virtual disks grow by, once it is told how much', () => {
    const disk = buildDisk({ sizeBytes: 20 * GIB, usedBytes: 19 * GIB, churn: CHURN });
    const { volumes, series } = atSite(
      {},
      { vms: [buildVm({ disks: [disk] })], rules: { ...PLAIN, vhdxGrowthRatio: 0.1 } },
    );
    // 8.64 GB are written in the day; a tenth of it makes the file grow.
    expect(volumes[0]!.growthBytes).toBe(864_000_000);
    expect(volumes[0]!.extraPeakBytes).toBeGreaterThan(864_000_000);
    expect(series.volumeGrowthBytes[0]!.at(-1)).toBe(864_000_000);
    expect(atSite({}).volumes[0]!.growthBytes).toBe(0);
  });
});

describe('the replicas’ storage', () => {
  it('applies what has arrived before the replica is brought forward, and is shared', () => {
    const vms = ['vm0', 'vm1'].map((name) => buildVm({ name, disks: [buildDisk({ churn: CHURN })] }));
    const between = { policy: { scenario: 'vmm-to-vmm', compressionRatio: 0.5 }, vms } as const;
    const at = (recoveryPointHours: number): RunResult =>
      atSite(
        { replicaStorage: { writeBytesPerSec: 3e6 } },
        { ...between, policy: { ...between.policy, recoveryPointHours } },
      );
    // 2 × 15 MB at 10 Mbit/s are 24 s for both; 2 × 30 MB × 1.5 at 3 MB/s then take 30 s.
    expect(at(0).vms.map((vm) => vm.rpo.maxMs)).toEqual([T + 54_000, T + 54_000]);
    expect(at(0).vms[0]!.constraintMs.replica).toBe(287 * 30_000);
    // With kept recovery points each byte is written three times.
    expect(at(4).vms[0]!.rpo.maxMs).toBe(T + 84_000);
  });

  it('goes on with what has arrived when the link goes down', () => {
    const outages = [{ startMs: T + 30_000, endMs: T + 40_000 }];
    const { vms } = atSite(
      { replicaStorage: { writeBytesPerSec: 1e6 }, link: { ...LINK, outages } },
      { policy: { scenario: 'vmm-to-vmm' } },
    );
    expect(vms[0]!.cycles.failed).toBe(0);
    expect(vms[0]!.rpo.maxMs).toBe(T + TRANSFER_MS + 45_000);
  });

  it('goes on with what has arrived when its VM moves', () => {
    const volume = 'C:\\ClusterStorage\\Volume1';
    const { vms, events } = atSite(
      { replicaStorage: { writeBytesPerSec: 1e6 } },
      {
        policy: { scenario: 'vmm-to-vmm' },
        vms: [buildVm({ disks: [buildDisk({ churn: CHURN, volume })] })],
        events: [{ kind: 'hostDrained', host: 'host0', to: 'host9', atMs: T + 30_000 }],
      },
    );
    expect(events[0]!.appliedCount).toBe(1);
    expect(vms[0]!.cycles.failed).toBe(0);
  });

  it('is Azure’s own affair in Azure', () => {
    const { vms } = atSite({ replicaStorage: { writeBytesPerSec: 1 } });
    expect(vms[0]!.rpo.maxMs).toBe(T + TRANSFER_MS);
  });
});
