/**
 * Builds the product into `dist/`: the rooms by the compiler, then the report's browser part and charts.
 * Runs at `npm ci` (prepare), so it must need nothing but what is installed.
 */
import { spawnSync } from 'node:child_process';
import { buildReport } from './build-report.ts';

const compiled = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

await buildReport();
