/** How the notebooks show what they find: a table, a sentence, a chart. The same data gives the same output to the byte. */
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

declare const Deno: {
  readonly jupyter: { display(data: Record<string, string>, options: { readonly raw: true }): Promise<void> };
};

type Cell = string | number;

/** A table of rows with the same names; numbers stand to the right. */
export async function table(rows: readonly Readonly<Record<string, Cell>>[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = names.map((name) => (typeof rows[0]![name] === 'number' ? '---:' : ':---'));
  await say([line(names), line(rule), ...rows.map((row) => line(names.map((name) => row[name]!)))].join('\n'));
}

/** A sentence or more, in Markdown. */
export function say(markdown: string): Promise<void> {
  return display({ 'text/markdown': markdown, 'text/plain': markdown });
}

/**
 * Deno 2.9.5 may tell the reader that a cell is over before it has handed on what the cell showed last, which is then lost (one
 * execution of sixteen on two busy cores): a moment's rest lets it go out.
 */
async function display(data: Record<string, string>): Promise<void> {
  await Deno.jupyter.display(data, { raw: true });
  await new Promise((resolve) => setTimeout(resolve, 250));
}

const INK = '#333333';

/** A chart in Vega-Lite, drawn to SVG so that it is seen where no script runs. */
export async function chart(title: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
  const whole = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start', color: INK },
    background: 'white',
    width: 560,
    height: 260,
    config: { legend: { orient: 'top', labelLimit: 0 }, axis: { labelLimit: 0 } },
    ...spec,
  };
  // Deno has no canvas, so that the widths of texts are estimated: the same on every machine.
  const view = new vega.View(vega.parse(compile(whole as TopLevelSpec).spec), { renderer: 'none' });
  await display({ 'image/svg+xml': await view.toSVG() });
  view.finalize();
}
