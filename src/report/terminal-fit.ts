import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { shownName } from './shown-name.ts';
import type { TerminalOptions } from './terminal.ts';
import { painter } from './terminal-paint.ts';

/** The fit of a disk as the terminal shows it. */
export interface ShownFit {
  readonly file: string;
  readonly summary: {
    readonly writeCount: number;
    readonly writtenBytes: number;
    readonly meanWriteBytes: number;
    readonly churn:
      | { readonly startMs: readonly number[]; readonly writtenBytes: readonly number[]; readonly endMs: number }
      | undefined;
    readonly touched: { readonly blockBytes: number; readonly intervalsEach: number } | undefined;
    readonly chunks: readonly { readonly chunkBytes: number; readonly dirtyBytes: number }[];
    readonly lengths: readonly { readonly fromBytes: number; readonly count: number }[];
    readonly windows: readonly { readonly window: number | 'whole'; readonly distinctBytes: number }[];
  };
  readonly fit:
    | { readonly model: undefined; readonly reason: 'few-windows' | 'no-overwrite' }
    | {
        readonly model: { readonly hotBytes: number; readonly hotShare: number };
        readonly goodness: {
          readonly pairCount: number;
          readonly medianRelativeError: number;
          readonly worstRelativeError: number;
          readonly r2: number;
        };
        readonly comparedByWindow: readonly {
          readonly window: number | 'whole';
          readonly measuredBytes: number;
          readonly modelledBytes: number;
          readonly factor: number;
          readonly medianRelativeError: number;
        }[];
      };
}

const REASONS = {
  'few-windows': 'The recording is too short, or writes too seldom, to tell how writes fall on the same place.',
  'no-overwrite': 'Nothing is overwritten that would matter: every written byte counts as a distinct one.',
};

/** What was written, what of it on the same places, and how well the model says that, for a terminal. Ends in a newline. */
export function renderFit({ file, summary, fit }: ShownFit, { color }: TerminalOptions): string {
  const paint = painter(color);
  const { writeCount, writtenBytes, meanWriteBytes, churn, lengths } = summary;
  const spanMs = churn?.endMs ?? 0;
  const commonest = lengths.toSorted((a, b) => b.count - a.count)[0];
  const lines = [
    paint('bold', shownName(file)),
    `  ${writeCount.toLocaleString('en-US')} writes, ${formatBytes(writtenBytes)} in ${formatDurationMs(spanMs)}: ${formatBytes((writtenBytes * 1000) / Math.max(1, spanMs))}/s`,
    `  mean write ${formatBytes(meanWriteBytes)}${commonest === undefined ? '' : `, most of them from ${formatBytes(commonest.fromBytes)} (${formatShare(commonest.count / writeCount)})`}`,
    ...placeLines(summary),
    ...(fit.model === undefined ? [`  ${REASONS[fit.reason]}`] : fitLines(fit)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function placeLines({ churn, touched, chunks }: ShownFit['summary']): string[] {
  if (churn === undefined || touched === undefined) return [];
  const stepMs = (churn.startMs[1] ?? churn.endMs) - (churn.startMs[0] ?? 0);
  const dirtyBytes = chunks.find(({ chunkBytes }) => chunkBytes === touched.blockBytes)?.dirtyBytes ?? 0;
  const block = formatBytes(touched.blockBytes);
  return [
    `  ${formatBytes(dirtyBytes)} in blocks of ${block}, recorded every ${formatDurationMs(touched.intervalsEach * stepMs)}`,
  ];
}

function fitLines({
  model,
  goodness,
  comparedByWindow,
}: Extract<ShownFit['fit'], { readonly goodness: unknown }>): string[] {
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  const row = (cells: readonly string[]): string =>
    `  ${cells.map((cell, at) => (at === 0 ? cell.padEnd(10) : cell.padStart(12))).join('')}`;
  return [
    `  a hot set of ${formatBytes(model.hotBytes)} takes ${percent(model.hotShare)} of the writes`,
    '',
    row(['window', 'distinct', 'the model', 'off by', 'a window by']),
    ...comparedByWindow.map(({ window, measuredBytes, modelledBytes, factor, medianRelativeError }) =>
      row([
        window === 'whole' ? 'all of it' : formatDurationMs(window),
        formatBytes(measuredBytes),
        formatBytes(modelledBytes),
        `${factor >= 1 ? '+' : ''}${percent(factor - 1)}`,
        percent(medianRelativeError),
      ]),
    ),
    `  ${goodness.pairCount} windows: median error ${percent(goodness.medianRelativeError)}, worst ${percent(goodness.worstRelativeError)}, R² ${goodness.r2.toFixed(3)}`,
  ];
}
