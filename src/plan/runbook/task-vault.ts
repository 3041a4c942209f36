import { FAQ, LEARN, SECONDARY_SITE, TO_AZURE_TUTORIAL } from '../../model/documents.ts';
import { type Fleet, groupedBy, type Place } from './fleet.ts';
import { vaultOf } from './places.ts';
import { command, quoted } from './powershell.ts';
import type { RunbookCommand, RunbookFact, RunbookStep, RunbookTask } from './runbook-parts.ts';
import { AZ_CONSOLE, AZ_HELP, commandOf, PORTAL, step, taskOf } from './task-texts.ts';

/** Task 1: the vault, and to Azure the storage account and the networks. */
export function azureResources(fleet: Fleet): RunbookTask {
  const { scenario } = fleet;
  return taskOf(1, [
    vaultStep(fleet),
    scenario.target === 'azure' ? storageStep(fleet) : null,
    scenario.target === 'azure' ? networkStep() : null,
  ]);
}

function vaultStep(fleet: Fleet): RunbookStep {
  const vaults = vaultsOf(fleet);
  const regions = new Map(fleet.run.site.vaults.map(({ name, region }) => [name, region ?? null]));
  const commands = vaults.map((place, index) => {
    const region = place.vault === null ? null : (regions.get(place.vault) ?? null);
    return commandOf(vaults.length === 1 ? 'vault' : `vault-${index + 1}`, AZ_CONSOLE, [
      '[void](Set-AzContext -Subscription $SubscriptionId)',
      command('New-AzRecoveryServicesVault', [
        `-Name ${vaultOf(place)}`,
        '-ResourceGroupName $VaultResourceGroup',
        `-Location ${region === null ? '$AzureRegion' : quoted(region)}`,
      ]),
    ]);
  });
  return step({
    id: 'vault',
    title: 'Create the Recovery Services vault',
    where: PORTAL,
    doing: [
      'Create a Recovery Services vault, or take one that there is. A subscription can have several.',
      'The account that does it needs the rights to make resources in the resource group.',
    ],
    facts: [
      { label: 'Vault', values: vaults.map(({ vault }) => vault ?? '<vault name>') },
      { label: 'Region', values: regionsOf(fleet) },
      { label: 'Resource group', values: ['<resource group of the vault>'] },
    ],
    commands,
    checks: ['The vault is listed under Recovery Services vaults, in the region that was meant.'],
    source: `${LEARN}, task 1; ${AZ_HELP}, New-AzRecoveryServicesVault`,
  });
}

function storageStep(fleet: Fleet): RunbookStep {
  return step({
    id: 'storage',
    title: 'Create the storage account for the replicas',
    where: PORTAL,
    doing: [
      'Create a storage account in the region of the vault: the replicas lie there until a failover.',
      'A copy every 30 seconds does not go with premium storage.',
    ],
    facts: [
      { label: 'Storage account', values: ['<resource ID of the storage account>'] },
      { label: 'Region', values: regionsOf(fleet) },
    ],
    checks: ['The account’s region is the vault’s.'],
    source: `${FAQ}, "What do I need in Azure?", "How often can I replicate to Azure?"`,
  });
}

function networkStep(): RunbookStep {
  return step({
    id: 'networks',
    title: 'Create the networks for failovers',
    where: PORTAL,
    doing: [
      'Create the virtual network to which the Azure VMs are joined after a failover, and another, apart from it, for test failovers.',
      'Choose the resource group in which a failover makes the Azure VMs.',
    ],
    facts: [
      { label: 'Test network', values: ['<resource ID of the test network>'] },
      { label: 'Resource group', values: ['<resource ID of the resource group after failover>'] },
    ],
    checks: ['Both networks are in the region of the vault; the one for tests has no way to production.'],
    source: `${FAQ}, "What do I need in Azure?"`,
  });
}

/** Task 2: Provider, registration, agent. */
export function vaultConfiguration(fleet: Fleet): RunbookTask {
  const { scenario } = fleet;
  return taskOf(2, [
    scenario.usesClouds ? null : siteStep(fleet),
    keyStep(fleet),
    providerStep(fleet),
    scenario.target === 'azure' ? agentStep(fleet) : noAgentStep(),
    registrationStep(fleet),
  ]);
}

function siteStep(fleet: Fleet): RunbookStep {
  return step({
    id: 'hyper-v-site',
    title: 'Create the Hyper-V site',
    where: PORTAL,
    doing: [
      'Enable Site Recovery > Prepare infrastructure, under "Hyper-V machines to Azure".',
      'Source settings: "Are you using System Center VMM to manage Hyper-V hosts?" No; add a Hyper-V site.',
    ],
    facts: [{ label: 'Hyper-V site', values: ['<Hyper-V site>'] }],
    commands: [
      commandOf('hyper-v-site', AZ_CONSOLE, [
        `Enter-Vault ${vaultOf(fleet.places[0]!)}`,
        'Wait-SiteRecoveryJob (New-AzRecoveryServicesAsrFabric -Type HyperVSite -Name $HyperVSite)',
      ]),
    ],
    checks: ['The site is listed in the vault under Site Recovery infrastructure > Hyper-V sites.'],
    source: `${TO_AZURE_TUTORIAL}, "Source settings"; ${AZ_HELP}, New-AzRecoveryServicesAsrFabric`,
  });
}

function keyStep(fleet: Fleet): RunbookStep {
  const commands: RunbookCommand[] = fleet.scenario.usesClouds
    ? []
    : [
        commandOf(
          'registration-key',
          AZ_CONSOLE,
          [
            `$vault = Get-AzRecoveryServicesVault -ResourceGroupName $VaultResourceGroup -Name ${vaultOf(fleet.places[0]!)}`,
            '[void](Set-AzRecoveryServicesAsrVaultContext -Vault $vault)',
            '$site = Get-AzRecoveryServicesAsrFabric -FriendlyName $HyperVSite',
            command('Get-AzRecoveryServicesVaultSettingsFile', [
              '-Vault $vault',
              '-SiteIdentifier $site.SiteIdentifier',
              '-SiteFriendlyName $HyperVSite',
              '-SiteRecovery',
            ]),
          ],
          [
            'Older versions of the module also ask for -Certificate, which its help does not explain: then download the key in the portal.',
          ],
        ),
      ];
  return step({
    id: 'registration-key',
    title: 'Download the Provider and the vault registration key',
    where: PORTAL,
    doing: [
      'Download the setup of the Azure Site Recovery Provider and the registration key of the vault.',
      'The key is valid for five days: download it when the installation is near. Who has it can register a server: keep it safe.',
    ],
    facts: [{ label: 'Vault', values: vaultsOf(fleet).map(({ vault }) => vault ?? '<vault name>') }],
    commands,
    checks: ['The key’s file is at hand on every machine of the next step, and its date is no older than five days.'],
    source: `${LEARN}, task 2; ${fleet.scenario.target === 'azure' ? `${TO_AZURE_TUTORIAL}, "Source settings"` : `${SECONDARY_SITE}, "Set up the source environment"`}`,
  });
}

function providerStep(fleet: Fleet): RunbookStep {
  const provider = fleet.scenario.components.find(({ name }) => name === 'Azure Site Recovery Provider')!;
  const { usesClouds, target } = fleet.scenario;
  return step({
    id: 'provider',
    title: 'Install the Provider and register',
    where: usesClouds
      ? target === 'site'
        ? 'each VMM server, at both sites'
        : 'each VMM server'
      : 'each Hyper-V host',
    doing: [
      'Run the setup, then register with the key: choose the vault, and whether the way to Azure goes through a proxy.',
      ...(usesClouds
        ? [
            'The setup stops the VMM service and starts it again. On a VMM cluster install it on the active node first, then on the others, in the same version.',
            'Synchronise the metadata of the clouds that are to be protected.',
          ]
        : [
            'On a cluster: on every node. Server Core: extract the setup with /x:. /q, run setupdr.exe /i, register with DRConfigurator.exe /r.',
          ]),
    ],
    facts: usesClouds ? serverFacts(fleet) : [{ label: 'Hosts', values: hostNames(fleet) }],
    checks: [
      'The registration wizard says that the server is registered; it shows in the vault after up to 30 minutes.',
    ],
    source: `${provider.source}; ${target === 'azure' ? `${TO_AZURE_TUTORIAL}, "Install the Provider"` : `${SECONDARY_SITE}, "Install the Azure Site Recovery Provider"`}`,
  });
}

function agentStep(fleet: Fleet): RunbookStep {
  const agent = fleet.scenario.components.find(({ name }) => name === 'Azure Recovery Services agent')!;
  return step({
    id: 'agent',
    title: 'Install the Azure Recovery Services agent',
    where: agent.installedOn,
    doing: fleet.scenario.usesClouds
      ? ['Install the Recovery Services agent on each Hyper-V host of the clouds: it sends the data.']
      : ['The Provider’s setup installs the agent beside it: nothing else is to be run. It sends the data.'],
    facts: [{ label: 'Hosts', values: hostNames(fleet) }],
    checks: ['The service of the agent runs on every host, on every node of a cluster.'],
    source: `${agent.source}; ${TO_AZURE_TUTORIAL}, "Install the Provider"`,
  });
}

/** The task stands in every scenario; between sites it is said that there is nothing to do. */
function noAgentStep(): RunbookStep {
  return step({
    id: 'agent',
    title: 'No agent on the Hyper-V hosts',
    where: 'nowhere',
    doing: ['Nothing needs to be installed on the Hyper-V hosts: between sites Hyper-V Replica sends the data itself.'],
    source: `${SECONDARY_SITE}, "Set up the source environment"`,
  });
}

function registrationStep(fleet: Fleet): RunbookStep {
  const { scenario, places } = fleet;
  const fabrics = scenario.usesClouds
    ? groupedBy(places, ({ vault, vmmServer }) => JSON.stringify([vault, vmmServer])).map(([, [first]]) => first!)
    : places;
  const commands = fabrics.map((place, index) => {
    const fabric = scenario.usesClouds
      ? place.vmmServer === null
        ? '$VmmServer'
        : quoted(place.vmmServer)
      : '$HyperVSite';
    return commandOf(fabrics.length === 1 ? 'registered' : `registered-${index + 1}`, AZ_CONSOLE, [
      `Enter-Vault ${vaultOf(place)}`,
      `$fabric = Get-AzRecoveryServicesAsrFabric -FriendlyName ${fabric}`,
      'Get-AzRecoveryServicesAsrServicesProvider -Fabric $fabric',
    ]);
  });
  return step({
    id: 'registered',
    title: 'See that everybody is registered',
    where: PORTAL,
    doing: [
      scenario.usesClouds
        ? 'Site Recovery infrastructure shows the VMM servers with their clouds.'
        : 'Site Recovery infrastructure > Hyper-V hosts shows every host of the fleet.',
    ],
    facts: scenario.usesClouds ? serverFacts(fleet) : [{ label: 'Hosts', values: hostNames(fleet) }],
    commands,
    checks: ['All of them are listed and connected. A host that is missing has VMs that nobody can protect.'],
    source: `${TO_AZURE_TUTORIAL}, "Install the Provider"; ${AZ_HELP}, Get-AzRecoveryServicesAsrServicesProvider`,
  });
}

export function hostNames({ hosts }: Fleet): string[] {
  return hosts.length === 0 ? ['<Hyper-V hosts>'] : hosts.map(({ name }) => name);
}

export function serverFacts({ places, scenario }: Fleet): RunbookFact[] {
  const servers = groupedBy(places, ({ vmmServer }) => vmmServer);
  const clouds = servers.map(([server, ofServer]) => ({
    label: `Clouds of this VMM server`,
    values: [server ?? '<VMM server>', ...ofServer.map(({ cloud }) => cloud ?? '<cloud>')],
  }));
  return [
    { label: 'VMM server', values: servers.map(([server]) => server ?? '<VMM server>') },
    ...clouds.map(({ values: [server, ...names] }) => ({
      label: 'Clouds',
      values: servers.length === 1 ? names : names.map((name) => `${server}: ${name}`),
    })),
    ...(scenario.target === 'site'
      ? [{ label: 'VMM server of the recovery site', values: ['<VMM server of the recovery site>'] }]
      : []),
  ];
}

/** One place for each vault. */
function vaultsOf({ places }: Fleet): Place[] {
  return groupedBy(places, ({ vault }) => vault).map(([, [first]]) => first!);
}

/** The vaults' regions, as far as the site file says them. */
function regionsOf(fleet: Fleet): string[] {
  const regions = new Map(fleet.run.site.vaults.map(({ name, region }) => [name, region]));
  const found = vaultsOf(fleet).map(
    ({ vault }) => (vault === null ? undefined : regions.get(vault)) ?? '<Azure region>',
  );
  return [...new Set(found)];
}
