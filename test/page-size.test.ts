/** What a first visit to the page loads, of the page as it was built last. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';

const built = new URL('../dist/web/', import.meta.url);
/** On a slow phone line (1.6 Mbit/s) this is under a second. */
const firstLoadBytesMax = 180_000;

const unbuilt = existsSync(new URL('index.html', built)) ? false : 'the page is not built: npm run build';

const html = (): string => readFileSync(new URL('index.html', built), 'utf8');
const filesOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file!);

it('loads at most 180 kB, compressed, before it can be used', { skip: unbuilt }, () => {
  const files = filesOf(html());
  assert.ok(files.some((file) => file.endsWith('.js')) && files.some((file) => file.endsWith('.css')), files.join());
  const bytes = ['index.html', ...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(new URL(file, built))).length,
    0,
  );
  assert.ok(bytes <= firstLoadBytesMax, `${bytes} bytes`);
});

it('has no script or style in its text, which its content security policy would stop', { skip: unbuilt }, () => {
  assert.doesNotMatch(html(), /<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=/i);
});
