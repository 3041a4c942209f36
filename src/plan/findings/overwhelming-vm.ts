import { settingsOf } from '../../model/policy.ts';
import { DAY_MS, formatBitsPerSec, formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs that write more on average than the link carries: no order and no patience helps. */
export const overwhelmingVm: FindingRule = {
  id: 'overwhelming-vm',
  fine: 'No VM writes more than the link carries',
  trouble: 'A VM alone writes more than the link carries',
  why: 'Its logs grow without end, whatever else is replicated, until they reach half of the disk.',
  source: 'docs/method.md, rules 4 and 5',
  judge({ run, vms }) {
    const { capacityBitsPerSec, efficiencyRatio } = run.site.link;
    const settings = settingsOf(
      run.policy,
      vms.map(({ name }) => name),
    );
    const wire = vms
      .map(({ name, churnBytesPerDay }, index) => ({
        name,
        bitsPerSec: (churnBytesPerDay * 8 * 1000 * settings[index]!.compressionRatio) / DAY_MS / efficiencyRatio,
      }))
      .sort((a, b) => b.bitsPerSec - a.bitsPerSec);
    const busiest = wire[0];
    if (busiest === undefined) return undefined;
    const above = wire.filter(({ bitsPerSec }) => bitsPerSec > capacityBitsPerSec);
    if (above.length === 0) {
      const title = `The busiest VM writes ${formatShare(busiest.bitsPerSec / capacityBitsPerSec)} of what the link carries, on average`;
      return { ok: true, title, value: busiest.bitsPerSec / capacityBitsPerSec, unit: 'share' };
    }
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(above.length, 'VM')} alone ${above.length === 1 ? 'writes' : 'write'} more than the link carries: ${busiest.name} ${formatBitsPerSec(busiest.bitsPerSec)} on average`,
      ...{ value: busiest.bitsPerSec, unit: 'bit/s' },
      action: 'Exclude disks of these VMs, provide more bandwidth, or protect them otherwise.',
      names: above.map(({ name }) => name),
    };
  },
};
