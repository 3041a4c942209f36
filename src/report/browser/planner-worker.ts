/** The worker of the planner's page: it reads files too. */
import type { Problem } from '../../model/problem.ts';
import { makePlan } from '../../plan/make-plan.ts';
import { readRequest } from '../../request/plan-request.ts';
import { packedRequestText } from '../packed-request.ts';
import { droppedFiles } from './dropped-files.ts';
import { type Analyze, answerOrders, hooksOf } from './worker-orders.ts';

const analyze: Analyze = async ({ origin, flags, dropped, version }, tell) => {
  const problems: Problem[] = [];
  const startMs = performance.now();
  const onProgress = (words: string): void => tell({ kind: 'progress', words });
  const request = await readRequest(origin, flags, problems, { files: droppedFiles(dropped), onProgress }, version);
  if (request === undefined) {
    tell({ kind: 'refused', problems });
    return undefined;
  }
  const base = makePlan(request, hooksOf(request));
  const tookMs = performance.now() - startMs;
  tell({ kind: 'analyzed', plan: base, run: packedRequestText(request), problems, tookMs });
  return { request, base };
};

answerOrders(analyze);
