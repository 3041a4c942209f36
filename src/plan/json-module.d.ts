/** Data files beside the source (`rules/*.json`); who imports one says what is in it. */
declare module '*.json' {
  const value: unknown;
  // biome-ignore lint/style/noDefaultExport: a JSON module has nothing else
  export default value;
}
