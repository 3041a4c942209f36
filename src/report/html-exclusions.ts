import { SCENARIOS, type Scenario } from '../model/scenario.ts';
import type { ExclusionReason, Plan } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatShare } from '../units.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const WHY: Readonly<Record<ExclusionReason, string>> = {
  'page file': 'Its name says page file: Windows makes a new one at the next start.',
  tempdb: 'Its name says tempdb: SQL Server makes it anew at every start. Its drive must be there after a failover.',
  'temporary files': 'Its name says temporary files. Its drive must be there after a failover.',
  backup: 'Its name says backup: backups belong elsewhere than beside what they protect.',
  churn: 'It alone makes a large part of what is sent. Can its VM come up without it?',
};

/** How a disk is left out, and what that entails. */
const HOW: Readonly<Record<Scenario['target'], Markup>> = {
  azure: html`Choose the disks when you enable replication of the VM. A disk that replicates already cannot be left out: disable the VM’s replication and enable it again, which starts with initial replication. The operating system’s disk cannot be left out; of a dynamic volume leave out all disks or none. A disk that an application needs has to be made in Azure after a failover; what is written to it there does not come back. After a failback to the original place the disk is there as it was. <span class="source">Azure Site Recovery, “Exclude disks from disaster recovery”: limitations</span>`,
  site: html`Name the disk’s full path when you enable replication of the VM: <code>Enable-VMReplication … -ExcludedVhdPath</code>. Never the operating system’s: without it the replica may not start. A disk that is left out takes no part in a failover: what needs it has to have it made anew there. <span class="source">Hyper-V PowerShell, Enable-VMReplication: -ExcludedVhd, -ExcludedVhdPath</span>`,
};

/** Disks that may be left out of replication, what that saves, and how it is done; one sentence where there are none. */
export function exclusionPart({ exclusions, scenario }: Plan): Markup {
  if (exclusions.length === 0) {
    return html`<p class="empty">No disk stands out: none is named after page files, tempdb, temporary files or backups, and none makes a large part of the churn alone.</p>`;
  }
  const rows = exclusions.map(
    (advice) =>
      html`<tr><th scope="row"><bdi>${shownName(advice.vm)}</bdi></th><td><bdi>${shownName(advice.disk)}</bdi></td><td class="number">${formatBitsPerSec(advice.meanBitsPerSec)}</td><td class="number">${formatBitsPerSec(advice.busiestHourBitsPerSec)}</td><td class="number">${formatShare(advice.shareOfDeltas)}</td><td class="number">${formatBytes(advice.initialBytes)}</td><td class="number">${formatBytes(advice.logBytes)}</td><td>${WHY[advice.reason]}</td></tr>`,
  );
  const headings = [
    { title: 'VM' },
    { title: 'Disk' },
    { title: 'Deltas, mean', numeric: true },
    { title: 'Busiest hour', numeric: true },
    { title: 'Of all deltas', numeric: true },
    { title: 'Initial replication', numeric: true },
    { title: 'Logs', numeric: true },
    { title: 'Why' },
  ];
  return html`<h3>Disks that may be left out</h3><p class="note">What leaving a disk out would save, by its own churn; run again with <code>--exclude 'disk:…'</code> for the fleet without it. The disk that a VM starts from, by its name or as the first of them, is not listed, nor are disks of VMs that cannot be protected.</p>${scrollTable('Disks that may be left out', headings, rows, { class: 'exclusions' })}<p class="note">${HOW[SCENARIOS[scenario.id].target]}</p>`;
}
