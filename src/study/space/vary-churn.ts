import type { Churn, ChurnSeries, Vm } from '../../model/workload.ts';
import type { Millis } from '../../units.ts';

/** What is written, times a factor. */
export function scaledChurn(churn: Churn, factor: number): Churn {
  if (churn.kind === 'constant') return { ...churn, bytesPerSec: churn.bytesPerSec * factor };
  return { ...churn, writtenBytes: churn.writtenBytes.map((bytes) => bytes * factor) };
}

/** The same total over the same time with peaks so many times as far from the mean: 0 is level, 1 as it was; never below nothing. */
export function sharpenedChurn(churn: Churn, factor: number): Churn {
  if (churn.kind === 'constant' || churn.startMs.length === 0) return churn;
  const total = churn.writtenBytes.reduce((sum, bytes) => sum + bytes, 0);
  const spanMs = churn.endMs - churn.startMs[0]!;
  const sharpened = churn.writtenBytes.map((bytes, index) => {
    const mean = (total * lengthMs(churn, index)) / spanMs;
    return Math.max(0, mean + factor * (bytes - mean));
  });
  const sum = sharpened.reduce((all, bytes) => all + bytes, 0);
  return { ...churn, writtenBytes: sharpened.map((bytes) => (sum === 0 ? 0 : (bytes * total) / sum)) };
}

/**
 * Everything later by so much (earlier where it is below 0). What repeats goes round, so that nothing is lost; what does not repeat begins
 * later, or has begun before the run.
 */
export function shiftedChurn(churn: Churn, byMs: Millis): Churn {
  if (churn.kind === 'constant' || churn.startMs.length === 0) return churn;
  const { repeatMs } = churn;
  // A series that begins after 0 would leave a gap before: one period earlier it is at the same place.
  const periods = repeatMs === 0 ? 0 : Math.max(0, Math.ceil((churn.startMs[0]! + byMs) / repeatMs));
  const shiftMs = byMs - periods * repeatMs;
  return { ...churn, startMs: churn.startMs.map((startMs) => startMs + shiftMs), endMs: churn.endMs + shiftMs };
}

/** Times a factor between two instants, over a run of `horizonMs`; unchanged elsewhere. */
export function burstChurn(churn: Churn, startMs: Millis, endMs: Millis, factor: number, horizonMs: Millis): Churn {
  const whole = spelledOut(churn, horizonMs);
  const starts: Millis[] = [];
  const written: number[] = [];
  whole.startMs.forEach((fromMs, index) => {
    const toMs = fromMs + lengthMs(whole, index);
    const cuts = [startMs, endMs].filter((atMs) => atMs > fromMs && atMs < toMs);
    [fromMs, ...cuts].forEach((pieceMs, piece) => {
      const pieceEndMs = cuts[piece] ?? toMs;
      const share = (pieceEndMs - pieceMs) / (toMs - fromMs);
      starts.push(pieceMs);
      written.push(whole.writtenBytes[index]! * share * (pieceMs >= startMs && pieceMs < endMs ? factor : 1));
    });
  });
  return { kind: 'series', startMs: starts, writtenBytes: written, endMs: whole.endMs, repeatMs: 0 };
}

/** The intervals of a churn up to a horizon, repetitions written out, none repeated after it. */
function spelledOut(churn: Churn, horizonMs: Millis): ChurnSeries {
  if (churn.kind === 'constant') {
    const writtenBytes = [(churn.bytesPerSec * horizonMs) / 1000];
    return { kind: 'series', startMs: [0], writtenBytes, endMs: horizonMs, repeatMs: 0 };
  }
  const startMs = [...churn.startMs];
  const writtenBytes = [...churn.writtenBytes];
  let endMs = churn.endMs;
  const firstMs = churn.endMs - churn.repeatMs;
  while (churn.repeatMs > 0 && endMs < horizonMs) {
    churn.startMs.forEach((fromMs, index) => {
      const toMs = fromMs + lengthMs(churn, index);
      if (toMs <= firstMs) return;
      // The period may begin within an interval.
      const pieceMs = Math.max(fromMs, firstMs);
      startMs.push(pieceMs - firstMs + endMs);
      writtenBytes.push((churn.writtenBytes[index]! * (toMs - pieceMs)) / (toMs - fromMs));
    });
    endMs += churn.repeatMs;
  }
  return { kind: 'series', startMs, writtenBytes, endMs, repeatMs: 0 };
}

function lengthMs(series: ChurnSeries, index: number): Millis {
  return (series.startMs[index + 1] ?? series.endMs) - series.startMs[index]!;
}

export function withChurn(vm: Vm, change: (churn: Churn) => Churn): Vm {
  return { ...vm, disks: vm.disks.map((disk) => ({ ...disk, churn: change(disk.churn) })) };
}
