/**
 * The script of a transcript: its lines to the run that they describe. README.md has the language; a line that it does not have is
 * refused with its number, since whoever misspells a rule must not get the log of another one.
 */
import { parseAction, parseFault } from '../../src/ingest/events.ts';
import { mergeOutages } from '../../src/ingest/outages.ts';
import { epochDay, type RunClock } from '../../src/model/clock.ts';
import type { SiteEvent } from '../../src/model/event.ts';
import {
  INITIAL_REPLICATION_AT_ONCE,
  type InitialReplicationPlan,
  type Policy,
  type RuleParameters,
} from '../../src/model/policy.ts';
import type { RecoveryPlan } from '../../src/model/recovery-plan.ts';
import { refusalsOf, refusalsTogether } from '../../src/model/refusals.ts';
import type { Run } from '../../src/model/run.ts';
import { SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import type { Host, Outage, Volume } from '../../src/model/site.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  type Millis,
  parseBitsPerSec,
  parseBytes,
  parseBytesPerSec,
  parseDurationMs,
  SECOND_MS,
} from '../../src/units.ts';
import { buildRun } from '../laws/build-run.ts';

export interface Script {
  readonly run: Run;
  /** The `at` lines as they were written, in the order of `run.events`; outages of the link are not among them. */
  readonly eventLines: readonly string[];
}

/** What the lines have said so far. */
interface Draft {
  startEpochMs?: Millis;
  horizonMs?: Millis;
  scenario?: ScenarioId;
  capacityBitsPerSec?: number;
  alreadyReplicated: boolean;
  readonly policy: Partial<Policy>;
  readonly rules: Partial<RuleParameters>;
  /** By VM; what is said of all VMs stands under the empty name. */
  readonly initial: Map<string, Partial<InitialReplicationPlan>>;
  readonly missing: Map<string, string>;
  readonly vms: Vm[];
  readonly hosts: Host[];
  readonly volumes: Volume[];
  readonly recoveryPlans: RecoveryPlan[];
  readonly happenings: { readonly at: Millis; readonly text: string; readonly line: string; readonly number: number }[];
}

/** @param firstNumber the number of the first line in its file, for messages */
export function readScript(lines: readonly string[], firstNumber: number): Script {
  const draft: Draft = {
    alreadyReplicated: false,
    policy: { alignedCuts: false },
    rules: {},
    initial: new Map(),
    missing: new Map(),
    vms: [],
    hosts: [],
    volumes: [],
    recoveryPlans: [],
    happenings: [],
  };
  lines.forEach((line, index) => {
    const written = line.trim().replaceAll(/\s+/g, ' ');
    if (written !== '') inLine(firstNumber + index, written, () => readLine(draft, written, firstNumber + index));
  });
  return build(draft);
}

/** What goes wrong is told with the line in which it does. */
function inLine<T>(number: number, line: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`line ${number}, "${line}": ${(error as Error).message}`);
  }
}

function readLine(draft: Draft, line: string, number: number): void {
  const keyword = line.split(' ', 1)[0]!;
  const rest = line.slice(keyword.length + 1);
  switch (keyword) {
    case 'scenario':
      return readScenario(draft, rest);
    case 'rules':
      return void Object.assign(draft.rules, readClauses(RULES, rest));
    case 'logs':
      return void Object.assign(draft.rules, readClauses(LOGS, rest));
    case 'window':
      return void Object.assign(draft.policy, readClauses(WINDOW, rest));
    case 'start':
      return readStart(draft, rest);
    case 'link':
      draft.capacityBitsPerSec = quantity(parseBitsPerSec, rest);
      return;
    case 'host':
      return readHost(draft, rest);
    case 'volume':
      return void draft.volumes.push(readVolume(rest));
    case 'vm':
      return void draft.vms.push(readVm(rest));
    case 'plan':
      return void draft.recoveryPlans.push(readPlan(rest));
    case 'initial':
      return readInitial(draft, rest);
    case 'missing': {
      const [vm, what] = subjectAnd(rest);
      return void draft.missing.set(vm, what);
    }
    case 'already':
      readClauses([[/^replicated$/, () => ({})]], rest);
      draft.alreadyReplicated = true;
      return;
    case 'at':
      return readHappening(draft, rest, line, number);
    case 'until':
      draft.horizonMs = instant(draft, rest);
      return;
    default:
      throw new Error(`no line of a script begins with "${keyword}"`);
  }
}

/** How the clauses of a line are written, and what each says. */
type Clauses<T> = readonly (readonly [RegExp, (...matched: string[]) => Partial<T>])[];

function readClauses<T>(clauses: Clauses<T>, text: string): Partial<T> {
  let said: Partial<T> = {};
  for (const clause of text.split(', ')) said = { ...said, ...readClause(clauses, clause) };
  return said;
}

function readClause<T>(clauses: Clauses<T>, text: string): Partial<T> {
  for (const [pattern, say] of clauses) {
    const matched = pattern.exec(text);
    if (matched !== null) return say(...matched.slice(1));
  }
  throw new Error(`"${text}" is not understood`);
}

const POLICY: Clauses<Policy> = [
  [/^a copy every (\S+)$/, (every) => ({ copyFrequencyMs: quantity(parseDurationMs, every!) })],
  [/^cuts aligned$/, () => ({ alignedCuts: true })],
  [/^recovery points for (\d+)h$/, (hours) => ({ recoveryPointHours: Number(hours) })],
  [/^app-consistent every (\d+)h$/, (hours) => ({ appConsistentHours: Number(hours) })],
];

const RULES: Clauses<RuleParameters> = [
  [/^enabling takes (\S+)$/, (time) => ({ enableMs: quantity(parseDurationMs, time!) })],
  [/^finalizing takes (\S+)$/, (time) => ({ finalizeMs: quantity(parseDurationMs, time!) })],
  [/^snapshot blocks of (\S+)$/, (size) => ({ snapshotBlockBytes: quantity(parseBytes, size!) })],
  [/^merging (\S+)$/, (rate) => ({ mergeBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^exporting (\S+)$/, (rate) => ({ exportBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^comparing (\S+)$/, (rate) => ({ compareBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^chunks of (\S+)$/, (size) => ({ chunkBytes: quantity(parseBytes, size!) })],
  [/^checksums of (\S+)$/, (size) => ({ checksumBytes: quantity(parseBytes, size!) })],
];

const LOGS: Clauses<RuleParameters> = [[/^without overhead$/, () => ({ logEmptyBytes: 0, logBlockBytes: 0 })]];

const WINDOW: Clauses<Policy> = [
  [
    /^(\d\d):(\d\d) to (\d\d):(\d\d)$/,
    (startHour, startMinute, endHour, endMinute) => ({
      resyncWindow: {
        startMinute: Number(startHour) * 60 + Number(startMinute),
        endMinute: Number(endHour) * 60 + Number(endMinute),
      },
    }),
  ],
];

const HOST: Clauses<Host> = [
  [/^(\d+) transfers? at a time$/, (count) => ({ maxActiveTransfers: Number(count) })],
  [/^uplink (\S+)$/, (rate) => ({ uplinkBitsPerSec: quantity(parseBitsPerSec, rate!) })],
];

const VOLUME: Clauses<Volume> = [
  [/^capacity (\S+)$/, (size) => ({ capacityBytes: quantity(parseBytes, size!) })],
  [/^free (\S+)$/, (size) => ({ freeBytes: quantity(parseBytes, size!) })],
];

const DISKS: Clauses<Disk> = [
  [
    /^(\S+) (\S+) used (\S+) (?:churn (\S+)|idle)(?: on (\S+))?$/,
    (name, size, used, churn, volume) => ({
      name: name!,
      sizeBytes: quantity(parseBytes, size!),
      usedBytes: quantity(parseBytes, used!),
      churn: { kind: 'constant', bytesPerSec: churn === undefined ? 0 : quantity(parseBytesPerSec, churn) },
      volume: volume ?? 'D:',
      meanWriteBytes: 8192,
    }),
  ],
];

function initialClauses(draft: Draft): Clauses<InitialReplicationPlan> {
  return [
    [/^over the network$/, () => ({ mode: 'network' })],
    [
      /^on media that travel (\S+)$/,
      (time) => ({ mode: 'media', shippingMs: quantity(parseDurationMs, time!) }),
    ],
    [
      /^onto a replica VM of (\S+) ago$/,
      (age) => ({ mode: 'existing', existingAgeMs: quantity(parseDurationMs, age!) }),
    ],
    [/^enabled at (.+)$/, (at) => ({ enableAtMs: instant(draft, at!) })],
    [/^started at (.+)$/, (at) => ({ startAtMs: instant(draft, at!) })],
  ];
}

function readScenario(draft: Draft, text: string): void {
  const id = text.split(', ', 1)[0]!;
  if (!(id in SCENARIOS)) throw new Error(`there is no scenario "${id}"`);
  draft.scenario = id as ScenarioId;
  Object.assign(draft.policy, readClauses(POLICY, text.slice(id.length + 2)));
}

function readStart(draft: Draft, text: string): void {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) throw new Error('write it as 2026-01-05 08:00');
  const [year, month, day, hour, minute] = parts as [number, number, number, number, number];
  draft.startEpochMs = epochDay(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
}

function readHost(draft: Draft, text: string): void {
  const [name, clauses] = subjectAnd(text);
  draft.hosts.push({ name, ...readClauses(HOST, clauses) });
}

function readVolume(text: string): Volume {
  const [subject, clauses] = subjectAnd(text);
  const [name, host] = subject.split(' on ');
  return { name: name!, ...(host === undefined ? {} : { host }), ...readClauses(VOLUME, clauses) };
}

function readVm(text: string): Vm {
  const [subject, disks] = subjectAnd(text);
  const [name, host] = subject.split(' on ');
  if (host === undefined) throw new Error('it does not say on which host');
  return { name: name!, host, disks: disks.split(', ').map((disk) => readClause(DISKS, disk) as Disk) };
}

/** `ERP: DB01, then APP01 APP02`: the VMs of a group stand side by side. */
function readPlan(text: string): RecoveryPlan {
  const [name, groups] = subjectAnd(text);
  return {
    name,
    groups: groups.split(', then ').map((vms, index) => ({
      name: `Group ${index + 1}`,
      vms: vms.split(' '),
      before: [],
      after: [],
    })),
  };
}

function readInitial(draft: Draft, text: string): void {
  const [vm, clauses] = /^\S+: /.test(text) ? subjectAnd(text) : ['', text];
  draft.initial.set(vm, readClauses(initialClauses(draft), clauses));
}

function readHappening(draft: Draft, rest: string, line: string, number: number): void {
  const [, at, text] = /^((?:\+\d+ )?\S+) (.+)$/.exec(rest) ?? [];
  if (at === undefined) throw new Error('it does not say what happens');
  const atMs = instant(draft, at);
  if (atMs < (draft.happenings.at(-1)?.at ?? 0)) throw new Error('it stands below something later');
  draft.happenings.push({ at: atMs, text: text!, line, number });
}

/** `D: on HV1: free 1GB` parted at the first colon that a blank follows and that does not belong to a drive. */
function subjectAnd(text: string): [subject: string, rest: string] {
  const [, subject, rest] = /^((?:[A-Z]: on )?.+?): (.+)$/.exec(text) ?? [];
  if (subject === undefined) throw new Error('a colon is missing');
  return [subject, rest!];
}

function quantity(parse: (text: string) => number | undefined, text: string): number {
  const value = parse(text);
  if (value === undefined) throw new Error(`"${text}" is no quantity with a unit that fits`);
  return value;
}

/** `09:00`, `09:00:30`, and with the days since the first in front: `+1 06:00`. */
function instant({ startEpochMs }: Draft, text: string): Millis {
  if (startEpochMs === undefined) throw new Error('"start" must come first');
  const parts = /^(?:\+(\d+) )?(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)?.slice(1);
  if (parts === undefined) throw new Error(`"${text}" is no time such as 09:00 or +1 06:00`);
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0)) as [number, number, number, number];
  const sinceMidnightMs = days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  const atMs = sinceMidnightMs - (startEpochMs % DAY_MS);
  if (atMs < 0) throw new Error(`${text} is before the start`);
  return atMs;
}

function build(draft: Draft): Script {
  const { scenario, startEpochMs, horizonMs, capacityBitsPerSec } = draft;
  if (scenario === undefined || startEpochMs === undefined || horizonMs === undefined) {
    throw new Error('a script needs "scenario", "start" and "until"');
  }
  const { outages, events, eventLines } = readHappenings(draft);
  const run = buildRun({
    vms: draft.vms,
    startEpochMs,
    policy: { ...draft.policy, scenario, maxActiveTransfers: null, ...initialOf(draft) },
    rules: draft.rules,
    hosts: draft.hosts,
    volumes: draft.volumes,
    link: capacityBitsPerSec === undefined ? {} : { capacityBitsPerSec },
    outages,
    recoveryPlans: draft.recoveryPlans,
    events,
    options: { horizonMs, skipInitialReplication: draft.alreadyReplicated },
  });
  refuseImpossible(run.policy);
  return { run, eventLines };
}

function initialOf({ initial, missing }: Draft): Pick<Policy, 'initialReplication' | 'overrides'> {
  const forAll = { ...INITIAL_REPLICATION_AT_ONCE, ...initial.get('') };
  const named = new Set([...initial.keys(), ...missing.keys()].filter((vm) => vm !== ''));
  return {
    initialReplication: forAll,
    overrides: [...named].map((vm) => {
      const missingPrerequisite = missing.get(vm);
      return {
        vm,
        settings: { initialReplication: { ...forAll, ...initial.get(vm) } },
        ...(missingPrerequisite === undefined ? {} : { missingPrerequisite }),
      };
    }),
  };
}

function readHappenings(draft: Draft): { outages: Outage[]; events: SiteEvent[]; eventLines: string[] } {
  const outages: Outage[] = [];
  const events: SiteEvent[] = [];
  const eventLines: string[] = [];
  for (const { at, text, line, number } of draft.happenings) {
    const happened = inLine(number, line, () => readEvent(draft, text, at));
    if ('startMs' in happened) outages.push(happened);
    else {
      events.push(happened);
      eventLines.push(line);
    }
  }
  return { outages: mergeOutages(outages), events, eventLines };
}

/** The words of `--fault` and `--action`; where they stand in a script, the time stands in front. */
function readEvent(draft: Draft, text: string, atMs: Millis): Outage | SiteEvent {
  const clock: RunClock = {
    startEpochMs: draft.startEpochMs!,
    timeZone: 'UTC',
    offsets: [{ fromMs: 0, offsetMs: 0 }],
  };
  const hostNames = draft.vms.map(({ host }) => host);
  const volumes = draft.vms.flatMap(({ host, disks }) => disks.map(({ volume }) => ({ name: volume, host })));
  const context = {
    clock,
    file: 'transcript',
    known: {
      vms: draft.vms.map(({ name }) => name),
      hosts: hostNames,
      volumes,
      plans: draft.recoveryPlans.map(({ name }) => name),
    },
  };
  const timed = `${text} at ${atMs}ms`;
  const readings = [parseFault(timed, context), parseAction(timed, context)];
  const found = readings.map(({ event, outage }) => event ?? outage).find((reading) => reading !== undefined);
  if (found !== undefined) return found;
  throw new Error(readings.map(({ problem }) => `${problem!.message} ${problem!.remedy}`).join(' / '));
}

/** What the product would refuse must not be shown as if it could be had. */
function refuseImpossible(policy: Policy): void {
  const scenario = SCENARIOS[policy.scenario];
  const settings = policy.overrides.map(({ settings }) => ({ ...policy, ...settings }));
  for (const asked of [policy, ...settings]) {
    const [refusal] = [...refusalsOf(scenario, asked), ...refusalsTogether(scenario, asked)];
    if (refusal !== undefined) throw new Error(`${refusal.reason} (${refusal.source})`);
  }
}
