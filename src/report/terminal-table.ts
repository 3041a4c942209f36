import type { Paint } from './terminal-paint.ts';
import { columnsOf, padTo } from './terminal-width.ts';

/** A column of figures beside a name. */
export interface NamedColumn<Item> {
  readonly title: string;
  readonly columns: number;
  readonly text: (item: Item) => string;
}

/** A name is not cut below this for the sake of a figure. */
const NAME_COLUMNS_LEAST = 16;

/** A line per item, its name first; where the terminal is narrow, the last figures are left out. */
export function namedTable<Item>(
  title: string,
  names: readonly string[],
  figures: readonly NamedColumn<Item>[],
  items: readonly Item[],
  width: number,
  paint: Paint,
): string[] {
  const shown = fitting(figures, width);
  const longest = Math.max(columnsOf(title), ...names.map(columnsOf));
  const nameColumns = Math.min(longest, width - columnsFor(shown));
  const line = (name: string, cells: readonly string[]): string =>
    [padTo(name, nameColumns), ...cells.map((cell, index) => padTo(cell, shown[index]!.columns, 'right'))].join('  ');
  const head = line(
    title,
    shown.map((figure) => figure.title),
  );
  const body = items.map((item, index) =>
    line(
      names[index]!,
      shown.map((figure) => figure.text(item)),
    ),
  );
  return [paint('dim', head), ...body];
}

function fitting<Item>(figures: readonly NamedColumn<Item>[], width: number): readonly NamedColumn<Item>[] {
  let shown = figures;
  while (shown.length > 1 && width - columnsFor(shown) < NAME_COLUMNS_LEAST) shown = shown.slice(0, -1);
  return shown;
}

function columnsFor(figures: readonly NamedColumn<never>[]): number {
  return figures.reduce((sum, { columns }) => sum + columns + 2, 0);
}
