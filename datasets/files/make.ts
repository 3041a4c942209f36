/**
 * Makes the files of this folder but for the VHDX: forms of inventories and measurements that are no plain tables.
 *
 *     node datasets/files/make.ts
 *
 * Run again, it writes the same bytes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const FOLDER = import.meta.dirname;
const MIB = 1024 ** 2;
const encoder = new TextEncoder();

function file(name: string, content: string | Uint8Array): void {
  writeFileSync(join(FOLDER, name), content);
}

/** A dynamic VHD of 64 MiB, by the published specification: footer, header, block table of which no block is there, footer. */
function vhd(): Uint8Array {
  const bytes = new Uint8Array(512 + 1024 + 512 + 512);
  const view = new DataView(bytes.buffer);
  const sealed = (at: number, length: number, checksumAt: number): void => {
    const sum = bytes.subarray(at, at + length).reduce((total, byte) => total + byte, 0);
    view.setUint32(at + checksumAt, ~sum >>> 0);
  };
  bytes.set(encoder.encode('conectix'), 0);
  view.setUint32(8, 2);
  view.setUint32(12, 0x10000);
  view.setBigUint64(16, 512n);
  bytes.set(encoder.encode('made'), 28);
  bytes.set(encoder.encode('Wi2k'), 36);
  view.setBigUint64(40, BigInt(64 * MIB));
  view.setBigUint64(48, BigInt(64 * MIB));
  bytes.set([0xff, 0xff, 16, 255], 56);
  view.setUint32(60, 3);
  bytes.set(
    Array.from({ length: 16 }, (_, at) => at + 1),
    68,
  );
  sealed(0, 512, 64);
  bytes.set(encoder.encode('cxsparse'), 512);
  view.setBigUint64(520, 0xffff_ffff_ffff_ffffn);
  view.setBigUint64(528, 1536n);
  view.setUint32(536, 0x10000);
  view.setUint32(540, 32);
  view.setUint32(544, 2 * MIB);
  sealed(512, 1024, 36);
  bytes.fill(0xff, 1536, 2048);
  bytes.set(bytes.subarray(0, 512), 2048);
  return bytes;
}

/** An archive whose files are stored, not packed. */
function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 0]), common, rest, Buffer.from(name)]),
    );
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(locals.length, 4);
  end.writeUInt16LE(locals.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

function sheet(rows: readonly (readonly (string | number)[])[]): string {
  const column = (at: number): string =>
    (at < 26 ? '' : String.fromCharCode(64 + Math.floor(at / 26))) + String.fromCharCode(65 + (at % 26));
  const cells = rows.map((row, r) => {
    const of = row.map((cell, c) =>
      typeof cell === 'number'
        ? `<c r="${column(c)}${r + 1}"><v>${cell}</v></c>`
        : `<c r="${column(c)}${r + 1}" t="inlineStr"><is><t>${cell}</t></is></c>`,
    );
    return `<row r="${r + 1}">${of.join('')}</row>`;
  });
  return `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${cells.join('')}</sheetData></worksheet>`;
}

/** RVTools' workbook, of which three sheets matter and one does not. */
function rvtools(): Uint8Array {
  const sheets: Readonly<Record<string, readonly (readonly (string | number)[])[]>> = {
    vDisk: [
      [
        'VM',
        'Powerstate',
        'Template',
        'SRM Placeholder',
        'Disk',
        'Disk Key',
        'Disk UUID',
        'Disk Path',
        'Capacity MiB',
        'Raw',
        'Disk Mode',
        'Thin',
        'Controller',
        'Unit #',
        'Path',
        'Host',
      ],
      [
        'app1',
        'poweredOn',
        'False',
        'False',
        'Hard disk 1',
        2000,
        'u1',
        '[ds1] app1/app1.vmdk',
        102_400,
        'False',
        'persistent',
        'True',
        'SCSI',
        0,
        '',
        'esx1',
      ],
      [
        'app1',
        'poweredOn',
        'False',
        'False',
        'Hard disk 2',
        2001,
        'u2',
        '[ds1] app1/app1_1.vmdk',
        512_000,
        'False',
        'persistent',
        'True',
        'SCSI',
        1,
        '',
        'esx1',
      ],
      [
        'gold',
        'poweredOff',
        'True',
        'False',
        'Hard disk 1',
        2000,
        'u3',
        '[ds1] gold/gold.vmdk',
        40_960,
        'False',
        'persistent',
        'True',
        'SCSI',
        0,
        '',
        'esx1',
      ],
    ],
    vPartition: [
      [
        'VM',
        'Powerstate',
        'Template',
        'SRM Placeholder',
        'Disk Key',
        'Disk',
        'Capacity MiB',
        'Consumed MiB',
        'Free MiB',
        'Free %',
      ],
      ['app1', 'poweredOn', 'False', 'False', 2000, 'C:\\', 101_000, 41_000, 60_000, 59],
      ['app1', 'poweredOn', 'False', 'False', 2001, 'D:\\', 511_000, 211_000, 300_000, 59],
    ],
    vHealth: [
      ['Name', 'Message'],
      ['app1', 'nothing to say'],
    ],
  };
  const names = Object.keys(sheets);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return zip({
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>${names.map((_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="${types}.worksheet+xml"/>`).join('')}</Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((_, at) => `<Relationship Id="rId${at + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`).join('')}</Relationships>`,
    ...Object.fromEntries(names.map((name, at) => [`xl/worksheets/sheet${at + 1}.xml`, sheet(sheets[name]!)])),
  });
}

const FORMAT_LIST = `

ComputerName            : HV1
Path                    : D:\\VMs\\erp\\data.vhdx
VhdFormat               : VHDX
VhdType                 : Dynamic
FileSize                : 44333793280
Size                    : 107374182400
MinimumSize             : 107373166080
LogicalSectorSize       : 512
PhysicalSectorSize      : 4096
BlockSize               : 33554432
ParentPath              : 
DiskIdentifier          : 0B9A3C52-0000-4000-8000-000000000001
FragmentationPercentage : 0
Alignment               : 1
Attached                : True
DiskNumber              : 
Number                  : 

`;

const STATISTICS = `#TYPE Microsoft.HyperV.PowerShell.VMReplicationStatistics
"VMName","ReplicationMode","MonitoringStartTime","MonitoringEndTime","PendingReplicationSize","AverageReplicationSize","MaximumReplicationSize","AverageReplicationLatency","MaximumReplicationLatency","ReplicationErrors","SuccessfulReplicationCount","MissedReplicationCount"
"SQL01","Primary","05.01.2026 09:00:00","05.01.2026 21:00:00","4096","1048576","8388608","00:00:12","00:01:02.5000000","3","140","4"
`;

function replicaCounters(): string {
  const names = ['Compression Efficiency', 'Replication Count', 'Average Replication Size', 'Network Bytes Sent'];
  const header = ['(PDH-CSV 4.0) (UTC)(0)', ...names.map((name) => `\\\\HV1\\Hyper-V Replica VM(SQL01)\\${name}`)];
  const rows = Array.from({ length: 6 }, (_, at) => [
    `01/05/2026 0${at}:00:00.000`,
    '60',
    `${12 * at}`,
    '1048576',
    `${5_000_000 * at}`,
  ]);
  return [header, ...rows].map((cells) => `${cells.map((cell) => `"${cell}"`).join(',')}\r\n`).join('');
}

file('data.vhd', vhd());
file('rvtools.xlsx', rvtools());
file('get-vhd.txt', FORMAT_LIST);
file('replication.csv', STATISTICS);
file('replica-counters.csv', replicaCounters());
