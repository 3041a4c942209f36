import { LEARN, RECOVERY_PLANS } from '../../model/documents.ts';
import {
  type PlanAction,
  RECOVERY_GROUPS_MOST,
  RECOVERY_PLAN_VMS_MOST,
  type RecoveryPlan,
} from '../../model/recovery-plan.ts';
import { formatDurationMs } from '../../units.ts';
import { type Fleet, type FleetVm, groupedBy, type Place } from './fleet.ts';
import { containerOf, fabricOf, vaultOf } from './places.ts';
import { command, quoted, quotedList } from './powershell.ts';
import type { RunbookCommand, RunbookFact, RunbookStep, RunbookTask } from './runbook-parts.ts';
import { AZ_CONSOLE, AZ_HELP, commandOf, PORTAL, step, taskOf } from './task-texts.ts';

/** Task 5: the recovery plans, and the failovers with which they are tried and used. */
export function recoveryPlanTask(fleet: Fleet): RunbookTask {
  const { recoveryPlans } = fleet.run.site;
  return taskOf(5, [
    ...(recoveryPlans.length === 0 ? [noPlanStep()] : recoveryPlans.map((plan, index) => planStep(fleet, plan, index))),
    testStep(fleet),
    plannedStep(fleet),
    unplannedStep(),
    reverseStep(fleet),
  ]);
}

function noPlanStep(): RunbookStep {
  return step({
    id: 'recovery-plan',
    title: 'Create a recovery plan',
    where: PORTAL,
    doing: [
      `The site file names none. Recovery Plans > + Recovery plan: say which VMs start together and in which order; at most ${RECOVERY_GROUPS_MOST} groups and ${RECOVERY_PLAN_VMS_MOST} VMs. With "recoveryPlans" in the site file this step is filled in, and the report says how long each takes.`,
    ],
    facts: [
      { label: 'Recovery plan', values: ['<name of the recovery plan>'] },
      { label: 'VMs by group', values: ['<VMs of group 1>', '<VMs of group 2>'] },
    ],
    source: `${LEARN}, task 5; ${RECOVERY_PLANS}`,
  });
}

function planStep(fleet: Fleet, plan: RecoveryPlan, index: number): RunbookStep {
  const id = `recovery-plan-${index + 1}`;
  const { byName, strangers, fabrics } = membersOf(fleet, plan);
  const facts = plan.groups.flatMap((group, g): RunbookFact[] => [
    ...actionFacts(`Before group ${g + 1}`, group.before),
    { label: `Group ${g + 1}`, values: [group.name, ...group.vms] },
    ...actionFacts(`After group ${g + 1}`, group.after),
  ]);
  const doubt = [
    ...(strangers.length > 0
      ? [`${strangers.length} of its VMs are not protected by this plan; no command names them.`]
      : []),
    ...(fabrics > 1
      ? ['Its VMs are in several vaults or VMM servers: a recovery plan has one source. Make one of each.']
      : []),
  ];
  const commands = fabrics === 1 ? [planCommand(fleet, plan, id, byName, doubt)] : [];
  return step({
    id,
    title: 'Create the recovery plan',
    where: PORTAL,
    doing: [
      'Recovery Plans > + Recovery plan: the VMs of a group start together, one group after another. Actions between groups are added in the portal: no cmdlet takes them.',
      ...(fabrics > 1 ? doubt : []),
    ],
    facts: [
      { label: 'Recovery plan', values: [plan.name] },
      ...facts,
      ...(strangers.length > 0 ? [{ label: 'Not protected', values: strangers }] : []),
    ],
    commands,
    checks: ['Every VM of the application is in one group of the plan, and those that others need start before them.'],
    source: `${LEARN}, task 5; ${RECOVERY_PLANS}; ${AZ_HELP}, New- and Edit-AzRecoveryServicesAsrRecoveryPlan`,
  });
}

function actionFacts(label: string, actions: readonly PlanAction[]): RunbookFact[] {
  if (actions.length === 0) return [];
  return [
    {
      label: `${label}, actions`,
      values: actions.map(({ title, kind, takesMs }) => `${title} (${kind}, ${formatDurationMs(takesMs)})`),
    },
  ];
}

interface Members {
  readonly byName: ReadonlyMap<string, FleetVm>;
  /** Of its VMs those that nobody protects. */
  readonly strangers: readonly string[];
  /** Vaults and servers that its VMs are in. */
  readonly fabrics: number;
}

function membersOf({ vms }: Fleet, plan: RecoveryPlan): Members {
  const all = new Map(vms.filter(({ missing }) => missing === null).map((one) => [one.vm.name, one]));
  const wanted = plan.groups.flatMap(({ vms: names }) => names);
  const byName = new Map(wanted.flatMap((name) => (all.has(name) ? [[name, all.get(name)!] as const] : [])));
  const fabrics = new Set([...byName.values()].map(({ place }) => JSON.stringify([place.vault, place.vmmServer])));
  return { byName, strangers: wanted.filter((name) => !byName.has(name)), fabrics: fabrics.size };
}

/** The first group that has VMs makes the plan; each further one is appended and filled. */
function planCommand(
  fleet: Fleet,
  plan: RecoveryPlan,
  id: string,
  byName: Members['byName'],
  notVerified: readonly string[],
): RunbookCommand {
  const groups = plan.groups
    .map(({ vms }) => vms.flatMap((name) => byName.get(name) ?? []))
    .filter((group) => group.length > 0);
  const place = groups[0]![0]!.place;
  const name = quoted(plan.name);
  const lines = [
    `Enter-Vault ${vaultOf(place)}`,
    `$fabric = Get-AzRecoveryServicesAsrFabric -FriendlyName ${fabricOf(fleet, place)}`,
    ...(fleet.scenario.target === 'site'
      ? ['$recoveryFabric = Get-AzRecoveryServicesAsrFabric -FriendlyName $RecoveryVmmServer']
      : []),
    ...itemLines(fleet, groups[0]!),
    `Wait-SiteRecoveryJob (${command('New-AzRecoveryServicesAsrRecoveryPlan', [
      `-Name ${name}`,
      '-PrimaryFabric $fabric',
      ...(fleet.scenario.target === 'site'
        ? ['-RecoveryFabric $recoveryFabric']
        : ['-Azure', '-FailoverDeploymentModel ResourceManager']),
      '-ReplicationProtectedItem $items',
    ])})`,
    ...groups
      .slice(1)
      .flatMap((group, index) => [
        ...(index === 0 ? [`$plan = Get-AzRecoveryServicesAsrRecoveryPlan -FriendlyName ${name}`] : []),
        ...itemLines(fleet, group),
        '$plan = Edit-AzRecoveryServicesAsrRecoveryPlan -InputObject $plan -AppendGroup',
        '$plan = Edit-AzRecoveryServicesAsrRecoveryPlan -InputObject $plan -Group $plan.Groups[-1] -AddProtectedItem $items',
      ]),
    ...(groups.length > 1
      ? ['Wait-SiteRecoveryJob (Update-AzRecoveryServicesAsrRecoveryPlan -InputObject $plan)']
      : []),
  ];
  const doubt =
    groups.length > 1
      ? [
          'That the group that was appended last is the last of $plan.Groups is what its name says, not what the help says.',
        ]
      : [];
  return commandOf(id, AZ_CONSOLE, lines, [...notVerified, ...doubt]);
}

function itemLines(fleet: Fleet, group: readonly FleetVm[]): string[] {
  const parts = groupedBy(group, ({ place }) => place).map(([place, vms]): [Place, string[]] => [
    place,
    vms.map(({ vm }) => vm.name),
  ]);
  return parts.map(
    ([place, names], index) =>
      `$items ${index === 0 ? '=' : '+='} @(Get-ProtectedVm (${containerOf(fleet, place)}) ${quotedList(names)})`,
  );
}

function testStep(fleet: Fleet): RunbookStep {
  const { scenario, run } = fleet;
  const plans = run.site.recoveryPlans
    .map((plan) => ({ plan, ...membersOf(fleet, plan) }))
    .filter(({ fabrics }) => fabrics === 1);
  const commands =
    scenario.target === 'azure'
      ? plans.flatMap(({ plan, byName }, index): RunbookCommand[] => {
          const suffix = plans.length === 1 ? '' : `-${index + 1}`;
          const head = [
            `Enter-Vault ${vaultOf([...byName.values()][0]!.place)}`,
            `$plan = Get-AzRecoveryServicesAsrRecoveryPlan -FriendlyName ${quoted(plan.name)}`,
          ];
          return [
            commandOf(`test-failover${suffix}`, AZ_CONSOLE, [
              ...head,
              command('Start-AzRecoveryServicesAsrTestFailoverJob', [
                '-RecoveryPlan $plan',
                '-Direction PrimaryToRecovery',
                '-AzureVMNetworkId $TestNetworkId',
              ]),
            ]),
            commandOf(`test-failover-cleanup${suffix}`, AZ_CONSOLE, [
              ...head,
              "Start-AzRecoveryServicesAsrTestFailoverCleanupJob -RecoveryPlan $plan -Comment 'Test failover done'",
            ]),
          ];
        })
      : [];
  return step({
    id: 'test-failover',
    title: 'Run a test failover',
    where: PORTAL,
    doing: [
      'Recovery Plans > the plan > Test failover: production goes on, replication too. Choose the network that is apart from production, look whether the application works, then clean up.',
      'Repeat it at least every six months: a test counts when it has been cleaned up.',
    ],
    facts: [
      {
        label: 'Test network',
        values: [scenario.target === 'azure' ? '<resource ID of the test network>' : '<VM network for tests>'],
      },
    ],
    commands,
    checks: [
      'The VMs of every group start in their order, the application answers, and what it took is near the report’s recovery time.',
    ],
    source: `${LEARN}, task 5; ${RECOVERY_PLANS}; Azure documentation, "Monitor and troubleshoot Site Recovery"`,
  });
}

function plannedStep({ scenario }: Fleet): RunbookStep {
  return step({
    id: 'planned-failover',
    title: 'Planned failover',
    where: PORTAL,
    doing: [
      'For a move that can wait: the VMs are shut down, the last changes are sent, nothing is lost. No command is given: somebody who looks on starts it.',
      ...(scenario.target === 'azure' ? ['Back from Azure there is only the planned failover.'] : []),
    ],
    checks: ['The VMs run at the target, and nothing writes at the source any more.'],
    source: `${LEARN}, task 5; ${RECOVERY_PLANS}`,
  });
}

function unplannedStep(): RunbookStep {
  return step({
    id: 'unplanned-failover',
    title: 'Unplanned failover',
    where: PORTAL,
    doing: [
      'For a disaster: what was written since the last recovery point is lost. No command is given: it is decided, not scripted. Choose the recovery point, fail over, look, commit.',
    ],
    checks: ['The VMs run at the target. They are not protected until replication is reversed.'],
    source: `${LEARN}, task 5; ${RECOVERY_PLANS}`,
  });
}

function reverseStep({ scenario }: Fleet): RunbookStep {
  return step({
    id: 'reverse-replication',
    title: 'Reverse replication, and go back',
    where: PORTAL,
    doing: [
      scenario.target === 'azure'
        ? 'When the primary site is there again: planned failover from Azure with the data synchronised before the failover, or a full download where the VMs are gone or a month has passed; commit; then reverse replicate.'
        : 'When the primary site is there again: reverse replicate, which sends what differs; then a planned failover back, and reverse once more.',
    ],
    checks: ['The direction is the first one again, and the recovery points are as young as before.'],
    source: `${LEARN}, task 5; ${scenario.target === 'azure' ? 'Azure documentation, "Run a failback for Hyper-V VMs"' : RECOVERY_PLANS}`,
  });
}
