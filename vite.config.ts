/** How the page is built: src/web to dist/web, in files whose names change with what is in them, compressed beforehand. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const outDir = join(root, 'dist', 'web');

/** Compressed once here instead of at each request. Tiny files stay as they are: their headers outweigh the gain. */
const compressFromBytes = 1_024;

function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(outDir, { withFileTypes: true, recursive: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        const bytes = readFileSync(file);
        if (bytes.length < compressFromBytes) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
      }
    },
  };
}

// oxlint-disable-next-line import/no-default-export -- vite loads its configuration by its default export
export default defineConfig({
  root: join(root, 'src', 'web'),
  // Addresses in the page are relative, so that it also works below a path.
  base: './',
  plugins: [react(), compressed()],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    // Its script is inline, which the page's content security policy forbids; browsers of the target need none.
    modulePreload: { polyfill: false },
    // A data: address in a style sheet would need a hole in the policy.
    assetsInlineLimit: 0,
    // What is loaded first has a bound of its own, of compressed bytes, in test/page-size.test.ts.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:4310', ws: true } } },
});
