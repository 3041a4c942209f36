import { SCENARIO_IDS, SCENARIOS } from '../../model/scenario.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import type { Origin } from '../../request/plan-request.ts';
import type { QuickFlags } from '../../request/quick.ts';
import type { Dropped } from './dropped-files.ts';
import { button, element } from './elements.ts';

/** What the planner's form asks for. */
export interface Asked {
  readonly origin: Origin;
  readonly flags: AnalyzeFlags;
  readonly dropped: readonly Dropped[];
}

type TextFlag = {
  [K in keyof AnalyzeFlags]-?: NonNullable<AnalyzeFlags[K]> extends string ? K : never;
}[keyof AnalyzeFlags];
type FileFlag = Extract<TextFlag, 'site' | 'background' | 'outages' | 'batches'>;
/** Options that take several files. */
type FilesFlag = 'rules' | 'prices';

interface Field<Name> {
  readonly name: Name;
  readonly title: string;
  readonly example: string;
}

/** The same words as the command line's options, and read by the same rules. */
const FIRST: readonly Field<TextFlag>[] = [
  { name: 'bandwidth', title: 'Link', example: '300Mbps; empty = the one that the RPO needs' },
  { name: 'rpo', title: 'Recovery point objective', example: '15min' },
  { name: 'horizon', title: 'How far to look', example: '7d' },
  { name: 'growthFactor', title: 'Growth of the churn', example: '30%; empty = none' },
];
const FURTHER: readonly Field<TextFlag>[] = [
  { name: 'irWithin', title: 'Initial replication is to be through in', example: '3d' },
  { name: 'compression', title: 'Bytes on the wire per byte of a log', example: '0.7; empty = 1' },
  { name: 'recoveryPoints', title: 'Recovery points are kept for', example: '4h' },
  { name: 'appConsistent', title: 'App-consistent snapshots every', example: '1h, or off' },
  { name: 'initialReplication', title: 'Initial replication', example: "network, 'network at 1d18h', 'media 7d'" },
  { name: 'throttle', title: 'Throttle of the hosts', example: 'Set-OBMachineSetting …, pasted' },
  { name: 'rtt', title: 'Round trip over the link', example: '35ms' },
  { name: 'loss', title: 'Packets that the link loses', example: '0.1%' },
  { name: 'uploadThreads', title: 'Upload threads per VM', example: '4' },
  { name: 'linkEfficiency', title: 'Share of the link that carries payload', example: '0.95' },
  { name: 'assumeChurn', title: 'Churn of disks of which no file tells it', example: '3%/day' },
  { name: 'map', title: 'Columns of another tool’s table', example: 'vm=VMName,size=VHDSize(GB)' },
  { name: 'start', title: 'Start of the run', example: '2026-01-22T00:00' },
  { name: 'timeZone', title: 'Time zone', example: 'Europe/Berlin' },
];
const FILES: readonly Field<FileFlag>[] = [
  { name: 'site', title: 'Site file (JSON)', example: 'hosts, volumes, the link, clouds, policies, batches' },
  { name: 'background', title: 'What others use of the link (CSV)', example: 'time, rate' },
  { name: 'outages', title: 'Outages (CSV)', example: 'start, end, link' },
  { name: 'batches', title: 'Batches (CSV)', example: 'vm, at' },
];
const FILE_LISTS: readonly Field<FilesFlag>[] = [
  { name: 'rules', title: 'Rules (JSON)', example: 'newer limits, disk tiers, VM sizes' },
  { name: 'prices', title: 'Prices (JSON)', example: 'your own, or saved answers of the Azure Retail Prices API' },
];
const CHOICES = [{ name: 'scenario' }, { name: 'copyFrequency' }] as const;
const NUMBERS: readonly Field<keyof QuickFlags>[] = [
  { name: 'vms', title: 'VMs', example: '40' },
  { name: 'disk', title: 'Size of a disk', example: '200GiB' },
  { name: 'churn', title: 'Written to each disk', example: '3%/day, or 50 kB/s' },
  { name: 'disksPerVm', title: 'Disks of each VM', example: '1' },
  { name: 'used', title: 'Of a disk is used', example: '60%; empty = all' },
];

/** As the command line bounds a folder. [chosen] */
const MOST_FILES = 50_000;

/** The form of the planner's page: files or five numbers, and the options of `asr-plan analyze`. */
export class PlannerForm {
  readonly form: HTMLFormElement;
  readonly #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #list = element('p', { class: 'note', role: 'status' });
  readonly #clear = button('Take all away', () => this.#set([]));
  #dropped: Dropped[] = [];

  constructor(onAsk: (asked: Asked) => void) {
    const run = element('button', { type: 'submit', class: 'first' }, 'Plan');
    this.form = element(
      'form',
      { class: 'planner-form', 'aria-label': 'Planner' },
      this.#dropZone(),
      details(
        'Or five numbers, for a first answer',
        NUMBERS.map((field) => this.#text(`quick.${field.name}`, field)),
      ),
      element(
        'div',
        { class: 'fields' },
        ...this.#scenario(),
        ...FIRST.map((field) => this.#text(field.name, field)),
        this.#protected(),
      ),
      details('More options', [
        ...FURTHER.map((field) => this.#text(field.name, field)),
        this.#text('exclude', { title: 'Leave disks out', example: 'disk:*tempdb*, vm:TEST-*' }),
        this.#text('fault', { title: 'A fault', example: 'link down at 2d10h for 40min' }),
        ...FILES.map((field) => this.#file(field, false)),
        ...FILE_LISTS.map((field) => this.#file(field, true)),
      ]),
      element('p', { class: 'planner-run' }, run),
    );
    this.#set([]);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      onAsk(this.#asked());
    });
  }

  #asked(): Asked {
    const value = (name: string): string => this.#inputs.get(name)!.value.trim();
    const texts = [...FIRST, ...FURTHER, ...CHOICES]
      .map(({ name }) => [name, value(name)] as const)
      .filter(([, text]) => text !== '');
    const chosen = (name: string): Dropped[] =>
      [...((this.#inputs.get(name) as HTMLInputElement).files ?? [])].map((blob) => ({
        ...{ name: `${name}: ${blob.name}`, blob, isFound: false },
      }));
    const files = FILES.flatMap(({ name }) => chosen(name).map((file) => ({ name, file })));
    const lists = FILE_LISTS.map(({ name }) => ({ name, files: chosen(name) }));
    const list = (name: string): string[] =>
      value(name) === ''
        ? []
        : value(name)
            .split(',')
            .map((one) => one.trim());
    const flags: AnalyzeFlags = {
      ...Object.fromEntries(texts),
      ...Object.fromEntries(files.map(({ name, file }) => [name, file.name])),
      ...Object.fromEntries(lists.map((list) => [list.name, list.files.map(({ name }) => name)])),
      ...((this.#inputs.get('skip') as HTMLInputElement).checked ? { skipInitialReplication: true } : {}),
      ...{ exclude: list('exclude'), fault: value('fault') === '' ? [] : [value('fault')], action: [] },
    };
    const dropped = [...this.#dropped, ...files.map(({ file }) => file), ...lists.flatMap((list) => list.files)];
    if (this.#dropped.length > 0) {
      return { origin: { kind: 'files', files: this.#dropped.map(({ name }) => name) }, flags, dropped };
    }
    const numbers = NUMBERS.map(({ name }) => [name, value(`quick.${name}`)] as const).filter(
      ([, text]) => text !== '',
    );
    return { origin: { kind: 'quick', fleet: Object.fromEntries(numbers) }, flags, dropped };
  }

  #dropZone(): HTMLElement {
    const input = element('input', { type: 'file', multiple: '', class: 'unseen', id: 'planner-files' });
    input.addEventListener('change', () => {
      this.#add([...(input.files ?? [])].map((blob) => ({ name: blob.name, blob, isFound: false })));
      input.value = '';
    });
    const zone = element(
      'div',
      { class: 'drop-zone' },
      element(
        'p',
        {},
        element('label', { for: 'planner-files', class: 'choose' }, 'Choose files'),
        input,
        ' or drop files and folders here',
      ),
      element(
        'p',
        { class: 'note' },
        'Inventories (our CSV, Get-VHD, RVTools, Azure Migrate, Live Optics), churn (PerfMon’s CSV, Get-Counter, Prometheus, time series), VHDX files, replica logs. Each is recognised by its content.',
      ),
      this.#list,
      this.#clear,
    );
    zone.addEventListener('dragover', (event) => {
      event.preventDefault();
      zone.classList.add('over');
    });
    zone.addEventListener('dragleave', () => zone.classList.remove('over'));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      zone.classList.remove('over');
      const found = [...(event.dataTransfer?.items ?? [])].map((item): Dropped[] | Promise<Dropped[]> => {
        const entry = item.webkitGetAsEntry();
        if (entry?.isDirectory === true) return filesOf(entry, '');
        const blob = item.getAsFile();
        return blob === null ? [] : [{ name: blob.name, blob, isFound: false }];
      });
      void Promise.all(found).then((files) => this.#add(files.flat()));
    });
    return zone;
  }

  #add(files: readonly Dropped[]): void {
    const known = new Set(files.map(({ name }) => name));
    this.#set([...this.#dropped.filter(({ name }) => !known.has(name)), ...files].slice(0, MOST_FILES));
  }

  #set(files: Dropped[]): void {
    this.#dropped = files;
    this.#clear.hidden = files.length === 0;
    const names = files.slice(0, 8).map(({ name }) => name);
    const more = files.length > names.length ? ` and ${files.length - names.length} more` : '';
    this.#list.textContent = files.length === 0 ? 'No file yet.' : `${names.join(', ')}${more}`;
  }

  #text(name: string, { title, example }: Omit<Field<string>, 'name'>): HTMLElement {
    const input = element('input', { type: 'text', placeholder: example, autocomplete: 'off', spellcheck: 'false' });
    this.#inputs.set(name, input);
    return labelled(title, input);
  }

  #file({ name, title, example }: Field<FileFlag | FilesFlag>, isList: boolean): HTMLElement {
    const input = element('input', isList ? { type: 'file', multiple: '' } : { type: 'file' });
    this.#inputs.set(name, input);
    return labelled(`${title}: ${example}`, input);
  }

  #scenario(): HTMLElement[] {
    const select = element(
      'select',
      {},
      ...SCENARIO_IDS.map((id) => element('option', { value: id }, SCENARIOS[id].title)),
    );
    this.#inputs.set('scenario', select);
    const copies = element('select', {});
    const setCopies = (): void => {
      const { values } = SCENARIOS[select.value as (typeof SCENARIO_IDS)[number]].copyFrequencyMs;
      const options = values.map((ms) =>
        element('option', { value: `${ms / 1000}s` }, ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`),
      );
      copies.replaceChildren(element('option', { value: '' }, 'as usual'), ...options);
    };
    select.addEventListener('change', setCopies);
    setCopies();
    this.#inputs.set('copyFrequency', copies);
    return [labelled('Scenario', select), labelled('Copy frequency', copies)];
  }

  #protected(): HTMLElement {
    const input = element('input', { type: 'checkbox' });
    this.#inputs.set('skip', input);
    return element('label', { class: 'check' }, input, ' the fleet is protected already');
  }
}

function labelled(title: string, input: HTMLElement): HTMLElement {
  return element('label', { class: 'field' }, element('span', { class: 'name' }, title), input);
}

function details(title: string, fields: readonly HTMLElement[]): HTMLElement {
  return element('details', {}, element('summary', {}, title), element('div', { class: 'fields' }, ...fields));
}

/** The files of what was dropped, those of folders and of the folders in them too. */
async function filesOf(entry: FileSystemEntry, folder: string): Promise<Dropped[]> {
  const name = `${folder}${entry.name}`;
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ name, blob, isFound: folder !== '' }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: Dropped[] = [];
  for (;;) {
    // A folder is told in parts, until one is empty.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0 || files.length > MOST_FILES) return files;
    for (const inside of entries) files.push(...(await filesOf(inside, `${name}/`)));
  }
}
