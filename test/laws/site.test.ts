import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import type { LinkTraits } from '../../src/model/site.ts';
import { cutPhaseMs } from '../../src/simulate/fleet.ts';
import { CONSTRAINTS } from '../../src/simulate/result.ts';
import { anyRun } from './any-run.ts';
import { anySiteRun } from './any-site.ts';
import { simulated } from './build-run.ts';

const RUNS = 150;
const CAUSES = ['initial', 'delta', 'resync'] as const;

describe('a simulated site', () => {
  it('loses no byte that guests wrote', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        for (const { name, bytes } of simulated(run).vms) {
          const parts = bytes.delivered + bytes.inFlight + bytes.inLogs + bytes.droppedAtMark + bytes.untracked;
          expect(Math.abs(parts - bytes.written), name).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: RUNS, seed: 401 },
    );
  });

  it('sends the same bytes by cause, by host and by VM, and no line carries more than it can', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const { link, hosts, furtherLinks, series, vms, horizonMs } = simulated(run);
        const slack = vms.length + 2 + 1e-9 * link.sentBytes.total;
        expect(Math.abs(sum(hosts.map((host) => host.sentBytes)) - link.sentBytes.total)).toBeLessThanOrEqual(slack);
        expect(
          Math.abs(sum(CAUSES.flatMap((cause) => series.traffic[cause])) - link.sentBytes.total),
        ).toBeLessThanOrEqual(slack);
        hosts.forEach((host, h) => {
          expect(Math.abs(sum(series.hostBytes[h]!) - host.sentBytes)).toBeLessThanOrEqual(1);
          if (host.uplinkBitsPerSec !== null) {
            expect(host.sentBytes).toBeLessThanOrEqual((host.uplinkBitsPerSec / 8000) * horizonMs + slack);
          }
        });
        furtherLinks.forEach((further, l) => {
          expect(Math.abs(sum(series.furtherLinkBytes[l]!) - further.sentBytes)).toBeLessThanOrEqual(1);
          expect(further.sentBytes).toBeLessThanOrEqual((further.capacityBitsPerSec / 8000) * horizonMs + slack);
          expect(further.busyFraction).toBeGreaterThanOrEqual(further.clippedFraction - 1e-9);
        });
        series.traffic.capacity.forEach((capacity, bucket) => {
          const carried = sum(CAUSES.map((cause) => series.traffic[cause][bucket]!));
          expect(carried).toBeLessThanOrEqual(capacity * (1 + 1e-9) + CAUSES.length + 1);
        });
      }),
      { numRuns: RUNS, seed: 402 },
    );
  });

  it('says of every moment of every VM what held it, and the parts add up', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const { vms, series, horizonMs, link } = simulated(run);
        for (const { name, constraintMs, constraints } of vms) {
          const total = sum(Object.values(constraintMs));
          expect(Math.abs(total - horizonMs), name).toBeLessThanOrEqual(CONSTRAINTS.length);
          expect(constraints[0]!.startMs).toBe(0);
          expect(constraints.at(-1)!.endMs).toBe(horizonMs);
          constraints.slice(1).forEach((span, i) => {
            expect(span.startMs).toBe(constraints[i]!.endMs);
            expect(span.constraint).not.toBe(constraints[i]!.constraint);
          });
        }
        for (const constraint of CONSTRAINTS) {
          const ofVms = sum(vms.map((vm) => vm.constraintMs[constraint] ?? 0));
          expect(Math.abs(sum(series.constraintMs[constraint]) - ofVms)).toBeLessThanOrEqual(vms.length + 1);
        }
        const length = (bucket: number): number =>
          Math.min(horizonMs, (bucket + 1) * series.stateBucketMs) - bucket * series.stateBucketMs;
        for (const bucket of series.constraintMs.churn.keys()) {
          const inBucket = sum(CONSTRAINTS.map((constraint) => series.constraintMs[constraint][bucket]!));
          expect(Math.abs(inBucket - vms.length * length(bucket))).toBeLessThanOrEqual(CONSTRAINTS.length);
        }
        const clippedMs = sum(series.traffic.clipped.map((share, b) => share * bucketLength(series, horizonMs, b)));
        expect(Math.abs(clippedMs - link.clippedFraction * horizonMs)).toBeLessThanOrEqual(1e-5 * horizonMs + 1);
      }),
      { numRuns: RUNS, seed: 403 },
    );
  });

  it('asked only for its objectives says the same about them', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const full = simulated(run);
        const lean = simulated(run, { objectivesOnly: true });
        expect(lean.rpo).toEqual(full.rpo);
        expect(lean.link.sentBytes).toEqual(full.link.sentBytes);
        expect(lean.vms.map((vm) => [vm.cycles, vm.rpo, vm.bytes])).toEqual(
          full.vms.map((vm) => [vm.cycles, vm.rpo, vm.bytes]),
        );
      }),
      { numRuns: RUNS / 2, seed: 404 },
    );
  });

  it('with every VM copied onto a copied host, with its phase, and the shared lines doubled, changes nobody’s RPO', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const phaseOf = (vm: string): number =>
          run.policy.alignedCuts
            ? 0
            : cutPhaseMs(vm.replace(/ copy$/, ''), run.options.seed, run.policy.copyFrequencyMs);
        const alone = simulated(run, { cutPhaseMs: phaseOf });
        const twice = simulated(doubled(run), { cutPhaseMs: phaseOf });
        for (const vm of alone.vms) {
          for (const name of [vm.name, `${vm.name} copy`]) {
            const other = twice.vms.find((candidate) => candidate.name === name)!;
            expect(other.cycles, name).toEqual(vm.cycles);
            for (const figure of ['minMs', 'p50Ms', 'p95Ms', 'p99Ms', 'maxMs'] as const) {
              const [a, b] = [vm.rpo[figure] ?? -1, other.rpo[figure] ?? -1];
              // Figures are rounded up to whole milliseconds.
              expect(Math.abs(a - b), `${name} ${figure}`).toBeLessThanOrEqual(1);
            }
          }
        }
      }),
      { numRuns: RUNS, seed: 405 },
    );
  });

  it('with a throttle that is no limit, a background of nothing, weights that are alike or a line that never limits, is the same', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const plain = simulated(run);
        const traits: Partial<LinkTraits> = {
          throttle: { windows: [], otherwise: { kind: 'share', ratio: 1 } },
          background: { kind: 'series', startMs: [0], bitsPerSec: [0], endMs: 1000, repeatMs: 1000 },
        };
        const fancy = simulated({
          ...run,
          site: {
            ...run.site,
            link: { ...traits, ...run.site.link },
            furtherLinks: [{ name: 'wide', capacityBitsPerSec: Number.POSITIVE_INFINITY, outages: [] }],
            vms: run.workload.vms.map(({ name }) => ({ vm: name, weight: 1, link: 'wide' })),
          },
        });
        expect(fancy.vms).toEqual(plain.vms);
        expect(fancy.link).toEqual(plain.link);
      }),
      { numRuns: RUNS / 2, seed: 406 },
    );
  });
});

function doubled(run: Run): Run {
  const { workload, site } = run;
  const copies = workload.vms.map((vm) => ({ ...vm, name: `${vm.name} copy`, host: `${vm.host} copy` }));
  return {
    ...run,
    workload: { ...workload, vms: [...workload.vms, ...copies] },
    site: {
      ...site,
      hosts: [...site.hosts, ...site.hosts.map((host) => ({ ...host, name: `${host.name} copy` }))],
      link: { ...site.link, capacityBitsPerSec: site.link.capacityBitsPerSec * 2 },
    },
  };
}

function bucketLength({ trafficBucketMs }: { trafficBucketMs: number }, horizonMs: number, bucket: number): number {
  return Math.min(horizonMs, (bucket + 1) * trafficBucketMs) - bucket * trafficBucketMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
