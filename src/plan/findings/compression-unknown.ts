import type { FindingRule } from './finding.ts';

/** Whether anybody said how well the deltas compress. */
export const compressionUnknown: FindingRule = {
  id: 'compression-unknown',
  fine: 'Compression is counted on as somebody said',
  trouble: 'No compression is counted on',
  why: 'Deltas are compressed on the way to Azure and, if switched on, between sites; how well depends on the data, so nothing is assumed until somebody measures it.',
  source: 'docs/method.md, rule 5',
  judge({ run }) {
    const { compressionRatio, overrides } = run.policy;
    const own = overrides.flatMap(({ settings }) => settings.compressionRatio ?? []);
    if (compressionRatio !== 1 || own.some((ratio) => ratio !== 1)) {
      const ratio = own.length > 0 ? own.toSorted((a, b) => a - b)[Math.floor(own.length / 2)]! : compressionRatio;
      return { ok: true, title: `A byte of a log takes ${ratio} bytes on the wire`, value: ratio, unit: 'ratio' };
    }
    return {
      ok: false,
      severity: 'note',
      title: 'No compression is counted on: the bandwidth is that of data which does not compress',
      ...{ value: 1, unit: 'ratio' },
      action: 'Measure it (the counter Compression Efficiency of a replicated VM), and give --compression.',
    };
  },
};
