import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { type PdhHeader, PdhScanner } from '../../src/formats/pdh.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/data/perfmon');

/** Files: rows, columns, of which the last of the second is the comment of its data collector set, zone, minutes west, and whether the dates prove their order. */
const FILES: readonly [string, number, number, string | undefined, number | undefined, boolean][] = [
  ['i-medusa_1s_disk_only.csv', 61, 42, 'China Standard Time', -480, true],
  ['i-medusa_1s_2636counters.csv.gz', 61, 2632, 'China Standard Time', -480, true],
  ['gorans2_typeperf_physicaldisk.csv', 4, 42, undefined, undefined, true],
  ['jacktestdb_export-counter.csv', 10, 4, 'Coordinated Universal Time', 0, true],
  ['impc3116_15s_queue.csv', 21, 12, 'India Standard Time', -330, true],
];

describe.skipIf(!existsSync(FOLDER))('logs as Windows writes them (skipped where ../shared/data is absent)', () => {
  it.each(FILES)('%s', (name, rowCount, columnCount, zoneName, westMinutes, isDateOrderProved) => {
    const file = readFileSync(join(FOLDER, name));
    const bytes = name.endsWith('.gz') ? gunzipSync(file) : file;
    // papaparse and the calendar of Node are the twin.
    const table = Papa.parse<string[]>(bytes.toString('utf8'), { delimiter: ',', skipEmptyLines: true }).data;
    const headers: PdhHeader[] = [];
    let row = 1;
    const scanner = new PdhScanner({
      columns(header) {
        headers.push(header);
        return Uint32Array.from(header.counters.keys());
      },
      row(wallMs, values, line) {
        const [time, ...cells] = table[row]!;
        expect(wallMs).toBe(Date.parse(`${time!.replace(/^(..)\/(..)\/(....) /, '$3-$1-$2T')}Z`));
        expect([...values]).toEqual(cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell))));
        expect(line).toBe(++row);
      },
      fault: (fault) => expect(fault).toBeUndefined(),
    });
    for (let at = 0; at < bytes.length; at += 10_007) scanner.push(bytes.subarray(at, at + 10_007));
    expect(scanner.end()).toMatchObject({ rowCount, dateOrder: 'mdy', isDateOrderProved });
    const header = headers[0]!;
    expect([header.zoneName, header.westMinutes, header.counters.length]).toEqual([zoneName, westMinutes, columnCount]);
    expect(header.counters.map(({ path }) => path)).toEqual(table[0]!.slice(1));
    expect(table).toHaveLength(rowCount + 1);
    const comments = header.counters.filter(({ object }) => object === '').map(({ counter }) => counter.slice(0, 17));
    expect(comments).toEqual(columnCount === 2632 ? ['Generate a report'] : []);
    for (const { host, object, instance, index, counter, path } of header.counters) {
      if (object === '') continue;
      const number = index === undefined ? '' : `#${index}`;
      expect(`\\\\${host}\\${object}${instance === undefined ? '' : `(${instance}${number})`}\\${counter}`).toBe(path);
    }
  });

  it('has 42 counters of PhysicalDisk among 2,632 columns', () => {
    const bytes = gunzipSync(readFileSync(join(FOLDER, 'i-medusa_1s_2636counters.csv.gz')));
    let last = new Float64Array(0);
    const scanner = new PdhScanner({
      columns: ({ counters }) =>
        Uint32Array.from([...counters.keys()].filter((column) => counters[column]!.object === 'PhysicalDisk')),
      row(_wallMs, values) {
        last = values.slice();
      },
      fault: (fault) => expect(fault).toBeUndefined(),
    });
    scanner.push(bytes);
    expect([scanner.end().rowCount, last.length]).toEqual([61, 42]);
  });

  it('refuses a binary log', () => {
    const kinds: string[] = [];
    const fail = (): never => expect.unreachable();
    const scanner = new PdhScanner({ columns: fail, row: fail, fault: ({ kind }) => kinds.push(kind) });
    scanner.push(readFileSync(join(FOLDER, 'pal_SampleLog.blg')));
    scanner.end();
    expect(kinds).toEqual(['no-pdh-header']);
  });
});
