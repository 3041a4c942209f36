import { MINUTE_MS, type Millis } from '../units.ts';
import {
  ARCHITECTURE,
  AZURE_MIGRATE,
  CLOSED_TO_AZURE,
  CONCEPTS,
  FAQ,
  HOURS_TO_AZURE,
  HOURS_VMM_TO_AZURE,
  LEARN,
  NO_COMPRESSION_TO_AZURE,
  RECOVERY_PLANS,
  TO_AZURE_TUTORIAL,
} from './documents.ts';
import type { Component, DataPath, Scenario } from './scenario.ts';

const THIRTY_SECONDS_MS: Millis = 30_000;
const FIVE_MINUTES_MS: Millis = 5 * MINUTE_MS;
const FIFTEEN_MINUTES_MS: Millis = 15 * MINUTE_MS;

export const VAULT: Component = {
  name: 'Recovery Services vault',
  installedOn: 'Azure; a subscription can have several',
  source: `${LEARN}, task 1`,
};
const STORAGE_ACCOUNT: Component = {
  name: 'storage account',
  installedOn: 'Azure, in the region of the vault; the replicas lie there until a failover',
  source: `${FAQ}, "What do I need in Azure?"`,
};
const AGENT_ON_HOSTS: Component = {
  name: 'Azure Recovery Services agent',
  installedOn: 'each Hyper-V host',
  source: `${CONCEPTS}, "Setting up the source environment"`,
};
const PROVIDER_ON_VMM: Component = {
  name: 'Azure Site Recovery Provider',
  installedOn: 'the VMM server',
  source: `${CONCEPTS}, "Setting up the source environment"`,
};

const SAID_OF_443 = [
  {
    text: 'The Provider orchestrates replication with Site Recovery over the internet. The Recovery Services agent handles data replication. Communications from both are secure and encrypted.',
    source: ARCHITECTURE,
  },
  {
    text: 'The same Provider and agent use outbound HTTPS connections on port 443 in a migration.',
    source: AZURE_MIGRATE,
  },
];

function orchestrationToAzure(from: string): DataPath {
  const to = 'Site Recovery in Azure';
  return { carries: 'orchestration', from, to, protocol: 'HTTPS', port: 443, statements: SAID_OF_443 };
}

const DATA_TO_AZURE: DataPath = {
  carries: 'data',
  from: 'the Recovery Services agent on each Hyper-V host',
  to: 'the storage account in Azure',
  protocol: 'HTTPS',
  port: 443,
  statements: SAID_OF_443,
};

const TO_AZURE = {
  target: 'azure',
  dataNote: {
    text: 'Replication data is exchanged between Hyper-V hosts and Azure storage; only the metadata that orchestration needs is sent to Site Recovery.',
    source: `${FAQ}, "Is replication data sent to Site Recovery?"`,
  },
  encryptionNote: {
    text: 'Encrypted on the way (HTTPS) and in Azure storage. The policy’s own "Encrypt data stored on Azure" ended on 30 April 2022: VMs that still use it cannot fail over.',
    source: `${FAQ}, "Does Site Recovery encrypt replication?"; Azure documentation, "encryption-feature-deprecation"`,
  },
  copyFrequencyMs: {
    values: [THIRTY_SECONDS_MS, FIVE_MINUTES_MS],
    default: FIVE_MINUTES_MS,
    reason:
      'a replication policy to Azure copies every 5 minutes unless 30 seconds are chosen (not with premium storage)',
    source: `${FAQ}, "How often can I replicate to Azure?"; ${TO_AZURE_TUTORIAL}`,
    refused: [
      {
        value: FIFTEEN_MINUTES_MS,
        reason:
          '15 minutes was offered at the 2014 preview only; today a replication policy to Azure takes 30 s or 5 min',
        source: FAQ,
      },
    ],
  },
  recoveryPointHours: {
    least: 0,
    most: 24,
    default: 2,
    reason: 'a replication policy to Azure keeps recovery points for two hours, and for 24 at most',
    source: HOURS_TO_AZURE,
  },
  appConsistentHours: {
    least: 1,
    most: 12,
    default: 1,
    reason: 'a replication policy to Azure takes an app-consistent snapshot every hour',
    source: HOURS_TO_AZURE,
    belowRecoveryPoints: null,
  },
  policyCompression: {
    values: [],
    default: null,
    reason: 'a replication policy to Azure has no switch for compression',
    source: NO_COMPRESSION_TO_AZURE,
    refused: [
      {
        reason:
          'a replication policy to Azure has no switch for compression, and the Capacity Planner says that none is used; a ratio that was measured is another thing and goes with every scenario',
        source: NO_COMPRESSION_TO_AZURE,
      },
    ],
  },
  authentication: {
    values: [],
    default: null,
    reason: 'to Azure nothing is chosen: Provider and agent are registered with the key of the vault',
    source: `${TO_AZURE_TUTORIAL}, "Install the Provider"`,
    refused: [
      {
        reason:
          'Kerberos and certificates are how the Hyper-V hosts of two sites prove who they are; to Azure the registration with the key of the vault does that',
        source: `${TO_AZURE_TUTORIAL}, "Install the Provider"`,
      },
    ],
  },
  initialReplicationMode: {
    values: ['network'],
    default: 'network',
    reason: 'initial replication goes over the network and starts at once',
    source: `${TO_AZURE_TUTORIAL}, "Replication policy"`,
    refused: [
      {
        value: 'media',
        reason: 'an offline initial replication to Azure is not supported',
        source: `${FAQ}, "Can I do an offline initial replication?"`,
      },
      {
        value: 'existing',
        reason:
          'in Azure there is no virtual machine to begin with: Site Recovery makes it from the storage account at a failover',
        source: `${FAQ}, "Where do on-premises VMs replicate to?"`,
      },
    ],
  },
  maxActiveTransfers: {
    default: null,
    reason: 'the limit is one of Hyper-V Replica; nothing says that the way to Azure obeys it',
    source: 'chosen',
  },
} as const satisfies Partial<Scenario>;

export const HYPERV_TO_AZURE: Scenario = {
  ...TO_AZURE,
  id: 'hyperv-to-azure',
  title: 'Hyper-V site to Azure',
  usesClouds: false,
  components: [VAULT, STORAGE_ACCOUNT, { ...PROVIDER_ON_VMM, installedOn: 'each Hyper-V host' }, AGENT_ON_HOSTS],
  paths: [orchestrationToAzure('the Provider on each Hyper-V host'), DATA_TO_AZURE],
  closedNote: null,
  planActionKinds: {
    values: ['runbook', 'manual'],
    default: null,
    reason: 'on a failover to Azure a recovery plan runs runbooks and waits for manual actions',
    source: RECOVERY_PLANS,
    refused: [
      {
        value: 'script',
        reason: 'scripts of a recovery plan run on a VMM server, and there is none',
        source: RECOVERY_PLANS,
      },
    ],
  },
};

export const VMM_TO_AZURE: Scenario = {
  ...TO_AZURE,
  id: 'vmm-to-azure',
  title: 'VMM cloud to Azure',
  usesClouds: true,
  components: [
    VAULT,
    STORAGE_ACCOUNT,
    {
      name: 'VMM server',
      installedOn: 'the primary site',
      source: `${CONCEPTS}, "Setting up the source environment"`,
    },
    PROVIDER_ON_VMM,
    AGENT_ON_HOSTS,
  ],
  paths: [orchestrationToAzure('the Provider on the VMM server'), DATA_TO_AZURE],
  closedNote: {
    text: 'Closed to new users since November 2019: no VMM server can be registered any more; existing replications go on.',
    source: CLOSED_TO_AZURE,
  },
  recoveryPointHours: {
    ...TO_AZURE.recoveryPointHours,
    source: HOURS_VMM_TO_AZURE,
  },
  appConsistentHours: {
    ...TO_AZURE.appConsistentHours,
    source: HOURS_VMM_TO_AZURE,
  },
  planActionKinds: {
    values: ['runbook', 'script', 'manual'],
    default: null,
    reason: 'a recovery plan runs runbooks in Azure, scripts on the VMM server and waits for manual actions',
    source: RECOVERY_PLANS,
    refused: [],
  },
};
