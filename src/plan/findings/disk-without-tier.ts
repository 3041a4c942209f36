import { counted, type FindingRule } from './finding.ts';

/** Disks for which there is no managed disk. */
export const diskWithoutTier: FindingRule = {
  id: 'disk-without-tier',
  fine: 'There is a managed disk for every disk',
  trouble: 'There is no managed disk for some disks',
  why: 'The replica of a disk lies on a managed disk of at least its size.',
  source: 'the rules in force, each with its own source and date (rules/managed-disks.json, --rules)',
  judge({ placement }) {
    if (placement === null) return undefined;
    const without = placement.vms.flatMap(({ vm, disks }) =>
      disks.filter(({ tier }) => tier === null).map((disk) => ({ vm, ...disk })),
    );
    const first = without[0];
    const count = placement.vms.reduce((sum, { disks }) => sum + disks.length, 0);
    if (first === undefined) {
      return {
        ok: true,
        title: `There is a managed disk for each of ${counted(count, 'disk')}`,
        value: 0,
        unit: 'disks',
      };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `There is no managed disk for ${counted(without.length, 'disk')}: ${first.vm}, ${first.disk}: ${first.tierReason}`,
      ...{ value: without.length, unit: 'disks' },
      action: 'Split these disks, or move what is on them to smaller ones.',
      names: without.map(({ vm, disk }) => `${vm}: ${disk}`),
    };
  },
};
