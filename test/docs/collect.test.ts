import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCounterPath } from '../../src/formats/pdh.ts';
import type { Input } from '../../src/ingest/input.ts';
import { INVENTORY_FORMATS } from '../../src/ingest/inventory-formats.ts';
import { recognise } from '../../src/ingest/recognise.ts';
import { writtenCounter } from '../../src/ingest/write-counters.ts';
import { ROOT, runCli, ScratchFolder } from '../cli/run-cli.ts';

const PAGE = readFileSync(join(ROOT, 'docs/collect.md'), 'utf8');

/** The counters of Hyper-V Replica (formats F1): to look at, not read. */
const REPLICA_COUNTERS = [
  'Average Replication Latency',
  'Average Replication Size',
  'Compression Efficiency',
  'Last Replication Size',
  'Network Bytes Recv',
  'Network Bytes Sent',
  'Replication Count',
  'Replication Latency',
  'Resynchronized Bytes',
];

function blocks(language: string): string[] {
  return [...PAGE.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, is, text]) => (is === language ? [text!] : []));
}

/** Every `asr-plan …` that can be typed: in blocks, and between backquotes in the text. */
function commands(): string[] {
  const inText = PAGE.replace(/```.*?```/gs, '').matchAll(/`asr-plan ([^`]+)`/g);
  const inBlocks = blocks('sh').flatMap((text) => text.split('\n').filter((line) => line.startsWith('asr-plan ')));
  return [...[...inText].map(([, words]) => words!), ...inBlocks.map((line) => line.slice('asr-plan '.length))];
}

/** The columns of each `Select-Object` of names, computed ones by the name that they get. */
function selections(): string[][] {
  return blocks('powershell').flatMap((text) =>
    [
      ...text.matchAll(/Select-Object ((?:@\{n='\w+';e=\{[^{}]*\}\}|\w+)(?:,\s*(?:@\{n='\w+';e=\{[^{}]*\}\}|\w+))*)/g),
    ].map(([, columns]) =>
      columns!
        .replace(/@\{n='(\w+)';e=\{[^{}]*\}\}/g, '$1')
        .split(',')
        .map((column) => column.trim()),
    ),
  );
}

function formatsOf(headers: readonly string[]): string[] {
  return INVENTORY_FORMATS.filter(({ matches }) => matches(headers)).map(({ id }) => id);
}

async function kindOf(header: string): Promise<string> {
  const head = new TextEncoder().encode(header);
  const unused = (): never => {
    throw new Error('The header is enough.');
  };
  const input: Input = {
    ...{ name: 'x.csv', head, sniffed: { encoding: 'utf-8' }, headText: header },
    ...{ text: unused, utf8: unused },
  };
  return (await recognise(input)).kind;
}

describe('docs/collect.md', () => {
  test('is short', () => {
    expect(PAGE.split('\n').length).toBeLessThanOrEqual(220);
  });

  test('names counters that are read, or those of Hyper-V Replica', () => {
    const paths = [...PAGE.matchAll(/(?:\\\\\w+)?\\[^\\`'"\n]+\(\*\)\\[^`'"\n]+/g)].map(([path]) => path);
    const isReplica = paths.filter((path) => path.includes('Replica VM'));
    const isRead = paths.filter((path) => !path.includes('Replica VM'));
    expect(isRead.length).toBeGreaterThanOrEqual(5);
    expect(isReplica.length).toBeGreaterThanOrEqual(1);
    for (const path of isRead) {
      const whole = path.startsWith('\\\\') ? path : `\\\\HOST${path}`;
      expect([path, writtenCounter(parseCounterPath(whole))]).toEqual([path, expect.stringMatching(/host|guest/)]);
    }
    for (const path of isReplica) {
      const { object, counter } = parseCounterPath(`\\\\HOST${path}`);
      expect(object).toBe('Hyper-V Replica VM');
      expect(REPLICA_COUNTERS).toContain(counter);
    }
  });

  test('selects columns by which the exports are recognised, each by one format', async () => {
    const kinds: string[] = [];
    for (const columns of selections()) {
      const formats = formatsOf(columns);
      if (formats.length === 0) kinds.push(await kindOf(`${columns.join(',')}\n`));
      else expect([columns, formats]).toEqual([columns, [expect.any(String)]]);
      kinds.push(...formats);
    }
    const inventory = ['get-vm', 'get-vmharddiskdrive', 'get-vhd'];
    expect(kinds).toEqual([...inventory, ...inventory, 'get-vhd', 'get-counter', 'cluster-perf', 'cluster-perf']);
  });

  test('shows headers that one format claims, or that are our own', async () => {
    const [exports, ...own] = blocks('csv');
    const headers = exports!.trim().split('\n');
    expect(headers.map((header) => formatsOf(header.split(',')))).toEqual([
      ['get-vm'],
      ['get-vmharddiskdrive'],
      ['get-vhd'],
    ]);
    const selected = new Set(selections().map((columns) => columns.join(',')));
    for (const header of headers) expect(selected).toContain(header);
    expect(await Promise.all(own.map(kindOf))).toEqual(['inventory', 'churn']);
  });

  test('gives options that its commands have', () => {
    expect(commands().length).toBeGreaterThanOrEqual(7);
    const helpOf = new Map<string, string>();
    for (const line of commands()) {
      const [command, ...words] = line.split(' ');
      if (!helpOf.has(command!)) helpOf.set(command!, runCli([command!, '--help'], ROOT).stdout);
      expect([line, helpOf.get(command!)]).toEqual([line, expect.stringContaining(`asr-plan ${command}`)]);
      for (const word of words) {
        if (word.startsWith('-')) expect(helpOf.get(command!)).toMatch(new RegExp(`(^|[ ,])${word}[ ,\n]`, 'm'));
      }
    }
    const all = ['analyze', 'import'].map((command) => runCli([command, '--help'], ROOT).stdout).join('');
    for (const [, option] of PAGE.replace(/--data-urlencode/g, '').matchAll(/(?<=[ `])(--[a-z-]+)/g)) {
      expect(all).toContain(`${option} `);
    }
  });

  test('has commands that run, and the receipt that they print', () => {
    using folder = new ScratchFolder();
    const datasets = `${join(ROOT, 'datasets')}/`;
    let printed = '';
    for (const line of blocks('sh').at(-1)!.trim().split('\n')) {
      const words = line.split(' ').slice(1);
      const { code, stdout } = runCli(
        words.map((word) => word.replace(/^datasets\//, datasets)),
        folder.path,
      );
      expect([line, code]).toEqual([line, 0]);
      printed += stdout;
    }
    for (const line of blocks('text')[0]!.trim().split('\n').slice(1)) expect(printed).toContain(line.trim());
  });

  test('maps a table as it says', () => {
    using folder = new ScratchFolder({ 'scvmm.csv': 'VMName,VMHost,VHDName,VHDSize\nSQL01,HV01,data,200\n' });
    const line = commands().find((command) => command.includes('--map'))!;
    const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    expect(runCli(args, folder.path).code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder.path, 'workload.json'), 'utf8')).vms[0].disks[0].sizeBytes).toBe(200e9);
  });
});
