import type { RenderedImage } from '@resvg/resvg-js';
import { FONT_FAMILY, type ImageAssets, imageAssets } from './assets.ts';

/** Pixels of the image per pixel of the drawing, for paper and dense screens. */
export const PNG_SCALE = 2;

/** Draws SVGs as PNGs. */
export interface PngMaker {
  readonly png: (svg: string) => Uint8Array;
  /** Characters that no font here has: boxes stand for them. */
  readonly missing: readonly string[];
}

/** As many characters are looked for; a fleet that is named in Chinese has hundreds. */
const LOOKED_FOR_MOST = 200;

/**
 * The text is drawn in the font that the product brings. The machine's fonts are read for characters which that does not have, and then only: it
 * takes time, and other machines have other fonts.
 *
 * @param svgs all that will be drawn
 * @returns `undefined` where the renderer does not run on this machine
 */
export async function pngMaker(svgs: readonly string[]): Promise<PngMaker | undefined> {
  const assets = await imageAssets();
  const resvg = await import('@resvg/resvg-js').catch(() => undefined);
  if (resvg === undefined) return undefined;
  const foreign = foreignCharacters(svgs, assets);
  const draw: Draw = (svg, zoom) => {
    const font = {
      ...{ fontFiles: [...assets.fontFiles], defaultFontFamily: FONT_FAMILY, sansSerifFamily: FONT_FAMILY },
      loadSystemFonts: [...svg].some((character) => foreign.has(character)),
    };
    return new resvg.Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render();
  };
  return { png: (svg) => draw(svg, PNG_SCALE).asPng(), missing: missingOf(foreign, draw) };
}

/** Draws an SVG so many times as large. */
export type Draw = (svg: string, zoom: number) => RenderedImage;

function foreignCharacters(svgs: readonly string[], { regular }: ImageAssets): Set<string> {
  const characters = new Set(svgs.flatMap((svg) => [...new Set(svg)]));
  return new Set([...characters].filter((character) => character > '~' && !regular.has(character)));
}

/** A code point for private use, at the end of Unicode: no font has it. */
const NO_CHARACTER = '\u{10FFFD}';
const SAMPLE_PIXELS = 32;

/** Which characters look like one that does not exist. */
export function missingOf(characters: ReadonlySet<string>, draw: Draw): string[] {
  const looked = [...characters].slice(0, LOOKED_FOR_MOST);
  if (looked.length === 0) return [];
  const rows = [NO_CHARACTER, ...looked].map(
    (character, row) => `<text x="8" y="${row * SAMPLE_PIXELS + 22}">${character}</text>`,
  );
  const height = rows.length * SAMPLE_PIXELS;
  const { pixels } = draw(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SAMPLE_PIXELS}" height="${height}" font-size="16" font-family="${FONT_FAMILY}">${rows.join('')}</svg>`,
    1,
  );
  const rowBytes = SAMPLE_PIXELS * SAMPLE_PIXELS * 4;
  const rowAt = (row: number): Buffer => pixels.subarray(row * rowBytes, (row + 1) * rowBytes);
  return looked.filter((_, index) => rowAt(index + 1).equals(rowAt(0)));
}
