/** What the scenarios rest on. */
export const CONCEPTS = 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016';
export const LEARN =
  'Microsoft Learn, module on Site Recovery, "On-premises Hyper-V Replication to a secondary on-premises Hyper-V site (with VMM)"';
export const FAQ = 'Microsoft, "Common questions: Hyper-V to Azure", 2024-12-27';
export const ARCHITECTURE = 'Microsoft, "Hyper-V to Azure replication architecture", 2018-02-14';
export const AZURE_MIGRATE = 'Azure documentation, Azure Migrate, "How does Hyper-V replication work?"';
export const TO_AZURE_TUTORIAL =
  'Microsoft, "Set up disaster recovery of on-premises Hyper-V VMs to Azure", 2022-12-21';
export const VMM_TO_AZURE_TUTORIAL =
  'Microsoft, "Set up disaster recovery of on-premises Hyper-V VMs in VMM clouds to Azure", 2020-03-19';
export const SECONDARY_SITE =
  'Microsoft, "Set up disaster recovery for Hyper-V VMs to a secondary on-premises site", 2018-12-27';
export const HYPERV_REPLICA = 'Microsoft, Windows Server documentation, "Set up Hyper-V Replica", 2025-01-16';
export const REPLICATION_SETTINGS = 'Win32 documentation, Msvm_ReplicationSettingData';
export const RECOVERY_PLANS = 'Microsoft, "About recovery plans", 2020';
export const CLOSED_TO_AZURE =
  'Azure documentation, "Deprecation of Hyper-V (with VMM) disaster recovery to Azure", 2019-11-12';
export const CLOSED_TO_SITE =
  'Azure documentation, "Deprecation of disaster recovery between customer-managed sites (with VMM) using Azure Site Recovery", 2019-09';

export const NO_COMPRESSION_TO_AZURE: string = `${TO_AZURE_TUTORIAL}; Microsoft, "Azure Site Recovery Capacity Planner", 2019-11-12`;
/** No text of Microsoft's says in which range a policy to Azure takes hours; this is what its interface is given. */
export const HOURS_TO_AZURE: string = `${TO_AZURE_TUTORIAL}, "Replication policy"; the range: Terraform, azurerm_site_recovery_hyperv_replication_policy`;
export const HOURS_VMM_TO_AZURE: string = `${VMM_TO_AZURE_TUTORIAL}, "Set up a replication policy"; the range: Terraform, azurerm_site_recovery_hyperv_replication_policy`;
