import type { Study, TornadoBar } from '../../../study/study.ts';
import type { Chart } from '../../charts/chart.ts';
import { BROKEN, fitted, INK, THEME_PARAMS } from '../../charts/spec-parts.ts';
import { axisLabels, shownName } from '../../shown-name.ts';
import { dimensionOf, promiseValueText, studyValueText } from '../study-values.ts';
import { scaleOf } from './display-scale.ts';

/** Where the unit is the same, a wider bar is more. */
function swing({ low, high }: TornadoBar): number {
  return Math.abs(high.value! - low.value!);
}

function swingText(study: Study): string {
  const still = barsOf(study).filter((bar) => swing(bar) === 0);
  const next = 'What moves it most is what to measure next.';
  return still.length === 0
    ? next
    : `${next} It does not move with ${still.map(({ dimension }) => shownName(dimension)).join(', ')}.`;
}

function limitText(study: Study): string {
  const { limit } = barsOf(study)[0]!;
  return limit === null ? '' : `Dotted line: its limit, ${promiseValueText(promiseOf(study).unit, limit)}. `;
}

/** Of the promise that the counterexample breaks, where it has values; else of the first that has. */
function barsOf({ tornado, counterexample }: Study): readonly TornadoBar[] {
  const valued = tornado.filter(({ low, high }) => low.value !== null && high.value !== null);
  const broken = valued.find(({ promise }) => counterexample?.planValue[promise]?.holds === false) ?? valued[0];
  return valued.filter(({ promise }) => promise === broken?.promise);
}

function promiseOf(study: Study): Study['promises'][number] {
  return study.promises[barsOf(study)[0]!.promise]!;
}

/** What matters most: each severity from its mildest to its worst level, alone. */
export const tornadoChart: Chart<Study> = {
  id: 'study-tornado',
  section: 'study',
  title: (study) => {
    const [first] = barsOf(study);
    if (first === undefined) return 'No severity alone gives the promise a value';
    const { unit } = promiseOf(study);
    const [low, high] = [promiseValueText(unit, first.low.value), promiseValueText(unit, first.high.value)];
    return low === high
      ? 'None of what varies changes it alone'
      : `${first.dimension} moves it most: from ${low} to ${high}`;
  },
  summary: (study) =>
    barsOf(study).length === 0
      ? 'There is nothing to draw.'
      : `Each bar: what the promise comes to from the mildest to the worst level of one, everything else as in the base case. ${swingText(study)}`,
  note: (study) => {
    const { text, unit } = promiseOf(study);
    const { unit: shown } = scaleOf(unit, mostOf(study));
    return `Value of “${shownName(text)}”${shown === '' ? '' : ` in ${shown}`}. ${limitText(study)}Tick: the base case. Orange: it is broken at one end of the bar, blue: at neither.`;
  },
  drawable: (study) => barsOf(study).length > 0,
  rows: (study) =>
    barsOf(study).map(({ dimension, low, high }) => {
      const own = dimensionOf(study, dimension);
      const { unit } = promiseOf(study);
      return {
        dimension,
        mildest: studyValueText(own, low.at, study.clock),
        low: promiseValueText(unit, low.value),
        worst: studyValueText(own, high.at, study.clock),
        high: promiseValueText(unit, high.value),
      };
    }),
  columns: [
    { field: 'dimension', title: 'What varies', kind: 'text' },
    { field: 'mildest', title: 'Mildest', kind: 'text' },
    { field: 'low', title: 'comes to', kind: 'text' },
    { field: 'worst', title: 'Worst', kind: 'text' },
    { field: 'high', title: 'comes to ', kind: 'text' },
  ],
  sources: (study) => {
    const { factor } = scaleOf(promiseOf(study).unit, mostOf(study));
    const limit = barsOf(study)[0]!.limit;
    const labels = axisLabels(barsOf(study).map(({ dimension }) => dimension));
    return {
      bars: barsOf(study).map(({ dimension, low, high, baseValue }, rank) => {
        const own = dimensionOf(study, dimension);
        const { unit } = promiseOf(study);
        return {
          ...{ dimension: labels[rank]!, rank, breaks: !(low.holds && high.holds) },
          ...{ low: low.value! / factor, high: high.value! / factor },
          base: baseValue === null ? null : baseValue / factor,
          mildest: `${studyValueText(own, low.at, study.clock)}: ${promiseValueText(unit, low.value)}`,
          worst: `${studyValueText(own, high.at, study.clock)}: ${promiseValueText(unit, high.value)}`,
        };
      }),
      limits: limit === null ? [] : [{ value: limit / factor }],
    };
  },
  height: (study) => Math.max(2, barsOf(study).length) * 34,
  spec: {
    ...fitted(120),
    params: THEME_PARAMS,
    layer: [
      {
        data: { name: 'bars' },
        mark: { type: 'bar', height: 16 },
        encoding: {
          y: {
            field: 'dimension',
            type: 'nominal',
            sort: { field: 'rank', op: 'min' },
            axis: { title: null, labelLimit: { expr: 'labelRoom' }, ticks: false, domain: false },
          },
          x: {
            field: 'low',
            type: 'quantitative',
            scale: { zero: false },
            axis: { title: null, tickCount: { expr: 'max(2, floor(width / 90))' } },
          },
          x2: { field: 'high' },
          color: {
            field: 'breaks',
            type: 'nominal',
            scale: { domain: [false, true], range: ['#2f6da8', BROKEN] },
            legend: null,
          },
          tooltip: [
            { field: 'dimension', type: 'nominal', title: 'what varies' },
            { field: 'mildest', type: 'nominal' },
            { field: 'worst', type: 'nominal' },
          ],
        },
      },
      {
        data: { name: 'bars' },
        mark: { type: 'tick', thickness: 3, size: 24, color: INK, orient: 'vertical' },
        encoding: {
          y: { field: 'dimension', type: 'nominal', sort: { field: 'rank', op: 'min' } },
          x: { field: 'base', type: 'quantitative' },
        },
      },
      {
        data: { name: 'limits' },
        mark: { type: 'rule', color: INK, strokeDash: [2, 3] },
        encoding: { x: { field: 'value', type: 'quantitative' } },
      },
    ],
  },
};

function mostOf(study: Study): number {
  return barsOf(study).reduce((most, { low, high }) => Math.max(most, Math.abs(low.value!), Math.abs(high.value!)), 0);
}
