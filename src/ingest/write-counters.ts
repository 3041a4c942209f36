import type { CounterPath } from '../formats/pdh.ts';

/** The counters' objects in English; Windows writes them in its own language (formats F1). */
const HYPER_V = /hyper-?v/i;
const STORAGE = /(storage|speicher|stockage|almacenamiento|archiviazione|armazenamento|記憶|ストレージ|存储|儲存)/i;
const GUEST_DISKS =
  /^(physicaldisk|logicaldisk|physikalischer datenträger|logischer datenträger|physischer datenträger|disque physique|disque logique|disco físico|disco lógico|disco fisico|disco logico)$/i;
/** `Write Bytes/sec`, `Schreibbytes/Sekunde`, `Octets écrits/s`, `Bytes de escritura/s`, `Byte scritti/sec`, … */
const BYTES = /byte|octet|バイト|字节|位元組/i;
const WRITTEN = /writ|schreib|geschrieb|[ée]crit|scritt|escrit|書き込|写入|寫入/i;
const PER_SECOND = /\/ ?s|per sec|pro sek|秒/i;
/** Read and write together, or a mean per operation. */
const OTHERS = /total|gesamt|avg\.|average|mittel|moyenne|media\b|\/write|\/schreib/i;

/** Whether a counter says the bytes written to a disk each second, and who counts them: the disk's host, or the guest itself. */
export function writtenCounter({ object, counter, instance }: CounterPath): 'host' | 'guest' | undefined {
  if (instance === undefined || !BYTES.test(counter) || !WRITTEN.test(counter) || !PER_SECOND.test(counter))
    return undefined;
  if (OTHERS.test(counter)) return undefined;
  if (HYPER_V.test(object) && STORAGE.test(object)) return 'host';
  return GUEST_DISKS.test(object) ? 'guest' : undefined;
}
