/** What a rehearsal has measured that a plan otherwise assumes: `asr-plan rehearse --calibrate` writes it, `analyze --calibration` takes it. */
export interface RehearsalCalibration {
  readonly schema: 'asr-plan/calibration@1';
  /** Of what, for a reader. */
  readonly rehearsed: string;
  /** Bytes of logs and chunks that were left by compression; `null` where nothing was compressed. */
  readonly compressionRatio: number | null;
  /** Of the bytes on the wire, those that carry logs and chunks. */
  readonly linkEfficiencyRatio: number;
}

export const CALIBRATION_SCHEMA = 'asr-plan/calibration@1';
