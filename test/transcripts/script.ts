/**
 * The script of a transcript: its lines to the run that they describe. README.md has the language; a line that it does not have is
 * refused with its number, since whoever misspells a rule must not get the log of another one.
 */
import { type EventContext, parseAction, parseFault } from '../../src/ingest/events.ts';
import { epochDay } from '../../src/model/clock.ts';
import type { SiteEvent } from '../../src/model/event.ts';
import { mergeOutages } from '../../src/model/outages.ts';
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
import { type Host, isShared, type Outage, type Volume } from '../../src/model/site.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  type Millis,
  parseBitsPerSec,
  parseDurationMs,
  SECOND_MS,
} from '../../src/units.ts';
import { buildRun } from '../laws/build-run.ts';
import {
  type Clauses,
  DISK,
  HOST,
  LOGS,
  POLICY,
  quantity,
  RULES,
  readClause,
  readClauses,
  VOLUME,
  WINDOW,
} from './clauses.ts';

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
  readonly happenings: Happening[];
}

/** A line of the script, its blanks each made one. */
interface Line {
  readonly number: number;
  readonly text: string;
  readonly keyword: string;
  readonly rest: string;
}

interface Happening {
  readonly atMs: Millis;
  /** In the words of the command line. */
  readonly what: string;
  readonly line: Line;
}

/**
 * @param firstNumber the number of the first line in its file, for messages
 * @throws Error with the line and its number
 */
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
  lines.forEach((written, index) => {
    const text = written.trim().replaceAll(/\s+/g, ' ');
    const keyword = text.split(' ', 1)[0]!;
    const line: Line = { number: firstNumber + index, text, keyword, rest: text.slice(keyword.length + 1) };
    if (text !== '') inLine(line, () => readLine(draft, line));
  });
  return build(draft);
}

/** What goes wrong is told with the line in which it does. */
function inLine<T>({ number, text }: Line, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`line ${number}, "${text}": ${(error as Error).message}`, { cause: error });
  }
}

function readLine(draft: Draft, line: Line): void {
  const read = LINES.get(line.keyword);
  if (read === undefined) throw new Error(`no line of a script begins with "${line.keyword}"`);
  read(draft, line.rest, line);
}

/** What the first word of a line says of the rest. */
const LINES: ReadonlyMap<string, (draft: Draft, rest: string, line: Line) => void> = new Map([
  ['scenario', readScenario],
  ['rules', (draft, rest) => Object.assign(draft.rules, readClauses(RULES, rest))],
  ['logs', (draft, rest) => Object.assign(draft.rules, readClauses(LOGS, rest))],
  ['window', (draft, rest) => Object.assign(draft.policy, readClauses(WINDOW, rest))],
  ['start', readStart],
  ['link', (draft, rest) => Object.assign(draft, { capacityBitsPerSec: quantity(parseBitsPerSec, rest) })],
  ['host', (draft, rest) => draft.hosts.push(...readHosts(rest))],
  ['volume', (draft, rest) => draft.volumes.push(readVolume(rest))],
  ['vm', (draft, rest) => draft.vms.push(readVm(rest))],
  ['plan', (draft, rest) => draft.recoveryPlans.push(readPlan(rest))],
  ['already', (draft, rest) => Object.assign(draft, readClauses(ALREADY, rest))],
  ['initial', readInitial],
  ['missing', (draft, rest) => draft.missing.set(...subjectAndRest(rest))],
  ['at', readHappening],
  ['until', (draft, rest) => Object.assign(draft, { horizonMs: readInstant(draft, rest) })],
]);

const ALREADY: Clauses<Draft> = [[/^replicated$/, () => ({ alreadyReplicated: true })]];

function initialClauses(draft: Draft): Clauses<InitialReplicationPlan> {
  return [
    [/^on media that travel (\S+)$/, (time) => ({ mode: 'media', shippingMs: quantity(parseDurationMs, time!) })],
    [
      /^onto a replica VM of (\S+) ago$/,
      (age) => ({ mode: 'existing', existingAgeMs: quantity(parseDurationMs, age!) }),
    ],
    [/^enabled at (.+)$/, (at) => ({ enableAtMs: readInstant(draft, at!) })],
    [/^started at (.+)$/, (at) => ({ startAtMs: readInstant(draft, at!) })],
  ];
}

function readScenario(draft: Draft, text: string): void {
  const id = text.split(', ', 1)[0]!;
  if (!Object.hasOwn(SCENARIOS, id)) throw new Error(`there is no scenario "${id}"`);
  draft.scenario = id as ScenarioId;
  Object.assign(draft.policy, readClauses(POLICY, text.slice(id.length + 2)));
}

function readStart(draft: Draft, text: string): void {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$/.exec(text);
  if (parts === null) throw new Error('write it as 2026-01-05 08:00');
  const [year, month, day, hour, minute] = parts.slice(1).map(Number) as [number, number, number, number, number];
  draft.startEpochMs = epochDay(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
}

/** `HV1 HV2: uplink 80Mbps`: hosts that are alike. */
function readHosts(text: string): Host[] {
  const [names, clauses] = subjectAndRest(text);
  return names.split(' ').map((name) => ({ name, ...readClauses(HOST, clauses) }));
}

function readVolume(text: string): Volume {
  const [subject, clauses] = subjectAndRest(text);
  const [name, host] = subject.split(' on ');
  return { name: name!, ...(host === undefined ? {} : { host }), ...readClauses(VOLUME, clauses) };
}

function readVm(text: string): Vm {
  const [subject, disks] = subjectAndRest(text);
  const [name, host] = subject.split(' on ');
  if (host === undefined) throw new Error('it does not say on which host');
  return { name: name!, host, disks: disks.split(', ').map((disk) => readClause(DISK, disk) as Disk) };
}

/** `ERP: DB01, then APP01 APP02`: the VMs of a group stand side by side. */
function readPlan(text: string): RecoveryPlan {
  const [name, groups] = subjectAndRest(text);
  return {
    name,
    groups: groups
      .split(', then ')
      .map((vms, index) => ({ name: `Group ${index + 1}`, vms: vms.split(' '), before: [], after: [] })),
  };
}

function readInitial(draft: Draft, text: string): void {
  const [vm, clauses] = /^\S+: /.test(text) ? subjectAndRest(text) : ['', text];
  draft.initial.set(vm, readClauses(initialClauses(draft), clauses));
}

function readHappening(draft: Draft, rest: string, line: Line): void {
  const [, at, what] = /^((?:\+\d+ )?\S+) (.+)$/.exec(rest) ?? [];
  if (at === undefined) throw new Error('it does not say what happens');
  const atMs = readInstant(draft, at);
  if (atMs < (draft.happenings.at(-1)?.atMs ?? 0)) throw new Error('it stands below something later');
  draft.happenings.push({ atMs, what: what!, line });
}

/** `D: on HV1: free 1GB` parted at the first colon behind which there is a blank, that of a drive apart. */
function subjectAndRest(text: string): [subject: string, rest: string] {
  const [, subject, rest] = /^((?:[A-Z]: on )?.+?): (.+)$/.exec(text) ?? [];
  if (subject === undefined) throw new Error('a colon is missing');
  return [subject, rest!];
}

/** `09:00`, `09:00:30`, and with the days since the first in front: `+1 06:00`. */
function readInstant({ startEpochMs }: Draft, text: string): Millis {
  if (startEpochMs === undefined) throw new Error('"start" must come first');
  const parts = /^(?:\+(\d+) )?(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (parts === null) throw new Error(`"${text}" is no time such as 09:00 or +1 06:00`);
  const numbers = parts.slice(1).map((part) => Number(part ?? 0));
  const [days, hours, minutes, seconds] = numbers as [number, number, number, number];
  const sinceMidnightMs = days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  const atMs = sinceMidnightMs - (startEpochMs % DAY_MS);
  if (atMs < 0) throw new Error(`${text} is before the start`);
  return atMs;
}

function build(draft: Draft): Script {
  const { scenario, startEpochMs, horizonMs, capacityBitsPerSec } = draft;
  if (scenario === undefined || startEpochMs === undefined || horizonMs === undefined || draft.vms.length === 0) {
    throw new Error('a script needs "scenario", "start", a "vm" and "until"');
  }
  if (capacityBitsPerSec === undefined) throw new Error('a script needs a "link"');
  const { outages, events, eventLines } = readHappenings(draft);
  const run = buildRun({
    vms: draft.vms,
    startEpochMs,
    policy: { ...draft.policy, scenario, maxActiveTransfers: null, ...initialOf(draft) },
    rules: draft.rules,
    hosts: draft.hosts,
    volumes: draft.volumes,
    link: { capacityBitsPerSec },
    outages,
    recoveryPlans: draft.recoveryPlans,
    events,
    options: { horizonMs, skipInitialReplication: draft.alreadyReplicated },
  });
  refuseImpossible(run.policy);
  return { run, eventLines };
}

function initialOf({ initial, missing, vms }: Draft): Pick<Policy, 'initialReplication' | 'overrides'> {
  const forAll = { ...INITIAL_REPLICATION_AT_ONCE, ...initial.get('') };
  const named = new Set([...initial.keys(), ...missing.keys()].filter((vm) => vm !== ''));
  const stranger = [...named].find((name) => vms.every((vm) => vm.name !== name));
  if (stranger !== undefined) throw new Error(`"initial" or "missing" names ${stranger}, and there is no such VM`);
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
  const context = contextOf(draft);
  const outages: Outage[] = [];
  const events: SiteEvent[] = [];
  const eventLines: string[] = [];
  for (const { atMs, what, line } of draft.happenings) {
    const { outage, event } = inLine(line, () => readEvent(what, atMs, context));
    if (outage !== undefined) outages.push(outage);
    if (event === undefined) continue;
    events.push(event);
    eventLines.push(line.text);
  }
  return { outages: mergeOutages(outages), events, eventLines };
}

/** The words of `--fault` and `--action`; in a script the time stands in front of them. */
function readEvent(
  what: string,
  atMs: Millis,
  context: EventContext,
): { readonly outage?: Outage; readonly event?: SiteEvent } {
  const timed = `${what} at ${atMs}ms`;
  const readings = [parseFault(timed, context), parseAction(timed, context)];
  const found = readings.find(({ problem }) => problem === undefined);
  if (found !== undefined) return found;
  throw new Error(readings.map(({ problem }) => `${problem!.message} ${problem!.remedy}`).join(' As an action: '));
}

/** The names that an event can refer to. */
function contextOf({ startEpochMs, vms, volumes, recoveryPlans }: Draft): EventContext {
  const shared = new Set(volumes.filter(({ host }) => host === undefined).map(({ name }) => name));
  const volumesOfDisks = vms.flatMap(({ host, disks }) =>
    disks.map(({ volume: name }) => (isShared(name, shared) ? { name } : { name, host })),
  );
  return {
    clock: { startEpochMs: startEpochMs!, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
    file: 'transcript',
    known: {
      vms: vms.map(({ name }) => name),
      hosts: vms.map(({ host }) => host),
      volumes: volumesOfDisks,
      plans: recoveryPlans.map(({ name }) => name),
    },
  };
}

/** What the product would refuse must not be shown as if it could be had. */
function refuseImpossible(policy: Policy): void {
  const scenario = SCENARIOS[policy.scenario];
  for (const { settings } of [{ settings: {} }, ...policy.overrides]) {
    const asked = { ...policy, ...settings };
    const [refusal] = [...refusalsOf(scenario, asked), ...refusalsTogether(scenario, asked)];
    if (refusal !== undefined) throw new Error(`${refusal.reason} (${refusal.source})`);
  }
}
