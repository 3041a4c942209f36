import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/model/defaults.ts';
import { refusalsOf, refusalsTogether } from '../../src/model/refusals.ts';
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import { MINUTE_MS } from '../../src/units.ts';

const TO_AZURE: readonly ScenarioId[] = ['hyperv-to-azure', 'vmm-to-azure'];

/** Every text of a value, however deep. */
function textsOf(value: unknown, key: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === key && typeof member === 'string' ? [member] : textsOf(member, key),
  );
}

describe.each(SCENARIO_IDS)('%s', (id) => {
  const scenario = SCENARIOS[id];

  it('offers its own defaults', () => {
    const policy = defaultPolicy(id);
    expect(refusalsOf(scenario, policy)).toEqual([]);
    expect(refusalsTogether(scenario, policy)).toEqual([]);
  });

  it('says of everything where it comes from', () => {
    const sources = textsOf(scenario, 'source');
    expect(sources.length).toBeGreaterThan(15);
    for (const source of sources) expect(source).toMatch(/^(chosen$|Microsoft|Win32|Azure)/);
    for (const reason of textsOf(scenario, 'reason')) expect(reason.length).toBeGreaterThan(20);
  });

  it('names each component once, and where it is installed', () => {
    const names = scenario.components.map((component) => component.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('Recovery Services vault');
    expect(names).toContain('Azure Site Recovery Provider');
    expect(names.includes('VMM server')).toBe(scenario.usesClouds);
  });

  it('talks to Azure over HTTPS 443', () => {
    const orders = scenario.paths.filter((path) => path.carries === 'orchestration');
    expect(orders.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(['HTTPS 443']);
  });
});

it.each<[ScenarioId, string, RegExp]>([
  ['hyperv-to-azure', 'Azure Site Recovery Provider', /each Hyper-V host/],
  ['hyperv-to-azure', 'Azure Recovery Services agent', /each Hyper-V host/],
  ['vmm-to-azure', 'Azure Site Recovery Provider', /the VMM server/],
  ['vmm-to-azure', 'Azure Recovery Services agent', /each Hyper-V host/],
  ['vmm-to-vmm', 'Azure Site Recovery Provider', /each VMM server/],
  ['vmm-to-vmm', 'Azure Recovery Services agent', /nowhere/],
])('%s: the %s is on %s', (id, name, installedOn) => {
  expect(SCENARIOS[id].components.find((component) => component.name === name)?.installedOn).toMatch(installedOn);
});

it.each<[ScenarioId, readonly string[]]>([
  ['hyperv-to-azure', ['HTTPS 443']],
  ['vmm-to-azure', ['HTTPS 443']],
  ['vmm-to-vmm', ['certificate HTTPS 8084', 'kerberos HTTP 8083']],
])('%s: the data goes %j', (id, expected) => {
  const ways = SCENARIOS[id].paths
    .filter((path) => path.carries === 'data')
    .map(({ authentication, protocol, port }) => [authentication ?? [], protocol, port].flat().join(' '));
  expect(ways).toEqual(expected);
});

it('both statements on Kerberos stand side by side, with who says so', () => {
  const kerberos = SCENARIOS['vmm-to-vmm'].paths.find((path) => path.authentication === 'kerberos');
  const said = kerberos?.statements.map(({ text, source }) => `${text} ${source}`) ?? [];
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/HTTPS port 8083.*Microsoft Learn/);
  expect(said[1]).toMatch(/HTTP, which is not encrypted.*Hyper-V Replica/);
});

it('no VM data goes to Azure between two sites', () => {
  expect(SCENARIOS['vmm-to-vmm'].dataNote.text).toContain('no VM data goes to, or through, Azure');
});

it('both VMM scenarios are closed since November 2019, hosts to Azure are not', () => {
  const closed = SCENARIO_IDS.filter((id) => SCENARIOS[id].closedNote !== null);
  expect(closed).toEqual(['vmm-to-azure', 'vmm-to-vmm']);
  for (const id of closed) expect(SCENARIOS[id].closedNote?.text).toContain('November 2019');
});

it.each(TO_AZURE)('%s: two hours of recovery points, an app-consistent one each hour, 5 minutes, no limit', (id) => {
  expect(defaultPolicy(id)).toMatchObject({
    recoveryPointHours: 2,
    appConsistentHours: 1,
    copyFrequencyMs: 5 * MINUTE_MS,
    authentication: null,
    maxActiveTransfers: null,
    initialReplication: { mode: 'network', startAtMs: 0 },
  });
});

it('vmm-to-vmm: only the latest recovery point, certificates, compression on, 3 transfers', () => {
  expect(defaultPolicy('vmm-to-vmm')).toMatchObject({
    recoveryPointHours: 0,
    appConsistentHours: null,
    copyFrequencyMs: 5 * MINUTE_MS,
    authentication: 'certificate',
    maxActiveTransfers: 3,
  });
  expect(SCENARIOS['vmm-to-vmm'].policyCompression.default).toBe('on');
});
