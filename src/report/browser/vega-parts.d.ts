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
