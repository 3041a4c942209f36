import { readCsv } from '../formats/csv.ts';
import { isHrl } from '../formats/hrl-read.ts';
import { readBytes } from '../formats/random-access.ts';
import { VIRTUAL_DISK_PROBE_BYTES, virtualDiskFormat } from '../formats/virtual-disk.ts';
import { isFormatList } from './format-list.ts';
import type { Input } from './input.ts';
import { type InventoryFormat, inventoryFormatOf } from './inventory-formats.ts';
import { isReplicationStatistics } from './replication-statistics.ts';

/** What a file is, by what is done with it. */
export type Recognised =
  /** Our own table of disks, or one that the user's map makes into it. */
  | { readonly kind: 'inventory' }
  /** A table that a known tool wrote; `isList` where it is PowerShell's Format-List. */
  | { readonly kind: 'export'; readonly format: InventoryFormat; readonly isList: boolean }
  | {
      readonly kind:
        | 'workbook'
        | 'disk'
        | 'log'
        | 'churn'
        | 'pdh'
        | 'prometheus'
        | 'parquet'
        | 'get-counter'
        | 'cluster-perf'
        | 'statistics'
        | 'trace'
        | 'workload';
    }
  /** None of ours, and what to do about it. */
  | { readonly kind: 'refused'; readonly what: string; readonly remedy: string }
  /** Nothing that is known, and it came with a folder. */
  | { readonly kind: 'ignored' };

const ONE_SCRAPE =
  'Ask Prometheus for a range: /api/v1/query_range?query=rate(windows_hyperv_virtual_storage_device_bytes_written[5m])&start=…&end=…&step=300, and give its JSON.';

/**
 * Tells by its content what a file is, never by its name. A table that nothing is known of is what the user said, else an inventory: its
 * reader says what it lacks.
 */
export async function recognise(input: Input): Promise<Recognised> {
  const isOurs = await binaryKind(input);
  if (isOurs !== undefined) return { kind: isOurs };
  const text = input.headText;
  if (text === undefined) {
    const what = 'encoding' in input.sniffed ? 'a binary file' : input.sniffed.what;
    const remedy = 'encoding' in input.sniffed ? 'Export the table as CSV.' : input.sniffed.remedy;
    return orIgnored(input, { kind: 'refused', what, remedy });
  }
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (/^"?\(PDH-[CT]SV/i.test(start)) return { kind: 'pdh' };
  if (start.startsWith('{')) return orIgnored(input, json(start));
  if (/^# (HELP|TYPE) \w+|^\w+\{[^{}]*\} [\d.e+-]+$/m.test(start.slice(0, 4096))) {
    const what = 'a single scrape of an exporter, which has totals and no rates';
    return orIgnored(input, { kind: 'refused', what, remedy: ONE_SCRAPE });
  }
  if (isFormatList(text)) {
    const names = text.split(/\r?\n/).flatMap((line) => /^([A-Za-z]\w*)\s*:/.exec(line)?.[1] ?? []);
    const format = inventoryFormatOf([...new Set(names)]);
    if (format !== undefined) return { kind: 'export', format, isList: true };
  }
  return table(await headerOf(text), input);
}

async function binaryKind({
  head,
  sniffed,
  withBytes,
}: Input): Promise<'disk' | 'log' | 'parquet' | 'workbook' | undefined> {
  if (isHrl(head)) return 'log';
  const start = String.fromCharCode(...head.subarray(0, 4));
  if (start === 'PAR1') return 'parquet';
  if (start === 'PK\x03\x04' && String.fromCharCode(...head.subarray(0, 4096)).includes('[Content_Types].xml'))
    return 'workbook';
  if (start === 'PK\x03\x04' && String.fromCharCode(...head.subarray(0, 4096)).includes('xl/')) return 'workbook';
  if (virtualDiskFormat(head) !== undefined) return 'disk';
  // A fixed VHD has its mark at its end; text never has.
  if (withBytes === undefined || 'encoding' in sniffed) return undefined;
  const tail = await withBytes((file) =>
    readBytes(file, Math.max(0, file.sizeBytes - VIRTUAL_DISK_PROBE_BYTES), VIRTUAL_DISK_PROBE_BYTES),
  );
  return virtualDiskFormat(head, tail) === undefined ? undefined : 'disk';
}

function orIgnored({ isFound }: Input, recognised: Recognised): Recognised {
  return recognised.kind === 'refused' && isFound === true ? { kind: 'ignored' } : recognised;
}

function table(headers: readonly string[], input: Input): Recognised {
  // Before the inventories: Get-VM has some of its columns too.
  if (isReplicationStatistics(headers)) return { kind: 'statistics' };
  const format = inventoryFormatOf(headers);
  if (format !== undefined) return { kind: 'export', format, isList: false };
  const names = headers.map((header) => header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  const has = (...patterns: readonly RegExp[]): boolean =>
    patterns.every((pattern) => names.some((name) => pattern.test(name)));
  if (has(/^path$/, /^cookedvalue$/)) return { kind: 'get-counter' };
  if (has(/^(time|timestamp)$/, /^value$/, /^(metricid|metric|metricname|series|seriesname)$/))
    return { kind: 'cluster-perf' };
  if (input.role !== undefined) return { kind: input.role };
  if (
    has(/^(offset|lba|offsetsectors|byteoffset)/, /^(length|size|bytes|sectors|lengthsectors)/, /^(ts|time|timestamp)/)
  ) {
    return { kind: 'trace' };
  }
  const isSeries = has(/^(time|timestamp|datetime|start|date|epoch)/, /^(vm|vmname|name|server|machine)/);
  if (isSeries && has(/^(write|written|churn|bytes|data)/)) return { kind: 'churn' };
  if (has(/^(vm|vmname|name|server|virtualmachine|machine)/, /size|capacity|provisioned/)) return { kind: 'inventory' };
  return input.isFound === true ? { kind: 'ignored' } : { kind: 'inventory' };
}

function json(start: string): Recognised {
  if (/^\{\s*"schema"\s*:\s*"asr-plan\/workload@/.test(start)) return { kind: 'workload' };
  if (/^\{\s*"status"\s*:\s*"(success|error)"/.test(start)) return { kind: 'prometheus' };
  if (/"(link|hosts|clouds|volumes)"\s*:/.test(start)) {
    return { kind: 'refused', what: 'a site file', remedy: 'Give it with --site.' };
  }
  return {
    kind: 'refused',
    what: 'a JSON file that is neither a workload nor a Prometheus range',
    remedy: 'Give the JSON of /api/v1/query_range, or of asr-plan import.',
  };
}

/** The cells of the first record of a CSV. */
async function headerOf(text: string): Promise<readonly string[]> {
  let headers: readonly string[] = [];
  await readCsv(once(text), {
    header(cells) {
      headers = cells;
      return false;
    },
    record() {},
    fault() {},
  });
  return headers;
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
