import type { Run } from '../../model/run.ts';
import { EVENT_KEYS, type EventKey, type EventPart, type ScenarioEvent, withEvent } from './events.ts';
import type { Point, Setting, Space } from './space.ts';
import { kindOf, VARIABLES } from './variables.ts';

/** The run of a scenario; the same object where nothing is changed. */
export function applyPoint(run: Run, space: Space, point: Point): Run {
  const varied = space.dimensions.map(({ variable }, index) => ({ variable, value: point[index]! }));
  return applySettings(run, [...space.fixed, ...varied]);
}

/**
 * In the order of the registry, whatever the order in which they were said: VMs are added before what is written by all is multiplied. Of two
 * settings of one variable the later counts.
 */
export function applySettings(run: Run, settings: readonly Setting[]): Run {
  const latest = [...new Map(settings.map((setting) => [variableKey(setting), setting])).values()];
  let changed = run;
  for (const kind of VARIABLES) {
    if (kind.change.kind !== 'run') continue;
    for (const { variable, value } of latest) {
      if (variable.key !== kind.key) continue;
      if (value !== (variable.multiplies ? 1 : kind.base(changed)))
        changed = kind.change.apply(changed, value, variable);
    }
  }
  return eventsOf(latest).reduce(withEvent, changed);
}

/** What belongs to one event of one subject comes together. */
function eventsOf(settings: readonly Setting[]): ScenarioEvent[] {
  const events = new Map<string, { event: EventKey; parts: Partial<Record<EventPart, number>>; setting: Setting }>();
  for (const setting of settings) {
    const change = kindOf(setting.variable.key)?.change;
    if (change?.kind !== 'event') continue;
    const key = JSON.stringify([change.event, setting.variable.subject]);
    const own = events.get(key) ?? { event: change.event, parts: {}, setting };
    events.set(key, { ...own, parts: { ...own.parts, [change.part]: setting.value } });
  }
  return [...events.values()]
    .toSorted((a, b) => EVENT_KEYS.indexOf(a.event) - EVENT_KEYS.indexOf(b.event))
    .map(({ event, parts, setting: { variable } }) => ({
      event,
      parts,
      ...(variable.subject === undefined ? {} : { subject: variable.subject }),
    }));
}

function variableKey({ variable }: Setting): string {
  return JSON.stringify([variable.key, variable.subject, variable.multiplies]);
}
