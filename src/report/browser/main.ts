/**
 * The report's page: draws the charts, brings the tables to life and answers what-ifs. All that it shows and runs is in the page's own
 * data blocks.
 */
import type { Plan } from '../../plan/plan.ts';
import type { Study } from '../../study/study.ts';
import type { CompiledChart } from './chart-view.ts';
import { packedBlock, unpackedJson } from './packed-block.ts';
import { startPlanner } from './planner-page.ts';
import { showReport } from './show-report.ts';
import { showStudy } from './show-study.ts';
import { packsOfPage } from './what-if-panel.ts';

async function start(): Promise<void> {
  const compiled = await unpackedJson<Record<string, CompiledChart>>('charts');
  if (packedBlock('study') !== undefined) {
    showStudy(await unpackedJson<Study>('study'), compiled);
    return;
  }
  if (packedBlock('plan') === undefined) {
    startPlanner(compiled);
    return;
  }
  const plan = await unpackedJson<Plan>('plan');
  showReport(plan, compiled, packsOfPage());
  if (location.hash.startsWith('#vms?')) document.querySelector('#vms')!.scrollIntoView();
}

void start();
