import type { VmmCloud } from '../model/cloud.ts';
import type { Policy, ReplicationSettings, VmOverride } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import {
  type AskedSettings,
  type PolicyOption,
  type Refusal,
  refusalOfPlanAction,
  refusalsOf,
  refusalsTogether,
  refusalText,
} from '../model/refusals.ts';
import { SCENARIOS, type Scenario } from '../model/scenario.ts';
import type { VmNetwork } from '../model/site.ts';
import type { Vm, Workload } from '../model/workload.ts';
import type { Millis } from '../units.ts';
import { OPTION_TEXTS } from './policy-options.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import type { SiteFile } from './site.ts';

/** Some settings, and where in the site file they stand. */
interface Layer {
  readonly settings: AskedSettings;
  readonly placeOf: (option: PolicyOption) => string;
}

/**
 * What each VM's replication goes by: its own word, else its policy, else its cloud's, else the run's. Only VMs that differ from
 * the run are listed, and of the network only those that have something of their own. Clouds come back with their VMs. What the
 * scenario does not offer is refused, with its place in the site file.
 */
export function resolveProtection(
  site: SiteFile,
  workload: Workload,
  policy: Policy,
): { overrides: VmOverride[]; clouds: VmmCloud[]; network: VmNetwork[]; problems: Problem[] } {
  const scenario = SCENARIOS[policy.scenario];
  const problems = new ProblemList(site.file);

  // 1. What the scenario does not offer, once for each place.
  refuseOptions(site, scenario, problems);
  refusePlanActions(site, scenario, problems);

  // 2. Who belongs to which cloud, and who cannot be protected there.
  if (!scenario.usesClouds && site.clouds.length > 0) warnOfClouds(scenario, problems);
  if (scenario.target === 'azure' && site.replicaStorage !== undefined) warnOfReplica(problems);
  if (scenario.target !== 'azure') warnOfUploadThreads(site, problems);
  const cloudOf = cloudsOfVms(site, workload, scenario);
  const missing = missingPrerequisites(site, workload, scenario, cloudOf, problems);

  // 3. The settings of each VM.
  const layersOf = layersOfVms(site, cloudOf);
  const enableAtMs = new Map(site.batches.flatMap((batch) => batch.vms.map((vm) => [vm, batch.enableAtMs])));
  const together = new Map<string, Refusal>();
  const overrides = workload.vms.flatMap((vm) => {
    const layers = layersOf(vm);
    const settings = settingsOfVm(policy, layers, enableAtMs.get(vm.name) ?? 0);
    for (const refusal of refusalsTogether(scenario, settings)) together.set(placeOfRefusal(refusal, layers), refusal);
    return overrideOf(vm.name, settings, policy, missing.get(vm.name)) ?? [];
  });
  // A value that is refused by itself would only be refused again beside others.
  if (problems.errorCount === 0) for (const [place, refusal] of together) refuse(refusal, place, problems);
  const clouds = site.clouds.map((cloud, index) => ({
    ...cloud,
    vms: workload.vms.filter((vm) => cloudOf(vm) === index).map(({ name }) => name),
  }));
  return { overrides, clouds, network: networkOfVms(site, workload, scenario, cloudOf), problems: problems.all() };
}

function refuse(refusal: Omit<Refusal, 'option'>, column: string, problems: ProblemList): void {
  problems.error('site-refused', { column }, refusalText(refusal), refusal.remedy);
}

function refuseOptions(site: SiteFile, scenario: Scenario, problems: ProblemList): void {
  site.policies.forEach(({ settings }, index) => {
    const { placeOf } = policyLayer(settings, index);
    for (const refusal of refusalsOf(scenario, settings)) refuse(refusal, placeOf(refusal.option), problems);
  });
  site.vms.forEach((vm, index) => {
    if (vm.initialReplication === undefined) return;
    const { settings, placeOf } = ownLayer(vm.initialReplication, index);
    for (const refusal of refusalsOf(scenario, settings)) refuse(refusal, placeOf(refusal.option), problems);
  });
}

function refusePlanActions(site: SiteFile, scenario: Scenario, problems: ProblemList): void {
  site.recoveryPlans.forEach((plan, p) => {
    plan.groups.forEach((group, g) => {
      for (const side of ['before', 'after'] as const) {
        group[side].forEach(({ kind }, a) => {
          const refusal = refusalOfPlanAction(scenario, kind);
          if (refusal !== null) refuse(refusal, `recoveryPlans[${p}].groups[${g}].${side}[${a}].kind`, problems);
        });
      }
    });
  });
}

function warnOfClouds({ title }: Scenario, problems: ProblemList): void {
  problems.warning(
    'site-clouds-unused',
    { column: 'clouds' },
    `Clouds of VMM mean nothing in the scenario "${title}": its hosts are registered one by one, and the policies of clouds do not apply.`,
    'Choose a scenario with VMM (--scenario vmm-to-azure or vmm-to-vmm), or delete "clouds".',
  );
}

function warnOfReplica(problems: ProblemList): void {
  problems.warning(
    'site-replica-unused',
    { column: 'replica' },
    'Azure’s storage is Microsoft’s affair: "replica" counts between two sites only.',
    'Choose the scenario vmm-to-vmm, or delete "replica".',
  );
}

function warnOfUploadThreads({ hosts }: SiteFile, problems: ProblemList): void {
  const index = hosts.findIndex(({ uploadThreadsPerVm }) => uploadThreadsPerVm !== undefined);
  if (index === -1) return;
  problems.warning(
    'site-upload-threads-unused',
    { column: `hosts[${index}].uploadThreadsPerVm` },
    'Between two sites one connection carries a VM’s transfer: the threads count to Azure only.',
    'Choose a scenario to Azure, or delete "uploadThreadsPerVm".',
  );
}

/**
 * What VMs have of their own on the network. The link is their own word's, else their cloud's, else that of the cloud's vault;
 * where no clouds count nothing says which vault a VM goes to, unless there is one alone.
 */
function networkOfVms(site: SiteFile, workload: Workload, scenario: Scenario, cloudOf: CloudIndexOf): VmNetwork[] {
  const own = new Map(site.vms.map((vm) => [vm.vm, vm]));
  const vaultLinks = new Map(site.vaults.map(({ name, link }) => [name, link]));
  const hasClouds = scenario.usesClouds && site.clouds.length > 0;
  const onlyVault = hasClouds || site.vaults.length > 1 ? undefined : site.vaults[0];
  return workload.vms.flatMap((vm): VmNetwork[] => {
    const index = cloudOf(vm);
    const cloud = index === undefined ? undefined : site.clouds[index];
    const { capBitsPerSec, weight, link: ownLink } = own.get(vm.name) ?? {};
    const link = ownLink ?? cloud?.link ?? vaultLinks.get(cloud?.vault ?? '') ?? onlyVault?.link;
    if (capBitsPerSec === undefined && weight === undefined && link === undefined) return [];
    return [
      {
        vm: vm.name,
        ...(capBitsPerSec === undefined ? {} : { capBitsPerSec }),
        ...(weight === undefined ? {} : { weight }),
        ...(link === undefined ? {} : { link }),
      },
    ];
  });
}

/** The place of a VM's cloud in the site file; `undefined` for a VM of none. */
type CloudIndexOf = (vm: Vm) => number | undefined;

function cloudsOfVms(site: SiteFile, workload: Workload, scenario: Scenario): CloudIndexOf {
  if (!scenario.usesClouds) return () => undefined;
  const indexOf = new Map(site.clouds.map(({ name }, index) => [name, index]));
  const ofHost = new Map(site.clouds.flatMap(({ hosts }, index) => hosts.map((host) => [host, index])));
  const own = new Map(site.vms.map(({ vm, cloud }) => [vm, cloud]));
  const byName = new Map(
    workload.vms.map((vm) => {
      const cloud = own.get(vm.name);
      return [vm.name, cloud === undefined ? ofHost.get(vm.host) : indexOf.get(cloud)];
    }),
  );
  return (vm) => byName.get(vm.name);
}

/** Why VMs of a cloud (or of none) cannot be protected. */
interface Lack {
  readonly text: string;
  readonly column: string;
  readonly remedy: string;
}

const NO_CLOUD: Lack = {
  text: 'in no cloud of VMM, and only VMs of a protected cloud can be enabled',
  column: 'clouds',
  remedy: 'List its host in a cloud, or name its cloud in "vms".',
};

/** What VMs cannot be protected for, by name. Each cause is warned of once: the run goes on without its VMs. */
function missingPrerequisites(
  site: SiteFile,
  workload: Workload,
  scenario: Scenario,
  cloudOf: CloudIndexOf,
  problems: ProblemList,
): Map<string, string> {
  if (!scenario.usesClouds || site.clouds.length === 0) return new Map();
  const lacks = site.clouds.map((cloud, index) => lackOf(cloud, `clouds[${index}]`, site, scenario));
  const lackOfVm = (vm: Vm): Lack | undefined => {
    const index = cloudOf(vm);
    return index === undefined ? NO_CLOUD : lacks[index];
  };
  const missing = new Map<string, string>();
  for (const [lack, vms] of Map.groupBy(workload.vms, lackOfVm)) {
    if (lack === undefined) continue;
    const names = vms.map((vm) => vm.name);
    const message = `${countOf(names.length, 'VM')} cannot be protected, ${fewNames(names)}: ${lack.text}.`;
    problems.warning('site-not-protected', { column: lack.column }, message, lack.remedy);
    for (const name of names) missing.set(name, lack.text);
  }
  return missing;
}

function lackOf(cloud: VmmCloud, path: string, site: SiteFile, scenario: Scenario): Lack | undefined {
  const { name, vault, recoveryCloud } = cloud;
  if (vault === undefined || !site.vaults.some((known) => known.name === vault)) {
    const where = vault === undefined ? 'names no vault' : `names the vault "${vault}", which is not there`;
    const text = `cloud "${name}" ${where}: its VMM server is not registered`;
    return { text, column: `${path}.vault`, remedy: 'Name the vault under "vaults" and in the cloud.' };
  }
  if (scenario.target === 'azure' || recoveryCloud !== undefined) return undefined;
  const text = `cloud "${name}" is mapped to no recovery cloud`;
  return { text, column: `${path}.recoveryCloud`, remedy: 'Name the cloud at the recovery site.' };
}

/** The layers of a VM, the nearest first. */
function layersOfVms(site: SiteFile, cloudOf: CloudIndexOf): (vm: Vm) => Layer[] {
  const policies = new Map(site.policies.map(({ name, settings }, index) => [name, policyLayer(settings, index)]));
  const named = (policy: string | undefined): Layer | [] => (policy === undefined ? [] : (policies.get(policy) ?? []));
  const own = new Map(site.vms.map((vm, index) => [vm.vm, { ...vm, index }]));
  return (vm) => {
    const word = own.get(vm.name);
    const cloud = cloudOf(vm);
    return [
      word?.initialReplication === undefined ? [] : ownLayer(word.initialReplication, word.index),
      named(word?.policy),
      cloud === undefined ? [] : named(site.clouds[cloud]!.policy),
    ].flat();
  };
}

/** A policy whose switch is off sends every log byte as it is, whatever is said farther away. */
function policyLayer(settings: AskedSettings, index: number): Layer {
  return {
    settings: settings.policyCompression === 'off' ? { compressionRatio: 1, ...settings } : settings,
    placeOf: (option) => `policies[${index}].${OPTION_TEXTS[option].key}`,
  };
}

function ownLayer(initialReplication: ReplicationSettings['initialReplication'], index: number): Layer {
  return { settings: { initialReplication }, placeOf: (option) => `vms[${index}].${OPTION_TEXTS[option].key}` };
}

function settingsOfVm(policy: Policy, layers: readonly Layer[], enableAtMs: Millis): ReplicationSettings {
  const settings: ReplicationSettings = Object.assign(
    {},
    policy,
    ...layers.toReversed().map((layer) => layer.settings),
  );
  return { ...settings, initialReplication: { ...settings.initialReplication, enableAtMs } };
}

/** Where the option was given; where only its counterpart was, that one's place. */
function placeOfRefusal({ option }: Refusal, layers: readonly Layer[]): string {
  for (const candidate of [option, 'recoveryPointHours'] as const) {
    const layer = layers.find(({ settings }) => settings[candidate] !== undefined);
    if (layer !== undefined) return layer.placeOf(candidate);
  }
  return option;
}

const SETTING_NAMES = Object.keys(OPTION_TEXTS).filter(
  (name) => name !== 'policyCompression',
) as (keyof ReplicationSettings)[];

function overrideOf(
  vm: string,
  settings: ReplicationSettings,
  policy: Policy,
  missingPrerequisite: string | undefined,
): VmOverride | undefined {
  const own = SETTING_NAMES.filter((name) => !isSame(settings[name], policy[name]));
  if (own.length === 0 && missingPrerequisite === undefined) return undefined;
  return {
    vm,
    settings: Object.fromEntries(own.map((name) => [name, settings[name]])),
    ...(missingPrerequisite === undefined ? {} : { missingPrerequisite }),
  };
}

function isSame(left: ReplicationSettings[keyof ReplicationSettings], right: typeof left): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  return (Object.keys(left) as (keyof typeof left)[]).every((key) => left[key] === right[key]);
}
