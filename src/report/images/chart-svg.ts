import { formatLocal } from '../../model/clock.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs } from '../../units.ts';
import type { Chart } from '../charts/chart.ts';
import { html, Markup } from '../html-template.ts';
import { type ImageAssets, imageAssets } from './assets.ts';
import type { TextWidth } from './plot.ts';

/** Of the whole image; on an A4 page's 16 cm its smallest letters are 6 points high. [chosen] */
export const IMAGE_PIXELS = 800;
const MARGIN_PIXELS = 20;
const INNER_PIXELS = IMAGE_PIXELS - 2 * MARGIN_PIXELS;
/** As on the page, on light paper (src/report/browser/chart-theme.ts). */
const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const [INK, MUTED, PAPER] = ['#1c2733', '#5a6675', '#ffffff'];

interface Letters {
  readonly sizePixels: number;
  readonly linePixels: number;
  readonly isBold: boolean;
  readonly color: string;
}

const TITLE: Letters = { sizePixels: 16, linePixels: 22, isBold: true, color: INK };
const NOTE: Letters = { sizePixels: 11, linePixels: 15, isBold: false, color: MUTED };
const GAP_PIXELS = 10;

/** A chart as one SVG file that needs nothing else: the finding, the plot, unit and source. @throws where it has nothing to draw, or was not built */
export async function chartSvg(plan: Plan, chart: Chart): Promise<string> {
  const assets = await imageAssets();
  const textWidth: TextWidth = (text, sizePixels, isBold) =>
    (isBold ? assets.bold : assets.regular).widthOf(text, sizePixels);
  const plot = await plotOf(plan, chart, assets, textWidth);
  const sheet = new Sheet(textWidth);
  sheet.write(chart.title(plan), TITLE);
  sheet.write(chart.note(plan), NOTE);
  sheet.skip(GAP_PIXELS);
  sheet.place(plot);
  sheet.skip(GAP_PIXELS);
  sheet.write(sourceOf(plan), NOTE);
  return sheet.svg(chart, plan);
}

/** Where the numbers come from. */
function sourceOf(plan: Plan): string {
  const { fleet, horizonMs, clock, version, seed, runHash } = plan;
  const vms = fleet.vmCount === 1 ? '1 VM' : `${fleet.vmCount} VMs`;
  return `Source: simulation of ${vms} over ${formatDurationMs(horizonMs)} from ${formatLocal(clock, 0)} (${clock.timeZone}), asr-plan ${version}, seed ${seed}, run ${runHash}`;
}

interface Plot {
  readonly markup: string;
  readonly heightPixels: number;
}

async function plotOf(plan: Plan, chart: Chart, assets: ImageAssets, textWidth: TextWidth): Promise<Plot> {
  const compiled = assets.compiled[chart.id];
  if (compiled === undefined) throw new Error(`the chart ${chart.id} was not built`);
  const svg = await assets.drawPlot(plan, chart, compiled, { widthPixels: INNER_PIXELS, textWidth });
  const size = /^<svg [^>]*\bwidth="([\d.]+)" height="([\d.]+)"/.exec(svg);
  if (size === null) throw new Error(`the chart ${chart.id} has no size`);
  return { markup: svg, heightPixels: Number(size[2]) };
}

/** A page that is filled from above. */
class Sheet {
  readonly #textWidth: TextWidth;
  readonly #parts: Markup[] = [];
  #y = MARGIN_PIXELS;

  constructor(textWidth: TextWidth) {
    this.#textWidth = textWidth;
  }

  skip(pixels: number): void {
    this.#y += pixels;
  }

  /** A paragraph, broken where the sheet ends. */
  write(text: string, { sizePixels, linePixels, isBold, color }: Letters): void {
    const widthOf = (line: string): number => this.#textWidth(line, sizePixels, isBold);
    for (const line of linesOf(text, INNER_PIXELS, widthOf, LINES_MOST)) {
      this.#y += linePixels;
      const weight = isBold ? 'bold' : 'normal';
      // The line's letters stand on its lower edge, less what reaches below.
      const baseline = this.#y - Math.round((linePixels - sizePixels) / 2 + sizePixels * DESCENT);
      this.#parts.push(
        html`<text x="${MARGIN_PIXELS}" y="${baseline}" font-size="${sizePixels}" font-weight="${weight}" fill="${color}">${line}</text>`,
      );
    }
  }

  place({ markup, heightPixels }: Plot): void {
    const inside = markup.replace('<svg ', `<svg x="${MARGIN_PIXELS}" y="${this.#y}" aria-hidden="true" `);
    this.#parts.push(new Markup(inside));
    this.#y += heightPixels;
  }

  svg(chart: Chart, plan: Plan): string {
    const height = Math.ceil(this.#y + MARGIN_PIXELS);
    const { text } =
      html`<svg xmlns="http://www.w3.org/2000/svg" width="${IMAGE_PIXELS}" height="${height}" viewBox="0 0 ${IMAGE_PIXELS} ${height}" role="img" aria-labelledby="title-${chart.id} desc-${chart.id}" font-family="${FONTS}">
<title id="title-${chart.id}">${chart.title(plan)}</title>
<desc id="desc-${chart.id}">${chart.summary(plan)} ${chart.note(plan)}</desc>
<rect width="100%" height="100%" fill="${PAPER}"/>
${this.#parts.map((part) => [part, new Markup('\n')])}</svg>
`;
    return text.replace(NOT_XML, '\uFFFD');
  }
}

/** Of a letter's size, what may reach below its line. */
const DESCENT = 0.2;

/** What XML 1.0 cannot hold, escaped or not, nor should (production 2, Char, and the note to it). */
const NOT_XML = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Cs}/gu;

/** A name may be longer than any page. [chosen] */
const LINES_MOST = 8;

/** A number and what it counts stay on one line. */
const BEFORE_UNIT = /(?<=\d) (?=%|\p{L}{1,6}\b)/gu;
const BLANKS = /[^\S\u00A0]+/;

/** Breaks a text at its blanks, and within a word only where it is longer than a line. What is more than `most` lines is cut, with a mark. */
export function linesOf(text: string, mostPixels: number, widthOf: (line: string) => number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .replace(BEFORE_UNIT, '\u00A0')
    .split(BLANKS)
    .filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer.slice(0, LINE_CHARACTERS_MOST)) <= mostPixels) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (line !== '' && widthOf(line + character) > mostPixels) {
        lines.push(line);
        line = '';
        if (lines.length > most) break;
      }
      line += character;
    }
    if (lines.length > most) break;
  }
  if (line !== '') lines.push(line);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1]!} …`];
}

/** No line has as many: the narrowest letter is wider than a pixel. */
const LINE_CHARACTERS_MOST = 1000;
