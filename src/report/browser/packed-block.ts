/** The text of a packed block of the page (html.ts writes them): base64 of deflated UTF-8. `undefined` where there is none. */
export function packedBlock(id: string): string | undefined {
  const text = document.querySelector(`script#${id}`)?.textContent;
  return text === undefined || text === '' ? undefined : text;
}

export async function unpacked(packed: string): Promise<string> {
  const binary = atob(packed);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
}

/** A text as a packed block has it. */
export async function packed(text: string): Promise<string> {
  const deflated = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer());
  const pieces: string[] = [];
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return btoa(pieces.join(''));
}

/** The value of a packed block of JSON that is always there. */
export async function unpackedJson<T>(id: string): Promise<T> {
  return JSON.parse(await unpacked(packedBlock(id)!)) as T;
}
