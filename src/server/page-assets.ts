/**
 * The built page, read once into memory: its files, and the page itself for every other address a person may type.
 *
 * PA1  Only what is in the folder at the start is served, looked up by its whole path: no path of a request ever
 *      reaches the file system.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

type Encoding = 'br' | 'gzip';

type Asset = {
  readonly type: string;
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly packed: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>;
  /** Its name changes with what is in it. */
  readonly isHashed: boolean;
};

export type PageAssets = {
  /** Was a page built? */
  readonly hasPage: boolean;
  /** The answer for an address outside `/v1`, or undefined where there is nothing. */
  answer(request: Request): Response | undefined;
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

const suffixes = { br: '.br', gzip: '.gz' } as const;

/** Reads the folder of a built page; without one there is only a text that says how it is built. */
export async function loadAssets(folder: string | undefined): Promise<PageAssets> {
  const files = folder === undefined ? new Map<string, Asset>() : await readAssets(folder);
  const page = files.get('/index.html');
  return {
    hasPage: page !== undefined,
    answer(request) {
      const path = pathOf(request);
      const asset = path === '/' ? page : files.get(path);
      if (asset !== undefined) return answerWith(asset, request);
      if (!(request.headers.get('accept') ?? '').includes('text/html')) return undefined;
      return page === undefined ? unbuilt() : answerWith(page, request);
    },
  };
}

function pathOf(request: Request): string {
  const { pathname } = new URL(request.url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const paths = names.filter((name) => types[extname(name)] !== undefined);
  const there = new Set(names);
  const assets = await Promise.all(paths.map((name) => readAsset(name, there)));
  return new Map(assets.map((asset, index) => [addressOf(folder, paths[index] ?? ''), asset]));
}

function addressOf(folder: string, path: string): string {
  return `/${relative(folder, path).replaceAll(sep, '/')}`;
}

async function readAsset(path: string, there: ReadonlySet<string>): Promise<Asset> {
  const body = new Uint8Array(await readFile(path));
  const packed: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>> = {};
  for (const [encoding, suffix] of Object.entries(suffixes))
    if (there.has(`${path}${suffix}`))
      packed[encoding as Encoding] = new Uint8Array(await readFile(`${path}${suffix}`));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
  const type = types[extname(path)] ?? 'application/octet-stream';
  return { type, etag: `"${hash}"`, body, packed, isHashed: /-[\w-]{8}\.\w+$/.test(path) };
}

function answerWith(asset: Asset, request: Request): Response {
  const encoding = acceptedOf(asset, request.headers.get('accept-encoding') ?? '');
  // One tag for each form: a cache must not take the one for the other.
  const etag = encoding === undefined ? asset.etag : asset.etag.replace(/"$/, `-${encoding}"`);
  const headers: Record<string, string> = {
    'content-type': asset.type,
    'cache-control': asset.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag,
  };
  const known = (request.headers.get('if-none-match') ?? '').split(',');
  // No pattern with spaces on both sides: a header of nothing but spaces would take it half a second.
  if (known.some((tag) => tag.trim() === etag)) return new Response(null, { status: 304, headers });
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  const body = encoding === undefined ? asset.body : asset.packed[encoding];
  return new Response(body ?? asset.body, { headers });
}

function acceptedOf({ packed }: Asset, accepted: string): Encoding | undefined {
  const names = accepted.split(',').filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part));
  const taken = new Set(names.map((part) => part.split(';')[0]?.trim().toLowerCase()));
  return (['br', 'gzip'] as const).find((encoding) => packed[encoding] !== undefined && taken.has(encoding));
}

function unbuilt(): Response {
  const text = 'Cantus is running. Its page was not built: run `npm run build`, then start the server again.\n';
  return new Response(text, { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
