import type { ImageAssets } from './assets.ts';
import { FONT_FAMILY, imageAssets } from './assets.ts';

/** Pixels of the image per pixel of the drawing, for paper and dense screens. */
export const PNG_SCALE = 2;

/** Draws SVGs as PNGs. */
export interface PngMaker {
  readonly png: (svg: string) => Uint8Array;
  /** Characters that no font here has: boxes stand for them. */
  readonly missing: readonly string[];
}

/** The machine's own fonts are read for characters that the shipped font does not have, and then only: it takes time, and makes other bytes. */
const MISSING_ASKED_MOST = 12;

/**
 * @param svgs all that will be drawn
 * @returns `undefined` where the renderer does not run on this machine
 */
export async function pngMaker(svgs: readonly string[]): Promise<PngMaker | undefined> {
  const assets = await imageAssets();
  const resvg = await import('@resvg/resvg-js').catch(() => undefined);
  if (resvg === undefined) return undefined;
  const foreign = foreignCharacters(svgs, assets);
  const draw = (svg: string, zoom: number): Uint8Array => {
    const font = {
      ...{ fontFiles: [...assets.fontFiles], defaultFontFamily: FONT_FAMILY, sansSerifFamily: FONT_FAMILY },
      loadSystemFonts: [...svg].some((character) => foreign.has(character)),
    };
    return new resvg.Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
  };
  const box = draw(sampleOf(NO_CHARACTER), 1);
  const missing = [...foreign]
    .slice(0, MISSING_ASKED_MOST)
    .filter((character) => Buffer.compare(draw(sampleOf(character), 1), box) === 0);
  return { png: (svg) => draw(svg, PNG_SCALE), missing };
}

/** A code point that Unicode has set aside: no font has it. */
const NO_CHARACTER = '\u{10FFFD}';

function sampleOf(character: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="8" y="28" font-size="20" font-family="${FONT_FAMILY}">${character}</text></svg>`;
}

function foreignCharacters(svgs: readonly string[], { regular }: ImageAssets): Set<string> {
  const characters = new Set(svgs.flatMap((svg) => [...new Set(svg)]));
  return new Set([...characters].filter((character) => character > '~' && !regular.has(character)));
}
