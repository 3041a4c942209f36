import type { RunClock } from '../../model/clock.ts';
import type { Plan } from '../../plan/plan.ts';

/** A row of data; numbers are finite. `null` where there is no value. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** How a column of the chart's table is printed. The CSV has the bare values, but for instants. */
export type ColumnKind = 'text' | 'instant' | 'bytes' | 'mbps' | 'duration' | 'share' | 'number';

export interface Column {
  readonly field: string;
  /** With the unit of the bare value where the kind does not tell it. */
  readonly title: string;
  readonly kind: ColumnKind;
}

/** A Vega-Lite specification: JSON that reads its data from named sources. The build compiles it and refuses any warning. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** A word of a chart's legend, explained under the chart. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
  /** Its colour in the chart, as CSS. */
  readonly color: string;
}

/** Whatever has a clock, which says what time an instant of the run is. */
export interface Timed {
  readonly clock: RunClock;
}

/**
 * A chart of the report. Everything about it is a pure function of what it is about, a plan or a study, so that it can be computed in the page as well
 * as in Node; only the specification is static.
 */
export interface Chart<About extends Timed = Plan> {
  readonly id: string;
  readonly section:
    | 'rpo'
    | 'bandwidth'
    | 'initial-replication'
    | 'batches'
    | 'storage'
    | 'churn'
    | 'failures'
    | 'site'
    | 'cost'
    | 'study';
  /** The finding, as a sentence without a full stop. */
  readonly title: (about: About) => string;
  /** What the chart shows, in words: caption and accessible name. */
  readonly summary: (about: About) => string;
  /** Unit, time zone, what was left out. */
  readonly note: (about: About) => string;
  /** What a reader of the page can do with it, a sentence; it does not stand under the chart as an image. */
  readonly gesture?: string;
  /** Whether there is anything to draw; where not, title and summary say why. */
  readonly drawable: (about: About) => boolean;
  /** The data as people read them: for the table and the CSV. Instants are on the run's clock. */
  readonly rows: (about: About) => Row[];
  readonly columns: readonly Column[];
  /** What the legend's words mean, where they do not tell it themselves. */
  readonly terms?: (about: About) => readonly Term[];
  /** The data as the specification reads them, by the names of its sources. */
  readonly sources: (about: About) => Readonly<Record<string, readonly Row[]>>;
  /** Values of the specification's parameters that depend on it, such as a unit or a legend's entries. */
  readonly params?: (about: About) => Readonly<Record<string, string | number | readonly string[]>>;
  /** Height of the plot in pixels where the number of rows decides it; else the specification's. */
  readonly height?: (about: About) => number;
  readonly spec: ChartSpec;
  /** Where the page is too narrow for `spec`. */
  readonly narrowSpec?: ChartSpec;
  /** For an image, where `spec` has a part that only a pointer can use. */
  readonly stillSpec?: ChartSpec;
}
