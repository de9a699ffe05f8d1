// Lays compressed copies beside the files of a build: the server sends these as they are, and compresses nothing itself.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = new URL('dist/', import.meta.url).pathname;
const kinds = new Set(['.js', '.css', '.html', '.svg']);

/** Smaller ones fit into a packet as they are. */
const leastBytes = 1024;

const ways = {
  '.br': (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

for (const name of await readdir(root, { recursive: true })) {
  if (kinds.has(extname(name))) {
    const path = join(root, name);
    const bytes = await readFile(path);
    if (bytes.length >= leastBytes) {
      await Promise.all(
        Object.entries(ways).map(async ([ending, compress]) =>
          writeFile(path + ending, await compress(bytes)),
        ),
      );
    }
  }
}
