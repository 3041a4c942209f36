import type { TerminalOptions } from '../report/terminal.ts';

const WIDEST = 100;

/** How wide a stream's terminal is, and whether it wants colour. */
export function terminalOf(stream: NodeJS.WriteStream): TerminalOptions {
  return {
    color: stream.isTTY === true && (process.env.NO_COLOR ?? '') === '',
    width: Math.min(WIDEST, stream.columns || 80),
  };
}
