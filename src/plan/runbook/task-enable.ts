import { formatLocal } from '../../model/clock.ts';
import { CONCEPTS, LEARN, SECONDARY_SITE, TO_AZURE_TUTORIAL } from '../../model/documents.ts';
import { enableAtMs, type Fleet, type FleetVm, groupedBy } from './fleet.ts';
import { diskFileOf, leaveOutLines } from './leave-out.ts';
import { containerOf, mappingName, placeTitle, vaultOf } from './places.ts';
import { command, isoWithOffset, quoted, quotedList } from './powershell.ts';
import { replicaAloneSteps } from './replica-alone.ts';
import type { RunbookBatch, RunbookCommand, RunbookFact, RunbookStep, RunbookTask } from './runbook-parts.ts';
import { AZ_CONSOLE, AZ_HELP, commandOf, PORTAL, step, taskOf } from './task-texts.ts';

/** Task 4: who cannot be protected, which disks stay behind, and the batches with their dates. */
export function enableReplication(fleet: Fleet): RunbookTask {
  return taskOf(4, [
    missingStep(fleet),
    namesStep(fleet),
    exclusionStep(fleet),
    ...fleet.batches.map((batch, index) => batchStep(fleet, batch, index)),
    ...(fleet.scenario.target === 'site' && fleet.policies.length > 0 ? replicaAloneSteps(fleet) : []),
    finalizeStep(fleet),
  ]);
}

function missingStep({ vms }: Fleet): RunbookStep | null {
  const byReason = groupedBy(
    vms.filter(({ missing }) => missing !== null),
    ({ missing }) => missing!,
  );
  if (byReason.length === 0) return null;
  return step({
    id: 'prerequisites',
    title: 'Mend what keeps VMs from being protected',
    where: 'as each reason says',
    doing: [
      'The job "Enable protection" checks the prerequisites first. These VMs would fail it; no command below names them.',
    ],
    facts: byReason.map(([label, group]) => ({ label, values: group.map(({ vm }) => vm.name) })),
    checks: ['Plan again when the reasons are gone: the numbers of this report leave these VMs out.'],
    source: `${CONCEPTS}, "Enable protection"`,
  });
}

/** "Between 1 and 63 characters. Restricted to letters, numbers, and hyphens. The VM name must start and end with a letter or number." */
const AZURE_NAME = /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i;

function namesStep({ vms, scenario }: Fleet): RunbookStep | null {
  const names = vms.filter(({ vm, missing }) => missing === null && !AZURE_NAME.test(vm.name)).map(({ vm }) => vm.name);
  if (scenario.target !== 'azure' || names.length === 0) return null;
  return step({
    id: 'azure-names',
    title: 'Give Azure names to VMs whose own are none',
    where: PORTAL,
    doing: [
      'In Azure a name has 1 to 63 letters, digits and hyphens and begins and ends with a letter or digit. Set the name of the Azure VM in the VM’s properties in Site Recovery once it is protected.',
    ],
    facts: [{ label: 'VMs', values: names }],
    source: 'Microsoft, "Support matrix for Hyper-V replication to Azure", "Azure VM requirements"',
  });
}

function exclusionStep({ exclusions, scenario }: Fleet): RunbookStep | null {
  if (exclusions.length === 0) return null;
  const byVm = groupedBy(exclusions, ({ vm }) => vm);
  return step({
    id: 'exclusions',
    title: 'Decide which disks stay behind',
    where: 'the owners of the applications',
    doing: [
      'A disk can be left out when its VM is enabled, not later. These are the plan’s proposals, by their names and their churn; whether a VM can do without one is for its owner to say.',
      scenario.target === 'azure'
        ? 'When all of them may stay behind, set $LeaveDisksOut to $true: the commands of the batches then name all other disks to -IncludeDiskId. Never the disk of the operating system.'
        : 'When all of them may stay behind, set $LeaveDisksOut to $true: Hyper-V Replica alone leaves them out by -ExcludedVhdPath. The cmdlet of Site Recovery between sites has no parameter for it.',
    ],
    facts: byVm.map(([vm, disks]) => ({ label: 'VM and disks', values: [vm, ...disks.map(({ disk }) => disk)] })),
    checks: ['For every disk in the list somebody has said yes or no.'],
    source:
      scenario.target === 'azure'
        ? `Azure Site Recovery, "Exclude disks from disaster recovery"; ${AZ_HELP}, New-AzRecoveryServicesAsrReplicationProtectedItem, -IncludeDiskId`
        : 'Windows PowerShell documentation, Enable-VMReplication, -ExcludedVhdPath',
  });
}

function batchStep(fleet: Fleet, batch: RunbookBatch, index: number): RunbookStep {
  const { scenario, clock, run } = fleet;
  const id = `batch-${index + 1}`;
  const names = new Set(batch.vms);
  const members = fleet.vms.filter(({ vm, missing }) => missing === null && names.has(vm.name));
  const groups = groupedBy(members, ({ place, policy }) => JSON.stringify([fleet.places.indexOf(place), policy.name]));
  const facts: RunbookFact[] = [
    { label: 'Not before', values: [`${formatLocal(clock, batch.startMs)} (${clock.timeZone})`] },
    { label: 'VMs in all', values: [String(members.length)] },
    ...endFacts(fleet, batch, members),
    ...groups.map(([, group]) => ({
      label: `${scenario.usesClouds ? 'Cloud' : 'Site'} and VMs, policy ${group[0]!.policy.name}`,
      values: [placeTitle(fleet, group[0]!.place), ...group.map(({ vm }) => vm.name)],
    })),
  ];
  const commands: RunbookCommand[] =
    members.length === 0
      ? []
      : [
          commandOf(
            id,
            AZ_CONSOLE,
            [
              `Assert-Time '${isoWithOffset(clock, batch.startMs)}'`,
              ...groups.flatMap(([, group]) => enableLines(fleet, group)),
            ],
            doubts(fleet, members),
          ),
        ];
  return step({
    id,
    title: `Enable replication: ${batch.name}`,
    where: PORTAL,
    doing: [
      scenario.target === 'azure'
        ? 'Enable replication under "Hyper-V machines to Azure": choose the source, the target, these VMs, their disks and the policy.'
        : 'Replicate application > Source: choose the VMM server and the cloud; Target: the recovery site’s; then these VMs.',
      ...(run.options.skipInitialReplication
        ? ['The run took it that all VMs are protected already: enable only those that are not.']
        : []),
      ...(scenario.closedNote === null ? [] : [scenario.closedNote.text]),
    ],
    facts,
    commands,
    checks: [
      'Jobs shows "Enable protection" for each VM, and that it succeeded.',
      'Begin the next batch when this one’s initial replication is as far as the plan says.',
    ],
    source: `${LEARN}, task 4; ${scenario.target === 'azure' ? `${TO_AZURE_TUTORIAL}, "Enable replication"` : `${SECONDARY_SITE}, "Enable replication"`}; ${AZ_HELP}, New-AzRecoveryServicesAsrReplicationProtectedItem`,
  });
}

/** When the run was done with the batch's first copies: only where it enabled them as the batch does. */
function endFacts({ clock, run }: Fleet, batch: RunbookBatch, members: readonly FleetVm[]): RunbookFact[] {
  const label = 'Initial replication ends in the run';
  const isOfRun = members.every(({ settings }) => enableAtMs(settings) === batch.startMs);
  if (members.length === 0 || !isOfRun || run.options.skipInitialReplication) return [];
  const ends = members.flatMap(({ initialEndMs }) => (initialEndMs === undefined ? [] : [initialEndMs]));
  if (ends.length < members.length) return [];
  const late = ends.filter((endMs) => endMs === null).length;
  if (late > 0) return [{ label, values: [`of ${late} of its VMs not within the run`] }];
  return [
    { label, values: [`${formatLocal(clock, Math.max(...ends.map((endMs) => endMs ?? 0)))} (${clock.timeZone})`] },
  ];
}

/** Commands for VMs of one place and one policy. All jobs start before the first is waited for. */
function enableLines(fleet: Fleet, group: readonly FleetVm[]): string[] {
  const { place, policy } = group[0]!;
  const toAzure = fleet.scenario.target === 'azure';
  const names = group.map(({ vm }) => vm.name);
  const leaveOut = toAzure ? leaveOutLines(fleet.exclusions, new Set(names), diskFileOf) : [];
  const enable = command(
    'New-AzRecoveryServicesAsrReplicationProtectedItem',
    [
      toAzure ? '-HyperVToAzure' : '-VmmToVmm',
      '-ProtectableItem $item',
      '-Name $item.Name',
      '-ProtectionContainerMapping $mapping',
      ...(toAzure
        ? [
            '-RecoveryAzureStorageAccountId $StorageAccountId',
            '-RecoveryResourceGroupId $RecoveryResourceGroupId',
            '-OSDiskName $item.OSDiskName',
            '-OS $item.OS',
          ]
        : []),
      ...(leaveOut.length > 0 ? ['@disks'] : []),
    ],
    '    ',
  );
  return [
    `Enter-Vault ${vaultOf(place)}`,
    `$container = ${containerOf(fleet, place)}`,
    `$mapping = Get-AzRecoveryServicesAsrProtectionContainerMapping -ProtectionContainer $container -Name ${quoted(mappingName(policy.name))}`,
    ...leaveOut,
    `$jobs = foreach ($name in ${quotedList(names)}) {`,
    '    $item = Get-AzRecoveryServicesAsrProtectableItem -ProtectionContainer $container -FriendlyName $name',
    ...(leaveOut.length === 0 ? [] : INCLUDE_LINES),
    enable,
    '}',
    'foreach ($job in $jobs) { Wait-SiteRecoveryJob $job }',
  ];
}

/** Stops where a disk that is to stay behind is not found: it would be sent in silence. */
const INCLUDE_LINES = [
  '    $disks = @{}',
  '    if ($leaveOut.ContainsKey($name)) {',
  '        $kept = @($item.Disks | Where-Object { $leaveOut[$name] -notcontains $_.Name })',
  '        if ($item.Disks.Count - $kept.Count -ne $leaveOut[$name].Count) {',
  "            throw ('Not all disks that are to stay behind were found: ' + $name)",
  '        }',
  "        $disks['IncludeDiskId'] = @($kept.Id)",
  '    }',
];

function doubts({ scenario, exclusions }: Fleet, members: readonly FleetVm[]): string[] {
  const names = new Set(members.map(({ vm }) => vm.name));
  const isAzure = scenario.target === 'azure';
  return [
    ...(isAzure
      ? [
          '-OS and -OSDiskName take what the vault knows of the VM; where it knows nothing, write Windows or Linux and the disk’s name.',
        ]
      : []),
    ...(isAzure && exclusions.some(({ vm }) => names.has(vm))
      ? [
          'That the vault calls a disk by its file’s name without the ending is seen in an example only; the command stops where it finds no such disk.',
        ]
      : []),
  ];
}

function finalizeStep({ scenario }: Fleet): RunbookStep {
  return step({
    id: 'finalize',
    title: 'See that initial replication has ended',
    where: PORTAL,
    doing: [
      'When the last disk is up, the job "Finalize protection on the virtual machine" sets the network and the rest; then the deltas begin.',
      'While initial replication runs, the snapshot and the logs take space beside the disks: watch the volumes.',
    ],
    commands: [
      scenario.target === 'azure'
        ? commandOf('protected', AZ_CONSOLE, [
            'foreach ($fabric in Get-AzRecoveryServicesAsrFabric) {',
            '    foreach ($container in Get-AzRecoveryServicesAsrProtectionContainer -Fabric $fabric) {',
            '        Get-AzRecoveryServicesAsrReplicationProtectedItem -ProtectionContainer $container',
            '    }',
            '}',
          ])
        : commandOf('protected', 'each Hyper-V host of the primary site', [
            'Get-VMReplication',
            'Measure-VMReplication',
          ]),
    ],
    checks: [
      'Every VM is Protected, its health is Normal, and its last recovery point is no older than the plan’s RPO.',
    ],
    source: `${CONCEPTS}, "Finalize protection on the virtual machine"`,
  });
}
