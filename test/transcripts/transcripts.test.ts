import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAUSE_KEYS, CAUSES } from '../../src/model/cause.ts';
import { ACTION_KEYS } from '../../src/model/event.ts';
import { INPUT_KEYS, LIFECYCLE, PHASE_KEYS } from '../../src/replication/lifecycle.ts';
import { simulated } from '../laws/build-run.ts';
import { logOf, readTranscript, refreshed, type Transcript } from './transcript.ts';

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));
/** `UPDATE=1 npx vitest run test/transcripts` makes the logs anew; what came out is then to be read in the diff. */
const UPDATES = process.env.UPDATE === '1';

function transcriptOf(file: string): Transcript {
  return readTranscript(readFileSync(join(import.meta.dirname, file), 'utf8'));
}

describe('transcripts', () => {
  it.each(FILES)('%s', (file) => {
    const transcript = transcriptOf(file);
    const log = logOf(transcript.script);
    if (UPDATES) writeFileSync(join(import.meta.dirname, file), refreshed(transcript, log));
    else expect(log).toBe(transcript.log);
  });
});

describe('together the transcripts show', () => {
  const transcripts = FILES.map(transcriptOf);
  const scripts = transcripts.map(({ script }) => script);

  it('a case each', () => {
    expect(new Set(transcripts.map(({ title }) => title)).size).toBe(FILES.length);
  });

  it('every step that the lifecycle allows', () => {
    const missing = new Set(
      PHASE_KEYS.flatMap((phase) =>
        Object.entries(LIFECYCLE[phase]).flatMap(([input, next]) => next.map((after) => `${phase} ${input} ${after}`)),
      ),
    );
    for (const { run } of scripts) {
      simulated(run, {
        observer: {
          stepped: ({ before, input, after }) =>
            void missing.delete(`${PHASE_KEYS[before]} ${INPUT_KEYS[input]} ${PHASE_KEYS[after]}`),
        },
      });
    }
    expect([...missing]).toEqual([]);
  });

  it('every cause by name', () => {
    const logs = scripts.map(logOf).join('\n');
    expect(CAUSE_KEYS.filter((key) => !logs.includes(`(${CAUSES[key].title})`))).toEqual([]);
  });

  it('every action of an administrator', () => {
    const actions = new Set(scripts.flatMap(({ run }) => run.events.map((e) => (e.kind === 'action' ? e.action : ''))));
    expect(ACTION_KEYS.filter((action) => !actions.has(action))).toEqual([]);
  });
});

describe('a script that cannot be read says in which line and why', () => {
  const head = 'Title\n\nscenario  vmm-to-vmm, a copy every 5min\nstart  2026-01-05 08:00\nlink  8Mbps\n';
  const vm = 'vm  SQL01 on HV1: data 10GB used 1GB idle\n';

  it.each([
    ['what is no script', 'Title\n\nprose\n', 'a script reaches from'],
    [
      'a word that begins no line',
      `${head}${vm}disk  1GB\nuntil 09:00`,
      'line 7, "disk 1GB": no line of a script begins',
    ],
    ['a clause', `${head}${vm}rules  merging fast\nuntil 09:00`, 'line 7, "rules merging fast": "fast" is no quantity'],
    ['a bit for a byte', `${head}vm  A on H: d 1Gb used 1GB idle\nuntil 09:00`, 'line 6'],
    ['a VM that is not there', `${head}${vm}at 08:10  pause SQL02\nuntil 09:00`, 'There is no VM "SQL02"'],
    ['what cannot happen', `${head}${vm}at 08:10  rain\nuntil 09:00`, 'line 7, "at 08:10 rain"'],
    ['a time before the start', `${head}${vm}at 07:10  pause SQL01\nuntil 09:00`, '07:10 is before the start'],
    [
      'times in disorder',
      `${head}${vm}at 08:10  pause SQL01\nat 08:05  pause SQL01\nuntil 09:00`,
      'line 8, "at 08:05 pause SQL01": it stands below something later',
    ],
    [
      'a policy that is not offered',
      `${head}${vm}until 09:00`.replace('vmm-to-vmm, a copy every 5min', 'hyperv-to-azure, a copy every 15min'),
      '15 minutes was offered at the 2014 preview only',
    ],
    ['a VM of another script', `${head}${vm}initial  SQL02: enabled at 08:10\nuntil 09:00`, 'there is no such VM'],
  ])('%s', (_, text, why) => {
    expect(() => readTranscript(text)).toThrow(why);
  });
});
