import type { Plan } from '../plan/plan.ts';
import { formatShare } from '../units.ts';
import { shownName } from './shown-name.ts';
import { byClipping, siteLines } from './site-lines.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** What was waited for during a smaller share of the run is not worth a line here. */
const SHARE_LEAST = 0.01;
const NAMED_MOST = 3;

/** Further lines and hosts that were full, the worst first; the site's link stands among the five numbers. */
export function fullLines(plan: Plan, width: number, paint: Paint): string[] {
  const lines = siteLines(plan).filter(({ isSiteLink }) => !isSiteLink);
  const hosts = plan.hosts.map((host) => ({ ...host, name: `host ${shownName(host.name)}` }));
  const full = byClipping([...lines.map((line) => ({ ...line, name: `line ${line.name}` })), ...hosts]).filter(
    ({ clippedFraction }) => clippedFraction > SHARE_LEAST,
  );
  if (full.length === 0) return [];
  const named = full
    .slice(0, NAMED_MOST)
    .map(({ name, clippedFraction }) => `${name} ${formatShare(clippedFraction)} of the time`);
  const rest = full.length - named.length;
  const text = `${named.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
  return [heading('Full as well', paint), ...wrapTo(text, width)];
}
