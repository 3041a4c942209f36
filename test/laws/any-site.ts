/** Random sites around the random fleets: further links, throttles, background use, weights, caps, drains, replica storage. */
import fc from 'fast-check';
import type { SiteEvent } from '../../src/model/event.ts';
import type { Run } from '../../src/model/run.ts';
import type { Throttle, WeeklySchedule } from '../../src/model/schedule.ts';
import type { BackgroundUse, FurtherLink, Host, LinkTraits, VmNetwork, Volume } from '../../src/model/site.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { anyRun } from './any-run.ts';

const DAYS = [0, 1, 2, 3, 4, 5, 6];
const rate = fc.constantFrom(500e3, 2e6, 20e6);
const none: Throttle = { kind: 'none' };

function anySchedule<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<WeeklySchedule<Value>> {
  return fc
    .record({ first: value, second: value, otherwise: value, fromHour: fc.integer({ min: 0, max: 20 }) })
    .map(({ first, second, otherwise, fromHour }) => ({
      windows: [
        { days: DAYS, startMinute: fromHour * 60, endMinute: fromHour * 60 + 90, value: first },
        { days: [0, 2], startMinute: fromHour * 60 + 90, endMinute: fromHour * 60 + 180, value: second },
      ],
      otherwise,
    }));
}

const throttle = anySchedule<Throttle>(
  fc.oneof(
    fc.constant(none),
    rate.map((bitsPerSec): Throttle => ({ kind: 'rate', bitsPerSec })),
    fc.constantFrom(0, 0.25, 0.5).map((ratio): Throttle => ({ kind: 'share', ratio })),
  ),
).map((schedule) => ({ ...schedule, otherwise: none }));

const background: fc.Arbitrary<BackgroundUse> = fc.oneof(
  anySchedule(fc.constantFrom(0, 300e3, 5e6)).map((schedule): BackgroundUse => ({ kind: 'weekly', schedule })),
  fc.array(fc.constantFrom(0, 200e3, 1e6), { minLength: 1, maxLength: 6 }).map(
    (bitsPerSec): BackgroundUse => ({
      kind: 'series',
      startMs: bitsPerSec.map((_, i) => (i - 1) * 20 * MINUTE_MS),
      bitsPerSec,
      endMs: (bitsPerSec.length - 1) * 20 * MINUTE_MS + 5 * MINUTE_MS,
      repeatMs: 20 * MINUTE_MS,
    }),
  ),
);

/** A key that may be absent. */
function maybe<Key extends string, Value>(key: Key, value: fc.Arbitrary<Value>): fc.Arbitrary<{ [K in Key]?: Value }> {
  return fc
    .option(value, { nil: undefined })
    .map((made) => (made === undefined ? {} : { [key]: made }) as { [K in Key]?: Value });
}

const traits: fc.Arbitrary<Omit<LinkTraits, 'capacityBitsPerSec' | 'outages'>> = fc
  .tuple(
    maybe('throttle', throttle),
    maybe('background', background),
    maybe('roundTripMs', fc.constantFrom(5, 80)),
    maybe('lossRatio', fc.constantFrom(0.0001, 0.02)),
    maybe('randomOutages', fc.constant({ meanBetweenMs: 6 * HOUR_MS, meanRepairMs: 15 * MINUTE_MS })),
  )
  .map((parts) => Object.assign({}, ...parts));

const furtherLinks: fc.Arbitrary<readonly FurtherLink[]> = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.array(fc.tuple(rate, traits, fc.boolean()), { minLength: 2, maxLength: 2 }))
  .map(([count, made]) =>
    made.slice(0, count).map(
      ([capacityBitsPerSec, more, chained], index): FurtherLink => ({
        ...more,
        name: `link${index}`,
        capacityBitsPerSec,
        outages: index === 0 ? [{ startMs: HOUR_MS, endMs: HOUR_MS + 7 * MINUTE_MS }] : [],
        ...(chained && index > 0 ? { via: 'link0' } : {}),
      }),
    ),
  );

function anyHost(name: string, links: readonly FurtherLink[]): fc.Arbitrary<Host> {
  return fc
    .tuple(
      maybe('throttle', throttle),
      maybe('uplinkBitsPerSec', rate),
      maybe('uploadThreadsPerVm', fc.constantFrom(1, 8)),
      maybe('maxActiveTransfers', fc.constantFrom(1, 2)),
      links.length === 0 ? fc.constant({}) : maybe('link', fc.constantFrom(...links.map((link) => link.name))),
    )
    .map((parts) => Object.assign({ name }, ...parts));
}

function anyVmNetwork(vm: string, links: readonly FurtherLink[]): fc.Arbitrary<VmNetwork> {
  return fc
    .tuple(
      maybe('capBitsPerSec', rate),
      maybe('weight', fc.constantFrom(0.5, 2, 3)),
      links.length === 0 ? fc.constant({}) : maybe('link', fc.constantFrom(...links.map((link) => link.name))),
    )
    .map((parts) => Object.assign({ vm }, ...parts));
}

const volumes: fc.Arbitrary<readonly Volume[]> = fc.constantFrom<readonly Volume[]>(
  [],
  [{ name: 'D:', readBytesPerSec: 2e6, mergeBytesPerSec: 10e6 }],
  [
    { name: 'C:', host: 'host0', readBytesPerSec: 1e6 },
    { name: 'D:', mergeBytesPerSec: 1e6 },
  ],
);

const drains: fc.Arbitrary<readonly SiteEvent[]> = fc.array(
  fc
    .record({
      atMs: fc.integer({ min: 0, max: 5 * HOUR_MS }),
      forMs: fc.constantFrom(MINUTE_MS, HOUR_MS, null),
      back: fc.boolean(),
    })
    .map(
      ({ atMs, forMs, back }): SiteEvent => ({
        kind: 'hostDrained',
        host: back ? 'host1' : 'host0',
        to: back ? 'host2' : 'host1',
        atMs,
        ...(forMs === null ? {} : { untilMs: atMs + forMs }),
      }),
    ),
  { maxLength: 2 },
);

/** A random run at a random site. */
export const anySiteRun: fc.Arbitrary<Run> = fc
  .tuple(anyRun, furtherLinks, traits, volumes, drains, fc.boolean(), fc.constantFrom(0, 0.1))
  .chain(([run, links, linkTraits, siteVolumes, events, betweenSites, vhdxGrowthRatio]) =>
    fc
      .tuple(
        fc.tuple(anyHost('host0', links), anyHost('host1', links)),
        fc.tuple(...run.workload.vms.map(({ name }) => anyVmNetwork(name, links))),
      )
      .map(
        ([hosts, vms]): Run => ({
          ...run,
          site: {
            ...run.site,
            link: { ...linkTraits, ...run.site.link },
            hosts,
            volumes: siteVolumes,
            furtherLinks: links,
            vms,
            ...(betweenSites ? { replicaStorage: { writeBytesPerSec: 3e6 } } : {}),
          },
          policy: {
            ...run.policy,
            scenario: betweenSites ? 'vmm-to-vmm' : 'hyperv-to-azure',
            rules: { ...run.policy.rules, vhdxGrowthRatio },
          },
          events,
        }),
      ),
  );
