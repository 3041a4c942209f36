// Vega's parts bring no types of their own; these are the whole's.
declare module 'vega-view' {
  export { View } from 'vega';
}
declare module 'vega-parser' {
  export { parse } from 'vega';
}
declare module 'vega-dataflow' {
  export { transforms } from 'vega';
}
declare module 'vega-transforms';
declare module 'vega-view-transforms';
declare module 'vega-encode';
declare module 'vega-scenegraph' {
  /** A text that is to be drawn. */
  interface TextItem {
    readonly fontSize?: number;
    readonly fontWeight?: string | number;
    /** In pixels; 0 where there is none. */
    readonly limit?: number;
  }
  export const textMetrics: { width: (item: TextItem, text: unknown) => number };
  /** Clips and gradients are numbered anew. */
  export function resetSVGDefIds(): void;
}
