import { type CounterPath, type PdhFault, type PdhHeader, PdhScanner, type PdhSummary } from '../formats/pdh.ts';
import type { MeasuredReplication } from '../model/measured-replication.ts';
import { MINUTE_MS, type Millis } from '../units.ts';
import { fewNames, ProblemList } from './problem-list.ts';
import type { ByteSource } from './text-source.ts';

/** The counters that are read, as Windows names them in English (formats F1). */
const COUNTERS = [
  'average replication size',
  'average replication latency',
  'compression efficiency',
  'network bytes sent',
  'replication count',
  'resynchronized bytes',
] as const;
type CounterName = (typeof COUNTERS)[number];

/** A total falls only where its service starts anew; one that falls oftener, as a share of its samples, is none. [chosen] */
const MOST_FALLS_RATIO = 0.1;

/** Whether a counter is of Hyper-V Replica's own object; that may have another language's name, its counters are known in English only. */
export function isReplicaCounter({ object, instance }: CounterPath): boolean {
  return instance !== undefined && /hyper-?v.*repli[ck]a/i.test(object);
}

export interface ReplicaCountersFile {
  /** One of each VM and host, in the order of the columns; empty where the log has none of these counters, which is no error. */
  readonly measured: MeasuredReplication[];
  readonly problems: ProblemList;
  readonly rowCount: number;
}

/**
 * Reads the counters of `\Hyper-V Replica VM(*)\` from a performance log in text (formats F1). Sizes, latencies and the compression efficiency
 * are means of the log's samples; counts and bytes are totals, of which the growth over the log counts, also over a restart at 0. Latencies are
 * taken as seconds [inferred: windows_exporter hands the raw value on under that unit]. What is wrong with single rows is told in one
 * warning: the reader of the log's churn names each.
 */
export async function readReplicaCounters({ name, chunks, brokenOff }: ByteSource): Promise<ReplicaCountersFile> {
  const problems = new ProblemList(name);
  const reader = new ReplicaCounterReader(problems);
  const scanner = new PdhScanner(reader);
  for await (const chunk of chunks) {
    scanner.push(chunk);
    if (scanner.isDone) break;
  }
  const broken = brokenOff?.();
  if (broken !== undefined) problems.add(broken);
  const summary = scanner.end();
  return { measured: reader.measured(summary), problems, rowCount: summary.rowCount };
}

/** What came of one column, or of the same counter in the log's several columns: the first counts. */
class Samples {
  count = 0;
  sum = 0;
  growth = 0;
  fallCount = 0;
  #last: number | undefined;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (this.#last !== undefined) {
      if (value < this.#last) this.fallCount++;
      this.growth += value < this.#last ? value : value - this.#last;
    }
    this.#last = value;
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }

  /** `null` where there is no difference to take, or what was counted is no total. */
  get total(): number | null {
    return this.count < 2 || this.fallCount > this.count * MOST_FALLS_RATIO ? null : this.growth;
  }
}

class ReplicaVm {
  readonly vm: string;
  readonly samples = new Map<CounterName, Samples>();
  fromMs: Millis | undefined;
  untilMs: Millis | undefined;

  constructor(vm: string) {
    this.vm = vm;
  }

  mean(counter: CounterName): number | null {
    return this.samples.get(counter)?.mean ?? null;
  }

  total(counter: CounterName): number | null {
    return this.samples.get(counter)?.total ?? null;
  }
}

class ReplicaCounterReader {
  readonly #problems: ProblemList;
  readonly #vms = new Map<string, ReplicaVm>();
  /** Of each wanted column. */
  readonly #columns: { readonly vm: ReplicaVm; readonly samples: Samples }[] = [];
  #westMinutes: number | undefined;
  #hasHeader = false;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  columns(header: PdhHeader): Uint32Array | undefined {
    this.#hasHeader = true;
    this.#westMinutes = header.westMinutes;
    const wanted: number[] = [];
    const others = new Set<string>();
    header.counters.forEach((path, column) => {
      if (!isReplicaCounter(path) || /^_total$/i.test(path.instance ?? '')) return;
      const counter = COUNTERS.find((known) => known === path.counter.trim().toLowerCase());
      if (counter === undefined) {
        others.add(path.counter);
        return;
      }
      const vm = this.#vmOf(path);
      if (vm.samples.has(counter)) return;
      const samples = new Samples();
      vm.samples.set(counter, samples);
      this.#columns.push({ vm, samples });
      wanted.push(column);
    });
    if (wanted.length === 0 && others.size > 0) this.#warnOfNames(others);
    return wanted.length === 0 ? undefined : Uint32Array.from(wanted);
  }

  row(wallMs: Millis, values: Float64Array): void {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      // NaN where nothing was measured. Beyond 2^53 there is no count, and a mean would be lost in it.
      if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) continue;
      const { vm, samples } = this.#columns[at]!;
      samples.add(value);
      vm.fromMs = Math.min(vm.fromMs ?? wallMs, wallMs);
      vm.untilMs = Math.max(vm.untilMs ?? wallMs, wallMs);
    }
  }

  fault({ kind, line, text }: PdhFault): void {
    const fatal = FATAL[kind];
    if (fatal === undefined) return;
    // A log that has none of these counters is not ours to judge.
    if (this.#hasHeader && this.#columns.length === 0) return;
    this.#problems.error(`pdh-${kind}`, { row: line, value: text }, ...fatal);
  }

  measured({ faultCounts }: PdhSummary): MeasuredReplication[] {
    if (this.#columns.length === 0) return [];
    const spoilt = [...faultCounts].filter(([kind]) => FATAL[kind] === undefined && kind !== 'not-utf8');
    const count = spoilt.reduce((sum, [, faults]) => sum + faults, 0);
    if (count > 0) {
      const message = `${count} ${count === 1 ? 'row or cell' : 'rows or cells'} could not be read and left out of the means.`;
      this.#problems.warning('replica-rows-left-out', {}, message, 'Convert the log again with relog.');
    }
    const vms = this.#senders().filter(({ fromMs }) => fromMs !== undefined);
    if (vms.length === 0 && this.#problems.errorCount === 0) {
      const message = 'The log has counters of Hyper-V Replica and no value in any of them.';
      this.#problems.error('replica-no-values', {}, message, 'Log them while VMs are replicated, a day at least.');
    }
    return vms.map((vm) => this.#measuredOf(vm));
  }

  /** One and the same VM counts on both hosts; what is sent is counted where it is replicated from. */
  #senders(): ReplicaVm[] {
    const all = [...this.#vms.values()];
    const sending = new Set(all.filter((vm) => (vm.total('network bytes sent') ?? 0) > 0).map(({ vm }) => keyOf(vm)));
    return all.filter((vm) => !sending.has(keyOf(vm.vm)) || vm.total('network bytes sent') !== 0);
  }

  #measuredOf(vm: ReplicaVm): MeasuredReplication {
    const shiftMs = (this.#westMinutes ?? 0) * MINUTE_MS;
    const efficiencyPercent = vm.mean('compression efficiency');
    const networkSentBytes = vm.total('network bytes sent');
    const resynchronizedBytes = vm.total('resynchronized bytes');
    if (efficiencyPercent !== null && efficiencyPercent > 100) {
      const message = `The compression efficiency of ${fewNames([vm.vm])} is ${efficiencyPercent.toFixed(1)} on average: no share in percent. It is not used.`;
      this.#problems.warning('replica-compression-range', {}, message, 'Set the ratio with --compression.');
    }
    return {
      ...{ vm: vm.vm, source: 'counters', file: this.#problems.file },
      ...{ fromMs: vm.fromMs! + shiftMs, untilMs: vm.untilMs! + shiftMs, isLocal: this.#westMinutes === undefined },
      ...{ successCount: vm.total('replication count'), missCount: null },
      ...{ averageSizeBytes: vm.mean('average replication size'), maxSizeBytes: null },
      ...{ averageLatencySec: vm.mean('average replication latency'), maxLatencySec: null, pendingBytes: null },
      ...{ networkFailureCount: null, replicationFailureCount: null, errorCount: null },
      ...(efficiencyPercent === null || efficiencyPercent > 100
        ? {}
        : { compressionEfficiencyRatio: efficiencyPercent / 100 }),
      ...(networkSentBytes === null ? {} : { networkSentBytes }),
      ...(resynchronizedBytes === null ? {} : { resynchronizedBytes }),
    };
  }

  #vmOf({ host = '', instance = '', index }: CounterPath): ReplicaVm {
    const name = index === undefined ? instance : `${instance}#${index}`;
    const key = `${host.toLowerCase()}\\${keyOf(name)}`;
    const known = this.#vms.get(key);
    if (known !== undefined) return known;
    const vm = new ReplicaVm(name);
    this.#vms.set(key, vm);
    return vm;
  }

  #warnOfNames(names: ReadonlySet<string>): void {
    const message = `The log's counters of Hyper-V Replica are not known by these names: ${fewNames([...names])}.`;
    const remedy =
      'Log them with their English names: \\Hyper-V Replica VM(*)\\Average Replication Size and the others.';
    this.#problems.warning('replica-unknown-counters', {}, message, remedy);
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

/** Faults that end the reading. */
const FATAL: Partial<Readonly<Record<PdhFault['kind'], readonly [message: string, remedy: string]>>> = {
  'no-pdh-header': ['The log does not begin with (PDH-CSV 4.0).', 'Convert it again with relog.'],
  'header-too-long': ['The header is longer than 64 MiB.', 'Log fewer counters.'],
  'too-many-counters': ['The log has more than 262,144 counters.', 'Log fewer counters, host by host.'],
  'second-header': [
    'Another log with other counters begins here.',
    'Cut the file before this line, and give both parts.',
  ],
  'row-too-long': ['A row is longer than 64 MiB.', 'Check that this is a text log.'],
  'date-order': [
    'This date and those before it need different orders of day and month.',
    'Convert the log again: relog in.blg -f CSV -o out.csv writes month/day/year.',
  ],
};
