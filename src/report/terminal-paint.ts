import { styleText } from 'node:util';

/** Gives a text a look, or leaves it as it is where no escape sequences may be written. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

export function painter(color: boolean): Paint {
  // The caller has decided about colour; the stream and the environment are not asked again.
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}

export function heading(title: string, paint: Paint): string {
  return paint(['bold', 'underline'], title);
}
