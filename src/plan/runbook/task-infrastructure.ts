import { FAQ, LEARN, SECONDARY_SITE, TO_AZURE_TUTORIAL } from '../../model/documents.ts';
import type { Fleet } from './fleet.ts';
import { threadStep, throttleStep, transferStep } from './host-settings.ts';
import { portOf } from './places.ts';
import { policyStep } from './policy-step.ts';
import type { RunbookFact, RunbookStep, RunbookTask } from './runbook-parts.ts';
import { PORTAL, step, taskOf } from './task-texts.ts';
import { hostNames, serverFacts } from './task-vault.ts';

/** Task 3: source and target, the ways between, the policies, and what the capacity plan asks of the hosts. */
export function infrastructure(fleet: Fleet): RunbookTask {
  const { target } = fleet.scenario;
  return taskOf(3, [
    goalStep(fleet),
    sourceStep(fleet),
    targetStep(fleet),
    waysStep(fleet),
    target === 'site' && fleet.policies.length > 0 ? authenticationStep(fleet) : null,
    networkMappingStep(fleet),
    policyStep(fleet),
    capacityStep(),
    throttleStep(fleet),
    target === 'azure' ? threadStep(fleet) : transferStep(fleet),
  ]);
}

function goalStep({ scenario }: Fleet): RunbookStep {
  const to = scenario.target === 'azure' ? 'To Azure' : 'To recovery site';
  return step({
    id: 'goal',
    title: 'Choose the protection goal',
    where: PORTAL,
    doing: [
      'Prepare infrastructure: say where the machines are, where they are to be replicated to, and that deployment planning is done.',
    ],
    facts: [
      { label: 'Where to', values: [to] },
      { label: 'Virtualised', values: ['Yes, with Hyper-V'] },
      { label: 'VMM manages the hosts', values: [scenario.usesClouds ? 'Yes' : 'No'] },
    ],
    checks: [
      ...(scenario.closedNote === null
        ? []
        : [
            `${scenario.closedNote.text} Before anything else see that the vault still takes this scenario. (${scenario.closedNote.source})`,
          ]),
    ],
    source: `${LEARN}, task 3`,
  });
}

function sourceStep(fleet: Fleet): RunbookStep {
  const { scenario } = fleet;
  return step({
    id: 'source',
    title: 'Set up the source',
    where: PORTAL,
    doing: [
      scenario.usesClouds
        ? 'Choose the VMM server and the cloud in which the hosts are.'
        : 'Choose the Hyper-V site and see that its hosts are in it.',
    ],
    facts: [
      ...(scenario.usesClouds ? serverFacts(fleet) : [{ label: 'Hyper-V site', values: ['<Hyper-V site>'] }]),
      { label: 'Hosts', values: hostNames(fleet) },
    ],
    checks: ['The hosts of one policy run the same version of Windows Server.'],
    source:
      scenario.target === 'azure'
        ? `${TO_AZURE_TUTORIAL}, "Source settings"`
        : `${SECONDARY_SITE}, "Set up the source environment", "Set up a replication policy"`,
  });
}

function targetStep({ scenario, places }: Fleet): RunbookStep {
  const toSite = places.map(
    ({ cloud, recoveryCloud }) => `${cloud ?? '<cloud>'} → ${recoveryCloud ?? '<recovery cloud>'}`,
  );
  return step({
    id: 'target',
    title: 'Set up the target',
    where: PORTAL,
    doing: [
      scenario.target === 'azure'
        ? 'Choose the subscription, the deployment model Resource Manager, and see that a storage account and a network are found.'
        : 'Choose the VMM server of the recovery site and the cloud there for each cloud that is protected.',
    ],
    facts:
      scenario.target === 'azure'
        ? [
            { label: 'Subscription', values: ['<subscription ID>'] },
            { label: 'Storage account', values: ['<resource ID of the storage account>'] },
            { label: 'Resource group after failover', values: ['<resource ID of the resource group after failover>'] },
          ]
        : [
            { label: 'VMM server of the recovery site', values: ['<VMM server of the recovery site>'] },
            { label: 'Clouds', values: toSite },
          ],
    source:
      scenario.target === 'azure'
        ? `${TO_AZURE_TUTORIAL}, "Target settings"`
        : `${SECONDARY_SITE}, "Set up the target environment"`,
  });
}

/** azure-docs, includes/site-recovery-URLS. */
const URLS = [
  '*.accesscontrol.windows.net',
  '*.backup.windowsazure.com',
  '*.blob.core.windows.net',
  '*.hypervrecoverymanager.windowsazure.com',
  'time.nist.gov',
  'time.windows.com',
];

function waysStep(fleet: Fleet): RunbookStep {
  const { scenario } = fleet;
  const used = new Set(fleet.policies.map(({ settings }) => settings.authentication));
  const paths = scenario.paths.filter(({ authentication }) => authentication === undefined || used.has(authentication));
  const ways = paths.map(
    ({ from, to, protocol, port, carries }): RunbookFact => ({
      label: `${carries === 'data' ? 'Data' : 'Orchestration'}: ${protocol}, port ${port}`,
      values: [`${from} → ${to}`],
    }),
  );
  return step({
    id: 'ways',
    title: 'Open the firewalls',
    where: 'firewalls and proxies of the sites',
    doing: ['Let through what is listed. Lists of addresses grow: compare them with Microsoft’s page of today.'],
    facts: [
      ...ways,
      { label: 'What goes where', values: [scenario.dataNote.text] },
      { label: 'Addresses in Azure', values: URLS },
    ],
    checks: [
      `${scenario.target === 'azure' ? 'From a host' : 'From a VMM server'} the addresses answer over HTTPS; no proxy breaks the connection open.`,
      ...(scenario.target === 'site'
        ? ['From a host of the primary site the port of the recovery site’s hosts is open.']
        : []),
    ],
    source: `${[...new Set(paths.flatMap(({ statements }) => statements.map(({ source }) => source)))].join('; ')}; Azure documentation, includes/site-recovery-URLS`,
  });
}

function authenticationStep({ policies, scenario }: Fleet): RunbookStep {
  const kinds = [...new Set(policies.map(({ settings }) => settings.authentication))].filter((kind) => kind !== null);
  return step({
    id: 'authentication',
    title: 'Prepare authentication',
    where: 'each Hyper-V host, at both sites',
    doing: kinds.flatMap((kind) =>
      kind === 'certificate'
        ? [
            'Certificate: Site Recovery configures the certificates by itself. Hyper-V Replica alone needs one of each computer, for client and server authentication, whose name is the host’s full name or the Replica Broker’s.',
          ]
        : ['Kerberos: the hosts of both sites are in domains that trust each other. What is sent is not encrypted.'],
    ),
    facts: [
      ...kinds.map((kind) => ({
        label: kind === 'certificate' ? 'Certificate' : 'Kerberos',
        values: [portText(scenario, kind)],
      })),
      { label: 'Encryption', values: [scenario.encryptionNote.text] },
    ],
    checks: [
      'The name, the date and the purposes of each certificate, or the trust of the domains, were looked at, not assumed.',
    ],
    source: `${SECONDARY_SITE}, "Set up a replication policy"; ${scenario.encryptionNote.source}`,
  });
}

function portText({ paths }: Fleet['scenario'], kind: 'kerberos' | 'certificate'): string {
  return `port ${portOf(paths, kind)} on the hosts of the recovery site`;
}

function networkMappingStep({ scenario }: Fleet): RunbookStep | null {
  if (!scenario.usesClouds) return null;
  return step({
    id: 'network-mapping',
    title: 'Map the networks',
    where: PORTAL,
    doing: [
      scenario.target === 'site'
        ? 'Map the VM networks of the source clouds to those of the target: without it the replicas have no network after a failover.'
        : 'Map the VM networks of the clouds to the virtual network in Azure that the VMs join after a failover.',
    ],
    facts: [
      {
        label: 'VM networks',
        values: [
          '<VM network of the source>',
          scenario.target === 'site' ? '<VM network of the target>' : '<virtual network in Azure>',
        ],
      },
    ],
    source: `${SECONDARY_SITE}, "Prepare for network mapping"`,
  });
}

function capacityStep(): RunbookStep {
  return step({
    id: 'capacity',
    title: 'Plan the capacity',
    where: 'this report',
    doing: [
      'The task asks for a capacity planner’s estimate of bandwidth and storage: this report is one. Answer "Deployment planning completed?" with yes when its verdict is accepted.',
    ],
    checks: ['The link has the bandwidth, and each volume the room, that the report asks for.'],
    source: `${LEARN}, task 3; ${FAQ}`,
  });
}
