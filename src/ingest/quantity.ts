import type { Delimiter } from '../formats/csv.ts';
import { type DecimalSign, parseDecimal } from '../units.ts';
import { type Column, type Unit, unitExamples, unitOf } from './columns.ts';
import { MAX_ERRORS, type ProblemList } from './problem-list.ts';

export interface Quantity {
  /** In bytes, bytes or bits per second or, where `isShare`, in the share per second. */
  readonly value: number;
  readonly isShare: boolean;
}

interface Doubt {
  readonly row: number;
  readonly column: string;
  readonly value: string;
}

/** `1,024` and `1.024`: thousands to one half of the world, decimals to the other. `0,125` is no thousands. */
const THOUSANDS_LIKE = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * Reads the numbers of one file, in its decimal sign, with their units. What cannot be told for certain is a problem,
 * never a guess: a number without a unit, `1,024` in a comma-delimited file, `1.024` in a file of decimal commas.
 *
 * Whether a file uses decimal commas is known at its end only; {@link settle} must be called there.
 */
export class QuantityReader {
  private readonly delimiter: Delimiter;
  private readonly problems: ProblemList;
  private usesDecimalCommas = false;
  private readonly doubtfulDots = new Doubts();
  private readonly doubtfulCommas = new Doubts();

  constructor(delimiter: Delimiter, problems: ProblemList) {
    this.delimiter = delimiter;
    this.problems = problems;
  }

  /** The quantity in a cell that is not empty; `undefined` where it is none, which is then reported. */
  read(column: Column<string>, text: string, row: number): Quantity | undefined {
    if (column.unit !== undefined && /^\d{1,15}$/.test(text)) {
      return { value: Number(text) * column.unit.factor, isShare: column.unit.isShare };
    }
    const match = text.length > 80 ? null : /^([+-]?[\d.,]+(?:e[+-]?\d+)?)\s*([\p{L}%].*)?$/iu.exec(text);
    const count = match === null ? undefined : this.number(match[1]!, column, row);
    if (count === 'ambiguous') return undefined;
    if (match === null || count === undefined) {
      this.notANumber(column, text, row);
      return undefined;
    }
    const unit = this.unit(column, match[2] ?? '', count, text, row);
    return unit === undefined ? undefined : { value: count * unit.factor, isShare: unit.isShare };
  }

  /** Reports the numbers whose reading hung on the rest of the file. */
  settle(): void {
    const doubts = this.usesDecimalCommas ? this.doubtfulDots : this.doubtfulCommas;
    for (const doubt of doubts.listed) this.ambiguous(doubt);
    this.problems.addUnlisted(doubts.count - doubts.listed.length);
  }

  private number(text: string, column: Column<string>, row: number): number | 'ambiguous' | undefined {
    const hasComma = text.includes(',');
    const decimal: DecimalSign = hasComma ? ',' : '.';
    const value = parseDecimal(text, decimal);
    if (value === undefined) return undefined;
    const doubt = { row, column: column.header, value: text };
    if (!hasComma) {
      if (THOUSANDS_LIKE.test(text)) this.doubtfulDots.add(doubt);
    } else if (this.delimiter === ';' || !THOUSANDS_LIKE.test(text)) {
      this.usesDecimalCommas = true;
    } else if (this.delimiter === '\t') {
      // A table copied from an English spreadsheet is delimited by tabs and has thousands separators.
      this.doubtfulCommas.add(doubt);
    } else {
      this.ambiguous(doubt);
      return 'ambiguous';
    }
    return value;
  }

  private unit(column: Column<string>, unitText: string, count: number, text: string, row: number): Unit | undefined {
    if (unitText === '') {
      if (column.unit !== undefined) return column.unit;
      // No unit changes a zero.
      if (count === 0) return { factor: 1, isShare: false };
      const message = `"${text}" has no unit, neither in the cell nor in the header "${column.header}".`;
      this.report('csv-missing-unit', column, text, row, message, unitRemedy(column));
      return undefined;
    }
    const unit = unitOf(column.measure, unitText.trim());
    if (unit === undefined) {
      const message =
        column.measure === 'count'
          ? `"${column.header}" is a plain number, without a unit.`
          : `"${unitText}" is not a unit for "${column.header}".`;
      this.report('csv-unknown-unit', column, text, row, message, unitRemedy(column));
      return undefined;
    }
    const header = column.unit;
    if (header === undefined || (header.factor === unit.factor && header.isShare === unit.isShare)) return unit;
    const message = `The unit in the cell is not that of the header "${column.header}".`;
    this.report('csv-two-units', column, text, row, message, 'Give the unit once, in the header or in the cell.');
    return undefined;
  }

  private notANumber(column: Column<string>, text: string, row: number): void {
    const message = `"${column.header}" needs a number.`;
    const remedy =
      'Write it without thousands separators, such as 1024 or 1.5; leave the cell empty if it is not known.';
    this.report('csv-wrong-number', column, text, row, message, remedy);
  }

  private ambiguous(doubt: Doubt): void {
    const plain = doubt.value.replace(/[.,]/, '');
    const decimals = Number(doubt.value.replace(',', '.'));
    const message = `"${doubt.value}" may be ${plain} or ${decimals}: in this file the sign "${doubt.value.includes(',') ? ',' : '.'}" can be either.`;
    const remedy = `Write ${plain} for the one, ${doubt.value}0 for the other.`;
    this.problems.error('csv-ambiguous-number', doubt, message, remedy);
  }

  private report(
    code: string,
    column: Column<string>,
    text: string,
    row: number,
    message: string,
    remedy: string,
  ): void {
    this.problems.error(code, { row, column: column.header, value: text }, message, remedy);
  }
}

function unitRemedy(column: Column<string>): string {
  if (column.measure === 'count' || column.measure === 'text') return 'Write the number alone.';
  const suffix = { size: '_gib', churn: '_gib_per_day', rate: '_mbps' }[column.measure];
  return `Name the unit (${unitExamples(column.measure)}) in the header, such as "${column.key}${suffix}", or in each cell.`;
}

/** Doubtful numbers: as many as can be listed, and the count of all. */
class Doubts {
  readonly listed: Doubt[] = [];
  count = 0;

  add(doubt: Doubt): void {
    this.count++;
    if (this.listed.length < MAX_ERRORS) this.listed.push(doubt);
  }
}
