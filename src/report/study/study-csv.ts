import type { Judgement } from '../../study/promises/promise.ts';
import type { Study } from '../../study/study.ts';
import { csvText, withoutFormulas } from '../csv.ts';
import { dimensionOf, studyValueText } from './study-values.ts';

type Row = readonly (string | number | boolean | null)[];

/** A file of a study's folder of CSVs: values exact and in their dimension's unit, with the text that people read beside them. */
interface StudyTable {
  readonly file: string;
  readonly rows: (study: Study) => readonly Row[];
}

const TABLES: readonly StudyTable[] = [
  { file: 'answer.csv', rows: answerRows },
  { file: 'frontier.csv', rows: frontierRows },
  { file: 'sensitivity.csv', rows: sensitivityRows },
  { file: 'alone.csv', rows: aloneRows },
  { file: 'draws.csv', rows: drawRows },
];

export function studyCsvNames(): string[] {
  return TABLES.map(({ file }) => file);
}

/** In the order of {@link studyCsvNames}; a table of nothing is a header. */
export function studyCsvFiles(study: Study): string[] {
  return TABLES.map(({ rows }) => csvText(rows(study).map((row) => row.map(cellText))));
}

function cellText(cell: Row[number]): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? withoutFormulas(cell) : String(cell);
}

/** A promise a row. */
function answerRows({ promises, base, counterexample, holds, exact, scenariosRun }: Study): Row[] {
  const of = (judgement: Judgement | undefined): Row =>
    judgement === undefined ? [null, null] : [judgement.value, judgement.holds];
  return [
    [
      'promise',
      'unit',
      'limit',
      'base_value',
      'base_holds',
      'counterexample_value',
      'counterexample_holds',
      'counterexample',
      'study_holds',
      'exact',
      'scenarios_run',
    ],
    ...promises.map(({ text, unit }, index) => [
      ...[text, unit, base.judgements[index]!.limit, ...of(base.judgements[index])],
      ...[...of(counterexample?.planValue[index]), counterexample?.text ?? null, holds, exact, scenariosRun],
    ]),
  ];
}

function frontierRows(study: Study): Row[] {
  const points = study.frontiers.flatMap(({ along, severity, points: own, elsewhere }) =>
    own.map(({ at, largestSafe, smallestBreaking }): Row => {
      const [x, y] = [dimensionOf(study, along), dimensionOf(study, severity)];
      const text = (value: number | null): string | null =>
        value === null ? null : studyValueText(y, value, study.clock);
      return [
        ...[along, x.unit, at, studyValueText(x, at, study.clock), severity, y.unit],
        ...[largestSafe, text(largestSafe), smallestBreaking, text(smallestBreaking), elsewhere],
      ];
    }),
  );
  const head = [
    'along',
    'along_unit',
    'at',
    'at_text',
    'severity',
    'severity_unit',
    'largest_safe',
    'largest_safe_text',
  ];
  return [[...head, 'smallest_breaking', 'smallest_breaking_text', 'elsewhere'], ...points];
}

function sensitivityRows({ tornado, promises }: Study): Row[] {
  return [
    [
      'what_varies',
      'promise',
      'unit',
      'mildest',
      'value_at_mildest',
      'holds_at_mildest',
      'worst',
      'value_at_worst',
      'holds_at_worst',
      'base_value',
      'limit',
    ],
    ...tornado.map(({ dimension, promise, low, high, baseValue, limit }): Row => {
      const { text, unit } = promises[promise]!;
      return [dimension, text, unit, low.at, low.value, low.holds, high.at, high.value, high.holds, baseValue, limit];
    }),
  ];
}

function aloneRows(study: Study): Row[] {
  return [
    ['what_varies', 'unit', 'base', 'largest_safe', 'smallest_breaking'],
    ...study.alone.map(({ dimension, largestSafe, smallestBreaking }): Row => {
      const { unit, base } = dimensionOf(study, dimension);
      return [dimension, unit, base, largestSafe, smallestBreaking];
    }),
  ];
}

function drawRows({ monteCarlo }: Study): Row[] {
  const alternatives = monteCarlo?.alternatives ?? [];
  return [
    ['alternative', 'draws', 'held', 'share', 'from', 'to'],
    ...alternatives.map(({ name, held, share, from, to }): Row => [name, monteCarlo!.draws, held, share, from, to]),
  ];
}
