import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Font } from './font.ts';
import type { DrawPlot } from './plot.ts';

/** The fonts that the images' text is laid out by and that PNGs are drawn with: the build puts them beside the page's parts. */
export const FONT_FAMILY = 'DejaVu Sans';
const REGULAR = 'DejaVuSans.ttf';
const BOLD = 'DejaVuSans-Bold.ttf';

export interface ImageAssets {
  readonly drawPlot: DrawPlot;
  /** Each chart's compiled specifications, by its id. */
  readonly compiled: Readonly<Record<string, object>>;
  readonly regular: Font;
  readonly bold: Font;
  readonly fontFiles: readonly string[];
}

let assets: Promise<ImageAssets> | undefined;

/** What the build has made (scripts/build-report.ts). @throws where it was not built */
export function imageAssets(): Promise<ImageAssets> {
  assets ??= read();
  return assets;
}

async function read(): Promise<ImageAssets> {
  // A name that is put together: the compiler is not to look for the bundle.
  const { drawPlot } = (await import(placeOf('still-plot.js').href)) as { readonly drawPlot: DrawPlot };
  const fontFiles = [REGULAR, BOLD].map((name) => fileURLToPath(placeOf(name)));
  const [regular, bold] = fontFiles.map((file) => new Font(readFileSync(file))) as [Font, Font];
  return {
    drawPlot,
    compiled: JSON.parse(readFileSync(placeOf('still-charts.json'), 'utf8')),
    regular,
    bold,
    fontFiles,
  };
}

function placeOf(name: string): URL {
  // Compiled, this file stands a folder below the assets' neighbour; run as TypeScript, it stands in src.
  const folder = import.meta.url.endsWith('.ts') ? '../../../dist/report/assets/' : '../assets/';
  return new URL(name, new URL(folder, import.meta.url));
}
