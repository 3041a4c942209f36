import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Data beside the source: the shipped files of rules. */
const RULES = '../rules';

/** Which room may import which, and which packages (README, "Finding your way"; the compiler's project references say it too). */
const ROOMS: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }>> = {
  units: { rooms: [], packages: [] },
  model: { rooms: ['units'], packages: [] },
  replication: { rooms: ['units', 'model'], packages: [] },
  formats: { rooms: ['units'], packages: ['papaparse', 'read-excel-file/universal'] },
  ingest: { rooms: ['units', 'model', 'formats'], packages: ['@duckdb/node-api'] },
  simulate: { rooms: ['units', 'model', 'replication'], packages: [] },
  rehearse: {
    rooms: ['units', 'model', 'replication', 'formats'],
    packages: ['node:', '@peculiar/x509', 'reflect-metadata'],
  },
  plan: { rooms: ['units', 'model', 'replication', 'simulate', RULES], packages: [] },
  study: { rooms: ['units', 'model', 'simulate', 'plan'], packages: ['mathjs/number', 'fast-check'] },
  request: { rooms: ['units', 'model', 'formats', 'ingest', 'plan', 'study'], packages: [] },
  report: { rooms: ['units', 'model', 'plan', 'study'], packages: ['node:', 'papaparse', '@resvg/resvg-js'] },
  'report/browser': {
    rooms: ['units', 'model', 'formats', 'ingest', 'plan', 'study', 'request', 'report'],
    packages: ['vega'],
  },
  cli: {
    rooms: [
      'units',
      'model',
      'replication',
      'formats',
      'ingest',
      'simulate',
      'rehearse',
      'plan',
      'study',
      'request',
      'report',
    ],
    packages: ['node:', 'commander', 'piscina', 'yaml'],
  },
  library: { rooms: ['units', 'model', 'simulate', 'plan', 'study', 'request', 'cli'], packages: ['fast-check'] },
};

const PLATFORM_FREE = ['units', 'model', 'replication', 'formats', 'ingest', 'simulate', 'plan', 'study', 'request'];
const SOURCE = resolve(import.meta.dirname, '../src');

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'));
}

function roomOf(path: string): string {
  if (path === 'units.ts') return 'units';
  if (path.startsWith(`${RULES}/`) && path.endsWith('.json')) return RULES;
  return path.startsWith('report/browser/') ? 'report/browser' : path.split('/')[0]!;
}

/** What a file breaks, a sentence each. */
function breaches(path: string, text: string): string[] {
  const room = roomOf(path);
  const allowed = ROOMS[room]!;
  const found: string[] = [];
  text.split('\n').forEach((line, index) => {
    const at = `src/${path}:${index + 1}`;
    const from = /^(?:import|export)\b.*\bfrom '([^']+)'|^} from '([^']+)'|\bimport\('([^']+)'\)/.exec(line);
    const target = from?.[1] ?? from?.[2] ?? from?.[3];
    if (target?.startsWith('.')) {
      const targetRoom = roomOf(relative(SOURCE, join(SOURCE, dirname(path), target)));
      if (targetRoom !== room && !allowed.rooms.includes(targetRoom)) {
        found.push(`${at}: ${room} must not import ${targetRoom}`);
      }
    } else if (target !== undefined && !allowed.packages.some((name) => target.startsWith(name))) {
      found.push(`${at}: ${room} must not import ${target}`);
    }
    if (!PLATFORM_FREE.includes(room)) return;
    const code = line.replace(/\/\/.*|^\s*\*.*|^\s*\/\*.*/, '');
    const banned = /\b(new Date|Date\.|Math\.random|performance\.|setTimeout|setInterval|console\.|process\.)/.exec(
      code,
    );
    if (banned !== null)
      found.push(`${at}: ${banned[1]} in a platform-free room; time, chance and output come from outside`);
  });
  return found;
}

describe('the house', () => {
  test('every file imports only what its room may, and the platform-free rooms know no clock, chance or console', () => {
    const files = sourceFiles();
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((path) => breaches(path, readFileSync(join(SOURCE, path), 'utf8')))).toEqual([]);
  });

  test.each([
    ['simulate/x.ts', `import { a } from '../plan/plan.ts';`, 'must not import plan'],
    ['plan/x.ts', `import { a } from '../report/json.ts';`, 'must not import report'],
    ['replication/x.ts', `} from '../simulate/network.ts';`, 'must not import simulate'],
    ['model/x.ts', `import fs from 'node:fs';`, 'must not import node:fs'],
    ['report/x.ts', `const x = await import('../cli/main.ts');`, 'must not import cli'],
    ['simulate/x.ts', 'const t = Date.now();', 'Date. in a platform-free room'],
    ['ingest/x.ts', 'const t = new Date(0);', 'new Date in a platform-free room'],
    ['simulate/x.ts', `import r from '../../rules/x.json' with { type: 'json' };`, 'must not import ../rules'],
    ['plan/x.ts', `import r from '../../test/x.json' with { type: 'json' };`, 'must not import ..'],
    ['plan/x.ts', 'const r = Math.random();', 'Math.random in a platform-free room'],
  ])('the rule fires: %s %s', (path, text, sentence) => {
    expect(breaches(path, text).join()).toContain(sentence);
  });

  test('heavy packages are each imported by few files', () => {
    const importers = (name: string): string[] =>
      sourceFiles().filter((path) => new RegExp(`from '${name}`).test(readFileSync(join(SOURCE, path), 'utf8')));
    expect(importers('papaparse').toSorted()).toEqual(['formats/csv.ts', 'report/csv.ts']);
    expect(importers('@resvg')).toEqual(['report/images/chart-png.ts']);
    expect(importers('@duckdb')).toEqual(['ingest/parquet.ts']);
    expect(importers('read-excel-file').length).toBeLessThanOrEqual(1);
    expect(importers('commander')).toEqual(['cli/main.ts']);
    expect(importers('vega').every((path) => path.startsWith('report/browser/'))).toBe(true);
  });
});
