import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitraries, type Scenario } from '../../src/library/arbitraries.ts';
import { analyze, changedRun, HOUR_MS, InputError, MINUTE_MS, readRun, simulate } from '../../src/library/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VMS = join(ROOT, 'datasets/contoso/vms.csv');
const CHURN = join(ROOT, 'datasets/contoso/churn.csv');
const QUICK = { vms: '4', disk: '50GiB', churn: '3%/day' };

async function errorOf(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('analyze and readRun', () => {
  test('the plan is the command line’s own, to the byte', async () => {
    const flags = ['--churn', CHURN, '--time-zone', 'Europe/Berlin', '--bandwidth', '300Mbps', '--json', '-'];
    const folder = mkdtempSync(join(tmpdir(), 'asr-plan-library-'));
    const cli = spawnSync(
      process.execPath,
      [join(ROOT, 'src/cli/main.ts'), 'analyze', VMS, ...flags, '--out', 'report.html'],
      { encoding: 'utf8', cwd: folder, maxBuffer: 1e9 },
    );
    rmSync(folder, { recursive: true });
    const { plan } = await analyze(VMS, { churn: CHURN, timeZone: 'Europe/Berlin', bandwidth: '300Mbps' });
    expect(JSON.parse(cli.stdout)).toEqual(JSON.parse(JSON.stringify(plan)));
  });

  test('the run is the one that was planned: simulated again it gives the plan’s figures', async () => {
    const { plan, run, request } = await analyze(QUICK, { rpo: '20min' });
    expect(request.bandwidthGiven).toBe(false);
    expect(run.site.link.capacityBitsPerSec).toBe(plan.link.capacityBitsPerSec);
    expect(simulate(run).rpo).toEqual(plan.rpo);
  });

  test('readRun reads what analyze plans', async () => {
    const options = { bandwidth: '80Mbps', fault: ['link down at 1d for 2h'], seed: '5' };
    expect(await readRun(QUICK, options)).toEqual((await analyze(QUICK, options)).run);
  });

  test('every problem at once, as one error, and nothing is printed', async () => {
    const { problems, message } = await errorOf(analyze([VMS, 'gone.csv'], { rpo: 'soon', bandwidth: '12' }));
    expect(problems.map(({ file }) => file)).toEqual(['--rpo', '--bandwidth', 'gone.csv']);
    for (const { remedy } of problems) expect(message).toContain(remedy);
    expect(message).not.toContain('--rpo: --rpo');
  });

  test.each([
    [{ bandwith: '300Mbps' }, 'option-unknown', 'Did you mean bandwidth?'],
    [{ bandwidth: 300 }, 'option-kind', 'must be a text, not number'],
    [{ fault: 'link down at 1d for 2h' }, 'option-kind', 'must be a list of texts, not string'],
    [{ exclude: [1] }, 'option-kind', 'must be a list of texts, not a list'],
    [{ aligned: 'yes' }, 'option-kind', 'must be true or false, not string'],
    [{ out: 'report.html' }, 'option-unknown', 'There is no such option'],
    [JSON.parse('{"__proto__": "x"}'), 'option-unknown', '__proto__'],
    [{}, 'option-needed', 'bandwidth'],
  ])('%o is refused', async (options, code, said) => {
    const { problems, message } = await errorOf(readRun(QUICK, options as object));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(message).toContain(said);
  });

  test('an option that is undefined is one that was not given', async () => {
    const run = await readRun(QUICK, { bandwidth: '80Mbps', ...({ rpo: undefined } as object) });
    expect(run).toEqual(await readRun(QUICK, { bandwidth: '80Mbps' }));
  });
});

describe('arbitraries', async () => {
  const run = await readRun(QUICK, { bandwidth: '50Mbps', skipInitialReplication: true });
  const everything = {
    outage: { most: '8h' },
    bandwidth: { least: '20Mbps', most: '100Mbps' },
    copyFrequency: ['30s', '5min', 15 * MINUTE_MS],
    growth: { most: 0.29 },
    compression: { least: 0.29, most: 0.58 },
    excluded: { most: 2 },
    seed: true,
  } as const;

  test('an outage lies in the run, within its bounds, on whole steps', () => {
    const bounds = { least: '30min', most: '8h', step: '10min' };
    fc.assert(
      fc.property(arbitraries.outage(run, bounds), ({ startMs, endMs }) => {
        expect(startMs).toBeGreaterThanOrEqual(0);
        expect(endMs).toBeLessThanOrEqual(run.options.horizonMs);
        expect(endMs - startMs).toBeGreaterThanOrEqual(30 * MINUTE_MS);
        expect(endMs - startMs).toBeLessThanOrEqual(8 * HOUR_MS);
        expect([startMs % (10 * MINUTE_MS), endMs % (10 * MINUTE_MS)]).toEqual([0, 0]);
      }),
      { numRuns: 1000 },
    );
  });

  test('both bounds are drawn, and the run’s end is reached', () => {
    const drawn = fc.sample(arbitraries.outage(run, { least: '1h', most: '3h', step: '1h' }), 2000);
    expect(new Set(drawn.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS))).toEqual(new Set([1, 2, 3]));
    expect(Math.max(...drawn.map(({ endMs }) => endMs))).toBe(run.options.horizonMs);
    expect(Math.min(...drawn.map(({ startMs }) => startMs))).toBe(0);
  });

  test('a scenario’s run is the run with what its words say, and nothing but that', () => {
    fc.assert(
      fc.property(arbitraries.scenario(run, everything), ({ run: drawn, whatIf, seed, words }) => {
        expect(drawn).toEqual({ ...changedRun(run, whatIf), options: { ...changedRun(run, whatIf).options, seed } });
        const { growthRatio, compressionRatio, bandwidthBitsPerSec, excluded } = whatIf;
        expect(growthRatio).toSatisfy((ratio: number) => ratio >= 0 && ratio <= 0.29);
        expect(compressionRatio).toSatisfy((ratio: number) => ratio >= 0.29 && ratio <= 0.58);
        expect(bandwidthBitsPerSec).toSatisfy((rate: number) => rate >= 20e6 && rate <= 100e6 && rate % 1e6 === 0);
        expect(excluded!.length).toBeLessThanOrEqual(2);
        expect(drawn.workload.vms.length).toBeGreaterThan(0);
        expect(words.length).toBeGreaterThan(0);
      }),
    );
    const sampled = fc.sample(arbitraries.scenario(run, everything), 2000);
    expect(Math.max(...sampled.map(({ whatIf }) => whatIf.growthRatio!))).toBe(0.29);
    expect(new Set(sampled.map(({ whatIf }) => whatIf.copyFrequencyMs))).toEqual(new Set([30_000, 300_000, 900_000]));
  });

  test('a space’s scenarios are what their settings say, within the space, and shrink to the mildest that breaks', async () => {
    const texts = ['outage.length in 0 h .. 8 h step 10 min', 'outage.start in week', 'burst.length = 1 h'];
    fc.assert(
      fc.property(arbitraries.space(run, texts), ({ run: drawn, settings }) => {
        expect(settings).toHaveLength(3);
        const length = Number(/= (\d+)s/.exec(settings.find((text) => text.startsWith('outage.length'))!)![1]);
        expect(length % 600).toBe(0);
        const lastMs = drawn.site.link.outages.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
        const before = run.site.link.outages.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
        expect(lastMs - before).toBeLessThanOrEqual(length * 1000);
      }),
    );
    const found = fc.check(
      fc.property(
        arbitraries.space(run, texts),
        ({ settings }) => !/outage.length = [1-9]\d{4,}s/.test(settings.join()),
      ),
      { seed: 3 },
    );
    expect(found.counterexample![0].settings).toContain('outage.length = 10200s');
    expect(fc.stringify(found.counterexample![0])).toContain('outage.length = 2 h 50 min');
    expect(() => arbitraries.space(run, ['outage.lenght in 0 h .. 8 h'])).toThrow(InputError);
  });

  test('what a study replays is an option like any other', async () => {
    const options = { bandwidth: '80Mbps', with: ['outage 2 h at 1d3h'] };
    const changed = await readRun(QUICK, options);
    expect(changed.site.link.outages).toEqual([{ startMs: 27 * HOUR_MS, endMs: 29 * HOUR_MS }]);
    const { problems } = await errorOf(readRun(QUICK, { ...options, with: ['outage 2 h sometimes'] }));
    expect(problems.map(({ file }) => file)).toEqual(['--with']);
  });

  test('without options it is the run as it is', () => {
    for (const { run: drawn, words } of fc.sample(arbitraries.scenario(run, {}), 10)) {
      expect(drawn).toBe(run);
      expect(words).toEqual([]);
    }
  });

  test('a failing property is told in words, and shrinks to what breaks it and no more', () => {
    const result = fc.check(
      fc.property(arbitraries.scenario(run, everything), ({ whatIf: { outage } }) => {
        return outage === undefined || outage.endMs - outage.startMs < 2 * HOUR_MS;
      }),
      { numRuns: 1000, seed: 11 },
    );
    const [found] = result.counterexample as [Scenario];
    const { outage, ...others } = found.whatIf;
    expect(outage).toEqual({ startMs: 0, endMs: 2 * HOUR_MS });
    expect(others).toEqual({
      bandwidthBitsPerSec: 100e6,
      copyFrequencyMs: 30_000,
      growthRatio: 0,
      compressionRatio: 0.29,
      excluded: [],
    });
    expect(fc.stringify(found)).toContain('link down on day 1 at 0 ms for 2 h');
    expect(fc.stringify(found).length).toBeLessThan(300);
  });

  test.each([
    [() => arbitraries.outage(run, { most: 'soon' }), 'most must be a duration'],
    [() => arbitraries.outage(run, { least: '9h' }), 'No outage of at least 9 h and at most 8 h'],
    [() => arbitraries.outage(run, { most: Number.NaN }), 'most must be a duration'],
    [() => arbitraries.scenario(run, { bandwidth: { least: '2Gbps', most: '1Gbps' } }), 'of bandwidth'],
    [() => arbitraries.scenario(run, { bandwidth: { least: '12', most: '1Gbps' } }), 'must be a rate'],
    [() => arbitraries.scenario(run, { growth: { most: -1 } }), 'of growth'],
  ])('bounds that leave nothing are refused: %#', (make, said) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(said);
  });
});

describe('the package as it is packed, in a project of somebody else’s', () => {
  let project = '';

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'asr-plan-packed-'));
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(packed.status, packed.stderr).toBe(0);
    const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'))!;
    const installed = join(project, 'node_modules/asr-plan');
    mkdirSync(installed, { recursive: true });
    const unpacked = spawnSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1']);
    expect(unpacked.status).toBe(0);
    // What npm would install beside it: what package.json names, and what its tools need.
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    for (const name of [...Object.keys(dependencies), 'vitest', 'typescript', 'vite']) link(name);
    writeFileSync(join(project, 'package.json'), '{ "name": "of-mine", "private": true, "type": "module" }');
  });

  afterAll(() => {
    if (project !== '') rmSync(project, { recursive: true });
  });

  function link(name: string): void {
    const at = join(project, 'node_modules', name);
    mkdirSync(resolve(at, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), at, 'dir');
  }

  function node(...args: readonly string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  test('plain Node imports it, and the arbitraries apart; fast-check is not loaded before', () => {
    writeFileSync(
      join(project, 'use.mjs'),
      `import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ resolve(name, context, next) { loaded.push(name); return next(name, context); } });
const { readRun, simulate } = await import('asr-plan');
const before = loaded.filter((name) => /fast-check|mathjs|duckdb|resvg|piscina|commander|vega/.test(name));
const run = await readRun({ vms: '2', disk: '10GiB', churn: '1%/day' }, { bandwidth: '10Mbps', seed: '3' });
const { arbitraries } = await import('asr-plan/arbitraries');
console.log(JSON.stringify({ before, vms: simulate(run).vms.length, made: Object.keys(arbitraries) }));
`,
    );
    const { status, said } = node('use.mjs');
    expect(status, said).toBe(0);
    expect(JSON.parse(said)).toEqual({ before: [], vms: 2, made: ['outage', 'whatIf', 'scenario', 'space', 'disks'] });
  });

  test('every file that its doors name is packed', () => {
    const installed = join(project, 'node_modules/asr-plan');
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const named = Object.values(exports).flatMap((door) =>
      typeof door === 'string' ? door : Object.values(door as object),
    );
    expect(named.length).toBe(5);
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
  });

  test('what is inside stays inside', () => {
    writeFileSync(join(project, 'inside.mjs'), `await import('asr-plan/dist/plan/make-plan.js');`);
    expect(node('inside.mjs').said).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test.each(['nodenext', 'bundler'])(
    'its types are found under moduleResolution %s, and are those of the values',
    (resolution) => {
      const file = `types-${resolution}.ts`;
      writeFileSync(
        join(project, file),
        `import { analyze, InputError, readRun, simulate, type Plan, type Policy, type Problem, type Run, type RunResult, type Site, type Workload } from 'asr-plan';
import { arbitraries, type Scenario } from 'asr-plan/arbitraries';
const run: Run = await readRun('vms.csv', { bandwidth: '1Gbps', exclude: ['disk:*'] });
const result: RunResult = simulate(run, { objectivesOnly: true });
const parts: [Workload, Site, Policy] = [run.workload, run.site, run.policy];
const plan: Plan = (await analyze(['vms.csv'], { rpo: '15min' })).plan;
const problems: readonly Problem[] = new InputError([]).problems;
arbitraries.scenario(run, { outage: { most: '8h' } }).map((scenario: Scenario) => scenario.run);
// @ts-expect-error: no such option
await analyze('vms.csv', { bandwith: '1Gbps' });
// @ts-expect-error: a number has no unit
await analyze('vms.csv', { bandwidth: 300 });
// @ts-expect-error: a plan is not any
const wrong: string = plan.verdict.met;
export { parts, plan, problems, result, wrong };
`,
      );
      const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
      const { status, said } = node(
        'node_modules/typescript/bin/tsc',
        ...[
          '--noEmit',
          '--strict',
          '--target',
          'es2024',
          '--types',
          '',
          '--module',
          module,
          '--moduleResolution',
          resolution,
        ],
        file,
      );
      expect(status, said).toBe(0);
    },
  );

  test('the example runs under vitest, from the packed files alone', () => {
    writeFileSync(
      join(project, 'vitest.config.mjs'),
      `export default { test: { include: ['examples/*.test.ts'], testTimeout: 120000 } };`,
    );
    mkdirSync(join(project, 'examples'), { recursive: true });
    const example = readFileSync(join(project, 'node_modules/asr-plan/examples/fleet.test.ts'), 'utf8');
    writeFileSync(
      join(project, 'examples/fleet.test.ts'),
      example.replace('../datasets/contoso/', '../node_modules/asr-plan/datasets/contoso/'),
    );
    const { status, said } = node('node_modules/vitest/vitest.mjs', 'run');
    expect(status, said).toBe(0);
    expect(said).toMatch(/5 passed/);
  });
});
