import type { Assumption } from '../model/assumption.ts';
import type { VmmCloud } from '../model/cloud.ts';
import type { SiteEvent, Target } from '../model/event.ts';
import type { MeasuredReplication } from '../model/measured-replication.ts';
import type { Policy } from '../model/policy.ts';
import type { PriceInput } from '../model/prices.ts';
import { type Problem, problemOf } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import type { RecoveryPlan } from '../model/recovery-plan.ts';
import type { RuleSet } from '../model/rules.ts';
import { isShared, type Site, sharedVolumesOf } from '../model/site.ts';
import type { DiskTraits, VmTraits } from '../model/traits.ts';
import type { Vm, Workload } from '../model/workload.ts';
import { sizeByTerms } from '../plan/cost-quantities.ts';
import { reasonOf } from '../plan/exclusion-advice.ts';
import type { PlanRequest } from '../plan/make-plan.ts';
import { SHIPPED_RULES } from '../plan/shipped-rules.ts';

/** What stands for what; for the owner alone. */
export interface Alias {
  readonly kind: string;
  readonly alias: string;
  readonly name: string;
}

/**
 * The same request without any name that a stranger could know the fleet by: VMs, hosts, disks, volumes, links, clouds, servers, vaults,
 * recovery plans, their actions and files get others. Sizes, churn, times and the time zone stay. A disk's name keeps the word by which the
 * adviser knows it (`disk-2 page file`), and a path of a Cluster Shared Volume stays one. What files' readers said in free words is left out.
 *
 * Aliases are given in the order of the names. The instants of the VMs' cuts are drawn from names (semantics 12), so they are drawn anew: the
 * plan is one of the same fleet, but not the same run.
 */
export function anonymized(request: PlanRequest): { request: PlanRequest; aliases: Alias[] } {
  const { run } = request;
  const { workload, site } = run;
  const sharedVolumes = sharedVolumesOf(site);
  const events = run.events;
  const names = {
    vm: new Names('vm', [
      ...workload.vms.map(({ name }) => name),
      ...(request.measured ?? []).map(({ vm }) => vm),
      ...eventNames(events, 'vm'),
    ]),
    host: new Names('host', [
      ...[...workload.vms.map(({ host }) => host), ...site.hosts.map(({ name }) => name)],
      ...site.clouds.flatMap(({ hosts }) => hosts),
      ...site.volumes.flatMap(({ host }) => host ?? []),
      ...eventNames(events, 'host'),
    ]),
    volume: new Names(
      'volume',
      [
        ...workload.vms.flatMap(({ disks }) => disks.map(({ volume }) => volume)),
        ...site.volumes.map(({ name }) => name),
        ...events.flatMap((event) => ('volume' in event ? [event.volume] : [])),
      ],
      (alias, name) => (isShared(name, sharedVolumes) && !sharedVolumes.has(name) ? `ClusterStorage\\${alias}` : alias),
    ),
    link: new Names(
      'link',
      (site.furtherLinks ?? []).map(({ name }) => name),
    ),
    cloud: new Names(
      'cloud',
      site.clouds.flatMap(({ name, recoveryCloud }) => [name, ...(recoveryCloud === undefined ? [] : [recoveryCloud])]),
    ),
    server: new Names(
      'vmm',
      site.clouds.map(({ vmmServer }) => vmmServer),
    ),
    vault: new Names('vault', [
      ...site.vaults.map(({ name }) => name),
      ...site.clouds.flatMap(({ vault }) => vault ?? []),
    ]),
    policy: new Names(
      'policy',
      site.clouds.flatMap(({ policy }) => policy ?? []),
    ),
    plan: new Names('recovery plan', [...site.recoveryPlans.map(({ name }) => name), ...eventNames(events, 'plan')]),
    file: new Names('file', [
      ...(request.receipts ?? []).map(({ file }) => file),
      ...(request.rules?.files ?? []).map(({ file }) => file).filter((file) => !SHIPPED_FILES.has(file)),
      ...(request.prices?.book?.files ?? []).map(({ file }) => file),
      ...workload.vms.flatMap(({ disks }) => disks.flatMap(({ readFrom }) => readFrom?.file ?? [])),
    ]),
  };
  const anonymousRun = {
    ...run,
    workload: { ...workload, vms: workload.vms.map((vm) => anonymousVm(vm, names)) },
    site: anonymousSite(site, names),
    policy: anonymousPolicy(run.policy, names),
    events: events.map((event) => anonymousEvent(event, names)),
  };
  return {
    request: {
      ...request,
      run: anonymousRun,
      assumptions: request.assumptions.map(anonymousAssumption),
      ...(request.receipts === undefined
        ? {}
        : { receipts: request.receipts.map((one) => anonymousReceipt(one, names)) }),
      ...(request.measured === undefined
        ? {}
        : { measured: request.measured.map((one) => anonymousMeasure(one, names)) }),
      ...(request.rules === undefined ? {} : { rules: anonymousRules(request.rules, names) }),
      ...(request.prices === undefined ? {} : { prices: anonymousPrices(request.prices, run.workload, names) }),
      problems: leftOut(request.problems),
    },
    aliases: [
      ...Object.entries(names).flatMap(([kind, some]) => some.aliases(kind)),
      ...workload.vms.flatMap((vm) =>
        vm.disks.map((disk, index) => ({
          kind: 'disk',
          alias: `${names.vm.of(vm.name)}/${diskAlias(vm, index)}`,
          name: `${vm.name}/${disk.name}`,
        })),
      ),
    ],
  };
}

/** As CSV, for the owner: `kind,alias,name`. A name that a spreadsheet would run as a formula has an apostrophe before it. */
export function aliasTable(aliases: readonly Alias[]): string {
  const cell = (text: string): string => {
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const rows = [['kind', 'alias', 'name'], ...aliases.map(({ kind, alias, name }) => [kind, alias, name])];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const SHIPPED_FILES: ReadonlySet<string> = new Set(SHIPPED_RULES.files.map(({ file }) => file));

type AllNames = Readonly<
  Record<'vm' | 'host' | 'volume' | 'link' | 'cloud' | 'server' | 'vault' | 'policy' | 'plan' | 'file', Names>
>;

/** Aliases of one kind of thing, numbered in the order of the names, so that what goes by that order goes on as before. */
class Names {
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(prefix: string, names: readonly string[], shaped = (alias: string, _name: string): string => alias) {
    const all = [...new Set(names)].sort();
    const digits = String(all.length).length;
    this.#aliases = new Map(
      all.map((name, index) => [name, shaped(`${prefix}-${String(index + 1).padStart(digits, '0')}`, name)]),
    );
  }

  of(name: string): string {
    const alias = this.#aliases.get(name);
    if (alias === undefined) throw new Error('a name was not collected');
    return alias;
  }

  /** Those of things that may be named without being there. */
  orNone(name: string): string {
    return this.#aliases.get(name) ?? 'unknown';
  }

  aliases(kind: string): Alias[] {
    return [...this.#aliases].map(([name, alias]) => ({ kind, alias, name }));
  }
}

function eventNames(events: readonly SiteEvent[], scope: 'vm' | 'host' | 'plan'): string[] {
  return events.flatMap((event) => [
    ...('target' in event && event.target.scope === scope ? [event.target.name] : []),
    ...(scope === 'host' && 'host' in event && event.host !== undefined ? [event.host] : []),
    ...(scope === 'host' && 'to' in event ? [event.to] : []),
  ]);
}

function anonymousVm(vm: Vm, names: AllNames): Vm {
  return {
    ...vm,
    name: names.vm.of(vm.name),
    host: names.host.of(vm.host),
    ...(vm.traits === undefined ? {} : { traits: anonymousTraits(vm.traits) }),
    disks: vm.disks.map((disk, index) => ({
      ...disk,
      ...(disk.traits === undefined ? {} : { traits: anonymousDiskTraits(disk.traits) }),
      ...(disk.readFrom === undefined
        ? {}
        : { readFrom: { ...disk.readFrom, file: names.file.of(disk.readFrom.file) } }),
      name: diskAlias(vm, index),
      volume: names.volume.of(disk.volume),
    })),
  };
}

/** A stranger's text says nothing of the owner where it is that of a known system. */
const KNOWN_SYSTEM = /^[\w .()/-]{0,40}(windows|linux|ubuntu|debian|centos|red hat|suse|freebsd)[\w .()/-]{0,40}$/i;
const KNOWN_FORMATS = ['VHD', 'VHDX', 'VHDS'];

function anonymousTraits({ operatingSystem, ...traits }: VmTraits): VmTraits {
  return operatingSystem === undefined || !KNOWN_SYSTEM.test(operatingSystem) ? traits : { ...traits, operatingSystem };
}

function anonymousDiskTraits({ format, ...traits }: DiskTraits): DiskTraits {
  return format === undefined || !KNOWN_FORMATS.includes(format) ? traits : { ...traits, format };
}

function diskAlias(vm: Vm, index: number): string {
  const reason = reasonOf(vm.disks[index]!.name, vm.name);
  return `disk-${index + 1}${reason === undefined ? '' : ` ${reason}`}`;
}

function anonymousSite(site: Site, names: AllNames): Site {
  const linked = <T extends { readonly link?: string }>(one: T): T =>
    one.link === undefined ? one : { ...one, link: names.link.orNone(one.link) };
  return {
    ...site,
    hosts: site.hosts.map((host) => linked({ ...host, name: names.host.of(host.name) })),
    volumes: site.volumes.map((volume) => ({
      ...volume,
      name: names.volume.of(volume.name),
      ...(volume.host === undefined ? {} : { host: names.host.of(volume.host) }),
    })),
    ...(site.furtherLinks === undefined
      ? {}
      : {
          furtherLinks: site.furtherLinks.map((link) => ({
            ...link,
            name: names.link.of(link.name),
            ...(link.via === undefined ? {} : { via: names.link.orNone(link.via) }),
          })),
        }),
    ...(site.vms === undefined ? {} : { vms: site.vms.map((own) => linked({ ...own, vm: names.vm.orNone(own.vm) })) }),
    vaults: site.vaults.map((vault) => linked({ ...vault, name: names.vault.of(vault.name) })),
    clouds: site.clouds.map((cloud) => anonymousCloud(linked(cloud), names)),
    recoveryPlans: site.recoveryPlans.map((plan) => anonymousPlan(plan, names)),
  };
}

function anonymousCloud(cloud: VmmCloud, names: AllNames): VmmCloud {
  return {
    ...cloud,
    name: names.cloud.of(cloud.name),
    vmmServer: names.server.of(cloud.vmmServer),
    ...(cloud.vault === undefined ? {} : { vault: names.vault.of(cloud.vault) }),
    ...(cloud.recoveryCloud === undefined ? {} : { recoveryCloud: names.cloud.of(cloud.recoveryCloud) }),
    ...(cloud.policy === undefined ? {} : { policy: names.policy.of(cloud.policy) }),
    hosts: cloud.hosts.map((host) => names.host.of(host)),
    ...(cloud.vms === undefined ? {} : { vms: cloud.vms.map((vm) => names.vm.orNone(vm)) }),
  };
}

function anonymousPlan(plan: RecoveryPlan, names: AllNames): RecoveryPlan {
  let count = 0;
  const nameless = (actions: RecoveryPlan['groups'][number]['before']): typeof actions =>
    actions.map((action) => {
      count++;
      return { ...action, title: `${action.kind} ${count}` };
    });
  return {
    ...plan,
    name: names.plan.of(plan.name),
    groups: plan.groups.map((group, index) => ({
      name: `group ${index + 1}`,
      vms: group.vms.map((vm) => names.vm.orNone(vm)),
      before: nameless(group.before),
      after: nameless(group.after),
    })),
  };
}

function anonymousPolicy(policy: Policy, names: AllNames): Policy {
  return {
    ...policy,
    overrides: policy.overrides.map((own) => ({
      ...own,
      vm: names.vm.orNone(own.vm),
      ...(own.missingPrerequisite === undefined ? {} : { missingPrerequisite: 'a prerequisite is missing' }),
    })),
  };
}

function anonymousEvent(event: SiteEvent, names: AllNames): SiteEvent {
  return {
    ...event,
    ...('target' in event ? { target: anonymousTarget(event.target, names) } : {}),
    ...('link' in event && event.link !== undefined ? { link: names.link.orNone(event.link) } : {}),
    ...('volume' in event ? { volume: names.volume.of(event.volume) } : {}),
    ...('host' in event && event.host !== undefined ? { host: names.host.of(event.host) } : {}),
    ...('to' in event ? { to: names.host.of(event.to) } : {}),
  } as SiteEvent;
}

function anonymousTarget(target: Target, names: AllNames): Target {
  return target.scope === 'all' ? target : { ...target, name: names[target.scope].of(target.name) };
}

const KEPT_TEXTS: ReadonlySet<string> = new Set(['timeZone', 'start', 'policyCompression']);

/** What readers of files say names files and columns; the number and the source stay. */
function anonymousAssumption({ name, value, source, origin }: Assumption): Assumption {
  const isBare = typeof value === 'number' || typeof value === 'boolean' || value === null;
  return {
    ...{ name, source, origin },
    value: isBare || KEPT_TEXTS.has(name) ? value : 'left out',
    reason: 'left out of a plan without names',
  };
}

function anonymousReceipt(receipt: Receipt, names: AllNames): Receipt {
  const { file, format, sizeBytes, rowCount, usedCount, dropped, coversMs } = receipt;
  return {
    ...{ file: names.file.of(file), format, read: [], rowCount, usedCount, joins: [] },
    dropped: dropped.map(({ count }) => ({ reason: 'left out of a plan without names', count })),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(coversMs === undefined ? {} : { coversMs }),
  };
}

function anonymousMeasure(measure: MeasuredReplication, names: AllNames): MeasuredReplication {
  return { ...measure, vm: names.vm.of(measure.vm), file: names.file.orNone(measure.file) };
}

/** The user's own rules stay, but not the names of their files. */
function anonymousRules(rules: RuleSet, names: AllNames): RuleSet {
  const renamed = <T extends { readonly file: string }>(one: T): T =>
    SHIPPED_FILES.has(one.file) ? one : { ...one, file: names.file.of(one.file) };
  return { ...rules, files: rules.files.map(renamed), limits: rules.limits.map(renamed) };
}

/** A pattern of VMs' names becomes the VMs that it is the first to fit. */
function anonymousPrices({ book, terms }: PriceInput, { vms }: Workload, names: AllNames): PriceInput {
  const renamed = <T extends { readonly file: string }>(one: T): T => ({ ...one, file: names.file.of(one.file) });
  const vmSizes = vms.flatMap(({ name }) => {
    const size = sizeByTerms(name, terms);
    return size === null ? [] : [{ vm: names.vm.of(name), size }];
  });
  if (book === null) return { book, terms: { ...terms, vmSizes } };
  const files = book.files.map((file) => ({ ...renamed(file), source: null }));
  return { book: { ...book, files, meters: book.meters.map(renamed) }, terms: { ...terms, vmSizes } };
}

/** Problems quote what stood in the files. */
function leftOut(problems: readonly Problem[]): Problem[] {
  if (problems.length === 0) return [];
  const message = `${problems.length} warnings are left out of a plan without names.`;
  return [problemOf('warning', 'anonymized', '--anonymize', message, 'Plan without the flag to read them.')];
}
