import type { Host, Volume } from '../model/site.ts';
import { formatBytes, parseBitsPerSec, parseBytes, parseBytesPerSec } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { notNegative, positive } from './parsers.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, ownName } from './site-names.ts';
import { readThrottle } from './site-schedule.ts';
import { valuesOf } from './throttle.ts';

const HOST_KEYS = ['name', 'uplink', 'maxActiveTransfers', 'throttle', 'uploadThreadsPerVm', 'link'];
/** "The maximum number is 32": Microsoft, "Manage network bandwidth usage", UploadThreadsPerVM. */
const UPLOAD_THREADS_MOST = 32;
const VOLUME_KEYS = ['name', 'host', 'capacity', 'free', 'readThroughput', 'mergeThroughput'];

export function readHosts(root: JsonObject, problems: ProblemList): Host[] {
  const hosts = root.objects('hosts', HOST_KEYS).flatMap((object) => readHost(object, problems) ?? []);
  const names = hosts.map((host) => host.name);
  checkUnique(names, 'host', (index) => `hosts[${index}].name`, problems);
  return hosts;
}

export function readVolumes(root: JsonObject, problems: ProblemList): Volume[] {
  const volumes = root.objects('volumes', VOLUME_KEYS).flatMap((object) => readVolume(object, problems) ?? []);
  checkVolumesUnique(volumes, problems);
  return volumes;
}

function readHost(object: JsonObject, problems: ProblemList): Host | undefined {
  const name = ownName(object, { what: 'host', example: 'hv-01' }, problems);
  const uplink = object.parsed('uplink', '10 Gbps', positive(parseBitsPerSec));
  const transfers = object.number('maxActiveTransfers');
  if (transfers !== undefined && !(Number.isSafeInteger(transfers) && transfers >= 1)) {
    const message = 'The transfers at a time are a whole number from 1 on.';
    object.error(
      'site-wrong-value',
      'maxActiveTransfers',
      transfers,
      message,
      'Delete the key to use the number of the policy.',
    );
  }
  const threads = object.number('uploadThreadsPerVm');
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1 && threads <= UPLOAD_THREADS_MOST)) {
    const message = `The threads of one VM are a whole number from 1 to ${UPLOAD_THREADS_MOST}.`;
    object.error('site-wrong-value', 'uploadThreadsPerVm', threads, message, 'Delete the key to use the default.');
  }
  const throttle = readThrottle(object, problems);
  if (uplink === undefined && throttle !== undefined && valuesOf(throttle).some(({ kind }) => kind === 'share')) {
    const message = 'The throttle is a share, but the host has no uplink that it could be a share of.';
    object.error(
      'site-throttle',
      'throttle',
      '%',
      message,
      'Give the host its "uplink", or write the limit as a rate.',
    );
  }
  const link = object.text('link', 'branch');
  if (name === undefined) return undefined;
  return {
    name,
    ...(uplink === undefined ? {} : { uplinkBitsPerSec: uplink }),
    ...(transfers === undefined ? {} : { maxActiveTransfers: transfers }),
    ...(throttle === undefined ? {} : { throttle }),
    ...(threads === undefined ? {} : { uploadThreadsPerVm: threads }),
    ...(link === undefined ? {} : { link }),
  };
}

function readVolume(object: JsonObject, problems: ProblemList): Volume | undefined {
  const name = ownName(object, { what: 'volume', example: 'C:\\ClusterStorage\\Volume1' }, problems);
  const host = object.text('host', 'hv-01');
  const capacity = object.parsed('capacity', '2 TiB', positive(parseBytes));
  const free = object.parsed('free', '500 GiB', notNegative(parseBytes));
  if (capacity !== undefined && free !== undefined && free > capacity) {
    const message = `More is free (${formatBytes(free)}) than the volume's capacity (${formatBytes(capacity)}).`;
    object.error('site-free-over-capacity', 'free', formatBytes(free), message, 'Check the units of both.');
  }
  const read = object.parsed('readThroughput', '400 MB/s', positive(parseBytesPerSec));
  const merge = object.parsed('mergeThroughput', '200 MB/s', positive(parseBytesPerSec));
  if (name === undefined) return undefined;
  return {
    name,
    ...(host === undefined ? {} : { host }),
    ...(capacity === undefined ? {} : { capacityBytes: capacity }),
    ...(free === undefined ? {} : { freeBytes: free }),
    ...(read === undefined ? {} : { readBytesPerSec: read }),
    ...(merge === undefined ? {} : { mergeBytesPerSec: merge }),
  };
}

function checkVolumesUnique(volumes: readonly Volume[], problems: ProblemList): void {
  const hostsOfVolume = new Map<string, Set<string | undefined>>();
  volumes.forEach(({ name, host }, index) => {
    const seen = hostsOfVolume.get(name) ?? new Set();
    hostsOfVolume.set(name, seen);
    // A volume of one name is either shared by all hosts or local to each: not both.
    if (seen.has(host) || (seen.size > 0 && (host === undefined || seen.has(undefined)))) {
      const message = `The volume "${name}" is listed twice${host === undefined ? '' : ` for the host "${host}"`}.`;
      const remedy = 'Delete one, or give each the host that it belongs to.';
      problems.error('site-duplicate', { column: `volumes[${index}].name`, value: name }, message, remedy);
    }
    seen.add(host);
  });
}
