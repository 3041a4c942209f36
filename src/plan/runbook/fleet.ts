import { localMs, modulo, type RunClock } from '../../model/clock.ts';
import { type ReplicationSettings, settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { type CompressionSwitch, SCENARIOS, type Scenario } from '../../model/scenario.ts';
import type { Host } from '../../model/site.ts';
import type { Vm } from '../../model/workload.ts';
import { DAY_MS, type Millis, SECOND_MS } from '../../units.ts';
import type { ExclusionAdvice } from '../exclusion-advice.ts';
import { timeOfDay } from './powershell.ts';
import type { RunbookBatch } from './runbook-parts.ts';

/** What the runbook is made of besides the run. */
export interface RunbookInput {
  readonly run: Run;
  readonly exclusions: readonly ExclusionAdvice[];
  /** The switch of the replication policy, between sites; absent = the scenario's default. */
  readonly policyCompression?: CompressionSwitch;
  /** When each VM's initial replication ended in the run, in the order of the workload; `null` = not within it. Absent = no run is known. */
  readonly initialEndsMs?: readonly (Millis | null)[];
  /** Who is enabled when; absent = as the run enables them. */
  readonly batches?: readonly RunbookBatch[];
}

/** The fleet as the tasks look at it: who goes where, by which policy, when. */
export interface Fleet {
  readonly run: Run;
  readonly clock: RunClock;
  readonly scenario: Scenario;
  readonly vms: readonly FleetVm[];
  /** That can be protected, by the policy that they need. */
  readonly policies: readonly FleetPolicy[];
  readonly places: readonly Place[];
  /** Every host that has a VM or that the site names, in the order of the inventory. */
  readonly hosts: readonly Host[];
  readonly batches: readonly RunbookBatch[];
  readonly exclusions: readonly ExclusionAdvice[];
}

export interface FleetVm {
  readonly vm: Vm;
  readonly settings: ReplicationSettings;
  readonly place: Place;
  readonly policy: FleetPolicy;
  /** When its initial replication ended in the run; `null` = not within it; absent = no run is known. */
  readonly initialEndMs?: Millis | null;
  /** Why it cannot be protected; `null` = it can. */
  readonly missing: string | null;
}

/** A protection container: the Hyper-V site, or a private cloud of a VMM server. `null` = nobody told. */
export interface Place {
  readonly vault: string | null;
  readonly vmmServer: string | null;
  readonly cloud: string | null;
  /** Between sites only. */
  readonly recoveryCloud: string | null;
  readonly hosts: readonly string[];
}

/** A replication policy that is to be created. */
export interface FleetPolicy {
  /** Ours, by its values. */
  readonly name: string;
  readonly settings: ReplicationSettings;
  readonly compression: CompressionSwitch | null;
  /** Local time of day at which initial replication begins, since midnight; `null` = at once. */
  readonly startOfDayMs: Millis | null;
  readonly vmCount: number;
}

export function fleetOf({ run, exclusions, policyCompression, initialEndsMs, batches }: RunbookInput): Fleet {
  const { workload, site, policy } = run;
  const scenario = SCENARIOS[policy.scenario];
  const settings = settingsOf(
    policy,
    workload.vms.map(({ name }) => name),
  );
  const missing = new Map(policy.overrides.map(({ vm, missingPrerequisite }) => [vm, missingPrerequisite ?? null]));
  const places = placesOf(run, scenario);
  const placeOf = placeFinder(run, scenario, places);
  const compression = scenario.policyCompression.default === null ? null : (policyCompression ?? 'on');
  const policies = new Map<string, FleetPolicy>();
  const vms = workload.vms.map((vm, v) => {
    const wanted = policyOf(workload.clock, settings[v]!, compression);
    const why = missing.get(vm.name) ?? null;
    const known = policies.get(wanted.name) ?? wanted;
    if (why === null) policies.set(wanted.name, { ...known, vmCount: known.vmCount + 1 });
    const ends = initialEndsMs === undefined ? {} : { initialEndMs: initialEndsMs[v]! };
    return { vm, settings: settings[v]!, place: placeOf(vm), policy: known, missing: why, ...ends };
  });
  // Where nobody can be protected, all are shown.
  const able = vms.filter(({ missing: why }) => why === null);
  const used = new Set((able.length > 0 ? able : vms).map(({ place }) => place));
  return {
    ...{ run, clock: workload.clock, scenario, exclusions, policies: [...policies.values()] },
    vms: vms.map((one) => ({ ...one, policy: policies.get(one.policy.name) ?? one.policy })),
    places: places.filter((place) => used.has(place)),
    hosts: hostsOf(workload.vms, site.hosts),
    batches: batches ?? batchesOf(vms),
  };
}

function placesOf({ site }: Run, { usesClouds }: Scenario): Place[] {
  const onlyVault = site.vaults.length === 1 ? site.vaults[0]!.name : null;
  const unknown: Place = { vault: onlyVault, vmmServer: null, cloud: null, recoveryCloud: null, hosts: [] };
  if (!usesClouds) return [unknown];
  const known = new Set(site.vaults.map(({ name }) => name));
  const clouds = site.clouds.map(({ name, vmmServer, vault, recoveryCloud, hosts }) => ({
    ...{ cloud: name, vmmServer, recoveryCloud: recoveryCloud ?? null, hosts },
    vault: vault !== undefined && known.has(vault) ? vault : null,
  }));
  return [...clouds, unknown];
}

function placeFinder({ site }: Run, { usesClouds }: Scenario, places: readonly Place[]): (vm: Vm) => Place {
  const last = places.at(-1)!;
  if (!usesClouds) return () => last;
  const cloudOf = new Map(site.clouds.flatMap(({ vms = [] }, c) => vms.map((vm) => [vm, places[c]!])));
  return ({ name }) => cloudOf.get(name) ?? last;
}

/** Between enabling and the start that a policy can hold: "no later than 24-hours from the start of the job" (New-AzRecoveryServicesAsrPolicy). */
const START_MOST_MS: Millis = DAY_MS;

function policyOf(clock: RunClock, settings: ReplicationSettings, compression: CompressionSwitch | null): FleetPolicy {
  const { copyFrequencyMs, recoveryPointHours, appConsistentHours, authentication, initialReplication } = settings;
  const startOfDayMs = isPutOff(settings) ? modulo(localMs(clock, initialReplication.startAtMs), DAY_MS) : null;
  const parts = [
    `replicate-${copyFrequencyMs / SECOND_MS}s-keep-${recoveryPointHours}h`,
    ...(appConsistentHours === null ? [] : [`app-${appConsistentHours}h`]),
    ...(authentication === null ? [] : [authentication]),
    ...(initialReplication.mode === 'network' ? [] : [initialReplication.mode]),
    ...(startOfDayMs === null ? [] : [`start-${timeOfDay(startOfDayMs).replaceAll(':', '')}`]),
  ];
  return { name: parts.join('-'), settings, compression, startOfDayMs, vmCount: 0 };
}

/** Its first byte waits, but not longer than a policy can say. */
function isPutOff({ initialReplication: { enableAtMs, startAtMs } }: ReplicationSettings): boolean {
  return startAtMs > enableAtMs && startAtMs - enableAtMs <= START_MOST_MS;
}

/** When a VM is to be enabled: what a policy cannot put off begins with the enabling. */
export function enableAtMs(settings: ReplicationSettings): Millis {
  const { enableAtMs: enableAt, startAtMs } = settings.initialReplication;
  return startAtMs - enableAt > START_MOST_MS ? startAtMs : enableAt;
}

/** As the run enables them: those of one instant are one batch. */
function batchesOf(vms: readonly Pick<FleetVm, 'vm' | 'settings' | 'missing'>[]): RunbookBatch[] {
  const byStart = new Map<Millis, string[]>();
  for (const { vm, settings, missing } of vms) {
    if (missing !== null) continue;
    const startMs = enableAtMs(settings);
    const names = byStart.get(startMs);
    if (names === undefined) byStart.set(startMs, [vm.name]);
    else names.push(vm.name);
  }
  return [...byStart]
    .sort(([left], [right]) => left - right)
    .map(([startMs, names], index) => ({ name: `Batch ${index + 1}`, startMs, vms: names }));
}

function hostsOf(vms: readonly Vm[], listed: readonly Host[]): Host[] {
  const known = new Map(listed.map((host) => [host.name, host]));
  const names = new Set([...vms.map(({ host }) => host), ...known.keys()]);
  return [...names].filter((name) => name !== '').map((name) => known.get(name) ?? { name });
}

/** Items of a list by something that they share, in the order of their first. */
export function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): [Key, Item[]][] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}
