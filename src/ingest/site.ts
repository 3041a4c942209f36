import type { Batch, NamedPolicy, Vault, VmmCloud, VmProtection } from '../model/cloud.ts';
import type { Problem } from '../model/problem.ts';
import type { RecoveryPlan } from '../model/recovery-plan.ts';
import type { FurtherLink, Host, ReplicaStorage, Volume } from '../model/site.ts';
import { parseBytesPerSec } from '../units.ts';
import { JsonObject } from './json-object.ts';
import { positive } from './parsers.ts';
import { ProblemList } from './problem-list.ts';
import { readClouds, readVaults } from './site-clouds.ts';
import { readHosts, readVolumes } from './site-hosts.ts';
import { parseJson } from './site-json.ts';
import { readFurtherLinks, readLink, type SiteLink } from './site-links.ts';
import { KnownNames } from './site-names.ts';
import { readPolicies } from './site-policies.ts';
import { readRecoveryPlans } from './site-recovery-plans.ts';
import { readBatches, readVmProtections } from './site-vms.ts';

export { checkSite } from './site-check.ts';

/** What a site file says; what it leaves open is not there. Its JSON Schema is `schemas/site.schema.json`. */
export interface SiteFile {
  /** The file's name, for problems. */
  readonly file: string;
  readonly hosts: readonly Host[];
  readonly volumes: readonly Volume[];
  readonly link: SiteLink;
  readonly furtherLinks: readonly FurtherLink[];
  readonly replicaStorage?: ReplicaStorage;
  readonly vaults: readonly Vault[];
  readonly clouds: readonly VmmCloud[];
  readonly policies: readonly NamedPolicy[];
  readonly vms: readonly VmProtection[];
  readonly batches: readonly Batch[];
  readonly recoveryPlans: readonly RecoveryPlan[];
  /** In the words of `--fault` and `--action`: what they mean hangs on the run's clock. */
  readonly faults: readonly string[];
  readonly actions: readonly string[];
}

const SITE_KEYS = [
  '$schema',
  'hosts',
  'volumes',
  'link',
  'links',
  'replica',
  'vaults',
  'clouds',
  'policies',
  'vms',
  'batches',
  'recoveryPlans',
  'faults',
  'actions',
];

/**
 * Reads a site file. Sizes, rates and durations are text with a unit: a plain number is refused, as it would be a guess.
 * Problems carry the path inside the file (`volumes[2].capacity`); with an error there is no site.
 */
export function parseSite(file: string, text: string): { site?: SiteFile; problems: Problem[] } {
  const problems = new ProblemList(file);
  const value = parseJson(text, problems);
  if (value === undefined) return { problems: problems.all() };
  const root = new JsonObject(value, '', SITE_KEYS, problems);
  root.text('$schema', './site.schema.json');
  const site: SiteFile = {
    file,
    hosts: readHosts(root, problems),
    volumes: readVolumes(root, problems),
    link: readLink(root, problems),
    furtherLinks: readFurtherLinks(root, problems),
    ...readReplica(root),
    vaults: readVaults(root, problems),
    clouds: readClouds(root, problems),
    policies: readPolicies(root, problems),
    vms: readVmProtections(root, problems),
    batches: readBatches(root, problems),
    recoveryPlans: readRecoveryPlans(root, problems),
    faults: root.texts('faults', 'link down at 2d10h for 40min'),
    actions: root.texts('actions', 'pause SQL01 at 1d9h'),
  };
  // With an error an entry may be missing, and a reference to it would be a second problem of the same cause.
  if (problems.errorCount === 0) checkReferences(site, problems);
  return problems.errorCount > 0 ? { problems: problems.all() } : { site, problems: problems.all() };
}

/** The replicas' storage, between sites. */
function readReplica(root: JsonObject): Pick<SiteFile, 'replicaStorage'> {
  const object = root.object('replica', ['writeThroughput']);
  const write = object?.parsed('writeThroughput', '300 MB/s', positive(parseBytesPerSec));
  return write === undefined ? {} : { replicaStorage: { writeBytesPerSec: write } };
}

/** What clouds and VMs name must be in the file; a policy that nobody names is most often a slip of the pen. */
function checkReferences(site: SiteFile, problems: ProblemList): void {
  const policyNames = site.policies.map(({ name }) => name);
  const cloudNames = site.clouds.map(({ name }) => name);
  const policies = new KnownNames(policyNames, (name) => `policy "${name}" in this file`);
  const clouds = new KnownNames(cloudNames, (name) => `cloud "${name}" in this file`);
  site.clouds.forEach(({ policy }, index) => {
    policies.check(policy, `clouds[${index}].policy`, problems);
  });
  site.vms.forEach(({ cloud, policy }, index) => {
    clouds.check(cloud, `vms[${index}].cloud`, problems);
    policies.check(policy, `vms[${index}].policy`, problems);
  });
  const linkNames = site.furtherLinks.map(({ name }) => name);
  const links = new KnownNames(linkNames, (name) => `link "${name}" in this file`);
  for (const list of ['hosts', 'vaults', 'clouds', 'vms'] as const) {
    site[list].forEach(({ link }, index) => {
      links.check(link, `${list}[${index}].link`, problems);
    });
  }
  const used = new Set([...site.clouds, ...site.vms].map(({ policy }) => policy));
  policyNames.forEach((name, index) => {
    if (used.has(name)) return;
    const place = { column: `policies[${index}].name`, value: name };
    problems.warning(
      'site-unused-policy',
      place,
      'No cloud and no VM goes by this policy.',
      'Name it there, or delete it.',
    );
  });
}
