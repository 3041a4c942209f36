import { formatDurationMs } from '../units.ts';
import type { ReplicationSettings } from './policy.ts';
import type { PlanAction } from './recovery-plan.ts';
import {
  type Choice,
  type CompressionSwitch,
  type HourRange,
  INITIAL_REPLICATION_DELAY_MOST_MS,
  INITIAL_REPLICATION_DELAY_SOURCE,
  type Scenario,
} from './scenario.ts';

/** An option of a replication policy, by the name of what it sets. */
export type PolicyOption = keyof ReplicationSettings | 'policyCompression';

/** What somebody asks for; what is left out is not looked at. */
export interface AskedSettings extends Partial<ReplicationSettings> {
  readonly policyCompression?: CompressionSwitch;
}

/** Why an option cannot have the value that was asked for. */
export interface Refusal {
  readonly option: PolicyOption;
  readonly reason: string;
  readonly source: string;
  readonly remedy: string;
}

type Found = Omit<Refusal, 'option'> | null;

/** The reason with who says so, as a message. */
export function refusalText({ reason, source }: Pick<Refusal, 'reason' | 'source'>): string {
  const sentence = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  return source === 'chosen' ? sentence : `${sentence} (${source})`;
}

/** What the scenario does not offer of each option that was asked for. */
export function refusalsOf(scenario: Scenario, asked: AskedSettings): Refusal[] {
  const found: Readonly<Record<PolicyOption, Found>> = {
    copyFrequencyMs: refusalOfChoice(
      scenario,
      'copy frequency',
      scenario.copyFrequencyMs,
      asked.copyFrequencyMs,
      formatDurationMs,
    ),
    compressionRatio: null,
    policyCompression:
      refusalOfChoice(scenario, 'policy compression', scenario.policyCompression, asked.policyCompression, String) ??
      refusalOfContradiction(asked),
    authentication: refusalOfChoice(scenario, 'authentication', scenario.authentication, asked.authentication, String),
    recoveryPointHours: refusalOfHours(
      scenario.recoveryPointHours,
      asked.recoveryPointHours,
      (hours) => `recovery points are kept for ${hours}`,
    ),
    appConsistentHours: refusalOfHours(
      scenario.appConsistentHours,
      asked.appConsistentHours,
      (hours) => `app-consistent snapshots lie ${hours} apart`,
    ),
    initialReplication: refusalOfChoice(
      scenario,
      'initial replication',
      scenario.initialReplicationMode,
      asked.initialReplication?.mode,
      String,
    ),
  };
  return listed(found);
}

/** What options that are each offered do not allow together, all of a VM's settings being known. */
export function refusalsTogether(scenario: Scenario, settings: ReplicationSettings): Refusal[] {
  return listed({
    appConsistentHours: refusalBesideRecoveryPoints(scenario, settings),
    initialReplication: refusalOfDelay(settings),
  });
}

/** Why a recovery plan of the scenario cannot have an action of this kind. */
export function refusalOfPlanAction(scenario: Scenario, kind: PlanAction['kind']): Omit<Refusal, 'option'> | null {
  return refusalOfChoice(scenario, 'action', scenario.planActionKinds, kind, String);
}

function listed(found: Partial<Record<PolicyOption, Found>>): Refusal[] {
  return (Object.keys(found) as PolicyOption[]).flatMap((option) => {
    const refusal = found[option];
    return refusal == null ? [] : { option, ...refusal };
  });
}

function refusalOfChoice<T>(
  { title }: Scenario,
  what: string,
  choice: Choice<T>,
  value: T | null | undefined,
  show: (value: T) => string,
): Found {
  if (value === undefined || value === null || choice.values.includes(value)) return null;
  const known = choice.refused.find((refused) => refused.value === undefined || refused.value === value);
  return {
    reason: known?.reason ?? `${title} knows no ${what} of ${show(value)}`,
    source: known?.source ?? choice.source,
    remedy: choice.values.length === 0 ? 'Leave it out.' : `Choose one of ${choice.values.map(show).join(', ')}.`,
  };
}

function refusalOfHours(
  { least, most, source }: HourRange,
  hours: number | null | undefined,
  say: (range: string) => string,
): Found {
  if (hours === undefined || hours === null || (Number.isInteger(hours) && hours >= least && hours <= most))
    return null;
  return {
    reason: `${say(`${least} to ${most} whole hours`)}, not ${hours}`,
    source,
    remedy: `Choose whole hours from ${least}h to ${most}h.`,
  };
}

function refusalOfContradiction({ policyCompression, compressionRatio }: AskedSettings): Found {
  if (policyCompression !== 'off' || compressionRatio === undefined || compressionRatio === 1) return null;
  return {
    reason: `the policy’s compression is off, and every log byte is to become ${compressionRatio} bytes on the wire: one contradicts the other`,
    source: 'chosen',
    remedy: 'Leave the ratio out, or the switch on.',
  };
}

function refusalBesideRecoveryPoints(scenario: Scenario, settings: ReplicationSettings): Found {
  const { belowRecoveryPoints } = scenario.appConsistentHours;
  const { appConsistentHours, recoveryPointHours } = settings;
  if (belowRecoveryPoints === null || appConsistentHours === null || appConsistentHours < recoveryPointHours)
    return null;
  return {
    reason: `${belowRecoveryPoints.text}: ${appConsistentHours} is not less than ${recoveryPointHours}`,
    source: belowRecoveryPoints.source,
    remedy: `Keep recovery points for more than ${appConsistentHours} hours, or take app-consistent snapshots more often or not at all.`,
  };
}

function refusalOfDelay({ initialReplication }: ReplicationSettings): Found {
  const delayMs = initialReplication.startAtMs - initialReplication.enableAtMs;
  if (delayMs <= INITIAL_REPLICATION_DELAY_MOST_MS) return null;
  const most = formatDurationMs(INITIAL_REPLICATION_DELAY_MOST_MS);
  return {
    reason: `initial replication can start ${most} after protection was enabled at the latest, not ${formatDurationMs(delayMs)} after`,
    source: INITIAL_REPLICATION_DELAY_SOURCE,
    remedy: 'Start it earlier, or enable protection later, in a batch of the site file.',
  };
}
