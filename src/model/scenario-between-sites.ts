import { MINUTE_MS, type Millis } from '../units.ts';
import {
  CLOSED_TO_SITE,
  FAQ,
  HYPERV_REPLICA,
  LEARN,
  RECOVERY_PLANS,
  REPLICATION_SETTINGS,
  SECONDARY_SITE,
} from './documents.ts';
import type { Scenario } from './scenario.ts';
import { VAULT } from './scenarios-to-azure.ts';

const THIRTY_SECONDS_MS: Millis = 30_000;
const FIVE_MINUTES_MS: Millis = 5 * MINUTE_MS;
const FIFTEEN_MINUTES_MS: Millis = 15 * MINUTE_MS;

export const VMM_TO_VMM: Scenario = {
  id: 'vmm-to-vmm',
  title: 'VMM site to a secondary VMM site',
  target: 'site',
  usesClouds: true,
  components: [
    VAULT,
    {
      name: 'VMM server',
      installedOn: 'each site; one server with two clouds also does',
      source: `${LEARN}; ${FAQ}, "Can I deploy Site Recovery with VMM if I only have one VMM server?"`,
    },
    { name: 'Azure Site Recovery Provider', installedOn: 'each VMM server', source: `${LEARN}, task 2` },
    {
      name: 'Azure Recovery Services agent',
      installedOn: 'nowhere: nothing needs to be installed on the Hyper-V hosts',
      source: `${SECONDARY_SITE}, "Set up the source environment"`,
    },
  ],
  paths: [
    {
      carries: 'orchestration',
      from: 'the Provider on each VMM server',
      to: 'Site Recovery in Azure',
      protocol: 'HTTPS',
      port: 443,
      statements: [
        {
          text: 'The VMM management servers have a connection to Azure Site Recovery over HTTPS and port 443, which orchestrates the replication and failover.',
          source: LEARN,
        },
      ],
    },
    {
      carries: 'data',
      from: 'each Hyper-V host of the primary site',
      to: 'the Hyper-V hosts of the recovery site',
      protocol: 'HTTPS',
      port: 8084,
      authentication: 'certificate',
      statements: [
        {
          text: 'Replication traffic goes directly between the two sites, over HTTPS port 8084 for certificate traffic.',
          source: LEARN,
        },
        {
          text: 'Ports 8083 and 8084 (for certificates) are opened in the firewall of the Hyper-V hosts; Site Recovery configures the certificates for HTTPS by itself.',
          source: `${SECONDARY_SITE}, "Set up a replication policy"`,
        },
      ],
    },
    {
      carries: 'data',
      from: 'each Hyper-V host of the primary site',
      to: 'the Hyper-V hosts of the recovery site',
      protocol: 'HTTP',
      port: 8083,
      authentication: 'kerberos',
      statements: [
        {
          text: 'Replication traffic goes directly between the two sites, over HTTPS port 8083 for Kerberos traffic.',
          source: LEARN,
        },
        {
          text: 'Kerberos is HTTP, which is not encrypted; certificate-based authentication is HTTPS, which is.',
          source: `${HYPERV_REPLICA}, step 1; Win32 documentation, Msvm_ReplicationServiceSettingData, HttpPort`,
        },
      ],
    },
  ],
  dataNote: {
    text: 'Site Recovery only monitors the replication between the sites and controls failover; no VM data goes to, or through, Azure.',
    source: LEARN,
  },
  encryptionNote: {
    text: 'Encrypted on the way with certificates (HTTPS), not with Kerberos (HTTP); what lies at the recovery site is not encrypted.',
    source: `${HYPERV_REPLICA}, step 1`,
  },
  closedNote: {
    text: 'Closed to new users since November 2019; existing replications go on.',
    source: CLOSED_TO_SITE,
  },
  copyFrequencyMs: {
    values: [THIRTY_SECONDS_MS, FIVE_MINUTES_MS, FIFTEEN_MINUTES_MS],
    default: FIVE_MINUTES_MS,
    reason: 'Hyper-V Replica copies every 5 minutes unless 30 seconds or 15 minutes are chosen',
    source: `${REPLICATION_SETTINGS}: default 300 seconds`,
    refused: [],
  },
  recoveryPointHours: {
    least: 0,
    most: 24,
    default: 0,
    reason: 'Hyper-V Replica keeps only the latest recovery point; up to 24 more can be kept, an hour apart',
    source: `${REPLICATION_SETTINGS}, RecoveryHistory: 0 to 24, default 0`,
  },
  appConsistentHours: {
    least: 1,
    most: 12,
    default: null,
    reason: 'app-consistent snapshots need additional recovery points, of which there are none by default',
    source: `${REPLICATION_SETTINGS}, ApplicationConsistentSnapshotInterval`,
    belowRecoveryPoints: {
      text: 'the hours between app-consistent snapshots must be less than the number of additional recovery points, which lie an hour apart',
      source: `${SECONDARY_SITE}, "Set up a replication policy"; ${REPLICATION_SETTINGS}, ApplicationConsistentSnapshotInterval`,
    },
  },
  policyCompression: {
    values: ['on', 'off'],
    default: 'on',
    reason: 'the switch is on in the wizard; how much it saves depends on the data and is published nowhere',
    source: 'Microsoft Virtualization team blog, 2013-09-24, on compression',
    refused: [],
  },
  authentication: {
    values: ['kerberos', 'certificate'],
    default: 'certificate',
    reason: 'certificates unless there is a working Kerberos environment; Site Recovery configures them by itself',
    source: `${SECONDARY_SITE}, "Set up a replication policy"`,
    refused: [],
  },
  initialReplicationMode: {
    values: ['network', 'media', 'existing'],
    default: 'network',
    reason:
      'initial replication goes over the network and starts at once unless it is put off or another way is chosen',
    source: `${HYPERV_REPLICA}, "Enable VM replication"; Microsoft Virtualization team blog, 2013-06-28`,
    refused: [],
  },
  maxActiveTransfers: {
    default: 3,
    reason: 'Hyper-V Replica sends the logs of 3 VMs of a host at a time; a book says 6 for 2012 R2 and later',
    source: 'Microsoft KB2767928, MaximumActiveTransfers: default 3',
  },
  planActionKinds: {
    values: ['script', 'manual'],
    default: null,
    reason: 'between two sites a recovery plan runs scripts on the VMM servers and waits for manual actions',
    source: RECOVERY_PLANS,
    refused: [
      {
        value: 'runbook',
        reason: 'runbooks run in Azure, and only in plans that fail over to it',
        source: RECOVERY_PLANS,
      },
    ],
  },
};
