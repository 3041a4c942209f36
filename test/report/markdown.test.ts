import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { markdownText } from '../../src/report/markdown-text.ts';
import { samplePlan } from './sample-plan.ts';
import { DOCUMENT_NAMES, fullPlan } from './sample-tables.ts';

/** The text without what the escaping puts in; throws where something that Markdown or GitHub would act on is left. */
function unescaped(markdown: string): string {
  const left = markdown
    .replaceAll('<!-- -->', '\uE000')
    .replace(/\\[!-/:-@[-`{-~]/g, '\uE001')
    .replace(/&(lt|gt|amp);/g, '\uE001');
  expect(left).not.toMatch(/[\\`*_{}[\]|~<>&$]/);
  expect(left).not.toMatch(/@[^\uE000\s]|#\d|\bGH-\d|\b(https?|ftp|mailto):|\bwww\.|:[\w+-]+:/i);
  expect(left).not.toMatch(/^\s*([-+#=]|\d+[.)](\s|$))/);
  return markdown
    .replaceAll('<!-- -->', '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

describe('Markdown', () => {
  const plan = fullPlan();
  const text = renderMarkdown(plan);

  test('verdict, figures and what to do are in it', () => {
    const sample = renderMarkdown(samplePlan());
    expect(sample).toContain('**❌ Objectives broken.** 100 Mbit/s do not protect 60 VMs');
    for (const title of [
      '## Objectives',
      '## Five numbers',
      '## What to do',
      '## VMs with a problem',
      '## Volumes that run short',
      '## Recovery plans',
      '## What it rests on',
    ]) {
      expect(sample).toContain(title);
    }
    expect(sample).toContain('| Bandwidth for an RPO of 15 min | **148 Mbit/s** |');
    expect(renderMarkdown(samplePlan({ met: true }))).toContain('**✅ Objectives met.**');
  });

  test('any text is a text: nothing is marked up, linked or mentioned, and nothing is lost', () => {
    const any = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'\\`*_{}[]()#+-.!|<>~&@:$ 1aw') }),
      fc.constantFrom(...DOCUMENT_NAMES),
    );
    fc.assert(
      fc.property(any, (original) => {
        const markdown = markdownText(original);
        expect(markdown).not.toMatch(/[\r\n]/);
        const back = unescaped(markdown);
        if (/^[\x20-\x7E]+$/.test(original)) expect(back).toBe(original.trim());
      }),
      { numRuns: 2000 },
    );
  });

  test('every table has as many cells in each row as in its heading', () => {
    let width = 0;
    let rows = 0;
    for (const line of text.split('\n')) {
      if (!line.startsWith('|')) {
        width = 0;
        continue;
      }
      const cells = line.replace(/\\\|/g, '').split('|').length;
      if (width > 0) expect(cells).toBe(width);
      width = cells;
      rows++;
    }
    expect(rows).toBeGreaterThan(20);
  });

  test('headings are ours alone, and a name cannot begin a line', () => {
    const headings = text.split('\n').filter((line) => line.startsWith('#'));
    expect(headings.every((line) => /^#{1,2} [A-Z][A-Za-z ,()\d]+$/.test(line))).toBe(true);
    for (const line of text.split('\n')) expect(line).toMatch(/^($|#|\||\*|- | {2}- |\d+ further|Nothing)/);
    expect(text).not.toMatch(/<(?!!-- -->)/);
    expect(text.endsWith('\n')).toBe(true);
  });
});
