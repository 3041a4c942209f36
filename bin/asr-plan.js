#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The launcher is committed, and not written by the build, so that npm finds it executable at every install.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `asr-plan needs Node 22.18 or later; this is ${process.versions.node}. Run it as "npx asr-plan", which brings Node 24 along, or install a later Node.\n`,
  );
  process.exit(2);
}
if (!existsSync(new URL('../dist/cli/main.js', import.meta.url))) {
  process.stderr.write('asr-plan is not built here: run "npm ci" (or "npm run build") first.\n');
  process.exit(3);
}
await import('../dist/cli/main.js');
