import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPdhText, parseCounterPath } from '../../src/formats/pdh.ts';
import { parseHeader } from '../../src/formats/pdh-header.ts';

describe('the first cell', () => {
  const zone = (text: string): unknown => {
    const header = parseHeader(`"(PDH-CSV 4.0)${text}","\\\\H\\Memory\\Available Bytes"`);
    if (typeof header === 'string') return header;
    expect(header.counters).toEqual([
      { path: '\\\\H\\Memory\\Available Bytes', host: 'H', object: 'Memory', counter: 'Available Bytes' },
    ]);
    return [header.zoneName, header.westMinutes];
  };

  it.each<[string, string | undefined, number | undefined]>([
    ['', undefined, undefined],
    [' ', undefined, undefined],
    [' (', undefined, undefined],
    [' (China Standard Time)(-480)', 'China Standard Time', -480],
    [' (UTC)(0)', 'UTC', 0],
    [' (Eastern Daylight Time)(240)', 'Eastern Daylight Time', 240],
    [' (Mitteleuropäische Sommerzeit)(-120', 'Mitteleuropäische Sommerzeit', -120],
    [' (Maroc (heure d', 'Maroc (heure d', undefined],
    [" (Maroc (heure d'été))(-60)", "Maroc (heure d'été)", -60],
    [' (Amsterdam, Berlin; Bern)(-60)', 'Amsterdam, Berlin; Bern', -60],
    [' ()(-60)', undefined, -60],
    [' (India Standard Time)', 'India Standard Time', undefined],
    [' (Nowhere)(9999)', 'Nowhere', undefined],
  ])('%j', (text, name, westMinutes) => expect(zone(text)).toEqual([name, westMinutes]));

  it('may lack its closing quote', () => {
    expect(parseHeader('"(PDH-CSV 4.0) (Maroc (heure d,"\\\\H\\A(x)\\B","\\\\H\\A(y)\\B"')).toMatchObject({
      zoneName: 'Maroc (heure d',
      counters: [{ instance: 'x' }, { instance: 'y' }],
    });
  });

  it('is all there is in a log without counters', () => {
    expect(parseHeader('"(PDH-CSV 4.0) (UTC)(0)"')).toMatchObject({ delimiter: ',', westMinutes: 0, counters: [] });
    expect(parseHeader('"(PDH-TSV 4.0) (UTC)(0)"')).toMatchObject({ delimiter: '\t', counters: [] });
  });

  it('tells a log from other files', () => {
    const is = (text: string): boolean => isPdhText(new TextEncoder().encode(text));
    expect([is('"(PDH-CSV 4.0) (U'), is('\ufeff\r\n(pdh-tsv 4.0)'), is('"(PDH-CSV 4.0)')]).toEqual([true, true, true]);
    expect([is('time,vm'), is(''), is('x"(PDH-CSV 4.0)"'), is('"(PDH-BIN 4.0)"')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('counter paths', () => {
  it.each([
    ['\\\\SQL01\\PhysicalDisk(0 D:)\\% Disk Time', 'SQL01', 'PhysicalDisk', '0 D:', undefined, '% Disk Time'],
    ['\\\\SQL01\\Memory\\Pages/sec', 'SQL01', 'Memory', undefined, undefined, 'Pages/sec'],
    ['\\Memory\\Pages/sec', undefined, 'Memory', undefined, undefined, 'Pages/sec'],
    ['\\\\H\\Process(svchost#12)\\ID Process', 'H', 'Process', 'svchost', 12, 'ID Process'],
    ['\\\\H\\Thread(a/b#1)\\x', 'H', 'Thread', 'a/b', 1, 'x'],
    ['\\\\H\\O(vm#x)\\C', 'H', 'O', 'vm#x', undefined, 'C'],
    ['\\\\H\\O()\\C', 'H', 'O', '', undefined, 'C'],
    [
      '\\\\h\\Hyper-V Virtual Storage Device(--?-C:-ClusterStorage-Volume1-vm (old)-d.vhdx)\\Write Bytes/sec',
      'h',
      'Hyper-V Virtual Storage Device',
      '--?-C:-ClusterStorage-Volume1-vm (old)-d.vhdx',
      undefined,
      'Write Bytes/sec',
    ],
    ['\\\\h\\O(D:\\VMs (a)\\b.vhdx)\\C', 'h', 'O', 'D:\\VMs (a)\\b.vhdx', undefined, 'C'],
    [
      '\\\\h\\Database(lsass)\\I/O Reads (Attached) Latency',
      'h',
      'Database',
      'lsass',
      undefined,
      'I/O Reads (Attached) Latency',
    ],
    ['\\\\h\\Memory\\Bytes (all)', 'h', 'Memory', undefined, undefined, 'Bytes (all)'],
  ])('%s', (path, host, object, instance, index, counter) => {
    const parsed = parseCounterPath(path);
    expect([parsed.path, parsed.host, parsed.object, parsed.instance, parsed.index, parsed.counter]).toEqual([
      path,
      host,
      object,
      instance,
      index,
      counter,
    ]);
  });

  it.each(['', 'x', '\\', '\\\\H', '\\\\H\\O(open\\C', 'a,b', '\\\\H\\O)\\('])('are none: %j', (path) => {
    const parsed = parseCounterPath(path);
    expect([parsed.path, parsed.object === '' || parsed.instance === undefined]).toEqual([path, true]);
  });

  it('are put together as they were', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'B', ' ', '%', '/', '.', '-', 'é'),
      minLength: 1,
      maxLength: 6,
    });
    const instance = fc.string({
      unit: fc.constantFrom('a', '(', ')', '\\', '"', ',', ';', '\t', '#', ':', 'é', '1'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(word, word, fc.option(instance), word, fc.option(word), (host, object, inside, counter, tail) => {
        const ends = tail === null ? counter : `${counter} (${tail})`;
        const path = `\\\\${host}\\${object}${inside === null ? '' : `(${inside})`}\\${ends}`;
        const parsed = parseCounterPath(path);
        const index = parsed.index === undefined ? '' : path.slice(path.lastIndexOf('#'), path.lastIndexOf(')\\'));
        expect(parsed).toMatchObject({ host, object, counter: ends });
        expect(parsed.instance === undefined ? null : parsed.instance + index).toBe(inside);
        if (index !== '') expect(Number(index.slice(1))).toBe(parsed.index);
      }),
      { numRuns: 2000 },
    );
  });

  it('are split at delimiters outside quotes, doubled quotes being one', () => {
    const path = fc.string({ unit: fc.constantFrom('a', ',', ';', '\t', '"', '(', ' '), maxLength: 8 });
    const delimiter = fc.constantFrom(',', ';', '\t');
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 6 }), delimiter, (tails, by) => {
        const paths = tails.map((tail) => `\\${tail}`);
        const line = ['(PDH-CSV 4.0) (X)(0)', ...paths].map((text) => `"${text.replaceAll('"', '""')}"`).join(by);
        const header = parseHeader(line);
        expect(typeof header === 'string' ? header : header.counters.map((counter) => counter.path)).toEqual(paths);
      }),
      { numRuns: 1000 },
    );
  });
});
