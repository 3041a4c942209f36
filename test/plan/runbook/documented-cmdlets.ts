/** Cmdlets and the parameters of them that the runbook may use, as their help names them. A parameter stands here only where it was looked up. */
const AZ = 'Azure/azure-powershell, src/RecoveryServices/RecoveryServices/help';
const HYPERV = 'MicrosoftDocs/windows-powershell-docs, docset/winserver2022-ps/hyper-v';
const CORE = 'PowerShell, about its own cmdlets';

interface Documented {
  readonly parameters: readonly string[];
  readonly source: string;
}

function of(source: string, parameters = ''): Documented {
  return { parameters: parameters.split(' ').filter((name) => name !== ''), source };
}

export const DOCUMENTED: Readonly<Record<string, Documented>> = {
  'Set-AzContext': of('Azure/azure-powershell, src/Accounts/Accounts/help', 'Subscription Tenant'),
  'New-AzRecoveryServicesVault': of(AZ, 'Name ResourceGroupName Location'),
  'Get-AzRecoveryServicesVault': of(AZ, 'Name ResourceGroupName'),
  'Set-AzRecoveryServicesAsrVaultContext': of(AZ, 'Vault'),
  'Get-AzRecoveryServicesVaultSettingsFile': of(
    AZ,
    'Vault Path SiteIdentifier Certificate SiteFriendlyName SiteRecovery',
  ),
  'New-AzRecoveryServicesAsrFabric': of(AZ, 'Name Type'),
  'Get-AzRecoveryServicesAsrFabric': of(AZ, 'Name FriendlyName'),
  'Get-AzRecoveryServicesAsrServicesProvider': of(AZ, 'Fabric Name FriendlyName'),
  'Get-AzRecoveryServicesAsrProtectionContainer': of(AZ, 'Fabric Name FriendlyName'),
  'New-AzRecoveryServicesAsrPolicy': of(
    AZ,
    'HyperVToAzure VmmToVmm Name ReplicationProvider ReplicationFrequencyInSeconds NumberOfRecoveryPointsToRetain ApplicationConsistentSnapshotFrequencyInHours ReplicationStartTime RecoveryAzureStorageAccountId ReplicationMethod Compression ReplicationPort Authentication ReplicaDeletion',
  ),
  'Get-AzRecoveryServicesAsrPolicy': of(AZ, 'Name FriendlyName'),
  'New-AzRecoveryServicesAsrProtectionContainerMapping': of(
    AZ,
    'Name Policy PrimaryProtectionContainer RecoveryProtectionContainer',
  ),
  'Get-AzRecoveryServicesAsrProtectionContainerMapping': of(AZ, 'Name ProtectionContainer'),
  'Get-AzRecoveryServicesAsrProtectableItem': of(AZ, 'Name FriendlyName ProtectionContainer'),
  'New-AzRecoveryServicesAsrReplicationProtectedItem': of(
    AZ,
    'HyperVToAzure VmmToVmm ProtectableItem Name RecoveryVmName ProtectionContainerMapping RecoveryAzureStorageAccountId OSDiskName OS LogStorageAccountId IncludeDiskId RecoveryAzureNetworkId RecoveryAzureSubnetName RecoveryResourceGroupId',
  ),
  'Get-AzRecoveryServicesAsrReplicationProtectedItem': of(AZ, 'Name FriendlyName ProtectionContainer ProtectableItem'),
  'Get-AzRecoveryServicesAsrJob': of(AZ, 'Job Name State'),
  'New-AzRecoveryServicesAsrRecoveryPlan': of(
    AZ,
    'Name PrimaryFabric RecoveryFabric Azure FailoverDeploymentModel ReplicationProtectedItem',
  ),
  'Get-AzRecoveryServicesAsrRecoveryPlan': of(AZ, 'Name FriendlyName Path'),
  'Edit-AzRecoveryServicesAsrRecoveryPlan': of(AZ, 'InputObject AppendGroup Group AddProtectedItem RemoveGroup'),
  'Update-AzRecoveryServicesAsrRecoveryPlan': of(AZ, 'InputObject Path'),
  'Start-AzRecoveryServicesAsrTestFailoverJob': of(AZ, 'RecoveryPlan Direction AzureVMNetworkId VMNetwork'),
  'Start-AzRecoveryServicesAsrTestFailoverCleanupJob': of(AZ, 'RecoveryPlan Comment'),
  'Set-OBMachineSetting': of(
    'MicrosoftDocs/SupportArticles-docs, KB3056159',
    'WorkDay StartWorkHour EndWorkHour WorkHourBandwidth NonWorkHourBandwidth NoThrottle',
  ),
  'Get-VM': of(HYPERV, 'Name ComputerName'),
  'Get-VMReplication': of(HYPERV),
  'Measure-VMReplication': of(HYPERV),
  'Set-VMReplicationServer': of(
    HYPERV,
    'ReplicationEnabled AllowedAuthenticationType ReplicationAllowedFromAnyServer CertificateThumbprint DefaultStorageLocation KerberosAuthenticationPort CertificateAuthenticationPort ComputerName',
  ),
  'New-VMReplicationAuthorizationEntry': of(
    HYPERV,
    'AllowedPrimaryServer ReplicaStorageLocation TrustGroup ComputerName',
  ),
  'Enable-VMReplication': of(
    HYPERV,
    'VM ReplicaServerName ReplicaServerPort AuthenticationType CertificateThumbprint CompressionEnabled ReplicationFrequencySec RecoveryHistory VSSSnapshotFrequencyHour ExcludedVhdPath AutoResynchronizeEnabled AutoResynchronizeIntervalStart AutoResynchronizeIntervalEnd',
  ),
  'Start-VMInitialReplication': of(HYPERV, 'VM DestinationPath UseBackup InitialReplicationStartTime'),
  'Invoke-Command': of(CORE, 'ComputerName ScriptBlock'),
  'Where-Object': of(CORE),
  'Start-Sleep': of(CORE, 'Seconds'),
  'Test-Path': of(CORE, 'LiteralPath'),
  'New-Item': of(CORE, 'Path Force'),
  'New-ItemProperty': of(CORE, 'LiteralPath Name PropertyType Value Force'),
  'Restart-Service': of(CORE, 'Name'),
};

/** Defined by the runbook's own preamble. */
export const HELPERS = ['Enter-Vault', 'Wait-SiteRecoveryJob', 'Get-Container', 'Get-ProtectedVm', 'Assert-Time'];
