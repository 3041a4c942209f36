import { DAY_MS, type Millis } from '../units.ts';
import type { Authentication, InitialReplicationMode } from './policy.ts';
import type { PlanAction } from './recovery-plan.ts';
import { VMM_TO_VMM } from './scenario-between-sites.ts';
import { HYPERV_TO_AZURE, VMM_TO_AZURE } from './scenarios-to-azure.ts';

/**
 * One of the three documented ways to replicate, as data: what it is made of, which way the data goes, what it allows and what
 * it defaults to. What a scenario refuses is looked up in `refusals.ts`; nothing else tells the scenarios apart.
 */
export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  readonly target: 'azure' | 'site';
  /** VMs are protected as members of private clouds of VMM. */
  readonly usesClouds: boolean;
  /** What has to be there before anything can be protected, and where it is installed. */
  readonly components: readonly Component[];
  /** Who talks to whom, and over which port. */
  readonly paths: readonly DataPath[];
  /** What never goes where. */
  readonly dataNote: Statement;
  readonly encryptionNote: Statement;
  /** Why nobody can begin with this scenario any more; `null` = it is open. */
  readonly closedNote: Statement | null;
  readonly copyFrequencyMs: Choice<Millis> & { readonly default: Millis };
  readonly recoveryPointHours: HourRange & { readonly default: number };
  readonly appConsistentHours: HourRange & {
    /** Why the interval must be less than the number of additional recovery points; `null` = it need not. */
    readonly belowRecoveryPoints: Statement | null;
  };
  /** The switch of the replication policy. A measured ratio is another thing, and goes with every scenario (semantics 5). */
  readonly policyCompression: Choice<CompressionSwitch>;
  readonly authentication: Choice<Authentication>;
  readonly initialReplicationMode: Choice<InitialReplicationMode>;
  /** VMs whose transfers leave one host at a time; `null` = no limit (semantics 15). */
  readonly maxActiveTransfers: Explained<number | null>;
  /** What a recovery plan can do between its groups. */
  readonly planActionKinds: Choice<PlanAction['kind']>;
}

export type ScenarioId = 'hyperv-to-azure' | 'vmm-to-azure' | 'vmm-to-vmm';

export type CompressionSwitch = 'on' | 'off';

/** What a document says. */
export interface Statement {
  readonly text: string;
  /** The document and its place, or `chosen` where it is our own. */
  readonly source: string;
}

export interface Component {
  readonly name: string;
  readonly installedOn: string;
  readonly source: string;
}

export interface DataPath {
  /** Orders, or the VMs' own data. */
  readonly carries: 'orchestration' | 'data';
  readonly from: string;
  readonly to: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Only where the policy has chosen it. */
  readonly authentication?: Authentication;
  /** What the documents say of it; two where they contradict each other. */
  readonly statements: readonly Statement[];
}

/** A value with why it is that one and who says so. */
export interface Explained<T> {
  readonly default: T;
  readonly reason: string;
  /** A document and its place, or `chosen` where the value is our own. */
  readonly source: string;
}

/** An option with few values. `default` is `null` where the scenario has no such option. */
export interface Choice<T> extends Explained<T | null> {
  readonly values: readonly T[];
  /** Why a value that users ask for is not there; without `value`, why none is. */
  readonly refused: readonly { readonly value?: T; readonly reason: string; readonly source: string }[];
}

/** Whole hours from `least` to `most`; `default` is `null` where nothing is taken. */
export interface HourRange extends Explained<number | null> {
  readonly least: number;
  readonly most: number;
}

/** Initial replication can be put off by so much after protection was enabled. */
export const INITIAL_REPLICATION_DELAY_MOST_MS: Millis = 7 * DAY_MS;
export const INITIAL_REPLICATION_DELAY_SOURCE =
  'Microsoft, Windows PowerShell documentation, Set-VMReplication, -InitialReplicationStartTime';

/** From the end of the export until the media are imported, where nobody says how long: a courier, and somebody on either side. */
export const DEFAULT_SHIPPING_MS: Millis = 3 * DAY_MS;
/** How old a copy is that lies at the target already, where nobody says it: restored from last week's full backup. */
export const DEFAULT_EXISTING_AGE_MS: Millis = 7 * DAY_MS;

export const SCENARIOS: Readonly<Record<ScenarioId, Scenario>> = {
  'hyperv-to-azure': HYPERV_TO_AZURE,
  'vmm-to-azure': VMM_TO_AZURE,
  'vmm-to-vmm': VMM_TO_VMM,
};

export const SCENARIO_IDS = Object.keys(SCENARIOS) as readonly ScenarioId[];
