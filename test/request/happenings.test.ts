import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DISK_FILES } from '../../src/cli/open-input.ts';
import { parseSite, type SiteFile } from '../../src/ingest/site.ts';
import type { Problem } from '../../src/model/problem.ts';
import { readHappenings } from '../../src/request/happenings.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { ScratchFolder } from '../cli/run-cli.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

const { workload } = buildRun({
  vms: [
    buildVm({ name: 'SQL01', host: 'hv1', disks: [buildDisk({ volume: 'D:' })] }),
    buildVm({ name: 'WEB01', host: 'hv2', disks: [buildDisk({ volume: 'D:' })] }),
  ],
});

function siteFile(value: object): SiteFile {
  return parseSite('site.json', JSON.stringify(value)).site!;
}

const WEEK_MS = 7 * DAY_MS;

describe('readHappenings', () => {
  it('takes faults and actions of the flags and of the site file, in the same words', async () => {
    const problems: Problem[] = [];
    const site = siteFile({ faults: ['link down at 3d for 1h'], actions: ['resume SQL01 at 2d'] });
    const flags = { fault: ['link down at 1d for 40min'], action: ['pause SQL01 at 1d'] };
    const { outages, events } = await readHappenings(flags, site, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems).toEqual([]);
    expect(outages.get('')).toEqual([
      { startMs: DAY_MS, endMs: DAY_MS + 40 * MINUTE_MS },
      { startMs: 3 * DAY_MS, endMs: 3 * DAY_MS + HOUR_MS },
    ]);
    expect(events).toMatchObject([
      { kind: 'action', action: 'pause', target: { scope: 'vm', name: 'SQL01' }, atMs: DAY_MS },
      { kind: 'action', action: 'resume', target: { scope: 'vm', name: 'SQL01' }, atMs: 2 * DAY_MS },
    ]);
  });

  it('says where a text stands that cannot be read', async () => {
    const problems: Problem[] = [];
    const site = siteFile({ faults: ['link down at 3d for 1h', 'link gone'], actions: ['dance'] });
    await readHappenings({ fault: ['link gone'], action: ['dance'] }, site, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems.map(({ file, column }) => [file, column])).toEqual([
      ['--fault', undefined],
      ['--action', undefined],
      ['site.json', 'faults[1]'],
      ['site.json', 'actions[0]'],
    ]);
  });

  it('knows the VMs, hosts, volumes and recovery plans; without a workload, names are let be', async () => {
    const actions = ['pause SQL02 at 1d', 'test failover plan Shop at 1d', 'pause host hv2 at 1d'];
    const plans = { recoveryPlans: [{ name: 'Shop', groups: [{ vms: ['SQL01'] }] }] };
    const found = async (site: SiteFile, known: typeof workload | undefined): Promise<(string | undefined)[]> => {
      const problems: Problem[] = [];
      await readHappenings({ fault: [], action: [] }, site, known, WEEK_MS, problems, DISK_FILES);
      return problems.map(({ value }) => value);
    };
    expect(await found(siteFile({ actions }), workload)).toEqual(actions.slice(0, 2));
    expect(await found(siteFile({ ...plans, actions }), workload)).toEqual(actions.slice(0, 1));
    expect(await found(siteFile({ actions }), undefined)).toEqual([]);
  });

  it('a volume of one name on two hosts needs its host, a shared one has none', async () => {
    const problems: Problem[] = [];
    const fault = ['volume D: full on hv1 at 1d for 1h'];
    await readHappenings({ fault, action: [] }, undefined, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems).toEqual([]);
    await readHappenings(
      { fault: ['volume D: full at 1d for 1h'], action: [] },
      undefined,
      workload,
      WEEK_MS,
      problems,
      DISK_FILES,
    );
    expect(problems).toHaveLength(1);
    await readHappenings(
      { fault: ['volume D: full at 1d for 1h'], action: [] },
      siteFile({ volumes: [{ name: 'D:' }] }),
      workload,
      WEEK_MS,
      problems,
      DISK_FILES,
    );
    expect(problems).toHaveLength(1);
  });

  it('warns of what comes after the end of the run', async () => {
    const problems: Problem[] = [];
    const fault = ['link down at 6d for 1h', 'link down at 7d for 1h'];
    await readHappenings({ fault, action: [] }, undefined, undefined, WEEK_MS, problems, DISK_FILES);
    expect(problems.map(({ severity, code, value }) => [severity, code, value])).toEqual([
      ['warning', 'event-beyond-horizon', fault[1]],
    ]);
  });

  it('takes outages and background use from files, each link its own', async () => {
    using folder = new ScratchFolder({
      'outages.csv': 'start,duration,link\n1d,1h,\n2d,1h,branch\n',
      'used.csv': 'time,mbps\n2026-01-05T00:00Z,5\n',
    });
    const problems: Problem[] = [];
    const site = siteFile({ links: [{ name: 'branch', bandwidth: '1 Mbps' }] });
    const flags = {
      ...{ fault: ['link branch down at 1d for 2h'], action: [] },
      ...{ outages: join(folder.path, 'outages.csv'), background: join(folder.path, 'used.csv') },
    };
    const { outages, background } = await readHappenings(flags, site, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems).toEqual([]);
    expect([...outages]).toEqual([
      [
        'branch',
        [
          { startMs: DAY_MS, endMs: DAY_MS + 2 * HOUR_MS },
          { startMs: 2 * DAY_MS, endMs: 2 * DAY_MS + HOUR_MS },
        ],
      ],
      ['', [{ startMs: DAY_MS, endMs: DAY_MS + HOUR_MS }]],
    ]);
    expect(background).toMatchObject({ kind: 'series', startMs: [0], bitsPerSec: [5e6] });
  });

  it('warns of background use that begins after the run, where there is a run', async () => {
    using folder = new ScratchFolder({ 'used.csv': 'time,mbps\n2026-01-08T00:00Z,5\n' });
    const problems: Problem[] = [];
    const flags = { fault: [], action: [], background: join(folder.path, 'used.csv') };
    await readHappenings(flags, undefined, undefined, WEEK_MS, problems, DISK_FILES);
    expect(problems).toEqual([]);
    await readHappenings(flags, undefined, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems).toMatchObject([{ severity: 'warning', code: 'background-begins-late', file: flags.background }]);
    expect(problems[0]!.message).toContain('begins 3 d after the start of the run');
  });

  it('lets names be where the site file could not be read', async () => {
    using folder = new ScratchFolder({ 'outages.csv': 'start,duration,link\n1d,1h,branch\n' });
    const problems: Problem[] = [];
    const flags = { fault: ['link branch down at 1d for 2h'], action: [], outages: join(folder.path, 'outages.csv') };
    await readHappenings({ ...flags, site: 'broken.json' }, undefined, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems).toEqual([]);
    await readHappenings(flags, undefined, workload, WEEK_MS, problems, DISK_FILES);
    expect(problems.map(({ code }) => code)).toEqual(['fault-unknown-name', 'site-unknown-name']);
  });
});
