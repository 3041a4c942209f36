import type { Assumption } from '../model/assumption.ts';
import { formatLocal } from '../model/clock.ts';
import { ruleAssumptions } from '../model/defaults.ts';
import { DEFAULT_LINK_EFFICIENCY_RATIO } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { DAY_MS, formatDurationMs, MINUTE_MS, type Millis } from '../units.ts';

export const DEFAULT_HORIZON_MS: Millis = 7 * DAY_MS;
export const DEFAULT_RPO_TARGET_MS: Millis = 15 * MINUTE_MS;
export const DEFAULT_SEED = 0;

/** How the bandwidth of the run was come by. */
export interface BandwidthChoice {
  readonly given: boolean;
  readonly reason: string;
}

/**
 * Everything that the run rests on and nobody measured, with its reason and source: the run's options, the link, the policy,
 * the rules, and what reading the files has assumed.
 */
export function assumptionsOf(
  run: Run,
  givenOptions: ReadonlySet<string>,
  bandwidth: BandwidthChoice,
  fromFiles: readonly Assumption[],
): Assumption[] {
  const row = (name: string, value: Assumption['value'], reason: string, source = 'chosen'): Assumption => ({
    name,
    value,
    reason,
    source: givenOptions.has(name) ? 'given by the user' : source,
    origin: givenOptions.has(name) ? 'given' : 'default',
  });
  const { options, site, workload } = run;
  const { clock } = workload;
  const named = new Set(fromFiles.map((assumption) => assumption.name));
  const own: Assumption[] = [
    {
      name: 'capacityBitsPerSec',
      value: site.link.capacityBitsPerSec,
      reason: bandwidth.reason,
      source: bandwidth.given ? 'given by the user' : 'search over runs of the simulation',
      origin: bandwidth.given ? 'given' : 'default',
    },
    row(
      'rpoTargetMs',
      options.rpoTargetMs,
      'the objective of the deployment planner’s reports',
      'Azure Site Recovery Deployment Planner, -DesiredRPO: default 15 minutes',
    ),
    row('horizonMs', options.horizonMs, 'a week holds work days, nights and a weekend'),
    row('start', formatLocal(clock, 0), 'the first full hour of the measured churn; a Monday where none was measured'),
    row('timeZone', clock.timeZone, 'the time zone of the churn file, else UTC, never the machine’s'),
    row(
      'growthRatio',
      options.growthRatio,
      'nothing is added silently; the deployment planner adds 30 % unless told otherwise',
    ),
    row('skipInitialReplication', options.skipInitialReplication, 'the fleet is not protected yet'),
    row('seed', options.seed, 'draws the instants of the VMs’ cuts within the copy interval'),
    {
      ...row(
        'efficiencyRatio',
        site.link.efficiencyRatio,
        'share of the link that carries payload; the rest is TCP/IP, TLS and HTTPS',
      ),
      origin: site.link.efficiencyRatio === DEFAULT_LINK_EFFICIENCY_RATIO ? 'default' : 'given',
    },
    ...networkAssumptions(run),
    ...ruleAssumptions(run.policy),
  ];
  // Reading the files says more of what it has assumed than its value.
  return [...own.filter((assumption) => !named.has(assumption.name)), ...fromFiles];
}

/** What was said of how the links behave: given, but by nobody's measuring. */
function networkAssumptions({ site, options }: Run): Assumption[] {
  const links = [
    { at: 'link', ...site.link },
    ...(site.furtherLinks ?? []).map((link) => ({ at: link.name, ...link })),
  ];
  return links.flatMap(({ at, roundTripMs, lossRatio, randomOutages, throttle, background }) => {
    const given = (name: string, value: Assumption['value'], reason: string): Assumption => ({
      name: `${at}.${name}`,
      value,
      reason,
      source: 'given by the user',
      origin: 'given',
    });
    return [
      ...(roundTripMs === undefined ? [] : [given('roundTripMs', roundTripMs, 'caps one connection by its window')]),
      ...(lossRatio === undefined
        ? []
        : [given('lossRatio', lossRatio, 'caps one connection together with the round trip')]),
      ...(randomOutages === undefined
        ? []
        : [
            given(
              'randomOutages',
              `${formatDurationMs(randomOutages.meanBetweenMs)} between, ${formatDurationMs(randomOutages.meanRepairMs)} to repair`,
              `both exponential, drawn from seed ${options.seed}: one course of many`,
            ),
          ]),
      ...(throttle === undefined ? [] : [given('throttle', 'by the week', 'the same every week of the run')]),
      ...(background?.kind === 'series' && background.repeatMs > 0
        ? [
            given(
              'background',
              'measured',
              `its last ${formatDurationMs(background.repeatMs)} are repeated to the horizon`,
            ),
          ]
        : []),
    ];
  });
}
