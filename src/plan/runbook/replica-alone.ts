import { HYPERV_REPLICA } from '../../model/documents.ts';
import { INITIAL_REPLICATION_DELAY_MOST_MS } from '../../model/scenario.ts';
import { MINUTE_MS, SECOND_MS } from '../../units.ts';
import { enableAtMs, type Fleet, type FleetVm, groupedBy } from './fleet.ts';
import { fullPathOf, leaveOutLines } from './leave-out.ts';
import { portOf } from './places.ts';
import { command, isoWithOffset, quoted, quotedList, timeOfDay } from './powershell.ts';
import type { RunbookCommand, RunbookStep } from './runbook-parts.ts';
import { ADMIN_CONSOLE, commandOf, HYPERV_HELP, step } from './task-texts.ts';

/**
 * The same replication without Site Recovery, which takes no new sites: Hyper-V Replica by its own cmdlets. A VM is replicated one way or
 * the other, never both.
 */
export function replicaAloneSteps(fleet: Fleet): RunbookStep[] {
  return [serverStep(fleet), ...fleet.batches.map((batch, index) => aloneStep(fleet, batch, index))];
}

function serverStep(fleet: Fleet): RunbookStep {
  const { scenario, policies, hosts } = fleet;
  const kinds = [...new Set(policies.map(({ settings }) => settings.authentication ?? 'certificate'))];
  const allowed = kinds.length > 1 ? 'CertificateAndKerberos' : kinds[0] === 'kerberos' ? 'Kerberos' : 'Certificate';
  const port = (kind: 'kerberos' | 'certificate'): number => portOf(scenario.paths, kind);
  return step({
    id: 'replica-server',
    title: 'Without Site Recovery: make the replica server ready',
    where: 'each Hyper-V host of the recovery site, each node of a cluster',
    doing: [
      'Only where Site Recovery does not take the scenario any more. Enable the host as a replica server and let the primary hosts in; open its firewall for the port.',
    ],
    facts: [
      { label: 'Replica server', values: ['<replica server>'] },
      ...kinds.map((kind) => ({
        label: kind === 'kerberos' ? 'Kerberos (HTTP)' : 'Certificate (HTTPS)',
        values: [`port ${port(kind)}`],
      })),
      { label: 'Primary hosts that are let in, by their full names', values: hosts.map(({ name }) => name) },
    ],
    commands: [
      commandOf(
        'replica-server',
        ADMIN_CONSOLE,
        [
          command('Set-VMReplicationServer', [
            '-ComputerName $ReplicaServer',
            '-ReplicationEnabled $true',
            `-AllowedAuthenticationType ${allowed}`,
            ...(kinds.includes('kerberos') ? [`-KerberosAuthenticationPort ${port('kerberos')}`] : []),
            ...(kinds.includes('certificate')
              ? [
                  `-CertificateAuthenticationPort ${port('certificate')}`,
                  '-CertificateThumbprint $CertificateThumbprint',
                ]
              : []),
            '-ReplicationAllowedFromAnyServer $false',
          ]),
          ...(hosts.length === 0
            ? []
            : [
                `foreach ($primary in ${quotedList(hosts.map(({ name }) => name))}) {`,
                command(
                  'New-VMReplicationAuthorizationEntry',
                  [
                    '-ComputerName $ReplicaServer',
                    '-AllowedPrimaryServer $primary',
                    '-ReplicaStorageLocation $ReplicaStorage',
                    "-TrustGroup 'asr-plan'",
                  ],
                  '    ',
                ),
                '}',
              ]),
        ],
        [
          'Only full domain names are taken for the primary servers: complete the hosts’ names where the inventory has them short.',
          ...(kinds.includes('certificate')
            ? ['The thumbprint is that of each computer’s own certificate: it differs from host to host.']
            : []),
        ],
      ),
    ],
    checks: ['Test-VMReplicationConnection from a primary host to the replica server and its port succeeds.'],
    source: `${HYPERV_REPLICA}; ${HYPERV_HELP}, Set-VMReplicationServer, New-VMReplicationAuthorizationEntry, Test-VMReplicationConnection`,
  });
}

function aloneStep(fleet: Fleet, batch: Fleet['batches'][number], index: number): RunbookStep {
  const names = new Set(batch.vms);
  const members = fleet.vms.filter(({ vm, missing }) => missing === null && names.has(vm.name));
  const groups = groupedBy(members, ({ policy, settings }) => JSON.stringify([policy.name, startOf(fleet, settings)]));
  const id = `replica-batch-${index + 1}`;
  const commands: RunbookCommand[] =
    members.length === 0
      ? []
      : [
          commandOf(id, ADMIN_CONSOLE, [
            `Assert-Time '${isoWithOffset(fleet.clock, batch.startMs)}'`,
            ...groups.flatMap(([, group]) => enableLines(fleet, group)),
          ]),
        ];
  return step({
    id,
    title: `Without Site Recovery: enable ${batch.name}`,
    where: 'each Hyper-V host of the primary site',
    doing: [
      'Instead of enabling the batch in Site Recovery, never besides: one VM has one replication.',
      ...new Set(members.map(({ settings }) => MODES[settings.initialReplication.mode])),
    ],
    facts: groupedBy(members, ({ vm }) => vm.host).map(([host, group]) => ({
      label: 'Host and VMs',
      values: [host === '' ? '<Hyper-V host>' : host, ...group.map(({ vm }) => vm.name)],
    })),
    commands,
    checks: ['Get-VMReplication on the host shows each VM, Replicating once its initial replication has ended.'],
    source: `${HYPERV_HELP}, Enable-VMReplication, Start-VMInitialReplication`,
  });
}

const MODES = {
  network: 'Initial replication goes over the network.',
  media:
    'Initial replication is exported to media: ship them, then run Import-VMInitialReplication -VMName … -Path … on the replica server.',
  existing:
    'Initial replication begins with a VM that is there: restore the copies on the replica server and run Enable-VMReplication -VMName … -AsReplica there first.',
} as const;

/** When initial replication is told to begin; `null` = at once, or too far off for the cmdlet ("up to 7 days later"). */
function startOf({ clock }: Fleet, settings: FleetVm['settings']): string | null {
  const { startAtMs } = settings.initialReplication;
  const delayMs = startAtMs - enableAtMs(settings);
  return delayMs > 0 && delayMs <= INITIAL_REPLICATION_DELAY_MOST_MS ? isoWithOffset(clock, startAtMs) : null;
}

/** Commands for VMs that are replicated alike, each on its host. A name is compared, never a pattern: `-VMName *` would be every VM. */
function enableLines(fleet: Fleet, group: readonly FleetVm[]): string[] {
  const { scenario, run } = fleet;
  const { settings, policy } = group[0]!;
  const { authentication, initialReplication } = settings;
  const names = group.map((one) => one.vm.name);
  const { startMinute, endMinute } = run.policy.resyncWindow;
  const leaveOut = leaveOutLines(fleet.exclusions, new Set(names), fullPathOf);
  const start = startOf(fleet, settings);
  return [
    ...leaveOut,
    'foreach ($one in @(',
    ...group.map(({ vm }) => `    @{ On = ${hostOf(vm.host)}; Name = ${quoted(vm.name)} }`),
    ')) {',
    '    $vm = @(Get-VM -ComputerName $one.On | Where-Object { $_.Name -eq $one.Name })',
    "    if ($vm.Count -ne 1) { throw ('Not exactly one VM of this name: ' + $one.Name) }",
    ...(leaveOut.length === 0
      ? []
      : [
          '    $disks = @{}',
          "    if ($leaveOut.ContainsKey($one.Name)) { $disks['ExcludedVhdPath'] = $leaveOut[$one.Name] }",
        ]),
    command(
      'Enable-VMReplication',
      [
        '-VM $vm[0]',
        '-ReplicaServerName $ReplicaServer',
        `-ReplicaServerPort ${portOf(scenario.paths, authentication)}`,
        `-AuthenticationType ${authentication === 'kerberos' ? 'Kerberos' : 'Certificate'}`,
        ...(authentication === 'kerberos' ? [] : ['-CertificateThumbprint $CertificateThumbprint']),
        `-CompressionEnabled $${policy.compression === 'off' ? 'false' : 'true'}`,
        `-ReplicationFrequencySec ${settings.copyFrequencyMs / SECOND_MS}`,
        `-RecoveryHistory ${settings.recoveryPointHours}`,
        ...(settings.appConsistentHours === null ? [] : [`-VSSSnapshotFrequencyHour ${settings.appConsistentHours}`]),
        '-AutoResynchronizeEnabled $true',
        `-AutoResynchronizeIntervalStart '${timeOfDay(startMinute * MINUTE_MS)}'`,
        `-AutoResynchronizeIntervalEnd '${timeOfDay(endMinute * MINUTE_MS)}'`,
        ...(leaveOut.length === 0 ? [] : ['@disks']),
      ],
      '    ',
    ),
    command(
      'Start-VMInitialReplication',
      [
        '-VM $vm[0]',
        ...(initialReplication.mode === 'media' ? ['-DestinationPath $MediaFolder'] : []),
        ...(initialReplication.mode === 'existing' ? ['-UseBackup'] : []),
        ...(start === null ? [] : [`-InitialReplicationStartTime ([datetimeoffset]'${start}').LocalDateTime`]),
      ],
      '    ',
    ),
    '}',
  ];
}

function hostOf(host: string): string {
  return host === '' ? '<Hyper-V host>' : quoted(host);
}
