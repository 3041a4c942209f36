import { describe, expect, test } from 'vitest';
import { SCENARIO_IDS, type ScenarioId } from '../../src/model/scenario.ts';
import type { Plan, Runbook, RunbookCommand } from '../../src/plan/plan.ts';
import { runbookSection } from '../../src/report/html-runbook.ts';
import { renderRunbookMarkdown } from '../../src/report/runbook-markdown.ts';
import { renderRunbookScript } from '../../src/report/runbook-script.ts';
import { shownName } from '../../src/report/shown-name.ts';
import { foldTexts, isMark, readPowerShell, type Token, textsOf } from '../plan/runbook/read-powershell.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

function planOf(scenario: ScenarioId, change: Partial<Runbook> = {}): Plan {
  const plan = samplePlan({ scenario });
  return { ...plan, runbook: { ...plan.runbook, ...change } };
}

function commandsOf({ runbook }: Plan): RunbookCommand[] {
  return runbook.tasks.flatMap(({ steps }) => steps.flatMap(({ commands }) => commands));
}

/** A runbook with one step, in which everything is this name. */
function namedAs(name: string): Plan {
  const step = {
    ...{ id: 'x', title: name, where: 'portal', doing: [name], checks: [name], source: 'a document' },
    facts: [{ label: name, values: [name, ''] }],
    commands: [{ id: 'x', where: 'console', script: "Get-VM -Name 'a'", notVerified: [name] }],
  };
  return planOf('hyperv-to-azure', {
    tasks: [{ number: 1, title: 'Create Azure resources', source: 'a document', steps: [step] }],
  });
}

describe.each(SCENARIO_IDS)('the script of %s', (scenario) => {
  const plan = planOf(scenario);
  const script = renderRunbookScript(plan);
  const lines = script.split('\r\n');
  const tokens = readPowerShell(lines.join('\n'));

  test('is ASCII, with lines as Windows ends them', () => {
    expect(script).toMatch(/^[\r\n -~]+$/);
    expect(script.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('says first that nothing was run, and takes its parameter before any statement', () => {
    const statements = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(statements[0]).toBe("param([string]$Step = '')");
    expect(lines.slice(0, 2).join(' ')).toContain('Nothing of this was run here');
  });

  test('runs one step at a time: a branch for each command, by its name, and a list of them', () => {
    const ids = commandsOf(plan).map(({ id }) => id);
    expect(branchesOf(tokens)).toEqual(ids);
    const listed = lines.slice(lines.lastIndexOf('    default {')).join('\n');
    for (const id of ids) expect(listed).toContain(`'${id} `);
  });

  test('holds every command as it is in the plan', () => {
    const bare = lines.map((line) => line.trim()).join('\n');
    for (const command of commandsOf(plan)) {
      expect(bare).toContain(
        command.script
          .split('\n')
          .map((line) => line.trim())
          .join('\n'),
      );
    }
  });

  test('does not parse before its open places are filled, and asks for each once', () => {
    const open = tokens.flatMap((token) => (token.kind === 'open' ? [token.value] : []));
    expect(open).toEqual(plan.runbook.openPlaces.map(({ name }) => name));
    expect(open.length).toBeGreaterThan(4);
  });

  test('holds strangers’ names as texts only', () => {
    const texts = new Set(textsOf(tokens));
    for (const name of HOSTILE_NAMES.slice(0, 6)) expect(texts.has(name), name).toBe(true);
  });
});

/** Texts before an opening brace that are no parts of an expression: the branches of the switch. */
function branchesOf(tokens: readonly Token[]): string[] {
  const folded = foldTexts(tokens);
  return folded.flatMap((token, at) =>
    token.kind === 'text' && isMark(folded[at + 1], '{') && folded[at - 1]?.kind === 'end' ? [token.value] : [],
  );
}

test('a step’s title cannot end the comment that it stands in', () => {
  for (const name of [...HOSTILE_NAMES, 'a\r\nStop-Computer', '#> Stop-Computer <#', 'a\u0085b']) {
    const script = renderRunbookScript(namedAs(name));
    const lines = script.split('\r\n');
    expect(lines.filter((line) => line.includes('Stop-Computer')).every((line) => line.trim().startsWith('#'))).toBe(
      true,
    );
    expect(lines).toHaveLength(renderRunbookScript(namedAs('plain')).split('\r\n').length);
  }
});

describe.each(SCENARIO_IDS)('the document of %s', (scenario) => {
  const plan = planOf(scenario);
  const document = renderRunbookMarkdown(plan);

  test('has its tasks, steps and commands in order', () => {
    const headings = [...document.matchAll(/^#{2,3} (.*)$/gm)].map(([, heading]) => heading);
    const expected = plan.runbook.tasks.flatMap(({ number, title, steps }) => [
      `Task ${number}. ${title}`,
      ...steps.map((_, index) => expect.stringMatching(new RegExp(`^${number}\\.${index + 1} `))),
    ]);
    expect(headings.slice(1)).toEqual(expected);
    for (const { script } of commandsOf(plan)) expect(document).toContain(`\`\`\`powershell\n${script}\n\`\`\``);
  });

  test('says that nothing was run, and asks for what is open', () => {
    expect(document).toContain('Nothing of this was run here');
    for (const { name, variable } of plan.runbook.openPlaces)
      expect(document).toContain(`\`${variable}\`: \`<${name}>\``);
  });

  test('has boxes to tick for all that is to be done and looked at', () => {
    const boxes = document.match(/^- \[ \] /gm)!.length;
    const steps = plan.runbook.tasks.flatMap((task) => task.steps);
    const expected = steps.reduce(
      (sum, { doing, checks }) => sum + doing.length + checks.length,
      plan.runbook.openPlaces.length,
    );
    expect(boxes).toBe(expected);
  });
});

test('in the document a name is no markup', () => {
  const plain = renderRunbookMarkdown(namedAs('plain')).split('\n').length;
  for (const name of [
    ...HOSTILE_NAMES,
    '**bold** [x](javascript:alert(1)) <b>',
    'a`b``c',
    '` x `',
    'a\n# b',
    '| a |',
  ]) {
    const document = renderRunbookMarkdown(namedAs(name));
    expect(document.split('\n')).toHaveLength(plain);
    const value = /^- .*: (.*), `\(no name\)`$/m.exec(document)![1]!;
    const fence = /^`+/.exec(value)![0];
    const inside = value.slice(fence.length, -fence.length);
    expect(value.endsWith(fence)).toBe(true);
    expect(inside.trim()).toBe(shownName(name).trim());
    expect([...inside.matchAll(/`+/g)].some(([run]) => run === fence)).toBe(false);
    const doing = document
      .split('\n')
      .find((line) => line.startsWith('- [ ] ') && document.indexOf(line) > document.indexOf('### '))!;
    expect(doing.slice('- [ ] '.length).replaceAll(/\\[\\`*_<>[\]|~&]/g, '')).not.toMatch(/[\\`*_<>[\]|~&]/);
  }
});

describe('in the report', () => {
  const page = (plan: Plan): string => runbookSection(plan).text;

  test('every task, step and command stands, and every text to copy has its mark', () => {
    const plan = planOf('vmm-to-vmm');
    const text = page(plan);
    const steps = plan.runbook.tasks.flatMap((task) => task.steps);
    expect(text.match(/<li class="step"/g)).toHaveLength(steps.length);
    expect(text.match(/ data-copy>/g)).toHaveLength(commandsOf(plan).length + 1);
    expect(text.match(/not run here/g)!.length).toBeGreaterThan(commandsOf(plan).length);
    for (const { id } of steps) expect(text).toContain(`id="runbook-${id}"`);
  });

  test('boxes can be ticked by their words', () => {
    expect(page(namedAs('x'))).toContain('<label><input type="checkbox"><span>Check: x</span></label>');
  });

  test('names are escaped, and what would disturb is not there', () => {
    for (const name of HOSTILE_NAMES) {
      const text = page(namedAs(name));
      expect(text).not.toContain('<script');
      expect(text).not.toContain('<img');
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202E]/u);
    }
  });

  test('of a long list the first are named, and how many more there are', () => {
    const plan = namedAs('x');
    const [task] = plan.runbook.tasks;
    const values = Array.from({ length: 100 }, (_, index) => `vm-${index}`);
    const long = { ...task!.steps[0]!, facts: [{ label: 'VMs', values }] };
    const text = page({ ...plan, runbook: { ...plan.runbook, tasks: [{ ...task!, steps: [long] }] } });
    expect(text).toContain('vm-23</bdi>');
    expect(text).not.toContain('vm-24</bdi>');
    expect(text).toContain('and 76 more');
  });
});
