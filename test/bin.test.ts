import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const bin = new URL('../bin/cantus.js', import.meta.url).pathname;
const systemNode = '/usr/bin/node';

type Ended = { readonly status: number | null; readonly out: string; readonly err: string };

function run(node: string, ...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8', timeout: 10_000 });
  return { status, out: stdout, err: stderr };
}

const preload = (version: string): string => {
  const versions = `{ ...process.versions, node: '${version}' }`;
  return `--import=data:text/javascript,${encodeURIComponent(`Object.defineProperty(process, 'versions', { value: ${versions} })`)}`;
};

function versionOf(node: string): string | undefined {
  const { status, out } = run(node, '--version');
  return status === 0 ? out.trim().slice(1) : undefined;
}

const refusal = (version: string): string =>
  `Cantus needs Node 22.18 or newer, and this is Node ${version}: ` +
  'install a newer one from https://nodejs.org (or run `npx -p node@24 cantus`).\n';

describe('bin/cantus.js', () => {
  let folder = '';
  const copyWith = (mainText: string | undefined): string => {
    const place = mkdtempSync(join(folder, 'copy-'));
    const main = join(place, 'dist/src/cli/main.js');
    mkdirSync(join(place, 'bin'));
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
    copyFileSync(bin, join(place, 'bin/cantus.js'));
    if (mainText !== undefined) {
      mkdirSync(dirname(main), { recursive: true });
      writeFileSync(main, mainText);
    }
    return join(place, 'bin/cantus.js');
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cantus-bin-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('says in one line which Node it needs, on one that is too old', () => {
    for (const version of ['12.22.0', '20.20.2', '22.17.1']) {
      assert.deepEqual(run(process.execPath, preload(version), bin), { status: 2, out: '', err: refusal(version) });
    }
  });

  it('starts on the oldest Node it supports', () => {
    const copy = copyWith("export const main = async (args) => { console.log(args.join('+')); return 3; };\n");
    assert.deepEqual(run(process.execPath, preload('22.18.0'), copy, 'a', '-b'), { status: 3, out: 'a+-b\n', err: '' });
  });

  it('starts a program that runs by being imported', () => {
    const copy = copyWith("console.log(process.argv.slice(2).join('+'));\nprocess.exitCode = 4;\n");
    assert.deepEqual(run(process.execPath, copy, 'a'), { status: 4, out: 'a\n', err: '' });
  });

  it('says how to build a clone that is not built', () => {
    const ended = run(process.execPath, copyWith(undefined));
    assert.deepEqual(ended, { status: 2, out: '', err: 'Cantus is not built here: run `npm run build` first.\n' });
  });

  it('fails with the reason when the program can not be loaded', () => {
    const { status, err } = run(process.execPath, copyWith("throw new Error('broken');\n"));
    assert.equal(status, 1);
    assert.match(err, /Error: broken/);
  });

  it("is readable by the system's own Node, if that is an old one", (test) => {
    const version = versionOf(systemNode);
    if (version === undefined || Number(version.split('.')[0]) >= 22) {
      test.skip(`${systemNode} is ${version ?? 'not there'}, which is no Node older than 22`);
      return;
    }
    assert.deepEqual(run(systemNode, bin), { status: 2, out: '', err: refusal(version) });
  });
});
