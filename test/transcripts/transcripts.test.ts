import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logOf, readTranscript, refreshed } from './transcript.ts';

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));
/** `UPDATE=1 npx vitest run test/transcripts` makes the logs anew; what came out is then to be read in the diff. */
const UPDATES = process.env.UPDATE === '1';

describe('transcripts', () => {
  it.each(FILES)('%s', (file) => {
    const path = join(import.meta.dirname, file);
    const transcript = readTranscript(readFileSync(path, 'utf8'));
    const log = logOf(transcript.script);
    if (UPDATES) writeFileSync(path, refreshed(transcript, log));
    else expect(log).toBe(transcript.log);
  });
});
