import {
  type PlanAction,
  RECOVERY_GROUPS_MOST,
  RECOVERY_PLAN_VMS_MOST,
  type RecoveryGroup,
  type RecoveryPlan,
} from '../model/recovery-plan.ts';
import { parseDurationMs } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { countOf, type ProblemList } from './problem-list.ts';
import { checkUnique, optionalName, ownName, requireKeys } from './site-names.ts';

const PLAN_KEYS = ['name', 'detection', 'decision', 'groups'];
const GROUP_KEYS = ['name', 'vms', 'before', 'after'];
const ACTION_KEYS = ['title', 'kind', 'takes'];
const ACTION_KINDS: readonly PlanAction['kind'][] = ['script', 'runbook', 'manual'];
const ACTION_EXAMPLE = 'Write { "title": "Check DNS", "kind": "manual", "takes": "10min" }.';
const GROUPS_EXAMPLE =
  'Write "groups": [{ "vms": ["DC01"] }, { "vms": ["SQL01", "WEB01"] }]: the order in which they start.';

export function readRecoveryPlans(root: JsonObject, problems: ProblemList): RecoveryPlan[] {
  const plans = root
    .objects('recoveryPlans', PLAN_KEYS)
    .flatMap((object, index) => readPlan(object, `recoveryPlans[${index}]`, problems) ?? []);
  const names = plans.map((plan) => plan.name);
  checkUnique(names, 'recovery plan', (index) => `recoveryPlans[${index}].name`, problems);
  return plans;
}

function readPlan(object: JsonObject, path: string, problems: ProblemList): RecoveryPlan | undefined {
  const name = ownName(object, { what: 'recovery plan', example: 'Shop' }, problems);
  const detectionMs = object.parsed('detection', '10min', parseDurationMs);
  const decisionMs = object.parsed('decision', '20min', parseDurationMs);
  const groups = object.objects('groups', GROUP_KEYS).map((group, index) => readGroup(group, index, problems));
  requireKeys(object, 'recovery plan', ['groups'], GROUPS_EXAMPLE);
  checkGroups(object, groups, path, problems);
  if (name === undefined) return undefined;
  return {
    name,
    ...(detectionMs === undefined ? {} : { detectionMs }),
    ...(decisionMs === undefined ? {} : { decisionMs }),
    groups,
  };
}

/** The limits of the product, and that a machine starts once. */
function checkGroups(plan: JsonObject, groups: readonly RecoveryGroup[], path: string, problems: ProblemList): void {
  const vms = groups.flatMap((group, g) => group.vms.map((vm, v) => ({ vm, place: `${path}.groups[${g}].vms[${v}]` })));
  const tooMany = (found: string, most: string): void =>
    plan.error(
      'site-too-many',
      'groups',
      found,
      `A recovery plan takes ${most} at most, and this one has ${found} (Microsoft, "About recovery plans").`,
      'Make two plans of it.',
    );
  if (groups.length > RECOVERY_GROUPS_MOST)
    tooMany(countOf(groups.length, 'group'), countOf(RECOVERY_GROUPS_MOST, 'group'));
  if (vms.length > RECOVERY_PLAN_VMS_MOST) tooMany(countOf(vms.length, 'VM'), countOf(RECOVERY_PLAN_VMS_MOST, 'VM'));
  if (plan.has('groups') && groups.length === 0) {
    plan.error('site-wrong-value', 'groups', '[]', 'The recovery plan has no groups.', GROUPS_EXAMPLE);
  }
  const names = vms.map(({ vm }) => vm);
  checkUnique(names, 'VM', (index) => vms[index]!.place, problems);
}

function readGroup(object: JsonObject, index: number, problems: ProblemList): RecoveryGroup {
  const name = optionalName(object, 'name', { what: 'group', example: 'Databases' }, problems);
  const vms = object.texts('vms', 'SQL01');
  requireKeys(object, 'group', ['vms'], 'Write "vms": ["SQL01", "WEB01"]: they start together.');
  const actions = (key: string): PlanAction[] =>
    object.objects(key, ACTION_KEYS).flatMap((action) => readAction(action, problems) ?? []);
  return { name: name ?? `Group ${index + 1}`, vms, before: actions('before'), after: actions('after') };
}

function readAction(object: JsonObject, problems: ProblemList): PlanAction | undefined {
  const title = optionalName(object, 'title', { what: 'action', example: 'Check DNS' }, problems);
  const kind = object.choice('kind', ACTION_KINDS);
  const takesMs = object.parsed('takes', '10min', parseDurationMs);
  requireKeys(object, 'action', ACTION_KEYS, ACTION_EXAMPLE);
  return title === undefined || kind === undefined || takesMs === undefined ? undefined : { title, kind, takesMs };
}
