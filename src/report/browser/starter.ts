/**
 * Starts the page's script, which stands packed in it: a third of its size. The policy names the hash of the unpacked text, so nothing
 * else can come to run this way.
 */
import { packedBlock, unpacked } from './packed-block.ts';

async function start(): Promise<void> {
  const script = document.createElement('script');
  script.textContent = await unpacked(packedBlock('script')!);
  document.body.append(script);
}

void start();
