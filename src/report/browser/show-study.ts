import type { Study } from '../../study/study.ts';
import { STUDY_CHARTS } from '../study/charts/registry.ts';
import type { CompiledChart } from './chart-view.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { LiveCharts } from './live-charts.ts';
import { followSections } from './navigation.ts';

/** Brings the study that stands in the page to life. */
export function showStudy(study: Study, compiled: Readonly<Record<string, CompiledChart>>): void {
  new LiveCharts(STUDY_CHARTS, compiled).show(study);
  addCopyButtons();
  followSections();
}
