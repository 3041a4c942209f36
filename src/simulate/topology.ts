import type { RuleParameters } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import {
  type FurtherLink,
  type Host,
  type LinkTraits,
  type Outage,
  sharedVolumesOf,
  type Volume,
  volumeKey,
} from '../model/site.ts';
import type { Vm } from '../model/workload.ts';
import { type CapacityStep, capacitySteps } from './capacity.ts';
import type { LineUse } from './network.ts';
import { outagesOf } from './outages.ts';

/** What a flow can be held by, as the network counts it. */
export const Hold = { own: 0, host: 1, link: 2, throttle: 3, read: 4 } as const;
export type Hold = (typeof Hold)[keyof typeof Hold];

/** One thing that flows share: a link, a host's way out, what a volume can be read at. */
export interface Line {
  readonly name: string;
  readonly kind: 'link' | 'host' | 'volume';
  /** Over time, the first at 0. */
  readonly capacity: readonly CapacityStep[];
  readonly outages: readonly Outage[];
}

/** The site's link is always the first line. */
export const SITE_LINK = 0;

/** The lines of a site and the ways over them. Hosts and VMs are numbers of the ordered fleet. */
export class Topology {
  readonly lines: readonly Line[];
  readonly hostNames: readonly string[];
  /** Of each VM at the start of the run. */
  readonly hostOf: Uint32Array;
  /** Of each VM: its part beside others. */
  readonly weight: Float64Array;
  readonly #run: Run;
  readonly #lineOfLink: ReadonlyMap<string, number>;
  readonly #lineOfHost: ReadonlyMap<string, number>;
  readonly #lineOfVolume: ReadonlyMap<string, number>;
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #links: ReadonlyMap<string, FurtherLink>;
  readonly #linkOfVm: readonly (string | undefined)[];
  readonly #capBytesPerMs: Float64Array;
  readonly #sharedVolumes: ReadonlySet<string>;

  constructor(run: Run, vms: readonly Vm[]) {
    const { site } = run;
    this.#run = run;
    this.#hosts = new Map(site.hosts.map((host) => [host.name, host]));
    this.#links = new Map((site.furtherLinks ?? []).map((link) => [link.name, link]));
    const own = new Map((site.vms ?? []).map((vm) => [vm.vm, vm]));
    this.#linkOfVm = vms.map(({ name }) => own.get(name)?.link);
    this.weight = Float64Array.from(vms, ({ name }) => own.get(name)?.weight ?? 1);
    this.#capBytesPerMs = Float64Array.from(
      vms,
      ({ name }) => (own.get(name)?.capBitsPerSec ?? Number.POSITIVE_INFINITY) / 8000,
    );
    this.#sharedVolumes = sharedVolumesOf(site);

    const drainedTo = run.events.flatMap((event) => (event.kind === 'hostDrained' ? [event.to] : []));
    this.hostNames = [...new Set([...vms.map(({ host }) => host), ...drainedTo])].sort();
    const numberOf = new Map(this.hostNames.map((name, host) => [name, host]));
    this.hostOf = Uint32Array.from(vms, ({ host }) => numberOf.get(host)!);

    const lines: Line[] = [this.#link('', site.link)];
    const add = (line: Line): number => lines.push(line) - 1;
    this.#lineOfLink = new Map((site.furtherLinks ?? []).map((link) => [link.name, add(this.#link(link.name, link))]));
    this.#lineOfHost = new Map(
      site.hosts
        .filter((host) => host.uplinkBitsPerSec !== undefined || host.throttle !== undefined)
        .map((host) => [host.name, add(this.#host(host))]),
    );
    this.#lineOfVolume = new Map(
      site.volumes
        .filter((volume) => volume.readBytesPerSec !== undefined)
        .map((volume) => [this.volumeKey(volume.host ?? '', volume.name), add(volumeLine(volume))]),
    );
    this.lines = lines;
  }

  /** What a line's hold counts as while it has this capacity. */
  holdOf(line: number, { throttled }: CapacityStep): Hold {
    if (throttled) return Hold.throttle;
    return { link: Hold.link, host: Hold.host, volume: Hold.read }[this.lines[line]!.kind];
  }

  /** Identity of a volume of this site (semantics 22). */
  volumeKey(host: string, volume: string): string {
    return volumeKey(host, volume, this.#sharedVolumes);
  }

  furtherLinkLine(name: string): number {
    return this.#lineOfLink.get(name)!;
  }

  hostLine(host: number): number | undefined {
    return this.#lineOfHost.get(this.hostNames[host]!);
  }

  /** VMs whose transfers may leave the host at a time; Infinity = no limit (semantics 15). */
  maxActiveTransfers(host: number): number {
    const own = this.#hosts.get(this.hostNames[host]!)?.maxActiveTransfers;
    return own ?? this.#run.policy.maxActiveTransfers ?? Number.POSITIVE_INFINITY;
  }

  /** The links on the way of a VM that runs on a host, the site's included. */
  linksOf(vm: number, host: number): number[] {
    const lines = new Set<number>();
    for (const first of [this.#hosts.get(this.hostNames[host]!)?.link, this.#linkOfVm[vm]]) {
      for (let name = first; name !== undefined; name = this.#links.get(name)!.via)
        lines.add(this.#lineOfLink.get(name)!);
    }
    lines.add(SITE_LINK);
    return [...lines];
  }

  /** All lines on that way but the volumes'. */
  waysOut(vm: number, host: number): LineUse[] {
    const hostLine = this.hostLine(host);
    const lines = [...(hostLine === undefined ? [] : [hostLine]), ...this.linksOf(vm, host)];
    return lines.map((line) => ({ line, factor: 1 }));
  }

  /** The volume's read throughput, where it is known. */
  readLine(host: string, volume: string): number | undefined {
    return this.#lineOfVolume.get(this.volumeKey(host, volume));
  }

  /** What the volume of each disk merges a snapshot at; undefined where the site does not say. */
  mergeBytesPerSec(vms: readonly Vm[]): (number | undefined)[] {
    const rates = new Map(
      this.#run.site.volumes.map((volume) => [this.volumeKey(volume.host ?? '', volume.name), volume.mergeBytesPerSec]),
    );
    return vms.flatMap(({ host, disks }) => disks.map(({ volume }) => rates.get(this.volumeKey(host, volume))));
  }

  /** Most that one VM's transfer takes on the wire: its own cap, and its connections' together (semantics 17). */
  capBytesPerMs(vm: number, host: number): number {
    const { site, policy } = this.#run;
    const threads =
      SCENARIOS[policy.scenario].target === 'azure'
        ? (this.#hosts.get(this.hostNames[host]!)?.uploadThreadsPerVm ?? policy.rules.uploadThreadsPerVm)
        : 1;
    const names = this.linksOf(vm, host).map((line) => this.lines[line]!.name);
    const traits = names.map((name) => (name === '' ? site.link : this.#links.get(name)!));
    return Math.min(this.#capBytesPerMs[vm]!, threads * connectionBytesPerMs(traits, policy.rules));
  }

  #link(name: string, traits: LinkTraits): Line {
    const { workload, options, events } = this.#run;
    const slow = events
      .filter((event) => event.kind === 'linkSlow')
      .filter((event) => (event.link ?? '') === name)
      .map(({ atMs, untilMs, capacityBitsPerSec }) => ({ atMs, untilMs, bitsPerSec: capacityBitsPerSec }));
    const of = {
      bitsPerSec: traits.capacityBitsPerSec,
      slow,
      throttle: traits.throttle,
      background: traits.background,
    };
    return {
      name,
      kind: 'link',
      capacity: capacitySteps(of, workload.clock, options.horizonMs),
      outages: outagesOf(traits, name, options.seed, options.horizonMs),
    };
  }

  #host({ name, uplinkBitsPerSec = Number.POSITIVE_INFINITY, throttle }: Host): Line {
    const { workload, options } = this.#run;
    const of = { bitsPerSec: uplinkBitsPerSec, slow: [], throttle };
    return { name, kind: 'host', capacity: capacitySteps(of, workload.clock, options.horizonMs), outages: [] };
  }
}

function volumeLine({ name, readBytesPerSec = Number.POSITIVE_INFINITY }: Volume): Line {
  return {
    name,
    kind: 'volume',
    capacity: [{ atMs: 0, bytesPerMs: readBytesPerSec / 1000, throttled: false }],
    outages: [],
  };
}

/**
 * Most that one TCP connection carries over some links together: a window in each round trip, and with loss MSS ÷ RTT × √(3/2) ÷ √p
 * (Mathis, Semke, Mahdavi, Ott, "The macroscopic behavior of the TCP congestion avoidance algorithm", 1997; semantics 17).
 */
export function connectionBytesPerMs(
  links: readonly Pick<LinkTraits, 'roundTripMs' | 'lossRatio'>[],
  { tcpWindowBytes, tcpSegmentBytes }: Pick<RuleParameters, 'tcpWindowBytes' | 'tcpSegmentBytes'>,
): number {
  const roundTripMs = links.reduce((sum, link) => sum + (link.roundTripMs ?? 0), 0);
  if (roundTripMs === 0) return Number.POSITIVE_INFINITY;
  const lossRatio = 1 - links.reduce((arrived, link) => arrived * (1 - (link.lossRatio ?? 0)), 1);
  const byWindow = tcpWindowBytes / roundTripMs;
  return lossRatio === 0 ? byWindow : Math.min(byWindow, (tcpSegmentBytes / roundTripMs) * Math.sqrt(1.5 / lossRatio));
}
