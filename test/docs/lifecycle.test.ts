import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lifecycleMarkdown } from '../../scripts/lifecycle-doc.ts';
import { INPUT_KEYS, LIFECYCLE, PHASE_KEYS } from '../../src/replication/lifecycle.ts';

const source = readFileSync(new URL('../../src/replication/lifecycle.ts', import.meta.url), 'utf8');
const page = readFileSync(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8');

/** The phases under each heading of a group, by the group's title. */
function phasesByGroup(): Map<string, string[]> {
  const groups = page.split(/^### /m).slice(1);
  return new Map(
    groups.map((text) => [text.split('\n')[0]!, [...text.matchAll(/^#### (\w+)$/gm)].map((match) => match[1]!)]),
  );
}

/** Every change of phase that the diagrams draw, `from input to`; an arrow from a box is one from each phase in it. */
function drawnChanges(): string[] {
  const groups = phasesByGroup();
  return [...page.matchAll(/```mermaid\n(.*?)```/gs)].flatMap(([, diagram]) => {
    const titles = new Map([...diagram!.matchAll(/state "(.*)" as (\w+)/g)].map(([, title, id]) => [id!, title!]));
    return [...diagram!.matchAll(/^ *(\w+) --> (\w+): (.*)$/gm)].flatMap(([, from, to, inputs]) => {
      const sources = titles.has(from!) ? groups.get(titles.get(from!)!)! : [from!];
      return sources.flatMap((phase) => inputs!.split(', ').map((input) => `${phase} ${input} ${to}`));
    });
  });
}

describe('docs/lifecycle.md', () => {
  test('is what the table says', () => {
    expect(page, 'docs/lifecycle.md is stale; refresh it with: npm run docs').toBe(lifecycleMarkdown(source));
  });

  test('its diagrams draw every change of phase but the end of protection, each once', () => {
    const allowed = PHASE_KEYS.flatMap((from) =>
      Object.entries(LIFECYCLE[from])
        .filter(([input]) => input !== 'disabled')
        .flatMap(([input, next]) => next.filter((to) => to !== from).map((to) => `${from} ${input} ${to}`)),
    );
    expect(drawnChanges().sort()).toEqual(allowed.sort());
  });

  test('names every phase and every input', () => {
    expect([...phasesByGroup().values()].flat().sort()).toEqual([...PHASE_KEYS].sort());
    const inputs = [...page.matchAll(/^\| \d+ +\| `(\w+)`/gm)].map((match) => match[1]);
    expect(inputs).toEqual(INPUT_KEYS);
  });

  test('a phase without a comment, or a text that is not the table’s, is refused', () => {
    const silent = source.replace(/\/\*\*.*\*\/(?=\s*enabling:)/, '');
    expect(() => lifecycleMarkdown(silent)).toThrow('The phase enabling has no comment.');
    const renamed = source.replace('enabling: 1,', 'enrolling: 1,');
    expect(() => lifecycleMarkdown(renamed)).toThrow('enrolling');
  });
});
