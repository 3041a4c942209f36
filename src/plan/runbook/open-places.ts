import { SCENARIOS } from '../../model/scenario.ts';
import type { Fleet } from './fleet.ts';
import { quoted } from './powershell.ts';
import type { OpenPlace } from './runbook-parts.ts';

/** A value that commands share: known from the run, or asked for. */
interface Shared {
  readonly variable: string;
  readonly name: string;
  readonly asks: string;
  /** `null` = nobody told. */
  readonly value: string | null;
}

/** Which values the commands of this fleet share, each with what is known of it. */
function sharedValues(fleet: Fleet): Shared[] {
  const { scenario, run, places, policies, vms } = fleet;
  const { vaults } = run.site;
  const regioned = new Set(vaults.filter(({ region }) => region !== undefined).map(({ name }) => name));
  const shared: Shared[] = [
    open('$SubscriptionId', 'subscription ID', 'the Azure subscription of the vault'),
    open(
      '$VaultResourceGroup',
      'resource group of the vault',
      'the resource group that the vault is in, or is to be made in',
    ),
  ];
  if (places.some(({ vault }) => vault === null)) {
    const several = vaults.length > 1 ? ' (the site file names several, and not which of them holds these VMs)' : '';
    shared.push(open('$VaultName', 'vault name', `the Recovery Services vault${several}`));
  }
  if (places.some(({ vault }) => vault === null || !regioned.has(vault))) {
    shared.push(
      open(
        '$AzureRegion',
        'Azure region',
        'the region of the vault; for replication to Azure that of the storage account too',
      ),
    );
  }
  if (!scenario.usesClouds) {
    shared.push(open('$HyperVSite', 'Hyper-V site', 'a name for the site of these hosts in the vault'));
  } else if (places.some(({ cloud }) => cloud === null)) {
    shared.push(open('$VmmServer', 'VMM server', 'the VMM server of the VMs that belong to no cloud of the site file'));
    shared.push(open('$Cloud', 'cloud', 'the private cloud of the VMs that belong to none in the site file'));
  }
  if (scenario.target === 'azure') {
    shared.push(
      open(
        '$StorageAccountId',
        'resource ID of the storage account',
        'the account that the replicas go to, in the region of the vault',
      ),
      open(
        '$RecoveryResourceGroupId',
        'resource ID of the resource group after failover',
        'where a failover makes the Azure VMs',
      ),
      open(
        '$TestNetworkId',
        'resource ID of the test network',
        'a virtual network for test failovers, apart from production',
      ),
    );
  } else {
    shared.push(
      open(
        '$RecoveryVmmServer',
        'VMM server of the recovery site',
        'the same server again where one VMM server has both clouds',
      ),
    );
    if (places.some(({ recoveryCloud }) => recoveryCloud === null)) {
      shared.push(
        open('$RecoveryCloud', 'recovery cloud', 'the private cloud at the recovery site that the replicas belong to'),
      );
    }
    shared.push(
      open(
        '$ReplicaServer',
        'replica server',
        'Hyper-V Replica alone: the host of the recovery site by its full name, or the Hyper-V Replica Broker of its cluster',
      ),
      open(
        '$ReplicaStorage',
        'folder of the replicas',
        'Hyper-V Replica alone: where the replica server keeps the replicas',
      ),
    );
    if (policies.some(({ settings }) => settings.authentication === 'certificate')) {
      shared.push(
        open(
          '$CertificateThumbprint',
          'certificate thumbprint',
          'Hyper-V Replica alone: a certificate of the computer for client and server authentication',
        ),
      );
    }
    if (vms.some(({ missing, settings }) => missing === null && settings.initialReplication.mode === 'media')) {
      shared.push(
        open('$MediaFolder', 'folder on the media', 'Hyper-V Replica alone: where the first copy is exported to'),
      );
    }
  }
  return shared;
}

function open(variable: string, name: string, asks: string): Shared {
  return { variable, name, asks, value: null };
}

export function openPlacesOf(fleet: Fleet): OpenPlace[] {
  return sharedValues(fleet)
    .filter(({ value }) => value === null)
    .map(({ name, variable, asks }) => ({ name, variable, asks }));
}

/**
 * What every command needs before it. An open place stands bare: `<` is reserved in PowerShell, so that nothing can run before it is
 * filled (about_Redirection; "The '<' operator is reserved for future use").
 */
export function preambleOf(fleet: Fleet): string {
  const { scenario, exclusions } = fleet;
  const title = SCENARIOS[scenario.id].title;
  const values = sharedValues(fleet);
  const width = Math.max(...values.map(({ variable }) => variable.length));
  const lines = values.map(
    ({ variable, name, value }) => `${variable.padEnd(width)} = ${value === null ? `<${name}>` : quoted(value)}`,
  );
  return [
    `# ${title}: not run here. Read each command before you run it, and try it on one VM first.`,
    '# PowerShell stops at every < that is left: put what belongs there between single quotes, or two of them where no step of yours needs it.',
    ...lines,
    ...(exclusions.length === 0
      ? []
      : ['# $true leaves out the disks that the plan proposes. Ask their owners first.', '$LeaveDisksOut = $false']),
    ...HELPERS,
  ].join('\n');
}

const HELPERS = [
  '',
  "$ErrorActionPreference = 'Stop'",
  'function Enter-Vault($Name) {',
  '    $vault = Get-AzRecoveryServicesVault -ResourceGroupName $VaultResourceGroup -Name $Name',
  '    [void](Set-AzRecoveryServicesAsrVaultContext -Vault $vault)',
  '}',
  'function Wait-SiteRecoveryJob($Job) {',
  "    while ($Job.State -in 'NotStarted', 'InProgress') {",
  '        Start-Sleep -Seconds 15',
  '        $Job = Get-AzRecoveryServicesAsrJob -Job $Job',
  '    }',
  "    if ($Job.State -ne 'Succeeded') { throw ('The job ' + $Job.DisplayName + ' is ' + $Job.State) }",
  '}',
  'function Get-Container($Fabric, $Name) {',
  '    $found = Get-AzRecoveryServicesAsrFabric -FriendlyName $Fabric',
  '    # A Hyper-V site is one container; a VMM server has one for each of its clouds.',
  '    if (-not $Name) { return Get-AzRecoveryServicesAsrProtectionContainer -Fabric $found }',
  '    Get-AzRecoveryServicesAsrProtectionContainer -Fabric $found -FriendlyName $Name',
  '}',
  'function Get-ProtectedVm($Container, $Names) {',
  '    foreach ($name in $Names) {',
  '        Get-AzRecoveryServicesAsrReplicationProtectedItem -ProtectionContainer $Container -FriendlyName $name',
  '    }',
  '}',
  'function Assert-Time($From) {',
  "    if ([datetimeoffset]::Now -lt [datetimeoffset]$From) { throw ('Not before ' + $From) }",
  '}',
] as const;
