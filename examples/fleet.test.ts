import { analyze, formatDurationMs, InputError, readRun, simulate } from 'asr-plan';
import { arbitraries } from 'asr-plan/arbitraries';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// The fleet of 60 VMs that comes with the package; put your own files here.
const folder = new URL('../datasets/contoso/', import.meta.url);
const file = (name: string) => decodeURIComponent(new URL(name, folder).pathname);
const week = { churn: file('churn.csv'), timeZone: 'Europe/Berlin', skipInitialReplication: true };

describe('our fleet over 300 Mbit/s', async () => {
  const run = await readRun(file('vms.csv'), { ...week, bandwidth: '300Mbps', rpo: '15min' });

  test('meets its objective on a calm week', () => {
    const { rpo } = simulate(run);
    expect(rpo.steady.maxMs).toBeLessThanOrEqual(run.options.rpoTargetMs);
  });

  test('loses no more than the outage and two hours, whenever one of up to 8 hours comes', () => {
    fc.assert(
      fc.property(arbitraries.scenario(run, { outage: { most: '8h', step: '10min' } }), (scenario) => {
        const { rpo } = simulate(scenario.run, { objectivesOnly: true });
        const { outage } = scenario.whatIf;
        const lengthMs = outage === undefined ? 0 : outage.endMs - outage.startMs;
        expect(rpo.maxMs).toBeLessThanOrEqual(lengthMs + 2 * 3_600_000);
      }),
      { numRuns: 25 },
    );
  });

  test('never resynchronizes in an outage of up to 8 hours, be churn a fifth higher', () => {
    const drawn = arbitraries.scenario(run, {
      outage: { most: '8h', step: '10min' },
      growth: { most: 0.2 },
      seed: true,
    });
    fc.assert(
      fc.property(drawn, (scenario) => {
        const { vms } = simulate(scenario.run, { objectivesOnly: true });
        expect(vms.filter(({ resyncCount }) => resyncCount > 0).map(({ name }) => name)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

test('what cannot be planned is one error with every problem', async () => {
  const wrong = await analyze('no-such-file.csv', { bandwidth: '300', rpo: 'soon' }).catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(InputError);
  expect((wrong as InputError).problems.map(({ file }) => file)).toEqual(['--rpo', '--bandwidth', 'no-such-file.csv']);
});

test('the plan says how long an outage may last', async () => {
  const { plan } = await analyze({ vms: '6', disk: '100GiB', churn: '3%/day' }, { bandwidth: '50Mbps', rpo: '30min' });
  expect(plan.failures.safeMs, formatDurationMs(plan.failures.safeMs ?? 0)).toBeGreaterThan(10 * 60_000);
});
