import type { Checked, CheckResult } from '../../study/check.ts';
import { judgementText } from './study-values.ts';

/** JUnit's XML, as CI systems read it: a test case for each objective (the Jenkins schema of surefire reports). */
export function renderJunit({ objectives, version }: CheckResult): string {
  const failures = objectives.filter(({ holds }) => !holds).length;
  const cases = objectives.map(testCase).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="asr-plan ${escaped(version)}" tests="${objectives.length}" failures="${failures}">
  <testsuite name="objectives" tests="${objectives.length}" failures="${failures}" errors="0" skipped="0">
${cases}  </testsuite>
</testsuites>
`;
}

function testCase({ name, holds, promises, counterexample, safe, methodText }: Checked): string {
  const head = `    <testcase classname="objectives" name="${escaped(name)}">\n`;
  const said = [safe, methodText].filter((text) => text !== null).join('\n');
  const out = `      <system-out>${escaped(said)}</system-out>\n`;
  if (holds || counterexample === null) return `${head}${out}    </testcase>\n`;
  const judged = counterexample.planValue
    .map((judgement, index) => judgementText(promises[index]!, judgement))
    .join('; ');
  const where = counterexample.text === '' ? 'in the base case' : counterexample.text;
  const failure = `      <failure message="${escaped(`${where}: ${judged}`)}" type="promise">${escaped(counterexample.replay)}</failure>\n`;
  return `${head}${failure}${out}    </testcase>\n`;
}

/** What XML 1.0 has no character for becomes the replacement character. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
