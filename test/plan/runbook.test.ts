import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLocal } from '../../src/model/clock.ts';
import { defaultPolicy } from '../../src/model/defaults.ts';
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import { isoWithOffset, quoted } from '../../src/plan/runbook/powershell.ts';
import { type Runbook, runbookOf } from '../../src/plan/runbook.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { DOCUMENTED, HELPERS } from './runbook/documented-cmdlets.ts';
import { callsOf, foldTexts, readPowerShell, textsOf } from './runbook/read-powershell.ts';
import {
  commandsOf,
  type Names,
  PLAIN,
  sampleExclusions,
  sampleRun,
  sampleRunbookOf,
  stepsOf,
} from './runbook/sample-runs.ts';

function step(runbook: Runbook, id: string) {
  const found = stepsOf(runbook).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
}

function script(runbook: Runbook, id: string): string {
  const found = commandsOf(runbook).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no command ${id}`);
  return found.script;
}

/** The tasks of the module on Microsoft Learn, and what each asks for, in our steps. */
const LEARN_TASKS: readonly (readonly [title: string, steps: readonly string[]])[] = [
  ['Create Azure resources', ['vault']],
  ['Configure the Recovery Services vault', ['registration-key', 'provider', 'agent', 'registered']],
  ['Prepare infrastructure', ['goal', 'source', 'target', 'ways', 'policy', 'capacity', 'throttle']],
  ['Enable replication', ['batch-1', 'finalize']],
  [
    'Manage a recovery plan',
    ['recovery-plan-1', 'test-failover', 'planned-failover', 'unplanned-failover', 'reverse-replication'],
  ],
];
const OWN_STEPS: Readonly<Record<ScenarioId, readonly string[]>> = {
  'hyperv-to-azure': ['storage', 'networks', 'hyper-v-site', 'upload-threads'],
  'vmm-to-azure': ['storage', 'networks', 'network-mapping', 'upload-threads'],
  'vmm-to-vmm': ['authentication', 'network-mapping', 'active-transfers', 'replica-server', 'replica-batch-1'],
};

describe.each(SCENARIO_IDS)('the runbook of %s', (scenario) => {
  const runbook = sampleRunbookOf(scenario);
  const run = sampleRun(scenario);
  const all = JSON.stringify(runbook);

  it('has all tasks of the source, in its order, with its titles', () => {
    expect(runbook.tasks.map(({ number, title }) => [number, title])).toEqual(
      LEARN_TASKS.map(([title], index) => [index + 1, title]),
    );
    runbook.tasks.forEach(({ steps }, index) => {
      const ids = steps.map(({ id }) => id);
      expect(ids.filter((id) => LEARN_TASKS[index]![1].includes(id))).toEqual(LEARN_TASKS[index]![1]);
    });
    expect(stepsOf(runbook).map(({ id }) => id)).toEqual(expect.arrayContaining([...OWN_STEPS[scenario]]));
  });

  it('says of every step where, what and by whom it is said', () => {
    for (const { title, where, doing, source } of stepsOf(runbook)) {
      expect([title, where, source].every((text) => text.length > 3)).toBe(true);
      expect(doing.length).toBeGreaterThan(0);
    }
  });

  it('has ids that are unique', () => {
    const ids = stepsOf(runbook).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const commands = commandsOf(runbook).map(({ id }) => id);
    expect(new Set(commands).size).toBe(commands.length);
    expect(commands.length).toBeGreaterThan(7);
  });

  it('asks at the head of the commands for all that stands open, and for nothing twice', () => {
    const open = runbook.openPlaces.map(({ name }) => name);
    expect(new Set(open).size).toBe(open.length);
    const asked = readPowerShell(runbook.preamble).flatMap((token) => (token.kind === 'open' ? [token.value] : []));
    expect(asked).toEqual(open);
    for (const { name, variable } of runbook.openPlaces) {
      expect(runbook.preamble).toMatch(new RegExp(`^\\${variable} += <${name}>$`, 'm'));
    }
  });

  it('leaves open in its steps only what it asks for, or what the portal asks for', () => {
    const asked = new Set(runbook.openPlaces.map(({ name }) => name));
    const inPortal = [
      'VM network of the source',
      'VM network of the target',
      'virtual network in Azure',
      'VM network for tests',
    ];
    const left = stepsOf(runbook).flatMap(({ facts }) =>
      facts.flatMap(({ values }) => values.flatMap((value) => value.match(/<[^>]+>/g) ?? [])),
    );
    expect(left.length).toBeGreaterThan(2);
    expect(left.filter((place) => !asked.has(place.slice(1, -1)) && !inPortal.includes(place.slice(1, -1)))).toEqual(
      [],
    );
  });

  it('uses no variable that neither the head nor the command itself gives a value', () => {
    const given = new Set(runbook.openPlaces.map(({ variable }) => variable));
    const known = [
      '$LeaveDisksOut',
      '$_',
      '$true',
      '$false',
      '$null',
      '$name',
      '$one',
      '$computer',
      '$primary',
      '$job',
    ];
    for (const { script: text } of commandsOf(runbook)) {
      const assigned = new Set(
        [...text.matchAll(/(\$\w+)(?:\[[^\]]*\])? \+?=/g), ...text.matchAll(/foreach \((\$\w+)/g)].map(
          ([, name]) => name!,
        ),
      );
      const used = [...text.matchAll(/\$\w+/g)].map(([name]) => name);
      expect(used.filter((name) => !given.has(name) && !assigned.has(name) && !known.includes(name))).toEqual([]);
    }
    for (const { variable } of runbook.openPlaces) {
      const isUsed = commandsOf(runbook).some(({ script: text }) => text.includes(variable));
      expect(isUsed || runbook.preamble.split(variable).length > 2, `${variable} is asked for and used`).toBe(true);
    }
  });

  it('names the ports of the scenario, and no other', () => {
    const used = SCENARIOS[scenario].paths.filter(
      ({ authentication }) => authentication === undefined || authentication === run.policy.authentication,
    );
    const ports = step(runbook, 'ways').facts.flatMap(({ label }) => /port (\d+)$/.exec(label)?.[1] ?? []);
    expect(ports).toEqual(used.map(({ port }) => String(port)));
    const inCommands = [...all.matchAll(/Port (\d+)/g)].map(([, port]) => Number(port));
    expect(inCommands.every((port) => used.some((path) => path.port === port))).toBe(true);
    expect(inCommands.length > 0).toBe(scenario === 'vmm-to-vmm');
  });

  it('enables who the run enables, when it does, and nobody that it cannot protect', () => {
    expect(runbook.batches).toEqual([
      { name: 'Batch 1', startMs: 0, vms: ['SQL01', 'WEB01'] },
      { name: 'Batch 2', startMs: DAY_MS, vms: ['WEB02'] },
    ]);
    expect(step(runbook, 'batch-2').facts[0]!.values).toEqual([`${formatLocal(run.workload.clock, DAY_MS)} (UTC)`]);
    expect(textsOf(readPowerShell(script(runbook, 'batch-2')))[0]).toBe('2026-01-06T00:00:00+00:00');
    expect(textsOf(readPowerShell(script(runbook, 'batch-1')))).toEqual(expect.arrayContaining(['SQL01', 'WEB01']));
    expect(commandsOf(runbook).some(({ script: text }) => text.includes('OLD01'))).toBe(false);
    expect(step(runbook, 'prerequisites').facts).toEqual([{ label: 'its cloud is not mapped', values: ['OLD01'] }]);
  });

  it('tells when the first copies of a batch end in the run, where they do', () => {
    const label = 'Initial replication ends in the run';
    const endOf = (initialEndsMs: (number | null)[], id: string) =>
      step(runbookOf({ run, exclusions: [], initialEndsMs }), id).facts.find((fact) => fact.label === label)?.values;
    expect(endOf([HOUR_MS, 5 * HOUR_MS, null, null], 'batch-1')).toEqual(['2026-01-05 05:00 (UTC)']);
    expect(endOf([HOUR_MS, 5 * HOUR_MS, null, null], 'batch-2')).toEqual(['of 1 of its VMs not within the run']);
    expect(step(runbook, 'batch-1').facts.some((fact) => fact.label === label)).toBe(false);
    const batches = [{ name: 'All', startMs: 0, vms: ['SQL01', 'WEB01', 'WEB02'] }];
    const other = runbookOf({ run, exclusions: [], batches, initialEndsMs: [1, 1, 1, null] });
    expect(step(other, 'batch-1').facts.some((fact) => fact.label === label)).toBe(false);
  });

  it('of a fleet that is protected already it names no end, and says that only the others are enabled', () => {
    const options = { ...run.options, skipInitialReplication: true };
    const protectedAlready = runbookOf({ run: { ...run, options }, exclusions: [], initialEndsMs: [1, 1, 1, null] });
    expect(step(protectedAlready, 'batch-1').facts.some(({ label }) => label.startsWith('Initial'))).toBe(false);
    expect(step(protectedAlready, 'batch-1').doing.join(' ')).toContain('protected already');
    expect(step(runbook, 'batch-1').doing.join(' ')).not.toContain('protected already');
  });

  it('orders batches by their start, whatever the order of the inventory', () => {
    const reversed = { ...run, workload: { ...run.workload, vms: run.workload.vms.toReversed() } };
    expect(runbookOf({ run: reversed, exclusions: [] }).batches.map(({ startMs }) => startMs)).toEqual([0, DAY_MS]);
  });

  it('takes batches that are given instead', () => {
    const batches = [
      { name: 'Pilot', startMs: 3 * HOUR_MS, vms: ['WEB02'] },
      { name: 'Rest', startMs: 5 * DAY_MS, vms: ['WEB01', 'SQL01', 'OLD01', 'nobody'] },
    ];
    const given = runbookOf({ run, exclusions: [], batches });
    expect(given.batches).toEqual(batches);
    expect(step(given, 'batch-1').title).toContain('Pilot');
    expect(script(given, 'batch-1')).toContain("Assert-Time '2026-01-05T03:00:00+00:00'");
    expect(textsOf(readPowerShell(script(given, 'batch-1')))).not.toContain('WEB01');
    expect(textsOf(readPowerShell(script(given, 'batch-2')))).toEqual(expect.arrayContaining(['WEB01', 'SQL01']));
    expect(script(given, 'batch-2')).not.toMatch(/OLD01|nobody/);
  });

  it('writes the policy with the values of the run', () => {
    const { settings } = { settings: { ...run.policy } };
    const policy = script(runbook, 'policy');
    expect(policy).toContain(`-ReplicationFrequencyInSeconds ${settings.copyFrequencyMs / 1000} `);
    expect(policy).toContain(`-NumberOfRecoveryPointsToRetain ${settings.recoveryPointHours} `);
    expect(policy.includes(`-ApplicationConsistentSnapshotFrequencyInHours ${settings.appConsistentHours} `)).toBe(
      settings.appConsistentHours !== null,
    );
    expect(policy.includes('-Authentication')).toBe(scenario === 'vmm-to-vmm');
    expect(step(runbook, 'policy').facts).toEqual(
      expect.arrayContaining([
        { label: 'Copy frequency', values: ['5 min'] },
        { label: 'Initial replication start time', values: ['immediately'] },
      ]),
    );
  });

  it('calls only cmdlets and parameters that are documented', () => {
    const scripts = [runbook.preamble, ...commandsOf(runbook).map(({ script: text }) => text)];
    const calls = scripts.flatMap((text) => callsOf(readPowerShell(text)));
    expect(calls.length).toBeGreaterThan(20);
    for (const { cmdlet, parameters } of calls) {
      if (HELPERS.includes(cmdlet)) continue;
      expect(DOCUMENTED[cmdlet], cmdlet).toBeDefined();
      expect(parameters.filter((name) => !DOCUMENTED[cmdlet]!.parameters.includes(name))).toEqual([]);
    }
  });

  it('is ASCII in all that is to be run', () => {
    for (const text of [runbook.preamble, ...commandsOf(runbook).map((each) => each.script)]) {
      expect(text).toMatch(/^[\n -~]+$/);
      expect(text).not.toContain('"$');
    }
  });

  it('has nothing in its commands that names change, but texts', () => {
    const shapeOf = (names: Names): string[] =>
      [sampleRunbookOf(scenario, names)].flatMap((made) =>
        [made.preamble, ...commandsOf(made).map((each) => each.script)].map((text) =>
          JSON.stringify(foldTexts(readPowerShell(text)).map((token) => (token.kind === 'text' ? 'text' : token))),
        ),
      );
    const plain = shapeOf(PLAIN);
    fc.assert(
      fc.property(strangeNames(), (names) => {
        expect(shapeOf(names)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('gives every stranger’s name back to PowerShell as it is', () => {
    fc.assert(
      fc.property(strangeNames(), (names) => {
        const made = sampleRunbookOf(scenario, names);
        const texts = new Set(commandsOf(made).flatMap((each) => textsOf(readPowerShell(each.script))));
        const clouds = scenario === 'hyperv-to-azure' ? [] : [names.cloud, names.vmmServer];
        const expected = [...names.vms.slice(0, 3), ...names.hosts, names.vault, names.plan, ...clouds];
        expect(expected.filter((name) => !texts.has(name))).toEqual([]);
        expect(texts.has(names.vms[3])).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('reads as it did', async () => {
    const lines = stepsOf(runbook).flatMap(({ id, title, where, facts, commands }) => [
      `== ${id}: ${title} (${where})`,
      ...facts.map(({ label, values }) => `   ${label}: ${values.join(' | ')}`),
      ...commands.flatMap((each) => [`-- ${each.id}`, each.script, ...each.notVerified.map((doubt) => `?? ${doubt}`)]),
    ]);
    const text = [runbook.preamble, '', ...lines, ''].join('\n');
    await expect(text).toMatchFileSnapshot(`./runbook/${scenario}.txt`);
  });
});

/** Of every kind one that tries to break out, unique so that none stands for another. */
function strangeNames(): fc.Arbitrary<Names> {
  const piece = fc.oneof(
    fc.constantFrom(
      "'",
      '’',
      '‘',
      '‚',
      '‛',
      '"',
      '`',
      '$',
      '$(',
      ')',
      '}',
      '#>',
      '<#',
      '#',
      ';',
      '|',
      '&',
      '\n',
      '\r',
      '\0',
      ' ',
      '-',
      '@',
      '%',
      '*',
      '[x]',
      '\\',
      '\u2028',
      '\u0085',
      'Ñ',
      '𝄞',
      '\ud800',
    ),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );
  const name = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  return fc.tuple(...Array.from({ length: 13 }, () => name)).map((given) => {
    // The texts that the commands have of their own are longer than what is added.
    const [a, b, c, d, hostA, hostB, disk, cloud, recoveryCloud, vmmServer, vault, plan, group] = given.map(
      (text, index) => `${text}~${index}`,
    ) as [string, string, string, string, string, string, string, string, string, string, string, string, string];
    return {
      vms: [a, b, c, d],
      hosts: [hostA, hostB],
      disk: `D:\\${disk}.vhdx`,
      cloud,
      recoveryCloud,
      vmmServer,
      vault,
      plan,
      group,
    };
  });
}

describe('a quoted text', () => {
  it.each([
    ['', "''"],
    ['SQL01', "'SQL01'"],
    ["it's", "'it''s'"],
    ['München', "('M' + [char]0x00FC + 'nchen')"],
    ['’', "('' + [char]0x2019)"],
    ['a\nb', "('a' + [char]0x000A + 'b')"],
    ['$(Stop-Computer) "x" `n', `'$(Stop-Computer) "x" \`n'`],
  ])('of %j is %s', (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it('is read back as it was, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string(),
          fc.string().map((text) => `${text}\ud800'`),
        ),
        (text) => {
          expect(textsOf(readPowerShell(`Get-VM ${quoted(text)}`))).toEqual([text]);
        },
      ),
    );
  });
});

describe('an instant', () => {
  const clock = (offsetMs: number) => ({
    startEpochMs: Date.UTC(2026, 2, 28, 23),
    timeZone: 'x',
    offsets: [
      { fromMs: 0, offsetMs },
      { fromMs: 2 * HOUR_MS, offsetMs: offsetMs + HOUR_MS },
    ],
  });

  it('has the offset that holds then', () => {
    expect(isoWithOffset(clock(HOUR_MS), 0)).toBe('2026-03-29T00:00:00+01:00');
    expect(isoWithOffset(clock(HOUR_MS), 2 * HOUR_MS)).toBe('2026-03-29T03:00:00+02:00');
    expect(isoWithOffset(clock(-3.5 * HOUR_MS), 0)).toBe('2026-03-28T19:30:00-03:30');
  });

  it('is the same for everybody who reads it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 1440 }), fc.integer({ min: -56, max: 56 }), (minutes, quarters) => {
        const at = clock(quarters * 15 * MINUTE_MS);
        expect(Date.parse(isoWithOffset(at, minutes * MINUTE_MS))).toBe(at.startEpochMs + minutes * MINUTE_MS);
      }),
    );
  });
});

describe('what a policy and a batch are made of', () => {
  const initial = { mode: 'network', shippingMs: 0, existingAgeMs: 0 } as const;
  const withStart = (startAtMs: number, scenario: ScenarioId = 'hyperv-to-azure') =>
    runbookOf({
      run: buildRun({
        policy: { ...defaultPolicy(scenario), initialReplication: { ...initial, enableAtMs: HOUR_MS, startAtMs } },
      }),
      exclusions: [],
    });

  it('a start within a day of enabling stands in the policy, marked as not verified', () => {
    const runbook = withStart(22 * HOUR_MS);
    expect(script(runbook, 'policy')).toContain("-ReplicationStartTime '22:00:00'");
    expect(
      commandsOf(runbook)
        .find(({ id }) => id === 'policy')!
        .notVerified.join(),
    ).toContain('-ReplicationStartTime');
    expect(runbook.batches[0]!.startMs).toBe(HOUR_MS);
  });

  it('a later start is the batch’s own', () => {
    const runbook = withStart(5 * DAY_MS);
    expect(script(runbook, 'policy')).not.toContain('-ReplicationStartTime');
    expect(runbook.batches[0]!.startMs).toBe(5 * DAY_MS);
  });

  it('Hyper-V Replica alone is told the instant', () => {
    expect(script(withStart(22 * HOUR_MS, 'vmm-to-vmm'), 'replica-batch-1')).toContain(
      "-InitialReplicationStartTime ([datetimeoffset]'2026-01-05T22:00:00+00:00').LocalDateTime",
    );
  });

  it('VMs that are replicated otherwise have a policy of their own', () => {
    const run = buildRun({
      vms: ['a', 'b', 'c'].map((name) => buildVm({ name })),
      policy: { ...defaultPolicy('hyperv-to-azure'), overrides: [{ vm: 'b', settings: { copyFrequencyMs: 30_000 } }] },
    });
    const runbook = runbookOf({ run, exclusions: [] });
    const facts = step(runbook, 'policy').facts.map(({ label, values }) => [label, values[0]]);
    expect(facts).toEqual([
      ['Policy replicate-300s-keep-2h-app-1h, for 2 VMs', 'Copy frequency: 5 min'],
      ['Policy replicate-30s-keep-2h-app-1h, for 1 VM', 'Copy frequency: 30 s'],
    ]);
    expect(script(runbook, 'policy-2')).toContain('-ReplicationFrequencyInSeconds 30 ');
    expect(script(runbook, 'batch-1').match(/^\$jobs = foreach/gm)).toHaveLength(2);
  });

  it.each(['on', 'off', undefined] as const)('the switch for compression %s is the policy’s', (policyCompression) => {
    const run = sampleRun('vmm-to-vmm');
    const runbook = runbookOf({
      run,
      exclusions: [],
      ...(policyCompression === undefined ? {} : { policyCompression }),
    });
    const isOff = policyCompression === 'off';
    expect(script(runbook, 'policy')).toContain(`-Compression ${isOff ? 'Disable' : 'Enable'} `);
    expect(script(runbook, 'replica-batch-1')).toContain(`-CompressionEnabled $${isOff ? 'false' : 'true'} `);
  });

  it.each([
    ['kerberos', 8083, 'Kerberos'],
    ['certificate', 8084, 'Certificate'],
  ] as const)('%s goes over port %i, everywhere', (authentication, port, word) => {
    const run = sampleRun('vmm-to-vmm');
    const runbook = runbookOf({ run: { ...run, policy: { ...run.policy, authentication } }, exclusions: [] });
    expect(script(runbook, 'policy')).toContain(`-ReplicationPort ${port} `);
    expect(script(runbook, 'policy')).toContain(`-Authentication ${word})`);
    expect(script(runbook, 'replica-batch-1')).toContain(`-ReplicaServerPort ${port} `);
    expect(script(runbook, 'replica-server')).toContain(`-${word}AuthenticationPort ${port} `);
    expect(runbook.preamble.includes('$CertificateThumbprint')).toBe(authentication === 'certificate');
  });

  it.each([
    ['media', '-ReplicationMethod Offline', '-DestinationPath $MediaFolder'],
    ['existing', '-ReplicationMethod Online', '-UseBackup'],
  ] as const)('a first copy by %s is said to both', (mode, bySiteRecovery, alone) => {
    const run = sampleRun('vmm-to-vmm');
    const initialReplication = { ...run.policy.initialReplication, mode };
    const runbook = runbookOf({
      run: { ...run, policy: { ...run.policy, initialReplication, overrides: [] } },
      exclusions: [],
    });
    expect(script(runbook, 'policy')).toContain(bySiteRecovery);
    expect(script(runbook, 'replica-batch-1')).toContain(alone);
    expect(runbook.preamble.includes('$MediaFolder')).toBe(mode === 'media');
  });

  it('what nobody told stays open: no vault, no cloud, no host', () => {
    const run = buildRun({ vms: [buildVm({ host: '' })], policy: defaultPolicy('vmm-to-vmm') });
    const runbook = runbookOf({ run, exclusions: [] });
    expect(runbook.openPlaces.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['vault name', 'Azure region', 'VMM server', 'cloud', 'recovery cloud', 'replica server']),
    );
    expect(script(runbook, 'replica-batch-1')).toContain('On = <Hyper-V host>');
    expect(
      step(runbook, 'recovery-plan')
        .facts.flatMap(({ values }) => values)
        .every((value) => /^<.*>$/.test(value)),
    ).toBe(true);
  });
});

describe.each(SCENARIO_IDS)('a fleet of %s of which nobody can be protected', (scenario) => {
  it('has all tasks, and no command that enables anybody', () => {
    const run = sampleRun(scenario);
    const overrides = PLAIN.vms.map((vm) => ({ vm, settings: {}, missingPrerequisite: 'not yet' }));
    const runbook = runbookOf({
      run: { ...run, policy: { ...run.policy, overrides } },
      exclusions: sampleExclusions(),
    });
    expect(runbook.tasks.map(({ steps }) => steps.length > 1 || scenario === 'vmm-to-vmm')).not.toContain(false);
    expect(runbook.batches).toEqual([]);
    const scripts = commandsOf(runbook).map((each) => each.script);
    expect(
      scripts.filter((text) => /New-AzRecoveryServicesAsrReplicationProtectedItem|Enable-VM|AsrPolicy/.test(text)),
    ).toEqual([]);
    for (const text of scripts) readPowerShell(text);
  });
});

describe('disks that stay behind', () => {
  it('are named by file to Azure, and only when the switch is set', () => {
    const runbook = sampleRunbookOf('hyperv-to-azure');
    expect(runbook.preamble).toContain('$LeaveDisksOut = $false');
    expect(script(runbook, 'batch-1')).toContain(
      "if ($LeaveDisksOut) {\n    $leaveOut['SQL01'] = @('SQL01-tempdb')\n}",
    );
    expect(script(runbook, 'batch-2')).not.toContain('$leaveOut');
  });

  it('are named by their full path to Hyper-V Replica alone', () => {
    expect(script(sampleRunbookOf('vmm-to-vmm'), 'replica-batch-1')).toContain("@('D:\\VMs\\SQL01-tempdb.vhdx')");
  });

  it('have no command where their path is not known', () => {
    const run = sampleRun('vmm-to-vmm');
    const runbook = runbookOf({ run, exclusions: sampleExclusions({ ...PLAIN, disk: 'tempdb' }) });
    expect(script(runbook, 'replica-batch-1')).not.toContain('$leaveOut');
    expect(step(runbook, 'exclusions').facts).toEqual([{ label: 'VM and disks', values: ['SQL01', 'tempdb'] }]);
  });
});

describe('a recovery plan', () => {
  it('is made of its groups in order, without VMs that nobody protects', () => {
    const runbook = sampleRunbookOf('hyperv-to-azure');
    const text = script(runbook, 'recovery-plan-1');
    expect(text.match(/-AppendGroup/g)).toHaveLength(1);
    expect(textsOf(readPowerShell(text)).filter((name) => /^(SQL|WEB|OLD)/.test(name))).toEqual([
      'SQL01',
      'WEB01',
      'WEB02',
    ]);
    expect(step(runbook, 'recovery-plan-1').facts.at(-1)).toEqual({ label: 'Not protected', values: ['OLD01'] });
  });

  it('over two VMM servers has no command, and says why', () => {
    const run = sampleRun('vmm-to-vmm');
    const [cloud] = run.site.clouds;
    const clouds = [
      { ...cloud!, vms: ['SQL01'] },
      { ...cloud!, name: 'Other', vmmServer: 'vmm-b', vms: ['WEB01', 'WEB02', 'OLD01'] },
    ];
    const runbook = runbookOf({ run: { ...run, site: { ...run.site, clouds } }, exclusions: [] });
    expect(step(runbook, 'recovery-plan-1').commands).toEqual([]);
    expect(step(runbook, 'recovery-plan-1').doing.join(' ')).toContain('one source');
  });
});

describe('names that Azure does not take', () => {
  it.each([
    ['SQL01', true],
    ['a', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['sql_01', false],
    ['-sql', false],
    ['sql-', false],
    ['München', false],
  ])('%s: %s', (name, isFine) => {
    const run = buildRun({ vms: [buildVm({ name, disks: [buildDisk()] })], policy: defaultPolicy('hyperv-to-azure') });
    const found = stepsOf(runbookOf({ run, exclusions: [] })).find(({ id }) => id === 'azure-names');
    expect(found === undefined).toBe(isFine);
  });
});
