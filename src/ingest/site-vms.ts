import type { Batch, VmProtection } from '../model/cloud.ts';
import { parseBitsPerSec, parseDurationMs } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { positive } from './parsers.ts';
import { OPTION_TEXTS } from './policy-options.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, requireKeys } from './site-names.ts';
import { readOption } from './site-policies.ts';

const VM_KEYS = ['vm', 'cloud', 'policy', 'initialReplication', 'limit', 'weight', 'link'];
const WEIGHT_MOST = 1000;
const BATCH_KEYS = ['at', 'vms'];

/** What single VMs have of their own. */
export function readVmProtections(root: JsonObject, problems: ProblemList): VmProtection[] {
  const vms = root.objects('vms', VM_KEYS).flatMap((object) => readVmProtection(object) ?? []);
  const names = vms.map(({ vm }) => vm);
  checkUnique(names, 'VM', (index) => `vms[${index}].vm`, problems);
  return vms;
}

/** VMs that are enabled together; a VM is in one batch at most. */
export function readBatches(root: JsonObject, problems: ProblemList): Batch[] {
  const batches = root.objects('batches', BATCH_KEYS).flatMap((object) => readBatch(object) ?? []);
  const places = batches.flatMap(({ vms }, batch) =>
    vms.map((vm, index) => ({ vm, place: `batches[${batch}].vms[${index}]` })),
  );
  const names = places.map(({ vm }) => vm);
  checkUnique(names, 'VM', (index) => places[index]!.place, problems);
  return batches;
}

function readVmProtection(object: JsonObject): VmProtection | undefined {
  const vm = object.text('vm', 'SQL01');
  const cloud = object.text('cloud', 'Gold');
  const policy = object.text('policy', 'Gold');
  const initialReplication = readOption(object, OPTION_TEXTS.initialReplication);
  const limit = object.parsed('limit', '20 Mbps', positive(parseBitsPerSec));
  const weight = object.number('weight');
  if (weight !== undefined && !(weight > 0 && weight <= WEIGHT_MOST)) {
    const message = `The weight is a number above 0, at most ${WEIGHT_MOST}; a VM without one has 1.`;
    object.error('site-wrong-value', 'weight', weight, message, 'Write 2 for twice the share of the others.');
  }
  const link = object.text('link', 'branch');
  requireKeys(object, 'entry', ['vm'], 'Write { "vm": "SQL01", "policy": "Gold" }, the VM as in the inventory.');
  if (vm === undefined) return undefined;
  return {
    vm,
    ...(cloud === undefined ? {} : { cloud }),
    ...(policy === undefined ? {} : { policy }),
    ...(initialReplication === undefined ? {} : { initialReplication }),
    ...(limit === undefined ? {} : { capBitsPerSec: limit }),
    ...(weight === undefined ? {} : { weight }),
    ...(link === undefined ? {} : { link }),
  };
}

function readBatch(object: JsonObject): Batch | undefined {
  const enableAtMs = object.parsed('at', '2d', parseDurationMs);
  const vms = object.texts('vms', 'SQL01');
  requireKeys(
    object,
    'batch',
    BATCH_KEYS,
    'Write { "at": "2d", "vms": ["SQL01", "WEB01"] }: from the start of the run.',
  );
  return enableAtMs === undefined ? undefined : { enableAtMs, vms };
}
