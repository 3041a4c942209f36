import { formatDurationMs, SECOND_MS } from '../../units.ts';
import { type Fleet, type FleetPolicy, groupedBy } from './fleet.ts';
import { containerOf, mappingName, portOf, recoveryContainerOf, vaultOf } from './places.ts';
import { command, quoted, timeOfDay } from './powershell.ts';
import type { RunbookFact, RunbookStep } from './runbook-parts.ts';
import { AZ_CONSOLE, AZ_HELP, commandOf, PORTAL, step } from './task-texts.ts';

/** The replication policies, one for each set of values that the fleet needs, and their association with sites or clouds. */
export function policyStep(fleet: Fleet): RunbookStep {
  const { scenario, policies, places, vms } = fleet;
  const used = (policy: FleetPolicy) =>
    places.filter((place) => vms.some((one) => one.place === place && one.policy === policy && one.missing === null));
  const commands = policies.map((policy, index) =>
    commandOf(
      policies.length === 1 ? 'policy' : `policy-${index + 1}`,
      AZ_CONSOLE,
      groupedBy(used(policy), ({ vault }) => vault).flatMap(([, ofVault]) => [
        `Enter-Vault ${vaultOf(ofVault[0]!)}`,
        `Wait-SiteRecoveryJob (${createPolicy(fleet, policy)})`,
        `$policy = Get-AzRecoveryServicesAsrPolicy -FriendlyName ${quoted(policy.name)}`,
        ...ofVault.flatMap((place) => [
          `$container = ${containerOf(fleet, place)}`,
          ...(scenario.target === 'site' ? [`$recovery = ${recoveryContainerOf(place)}`] : []),
          `Wait-SiteRecoveryJob (${command('New-AzRecoveryServicesAsrProtectionContainerMapping', [
            `-Name ${quoted(mappingName(policy.name))}`,
            '-Policy $policy',
            '-PrimaryProtectionContainer $container',
            ...(scenario.target === 'site' ? ['-RecoveryProtectionContainer $recovery'] : []),
          ])})`,
        ]),
      ]),
      policyDoubts(policy, used(policy).length > 0 && policies.length > 1),
    ),
  );
  return step({
    id: 'policy',
    title: 'Create and associate the replication policy',
    where: PORTAL,
    doing: [
      policies.length === 0
        ? 'No VM can be protected, so that no policy is needed yet.'
        : `Create ${policies.length === 1 ? 'the policy' : `${policies.length} policies`} with these values and associate ${policies.length === 1 ? 'it' : 'them'}. The names are ours.`,
    ],
    facts: policies.flatMap((policy) => policyFacts(fleet, policy)),
    commands,
    checks: ['Replication policies shows the values above, and the association is ready before anything is enabled.'],
    source: `${scenario.copyFrequencyMs.source}; ${scenario.recoveryPointHours.source}; ${AZ_HELP}, New-AzRecoveryServicesAsrPolicy`,
  });
}

function policyFacts({ scenario, policies }: Fleet, policy: FleetPolicy): RunbookFact[] {
  const { settings, startOfDayMs, compression, vmCount, name } = policy;
  const { authentication, initialReplication, recoveryPointHours, appConsistentHours } = settings;
  const values: [string, string][] = [
    ['Policy', `${name}, for ${vmCount} ${vmCount === 1 ? 'VM' : 'VMs'}`],
    ['Copy frequency', formatDurationMs(settings.copyFrequencyMs)],
    ['Recovery points', recoveryPointHours === 0 ? 'the latest only' : `${recoveryPointHours} h`],
    ['App-consistent snapshots', appConsistentHours === null ? 'none' : `every ${appConsistentHours} h`],
    ...(authentication === null
      ? []
      : ([
          [
            'Authentication',
            `${authentication === 'certificate' ? 'Certificate' : 'Kerberos'}, port ${portOf(scenario.paths, authentication)}`,
          ],
        ] as [string, string][])),
    ...(compression === null
      ? []
      : ([['Data transfer compression', compression === 'on' ? 'On' : 'Off']] as [string, string][])),
    [
      'Initial replication',
      { network: 'over the network', media: 'by exported media', existing: 'onto a replica VM that exists' }[
        initialReplication.mode
      ],
    ],
    [
      'Initial replication start time',
      startOfDayMs === null ? 'immediately' : `${timeOfDay(startOfDayMs)}, local time`,
    ],
  ];
  if (policies.length === 1) return values.map(([label, value]) => ({ label, values: [value] }));
  const [[, title], ...rest] = values as [[string, string], ...[string, string][]];
  return [{ label: `Policy ${title}`, values: rest.map(([label, value]) => `${label}: ${value}`) }];
}

function createPolicy({ scenario }: Fleet, { name, settings, compression, startOfDayMs }: FleetPolicy): string {
  const { authentication, initialReplication } = settings;
  return command('New-AzRecoveryServicesAsrPolicy', [
    scenario.target === 'azure' ? '-HyperVToAzure' : '-VmmToVmm',
    `-Name ${quoted(name)}`,
    `-ReplicationProvider ${scenario.target === 'azure' ? 'HyperVReplicaAzure' : 'HyperVReplica2012R2'}`,
    `-ReplicationFrequencyInSeconds ${settings.copyFrequencyMs / SECOND_MS}`,
    `-NumberOfRecoveryPointsToRetain ${settings.recoveryPointHours}`,
    ...(settings.appConsistentHours === null
      ? []
      : [`-ApplicationConsistentSnapshotFrequencyInHours ${settings.appConsistentHours}`]),
    ...(startOfDayMs === null ? [] : [`-ReplicationStartTime '${timeOfDay(startOfDayMs)}'`]),
    ...(scenario.target === 'azure'
      ? ['-RecoveryAzureStorageAccountId $StorageAccountId']
      : [
          `-ReplicationMethod ${initialReplication.mode === 'media' ? 'Offline' : 'Online'}`,
          `-Compression ${compression === 'off' ? 'Disable' : 'Enable'}`,
          `-ReplicationPort ${portOf(scenario.paths, authentication)}`,
          `-Authentication ${authentication === 'kerberos' ? 'Kerberos' : 'Certificate'}`,
        ]),
  ]);
}

function policyDoubts({ startOfDayMs, settings }: FleetPolicy, isOneOfMany: boolean): string[] {
  return [
    ...(startOfDayMs === null
      ? []
      : [
          '-ReplicationStartTime: the help does not say whether it is a time of day, as in the portal, or a delay. See in the portal what it came to.',
        ]),
    ...(settings.initialReplication.mode === 'existing'
      ? ['The policy has no value for a replica VM that exists already: it is Hyper-V Replica’s own way.']
      : []),
    ...(isOneOfMany ? ['Whether one site or cloud takes several policies is not documented where we looked.'] : []),
  ];
}
