/**
 * The lock file must serve a clean `npm ci` on any machine, with any registry.
 *
 * LK1  It holds no address to download from (see `.npmrc`).
 * LK2  It holds every optional package it speaks of, also those for other platforms. npm leaves out what the registry
 *      of the moment didn't offer, and then refuses the file as out of step.
 *
 *     node scripts/check-lock.ts          fails when it is not so
 *     node scripts/check-lock.ts --fix    adds what is missing by LK2; for after an `npm install`
 */
import { readFileSync, writeFileSync } from 'node:fs';

type Locked = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, Locked> };

const file = new URL('../package-lock.json', import.meta.url);

/** Packages with programs for one platform say it in their names: `@oxlint/binding-linux-arm64-musl`. */
const platform =
  /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(gnu|musl))?/;

/** The entry of a package that this machine can't install, from its name and its exact version. */
export function platformEntry(name: string, version: string, dev: boolean): Locked | undefined {
  const [, os, cpu, libc] = platform.exec(name) ?? [];
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+/.test(version)) return undefined;
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    optional: true,
    os: [os],
  };
}

/** Optional packages that the lock file speaks of and does not hold: name, version, whether only for development. */
export function missingOptional(lock: Lock): readonly { name: string; version: string; dev: boolean }[] {
  return Object.values(lock.packages).flatMap(({ optionalDependencies = {}, dev = false }) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined)
      .map(([name, version]) => ({ name, version, dev })),
  );
}

function complete(lock: Lock): void {
  for (const { name, version, dev } of missingOptional(lock)) {
    const entry = platformEntry(name, version, dev);
    if (entry !== undefined) lock.packages[`node_modules/${name}`] = entry;
  }
  const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

function main(): void {
  const text = readFileSync(file, 'utf8');
  const lock = JSON.parse(text) as Lock;
  if (process.argv.includes('--fix')) complete(lock);
  const addresses = text.split('\n').filter((line) => line.includes('"resolved"')).length;
  const missing = missingOptional(lock);
  if (addresses > 0) console.error(`package-lock.json has ${addresses} download addresses (LK1): see .npmrc.`);
  for (const { name } of missing) console.error(`package-lock.json does not hold ${name} (LK2)`);
  if (missing.length > 0) console.error('Run `node scripts/check-lock.ts --fix`.');
  process.exitCode = addresses + missing.length > 0 ? 1 : 0;
}

if (import.meta.main) main();
