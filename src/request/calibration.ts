import { parseCalibration } from '../ingest/calibration.ts';
import type { Assumption } from '../model/assumption.ts';
import type { Problem } from '../model/problem.ts';
import type { RehearsalCalibration } from '../model/rehearsal-calibration.ts';
import type { AnalyzeFlags } from './flags.ts';
import { type Files, wholeText } from './opened-file.ts';

/** The file of `--calibration`; `undefined` where none was given, or where it has an error. */
export async function readCalibration(
  { calibration: path }: AnalyzeFlags,
  problems: Problem[],
  files: Files,
): Promise<RehearsalCalibration | undefined> {
  if (path === undefined) return undefined;
  const opened = await files.open(path);
  const text = opened.value === undefined ? undefined : await wholeText(opened.value);
  problems.push(...opened.problems, ...(text?.problems ?? []));
  if (text?.value === undefined) return undefined;
  const parsed = parseCalibration(path, text.value);
  problems.push(...parsed.problems.all());
  return parsed.value;
}

/** The flags with what was measured, where they do not say it themselves. */
export function withCalibration(flags: AnalyzeFlags, calibration: RehearsalCalibration | undefined): AnalyzeFlags {
  if (calibration === undefined) return flags;
  const { compressionRatio, linkEfficiencyRatio } = calibration;
  return {
    ...flags,
    ...(compressionRatio === null ? {} : { compression: flags.compression ?? String(compressionRatio) }),
    linkEfficiency: flags.linkEfficiency ?? String(linkEfficiencyRatio),
  };
}

/** Where the two come from, for the report. */
export function calibrationAssumption(calibration: RehearsalCalibration | undefined): Assumption[] {
  if (calibration === undefined) return [];
  const reason = `compression and link efficiency that no flag names are those that a rehearsal measured: ${calibration.rehearsed}`;
  const source = 'asr-plan rehearse --calibrate';
  return [{ name: 'calibratedBy', value: calibration.rehearsed, reason, source, origin: 'given' }];
}
