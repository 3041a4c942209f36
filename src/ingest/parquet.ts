import type { DuckDBConnection } from '@duckdb/node-api';
import { SECOND_MS } from '../units.ts';
import { CHURN_COLUMNS, type ChurnColumn, timeColumn } from './churn-columns.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import { type ChurnStore, COARSE_STEP_MS, MOST_ROWS } from './churn-store.ts';
import { type Columns, matchColumns } from './columns.ts';
import { DiskFinder } from './disk-finder.ts';
import { EXCLUDED, type Inventory } from './inventory.ts';
import { ProblemList } from './problem-list.ts';

/** 2200-01-01. */
const MAX_EPOCH_MS = 7_258_118_400_000;
/** DuckDB's own memory; the workload comes on top of it. [chosen] */
const MEMORY_LIMIT = '600MB';

/**
 * Reads a Parquet file with the columns of a churn CSV: `time` (a timestamp with or without zone, or an ISO text), `vm`, `disk`, `write_bytes`.
 * DuckDB reads it, sums it by five minutes where there are more rows than are kept, and hands over columns; it is loaded here, and
 * only here.
 *
 * @param path of the file
 */
export async function readParquet(
  path: string,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const problems = new ProblemList(path);
  const duckdb = await import('@duckdb/node-api').catch(() => undefined);
  if (duckdb === undefined) {
    problems.error(
      'parquet-no-reader',
      {},
      'Parquet is read by DuckDB, which is not here: a page has none.',
      'Read it with asr-plan import on the command line, or export it as CSV.',
    );
    return fileOf(problems, new Offsets(), 0, 0, [], []);
  }
  const { DuckDBInstance } = duckdb;
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  try {
    const reader = new ParquetReader(connection, path, inventory, problems);
    return await reader.readInto(store, fileIndex);
  } catch (error) {
    problems.error(
      'parquet-damaged',
      {},
      `The file cannot be read: ${firstLine(error)}.`,
      'Write it again, and check that it is whole.',
    );
    return fileOf(problems, new Offsets(), 0, 0, [], []);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : String(error);
}

function fileOf(
  problems: ProblemList,
  offsets: Offsets,
  rowCount: number,
  usedCount: number,
  read: readonly string[],
  notFound: readonly string[],
): ChurnFile {
  return {
    ...{ format: 'Parquet', offsets, timeHeader: 'time', writeHeader: 'write', problems },
    ...{ rowCount, usedCount, read, dropped: new Map(), notFound },
  };
}

interface TimeColumn {
  /** SQL of the instant, or of the wall-clock time, in milliseconds since 1970. */
  readonly sql: string;
  readonly isLocal: boolean;
}

class ParquetReader {
  readonly #connection: DuckDBConnection;
  readonly #from: string;
  readonly #inventory: Inventory;
  readonly #problems: ProblemList;

  constructor(connection: DuckDBConnection, path: string, inventory: Inventory, problems: ProblemList) {
    this.#connection = connection;
    this.#from = `read_parquet(${sqlText(path)})`;
    this.#inventory = inventory;
    this.#problems = problems;
  }

  async readInto(store: ChurnStore, fileIndex: number): Promise<ChurnFile> {
    const offsets = new Offsets();
    const nothing = fileOf(this.#problems, offsets, 0, 0, [], []);
    await this.#connection.run("SET TimeZone = 'UTC'");
    const types = new Map(
      (await this.#rows(`DESCRIBE SELECT * FROM ${this.#from}`)).map(([name, type]) => [String(name), String(type)]),
    );
    const headers = [...types.keys()];
    const columns = matchColumns(CHURN_COLUMNS, headers, 1, this.#problems);
    if (this.#problems.errorCount > 0) return nothing;
    const time = await this.#time(columns, types);
    const unit = this.#unitOfWrite(columns, types);
    if (time === undefined || unit === undefined) return nothing;
    const [[rowCount] = [0]] = await this.#rows(`SELECT count(*) FROM ${this.#from}`);
    const notFound = await this.#nameDisks(columns);
    const before = store.length + store.summedCount;
    const isSummed = Number(rowCount) > MOST_ROWS;
    let wrongCount = 0;
    await this.#take(columns, time, unit, isSummed, (disk, timeMs, bytes) => {
      if (bytes < 0 || bytes > Number.MAX_SAFE_INTEGER || !(timeMs >= 0 && timeMs < MAX_EPOCH_MS)) {
        wrongCount++;
        return;
      }
      store.add(disk, fileIndex, 0, timeMs, time.isLocal, bytes);
    });
    if (wrongCount > 0) {
      const message = `${wrongCount} rows have a time that is not of the years 1970 to 2199, or negative or immense bytes.`;
      this.#problems.error(
        'parquet-wrong-rows',
        {},
        message,
        'Check the units of both columns, and that the file is whole.',
      );
    }
    if (time.isLocal) offsets.add(undefined);
    else offsets.add(0);
    const read = [
      time.isLocal ? 'times without zone: local' : 'times are instants',
      ...(isSummed ? [`more than ${MOST_ROWS} rows: summed by 5 min, each disk's`] : []),
    ];
    return fileOf(this.#problems, offsets, Number(rowCount), store.length + store.summedCount - before, read, notFound);
  }

  async #time(columns: Columns<ChurnColumn>, types: ReadonlyMap<string, string>): Promise<TimeColumn | undefined> {
    const column = timeColumn(columns, 1, this.#problems);
    if (column === undefined) return undefined;
    const name = sqlName(headerAt(types, column.index));
    const type = [...types.values()][column.index]!;
    if (column.key !== 'time') {
      return { sql: `CAST(floor(${name} * ${column.key === 'epoch_s' ? SECOND_MS : 1}) AS DOUBLE)`, isLocal: false };
    }
    if (type.startsWith('TIMESTAMP')) {
      return {
        sql: `CAST(epoch_ms(CAST(${name} AS TIMESTAMPTZ)) AS DOUBLE)`,
        isLocal: type !== 'TIMESTAMP WITH TIME ZONE',
      };
    }
    if (type === 'VARCHAR') {
      const sql = `CAST(epoch_ms(TRY_CAST(${name} AS TIMESTAMPTZ)) AS DOUBLE)`;
      const zoned = `regexp_matches(${name}, '(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)$')`;
      const [[wrong, withZone, all] = []] = await this.#rows(
        `SELECT count(*) FILTER (${sql} IS NULL), count(*) FILTER (${zoned} AND ${name} LIKE '%:%'), count(*) FROM ${this.#from}`,
      );
      if (Number(wrong) === 0 && (Number(withZone) === 0 || withZone === all))
        return { sql, isLocal: Number(withZone) === 0 };
    }
    const place = { column: column.header, value: type };
    const message = 'The times are no timestamps, nor ISO 8601 texts that all have an offset or all have none.';
    this.#problems.error(
      'churn-wrong-time',
      place,
      message,
      'Store them as TIMESTAMP or TIMESTAMPTZ, or name the column epoch_s or epoch_ms.',
    );
    return undefined;
  }

  /** Bytes for each unit of the write column. */
  #unitOfWrite(columns: Columns<ChurnColumn>, types: ReadonlyMap<string, string>): number | undefined {
    const column = columns.get('write')!;
    const type = [...types.values()][column.index]!;
    if (!/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) {
      this.#problems.error(
        'csv-wrong-number',
        { column: column.header, value: type },
        'What was written is no number.',
        'Store it as BIGINT or DOUBLE.',
      );
    } else if (column.unit === undefined) {
      const message = `The column "${column.header}" has no unit.`;
      this.#problems.error('csv-missing-unit', { column: column.header }, message, 'Name it write_bytes, or write_mb.');
    } else return column.unit.factor;
    return undefined;
  }

  /** A table of the file's names and their disks' indexes. @returns names that no disk has */
  async #nameDisks(columns: Columns<ChurnColumn>): Promise<string[]> {
    const finder = new DiskFinder(this.#inventory, this.#problems);
    const names = await this.#rows(
      `SELECT DISTINCT ${this.#nameOf(columns, 'vm')}, ${this.#nameOf(columns, 'disk')} FROM ${this.#from} ORDER BY ALL`,
    );
    await this.#connection.run(
      'CREATE TEMP TABLE known ("known vm" VARCHAR, "known disk" VARCHAR, "known id" INTEGER)',
    );
    const appender = await this.#connection.createAppender('known');
    for (const [vm, disk] of names) {
      const index = finder.find(String(vm), String(disk), 0);
      if (index === undefined || index === EXCLUDED) continue;
      appender.appendVarchar(String(vm));
      appender.appendVarchar(String(disk));
      appender.appendInteger(index);
      appender.endRow();
    }
    appender.closeSync();
    finder.reportUnknown();
    return finder.notFound();
  }

  async #take(
    columns: Columns<ChurnColumn>,
    time: TimeColumn,
    unit: number,
    isSummed: boolean,
    row: (disk: number, timeMs: number, bytes: number) => void,
  ): Promise<void> {
    const write = `round(CAST(${sqlName(columns.get('write')!.header)} AS DOUBLE) * ${unit})`;
    const source = `SELECT k."known id" AS id, ${time.sql} AS from_ms, ${write} AS bytes FROM ${this.#from} f JOIN known k ON k."known vm" = ${this.#nameOf(columns, 'vm')} AND k."known disk" = ${this.#nameOf(columns, 'disk')}`;
    const summed = `SELECT id, min(from_ms) AS from_ms, sum(bytes) AS bytes FROM (${source}) GROUP BY id, floor(from_ms / ${COARSE_STEP_MS})`;
    const result = await this.#connection.stream(isSummed ? summed : source);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const [ids, times, bytes] = [0, 1, 2].map((at) => chunk!.getColumnVector(at));
      for (let at = 0; at < chunk.rowCount; at++) {
        const timeMs = times!.getItem(at);
        const written = bytes!.getItem(at);
        if (timeMs === null) continue;
        row(Number(ids!.getItem(at)), Number(timeMs), written === null ? Number.NaN : Number(written));
      }
    }
  }

  #nameOf(columns: Columns<ChurnColumn>, key: 'vm' | 'disk'): string {
    const column = columns.get(key);
    return column === undefined ? "''" : `trim(coalesce(CAST(${sqlName(column.header)} AS VARCHAR), ''))`;
  }

  async #rows(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRows();
  }
}

function headerAt(types: ReadonlyMap<string, string>, index: number): string {
  return [...types.keys()][index]!;
}

function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
