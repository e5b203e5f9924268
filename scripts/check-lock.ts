/** The lock file must work with any registry: it holds no address to download from (see `.npmrc`). */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const addresses = text.split('\n').filter((line) => line.includes('"resolved"'));

for (const line of addresses.slice(0, 5)) console.error(line.trim());
if (addresses.length > 0) {
  console.error(
    `package-lock.json has ${addresses.length} download addresses: run npm install with this folder's .npmrc.`,
  );
  process.exitCode = 1;
}
