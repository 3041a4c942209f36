import { describe, expect, it } from 'vitest';
import { formatListTable, isFormatList } from '../../src/ingest/format-list.ts';
import type { InventoryFile } from '../../src/ingest/inventory-file.ts';
import { inventoryFormatOf, inventorySheets } from '../../src/ingest/inventory-formats.ts';
import { csvTable } from '../../src/ingest/table-source.ts';
import { GIB, MIB } from '../../src/units.ts';
import { codes, lines, textSource } from './text-sources.ts';

function read(...texts: readonly string[]): Promise<InventoryFile> {
  const headers = texts[0]!.split(/[,;]/);
  const format = inventoryFormatOf(headers);
  if (format === undefined) throw new Error(`no format claims ${texts[0]}`);
  return format.read(csvTable(textSource('export.csv', lines(...texts))));
}

function problemsOf(file: InventoryFile): string[] {
  return codes({ problems: file.problems.all() });
}

describe('RVTools', () => {
  const disks = (by: string, capacity: string): Promise<InventoryFile> =>
    read(
      ['VM', 'Powerstate', 'Template', 'Disk', 'Capacity MB'].join(by),
      ['a', 'poweredOn', 'False', 'd', capacity].join(by),
    );

  it.each([
    [',', '40960'],
    [',', '"40,960"'],
    [';', '40.960'],
    [';', '40,960'],
    [',', '"40 960"'],
    [',', '40\u00a0960'],
    [';', '40\u202f960'],
    [';', "40'960"],
    [';', '40’960'],
  ])('by %j %s is 40,960 MiB, whatever the locale', async (by, capacity) => {
    const file = await disks(by, capacity);
    expect([file.problems.all(), file.rows[0]?.sizeBytes]).toEqual([[], 40_960 * MIB]);
  });

  it.each([
    ['', 'vms-missing-size'],
    ['0', 'vms-size-not-positive'],
    ['-1', 'vms-size-not-positive'],
    ['0.5', 'vms-size-too-small'],
    ['67108865', 'vms-size-too-large'],
    ['40 GB', 'csv-two-units'],
    ['40,96', 'csv-extra-cells'],
    ['forty', 'csv-wrong-number'],
    ['1e400', 'csv-wrong-number'],
  ])('names the row, the column as written and the value of %j', async (capacity, code) => {
    const file = await disks(',', capacity);
    expect(problemsOf(file)).toEqual([`${code}@2`]);
    if (code !== 'csv-extra-cells') {
      expect(file.problems.all()[0]).toMatchObject({ file: 'export.csv', column: 'Capacity MB', value: capacity });
      expect(file.rows[0]!.sizeBytes).toBe(0);
    }
  });

  it('takes the first column for the VMs where all else is RVTools, and nothing else for it', async () => {
    const file = await read('Contoso,Powerstate,Disk,Capacity MiB', 'a,poweredOn,d,10');
    expect([file.rows[0]!.vm, problemsOf(file)]).toEqual(['a', ['~rvtools-vm-renamed@1']]);
    expect(inventoryFormatOf(['Contoso', 'Host', 'Powerstate', 'Disk', 'Capacity MiB'])).toBeUndefined();
  });

  it('drops templates in other languages, and counts them', async () => {
    const file = await read(
      'VM;Powerstate;Template;SRM Placeholder;Disk;Capacity MiB',
      'a;poweredOn;WAHR;FALSCH;d;1',
      'b;poweredOn;FALSCH;WAHR;d;1',
      ';poweredOn;0;0;d;1',
    );
    expect(Object.fromEntries(file.dropped)).toEqual({ 'a template': 1, 'an SRM placeholder': 1 });
    expect(problemsOf(file)).toEqual(['vms-empty-name@4']);
  });

  it('refuses names that cannot be shown, and a column that is there twice', async () => {
    expect(
      problemsOf(await read('VM,Powerstate,Disk,Capacity MiB', `"a\tb",on,d,10`, `a,on,${'d'.repeat(257)},10`)),
    ).toEqual(['name-control-character@2', 'name-too-long@3']);
    expect(problemsOf(await read('VM,Powerstate,Disk,Disk,Capacity MiB', 'a,on,d,d,10'))).toEqual([
      'csv-same-column-twice@1',
    ]);
  });

  it('keeps no size of all disks of a VM that none of them can have', async () => {
    const file = await read(
      'VM,Powerstate,In Use MiB,Provisioned MiB,Total disk capacity MiB',
      'big,on,100,1,67108865',
      'bare,on,0,1,0',
    );
    expect(file.vms).toEqual([
      { row: 2, vm: 'big', host: '', usedBytes: 100 * MIB },
      { row: 3, vm: 'bare', host: '', usedBytes: 0 },
    ]);
    expect(problemsOf(file)).toEqual(['~inventory-vm-too-large']);
  });

  it('ends at an empty table, and passes over delimiters at the end of rows', async () => {
    expect(problemsOf(await read('VM,Powerstate,Disk,Capacity MiB'))).toEqual(['csv-header-only']);
    expect((await read('VM,Powerstate,Disk,Capacity MiB', 'a,on,d,10,,')).rows).toHaveLength(1);
  });

  it('comes as one workbook, other sheets left aside', async () => {
    const sheets = [
      {
        name: 'vInfo',
        rows: [
          ['VM', 'Powerstate', 'In Use MiB', 'Provisioned MiB', 'Host'],
          ['a', 'poweredOn', '5', '10', 'h'],
        ],
      },
      {
        name: 'vDisk',
        rows: [
          ['VM', 'Powerstate', 'Disk', 'Capacity MiB'],
          ['', '', '', ''],
          ['a', 'poweredOn', 'd', '10'],
        ],
      },
      {
        name: 'vHost',
        rows: [
          ['Host', 'Datacenter'],
          ['h', 'x'],
        ],
      },
    ];
    const found = inventorySheets('rv.xlsx', sheets);
    expect(found.map(({ sheet, format }) => [sheet, format.id])).toEqual([
      ['vInfo', 'rvtools-vinfo'],
      ['vDisk', 'rvtools-vdisk'],
    ]);
    const files = await Promise.all(found.map(({ format, source }) => format.read(source)));
    expect(files.map((file) => file.problems.file)).toEqual(['rv.xlsx [vInfo]', 'rv.xlsx [vDisk]']);
    expect(files[0]!.vms).toEqual([{ row: 2, vm: 'a', host: 'h', usedBytes: 5 * MIB, sizeBytes: 10 * MIB }]);
    expect(files[1]!.rows).toMatchObject([{ row: 3, vm: 'a', sizeBytes: 10 * MIB }]);
  });
});

describe('Live Optics', () => {
  it('has notes before the header', async () => {
    const rows = [
      ['Live Optics', ''],
      ['', ''],
      ['VM Name', 'Virtual Disk Size (MB)'],
      ['a', '2048.5'],
    ];
    const [found] = inventorySheets('lo.xlsx', [{ name: 'VMs', rows }]);
    const file = await found!.format.read(found!.source);
    expect(file.vms).toEqual([{ row: 4, vm: 'a', host: '', sizeBytes: 2048.5 * MIB }]);
    expect(file.problems.all()).toEqual([]);
  });
});

describe('Azure Migrate', () => {
  it('reads the older headers, and the newer short form in MB', async () => {
    const old = await read(
      'Server name,IP address,Cores,Memory,OS name,Number of disks,Disk 1 size,Disk 1 read ops,Disk 1 write ops,Disk 1 read throughput,Disk 1 write throughput',
      'a,,2,4096,Linux,1,40,1,2,3,0.5',
    );
    expect(old.rows).toMatchObject([
      { vm: 'a', disk: 'Disk 1', sizeBytes: 40 * GIB, churn: { perSec: MIB / 2 }, writesPerSec: 2 },
    ]);
    const short = await read(
      '*Server name,*Cores,*OS name,Storage in use (In MB),*Storage allocated (In MB)',
      'a,2,Linux,1024,2048',
    );
    const traits = { cores: 2, operatingSystem: 'Linux' };
    expect(short.vms).toEqual([{ row: 2, vm: 'a', host: '', usedBytes: GIB, sizeBytes: 2 * GIB, traits }]);
  });

  it('says where a disk or a whole server has no size', async () => {
    const header = 'Server name,Cores,Disk 1 size (In GB),Disk 1 write throughput (MB per second),Disk 7 size (In GB)';
    const file = await read(header, 'a,2,,1,5', 'b,2,0,0,');
    expect(file.rows.map(({ disk, sizeBytes }) => [disk, sizeBytes])).toEqual([
      ['Disk 1', 0],
      ['Disk 7', 5 * GIB],
    ]);
    expect(problemsOf(file)).toEqual(['~azure-migrate-mean-churn', '~azure-migrate-no-size', 'vms-missing-size@2']);
    expect(file.problems.all()[1]!.message).toContain('"b"');
  });

  it('doubts what may be a thousand', async () => {
    const file = await read('Server name,Cores,Disk 1 size (In GB)', 'a,2,"1,024"');
    expect(file.problems.all()).toMatchObject([
      { code: 'csv-ambiguous-number', row: 2, column: 'Disk 1 size (In GB)', value: '1,024' },
    ]);
  });

  it.each([
    ['-1', 'vms-negative-churn'],
    ['9537', 'vms-churn-too-high'],
    ['x', 'csv-wrong-number'],
  ])('refuses a throughput of %s', async (written, code) => {
    const file = await read('Machine Name,Storage (in GB),Disk Write (in MBPS)', `a,1,${written}`);
    expect(problemsOf(file)).toContain(`${code}@2`);
  });
});

describe("Hyper-V's cmdlets", () => {
  it.each([
    ['6.21:33:18', 6 * 86_400 + 21 * 3600 + 33 * 60 + 18],
    ['00:00:01.5000000', 1.5],
    ['23:59:59', 86_399],
  ])('Measure-VM over %s', async (duration, seconds) => {
    const file = await read('VMName,ComputerName,AggregatedDiskDataWritten,MeteringDuration', `a,h,3,${duration}`);
    expect(file.vms[0]!.churn).toEqual({ perSec: expect.closeTo((3 * MIB) / seconds, 6), isShare: false });
  });

  it.each([['24:00:00'], ['1 day'], ['00:60:00'], ['1.5'], ['-1.00:00:00'], ['00:00:00.12345678']])(
    'Measure-VM refuses %s',
    async (duration) => {
      const file = await read('VMName,AggregatedDiskDataWritten,MeteringDuration', `a,3,${duration}`);
      expect(file.problems.all()).toMatchObject([
        { code: 'measure-vm-duration', row: 2, column: 'MeteringDuration', value: duration },
      ]);
    },
  );

  it('Measure-VM divides by no zero', async () => {
    const file = await read('VMName,AggregatedDiskDataWritten,MeteringDuration', 'a,3,00:00:00', 'b,3,', 'c,,01:00:00');
    expect(file.vms.map(({ churn }) => churn)).toEqual([undefined, undefined, undefined]);
    expect(problemsOf(file)).toEqual(['~measure-vm-no-duration']);
  });

  it('Get-VHD warns of more than the overhead of a file, and takes the size', async () => {
    const size = 10 * GIB;
    const file = await read(
      'Path,VhdType,Size,FileSize',
      `a.vhdx,Fixed,${size},${size + 4 * MIB}`,
      `b.vhdx,Dynamic,${size},${size + GIB}`,
    );
    expect(file.rows.map(({ usedBytes }) => usedBytes)).toEqual([size, size]);
    expect(file.problems.all()).toMatchObject([
      { code: 'inventory-used-over-size', message: expect.stringContaining('"b.vhdx"') },
    ]);
  });

  it('Get-VMHardDiskDrive names the pass-through disks that it leaves out', async () => {
    const file = await read(
      'VMName,ControllerType,Path,DiskNumber',
      'a,SCSI,,3',
      'a,SCSI,Disk 4 10.00 GB Bus 0 Lun 1,4',
      'a,IDE,C:\\iso\\w.iso,',
      'a,SCSI,C:\\a.vhdx,',
    );
    expect(file.rows.map(({ vm, path }) => [vm, path])).toEqual([['a', 'C:\\a.vhdx']]);
    expect(Object.fromEntries(file.dropped)).toEqual({ 'a pass-through disk': 2, 'a DVD': 1 });
    expect(file.problems.all()[0]!.message).toContain('"a: disk 3", "a: disk 4"');
  });
});

describe('Format-List', () => {
  const list = (text: string, lengths?: readonly number[]): Promise<InventoryFile> =>
    inventoryFormatOf(['Path', 'Size', 'VhdType'])!.read(formatListTable(textSource('l', text, lengths)));
  const record = (path: string): string => `Path    : ${path}\r\nVhdType : Dynamic\r\nSize    : ${GIB}\r\n`;

  it.each([
    ['blank lines between records', `${record('C:\\a.vhdx')}\r\n\r\n${record('C:\\b.vhdx')}`],
    ['a property that comes again', record('C:\\a.vhdx') + record('C:\\b.vhdx')],
    ['a line between', `${record('C:\\a.vhdx')}---\r\n# note\r\n${record('C:\\b.vhdx')}`],
    ['a mark of byte order', `\uFEFF\r\n${record('C:\\a.vhdx')}\n${record('C:\\b.vhdx')}`],
    ['no line end at the end', `${record('C:\\a.vhdx')}\n${record('C:\\b.vhdx')}`.trimEnd()],
    ['old line ends', `${record('C:\\a.vhdx')}\n${record('C:\\b.vhdx')}`.replaceAll('\r\n', '\r')],
  ])('is read with %s, in pieces of any length', async (_, text) => {
    const whole = await list(text);
    expect([whole.rows.map(({ path }) => path), whole.problems.all()]).toEqual([['C:\\a.vhdx', 'C:\\b.vhdx'], []]);
    expect((await list(text, [1])).rows).toEqual(whole.rows);
  });

  it('goes on in the next line where a value was broken', async () => {
    const file = await list(
      `Path    : C:\\ClusterStorage\\Volume1\\a-very-lo\n          ng-name.vhdx\nSize    : ${GIB}\n`,
    );
    expect(file.rows[0]!.path).toBe('C:\\ClusterStorage\\Volume1\\a-very-long-name.vhdx');
  });

  it('names the line of the record', async () => {
    expect(problemsOf(await list(`\n\n${record('C:\\a.vhdx')}\nPath : C:\\b.vhdx\nSize : x\n`))).toEqual([
      'csv-wrong-number@7',
    ]);
  });

  it('is told from a CSV, and from other text', () => {
    expect(isFormatList(record('C:\\a.vhdx'))).toBe(true);
    expect(isFormatList('vm,size\na,1\n')).toBe(false);
    expect(isFormatList('note: hello\nworld\n')).toBe(false);
    expect(isFormatList('{"a": 1}')).toBe(false);
    expect(isFormatList('')).toBe(false);
  });

  it('ends at a line without end, and at more records than there are disks', async () => {
    expect(problemsOf(await list(`Path : ${'x'.repeat(1_100_000)}`))).toContain('csv-record-too-long@1');
    expect(problemsOf(await list('Path : a\n'.repeat(200_002)))).toContain('format-list-too-long');
  });
});

describe("the planner's sheet", () => {
  const header =
    'VM Name,VM Compatibility,Peak Data Churn (MBps) (with Growth Factor),Number of Disks,Disk Size (GB),Cores';

  it('takes 30 % of growth off', async () => {
    const file = await read(header, 'a (HV1),Yes,2.6,1,40,2', 'disk one,,1.3,,40,');
    expect(file.vms).toEqual([
      {
        row: 2,
        vm: 'a',
        host: 'HV1',
        sizeBytes: 40 * GIB,
        churn: { perSec: expect.closeTo(2 * MIB, 3), isShare: false },
        traits: { cores: 2 },
      },
    ]);
    expect(file.rows).toEqual([
      {
        ...{ row: 3, vm: 'a', disk: 'disk one', host: 'HV1', volume: '', sizeBytes: 40 * GIB },
        churn: { perSec: expect.closeTo(MIB, 3), isShare: false },
      },
    ]);
    expect(file.problems.all()).toMatchObject([
      { code: 'planner-growth-removed', message: expect.stringContaining('30 %') },
    ]);
  });

  it('has every disk under a VM', async () => {
    expect(problemsOf(await read(header, 'disk one,,1.3,,40,', 'a,Yes,2.6,,40,2'))).toContain(
      'planner-disk-without-vm@2',
    );
  });
});
