import type { RuleParameters } from '../model/policy.ts';
import type { Bytes } from '../units.ts';

/**
 * The size of an HRL file ([MS-HRL] 2.2, 2.3; semantics 4): a header and a first empty metadata block, then the data, with a
 * metadata block behind every full run of entries. `entryRunBytes` is the data that one metadata block describes.
 */
export function logFileBytes(dataBytes: Bytes, entryRunBytes: Bytes, rules: RuleParameters): Bytes {
  return rules.logEmptyBytes + dataBytes + rules.logBlockBytes * Math.ceil(dataBytes / entryRunBytes);
}

/** Data bytes that one metadata block describes: its entries × the mean write size. */
export function entryRunBytes(meanWriteBytes: Bytes, rules: RuleParameters): Bytes {
  return rules.logBlockEntries * meanWriteBytes;
}

/**
 * The least data at which a log file has at least `fileBytes`: the inverse of {@link logFileBytes}, which jumps by a metadata
 * block wherever a new run of entries begins.
 */
export function leastDataBytes(fileBytes: Bytes, runBytes: Bytes, rules: RuleParameters): Bytes {
  const beyondEmpty = fileBytes - rules.logEmptyBytes;
  if (beyondEmpty <= 0) return 0;
  const blocks = Math.ceil(beyondEmpty / (runBytes + rules.logBlockBytes));
  const least = Math.max(
    Math.ceil(beyondEmpty - rules.logBlockBytes * blocks),
    Math.floor((blocks - 1) * runBytes) + 1,
  );
  // A run of a broken number of bytes can leave the last whole byte of a block just short.
  return logFileBytes(least, runBytes, rules) < fileBytes ? least + 1 : least;
}
