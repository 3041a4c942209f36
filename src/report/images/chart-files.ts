import type { Plan } from '../../plan/plan.ts';
import { CHARTS } from '../charts/registry.ts';
import { type PngMaker, pngMaker } from './chart-png.ts';
import { chartSvg } from './chart-svg.ts';

/** The names of all files that a plan's charts may become, an SVG and a PNG each: of our own ids, never of a plan's names. */
export function chartFileNames(): string[] {
  return CHARTS.flatMap(({ id }) => [`${id}.svg`, `${id}.png`]);
}

export interface ChartFiles {
  /** In the order of {@link chartFileNames}; `undefined` where there is nothing to draw, or it cannot be drawn here. */
  readonly contents: readonly (string | Uint8Array | undefined)[];
  /** What was left out and why, for a terminal. */
  readonly remark: string;
}

/** Every chart that has something to draw. @throws where the report was not built */
export async function chartFiles(plan: Plan): Promise<ChartFiles> {
  const svgs: (string | undefined)[] = [];
  // One after another: Vega numbers clips across drawings.
  for (const chart of CHARTS) svgs.push(chart.drawable(plan) ? await chartSvg(plan, chart) : undefined);
  const drawn = svgs.filter((svg) => svg !== undefined);
  const maker = drawn.length === 0 ? undefined : await pngMaker(drawn);
  const contents = svgs.flatMap((svg) => [svg, svg === undefined ? undefined : maker?.png(svg)]);
  return { contents, remark: remarkOf(svgs, maker) };
}

function remarkOf(svgs: readonly (string | undefined)[], maker: PngMaker | undefined): string {
  const drawnCount = svgs.filter((svg) => svg !== undefined).length;
  const left = CHARTS.filter((_, index) => svgs[index] === undefined).map(({ id }) => id);
  const said = [drawnCount === 1 ? '1 chart' : `${drawnCount} charts`];
  if (drawnCount > 0 && maker === undefined)
    said.push('as SVG only: the renderer of PNGs does not run on this machine');
  if (maker !== undefined && maker.missing.length > 0) {
    said.push(`no font here has ${maker.missing.join(' ')}: boxes stand for them in the PNGs`);
  }
  if (left.length > 0) said.push(`nothing to draw for ${left.join(', ')}`);
  return said.join('; ');
}
