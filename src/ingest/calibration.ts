import { CALIBRATION_SCHEMA, type RehearsalCalibration } from '../model/rehearsal-calibration.ts';
import { isObject } from './json-object.ts';
import { ProblemList } from './problem-list.ts';

const REMEDY = 'Make the file again with asr-plan rehearse --calibrate.';
const REHEARSED_LENGTH_MOST = 500;

/** Reads what a rehearsal has measured; whatever somebody has changed in it is checked. */
export function parseCalibration(file: string, text: string): { value?: RehearsalCalibration; problems: ProblemList } {
  const problems = new ProblemList(file);
  const wrong = (column: string, value: unknown, message: string): void => {
    problems.error('calibration-wrong', { column, value: String(value) }, message, REMEDY);
  };
  const { schema, rehearsed, compressionRatio, linkEfficiencyRatio } = objectOf(text, problems) ?? {};
  if (problems.errorCount > 0) return { problems };
  if (schema !== CALIBRATION_SCHEMA) wrong('schema', schema, `This is not "${CALIBRATION_SCHEMA}".`);
  if (typeof rehearsed !== 'string' || rehearsed.length > REHEARSED_LENGTH_MOST) {
    wrong('rehearsed', rehearsed, 'It is not said what was rehearsed.');
  }
  if (compressionRatio !== null && !isRatio(compressionRatio)) {
    wrong('compressionRatio', compressionRatio, 'It is neither null nor a number above 0 and up to 1.');
  }
  if (!isRatio(linkEfficiencyRatio)) {
    wrong('linkEfficiencyRatio', linkEfficiencyRatio, 'It is no number above 0 and up to 1.');
  }
  if (problems.errorCount > 0) return { problems };
  const value = { schema, rehearsed, compressionRatio, linkEfficiencyRatio } as RehearsalCalibration;
  return { value, problems };
}

function isRatio(value: unknown): boolean {
  // The flags take no less than a hundredth.
  return typeof value === 'number' && value >= 0.01 && value <= 1;
}

function objectOf(
  text: string,
  problems: ProblemList,
): Partial<Record<keyof RehearsalCalibration, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isObject(value)) return value as Partial<Record<keyof RehearsalCalibration, unknown>>;
    problems.error('calibration-wrong', {}, 'The file holds no object.', REMEDY);
  } catch (error) {
    // JSON.parse tells of wrong text in no other way.
    if (!(error instanceof SyntaxError)) throw error;
    problems.error('calibration-wrong', {}, `This is no whole JSON: ${error.message.slice(0, 200)}.`, REMEDY);
  }
  return undefined;
}
