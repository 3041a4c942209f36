/** Names that try to break out of where they stand. */
export const HOSTILE_NAMES: readonly string[] = [
  '</script><script>window.__alerted=1;alert(1)</script>',
  '"><img src=x onerror="window.__alerted=2">',
  '%%DATA%% {{name}} [plan]',
  'line\u2028separator\u2029paragraph',
  '\u202Egnp.exe\u202C right to left',
  '\u001b[31mred\u001b[0m\u0007',
  '=HYPERLINK("http://x","y")',
  '__proto__',
  `long-${'n'.repeat(251)}`,
  'データベース-01',
];
