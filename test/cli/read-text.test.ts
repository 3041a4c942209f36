import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText, readWholeText } from '../../src/cli/read-text.ts';
import type { Problem } from '../../src/model/problem.ts';
import { MAX_FILE_BYTES } from '../../src/request/opened-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-read-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Uint8Array, name = 'file.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string): Promise<{ text: string; problems: readonly Problem[] }> {
  const { value, problems } = await readText(path);
  if (value === undefined) return { text: '', problems };
  expect(value.name).toBe(path);
  const pieces: string[] = [];
  for await (const piece of value.chunks) pieces.push(piece);
  const broken = value.brokenOff?.();
  return { text: pieces.join(''), problems: broken === undefined ? [] : [broken] };
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const TABLE = 'vm;größe;日本\r\nsql01;40,5 GiB;😀\r\n';

describe('encodings', () => {
  it.each([
    ['UTF-8', Buffer.from(TABLE)],
    ['UTF-8 with BOM', Buffer.from(`\uFEFF${TABLE}`)],
    ['UTF-16LE with BOM', Buffer.from(`\uFEFF${TABLE}`, 'utf16le')],
    ['UTF-16LE without BOM', Buffer.from(TABLE, 'utf16le')],
    ['UTF-16BE with BOM', utf16be(`\uFEFF${TABLE}`)],
    ['UTF-16BE without BOM', utf16be(TABLE)],
  ])('%s', async (_name, bytes) => {
    expect(await read(file(bytes))).toEqual({ text: TABLE, problems: [] });
  });

  it('cuts no character in two, wherever a read ends', async () => {
    const text = fc
      .tuple(
        fc.integer({ min: 0, max: 5 }),
        fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀', '\n'), minLength: 1 }),
      )
      .map(([shift, unit]) => 'x'.repeat(shift) + unit.repeat(Math.ceil(300_000 / unit.length)));
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (content, isWide) => {
        const bytes = isWide ? Buffer.from(`\uFEFF${content}`, 'utf16le') : Buffer.from(content);
        const seen = await read(file(bytes));
        expect(seen.problems).toEqual([]);
        expect(seen.text === content).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what is no text', () => {
  it.each([
    ['a workbook', 'PK\x03\x04rest', 'text-not-text', 'CSV UTF-8'],
    ['an old workbook', '\xD0\xCF\x11\xE0\xA1\xB1', 'text-not-text', 'CSV UTF-8'],
    ['a gzip archive', '\x1F\x8B\x08', 'text-not-text', 'gzip -d'],
    ['zero bytes', 'vm,size\0\0\0,1\n', 'text-not-text', 'Export'],
    ['a zero byte', `vm,size\n${'a,1\n'.repeat(20)}\0`, 'text-not-text', 'Export'],
    ['Windows-1252', 'vm,size\nb\xFCro,1\n', 'text-wrong-encoding', 'CSV UTF-8'],
    ['a cut character', 'vm,size\nb\xC3', 'text-wrong-encoding', 'CSV UTF-8'],
  ])('%s', async (_name, content, code, remedy) => {
    const path = file(Buffer.from(content, 'latin1'));
    const { problems } = await read(path);
    expect(problems).toEqual([expect.objectContaining({ severity: 'error', code, file: path })]);
    expect(problems[0]!.remedy).toContain(remedy);
  });

  it('names the row of a wrong byte deep in the file, and gives what is before it', async () => {
    const good = 'sql01,40 GiB\n'.repeat(50_000);
    const { text, problems } = await read(file(Buffer.from(`${good}b\xFCro\n`, 'latin1')));
    expect(problems[0]).toMatchObject({ code: 'text-wrong-encoding', row: 50_001 });
    expect(good.startsWith(text.slice(0, 1000))).toBe(true);
  });

  it('finds a zero byte deep in the file', async () => {
    expect((await read(file(`${'a,1\n'.repeat(200_000)}\0`))).problems[0]).toMatchObject({ code: 'text-not-text' });
  });

  it('never throws at random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        const { text, problems } = await read(file(bytes));
        expect(problems.length === 1 || !text.includes('\0')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what cannot be read', () => {
  it.each([
    ['a missing file', 'nowhere.csv', 'text-missing'],
    ['a file as a folder', 'file.csv/x.csv', 'text-missing'],
    ['a folder', '.', 'text-folder'],
    ['a name that no system takes', 'a\0b', 'text-missing'],
    ['a name that is too long', 'x'.repeat(5000), 'text-unreadable'],
  ])('%s', async (_name, name, code) => {
    file('a');
    const path = `${folder}/${name}`;
    expect(await readText(path)).toEqual({
      problems: [expect.objectContaining({ severity: 'error', code, file: path })],
    });
  });

  it('an empty file', async () => {
    expect((await readText(file(''))).problems[0]).toMatchObject({ code: 'text-empty' });
  });

  it('a file over 4 GiB', async () => {
    const path = file('a', 'large.csv');
    truncateSync(path, MAX_FILE_BYTES + 1);
    expect((await readText(path)).problems[0]).toMatchObject({ code: 'text-too-large' });
    rmSync(path);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a file without permission', async () => {
    const path = file('a', 'secret.csv');
    chmodSync(path, 0);
    expect((await readText(path)).problems[0]).toMatchObject({ code: 'text-no-permission' });
  });

  it('a file that vanishes between opening and reading', async () => {
    const path = file('vm\na\n', 'gone.csv');
    const { value } = await readText(path);
    rmSync(path);
    for await (const piece of value!.chunks) expect.unreachable(piece);
    expect(value!.brokenOff?.()).toMatchObject({ code: 'text-missing' });
  });
});

describe('readWholeText', () => {
  it('gives the text, or why there is none', async () => {
    expect(await readWholeText(file('{"a":1}'))).toEqual({ value: '{"a":1}', problems: [] });
    expect((await readWholeText(file(Buffer.from('{"\xFC":1}', 'latin1')))).problems[0]).toMatchObject({
      code: 'text-wrong-encoding',
    });
    expect((await readWholeText(file('x'.repeat(16_000_001)))).problems[0]).toMatchObject({ code: 'text-too-large' });
  });
});
