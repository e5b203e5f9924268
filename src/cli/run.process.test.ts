import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { testApp, testFolder, type TestFolder } from './cli.fixture.ts';

function folderFor(test: TestContext, config?: string, env?: Readonly<Record<string, string>>): TestFolder {
  const folder = testFolder(config, env);
  test.after(() => folder.remove());
  return folder;
}

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const lines = (text: string): readonly Record<string, unknown>[] => text.trim().split('\n').map(json);

describe('cantus run', () => {
  it('gives the answer on stdout and everything about it on stderr', async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    const { code, out, err } = await folder.run('run', 'how many?', '--user', 'alice');
    assert.equal(code, 0);
    assert.equal(out, '# Answer to how many?\n');
    assert.match(err, /as alice \(by --user\)/);
    assert.match(err, /model {2}rules, not a language model \(builtin\/rules is configured\)/);
    assert.match(err, /agent clerk started\n.*tool add executing\n.*tool add completed/);
    assert.match(err, /completed in .* 2 answers by rules, not a language model · run [0-9a-f]{8}\n/);
    assert.match(err, /Next: cantus show [0-9a-f]{8} --user alice/);
    assert.ok(!err.includes('\u001b') && !out.includes('\u001b'), 'no colour and no cursor movement into a pipe');
  });

  it('asks as who is logged in, and says so', async (test) => {
    const folder = folderFor(test);
    const { code, err } = await folder.run('run', 'clerk', 'add');
    assert.equal(code, 0);
    assert.match(err, /, as .+ \(your login name\)/);
  });

  it('asks the first sample where there is no question, and says so', async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    const { out, err } = await folder.run('run');
    assert.equal(out, '# Answer to How many?\n');
    assert.match(err, /No question was given, so this one is asked: "How many\?"/);
  });

  it('gives one document with --json, and the events with --jsonl', async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    const document = json((await folder.run('run', 'why?', '--json', '--user', 'alice')).out);
    assert.equal(document['status'], 'completed');
    assert.equal(document['user'], 'alice');
    assert.deepEqual(document['output'], { text: '# Answer to why?', sum: 'It is 5 for add', words: [] });
    const events = lines((await folder.run('run', 'why?', '--jsonl', '--user', 'alice')).out);
    assert.equal(events[0]?.['type'], 'run.queued');
    assert.equal(events.at(-1)?.['type'], 'run.completed');
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
  });

  it("hands the app's own options to it, and says what they became", async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    folder.write('words.txt', 'one\ntwo\n');
    const { out, err } = await folder.run(
      'run',
      'work',
      'which?',
      '--word',
      'a',
      '--word',
      'b',
      '--upper',
      '--data',
      'words.txt',
      '--json',
    );
    assert.deepEqual((json(out)['output'] as { words: unknown }).words, ['A', 'B', 'ONE', 'TWO']);
    assert.match(err, /words: A, B, ONE, TWO/);
  });

  it('refuses a file that is wrong with its line and column, and starts nothing', async (test) => {
    const folder = folderFor(test);
    folder.write('words.txt', 'one\ntwo!\n');
    const { code, out, err } = await folder.run('run', 'which?', '--data', 'words.txt');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /why: words\.txt, line 2, column 1: "!" is no word\.\n {2}fix: Take it out\./);
    const missing = await folder.run('run', 'which?', '--data', 'none.txt');
    assert.equal(missing.code, 2);
    assert.match(missing.err, /none\.txt can't be read: there is no such file/);
    assert.equal((await folder.run('runs', '--json')).out, '[]\n');
  });

  it('says what a degraded answer did without, and ends with 0', async (test) => {
    const { code, out, err } = await folderFor(test).run('run', 'poor');
    assert.deepEqual([code, out], [0, 'half an answer\n']);
    assert.match(err, /The answer is degraded. It did without:\n {2}- the run: the archive was closed\n/);
  });

  it('ends with 1 when the run failed, and says why and how to mend it', async (test) => {
    const { code, out, err } = await folderFor(test).run('run', 'broken');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /The run failed\.\n {2}why: nothing to count\n {2}fix: Give it something\.\n/);
  });

  it('keeps control characters of an answer out of the terminal', async (test) => {
    const { out } = await folderFor(test).run('run', 'loud');
    assert.equal(out, 'esc  [31m red\n');
  });

  it('keeps nothing with --memory', async (test) => {
    const folder = folderFor(test);
    const { code } = await folder.run('run', 'clerk', 'add', '--memory');
    assert.equal(code, 0);
    assert.ok(!folder.has('.cantus'));
  });

  it('colours where it is forced to, and never with --no-color or NO_COLOR', async (test) => {
    const coloured = await folderFor(test, testApp, { FORCE_COLOR: '1' }).run('run', 'clerk', 'add');
    assert.ok(coloured.err.includes('\u001b['));
    const refused = await folderFor(test, testApp, { FORCE_COLOR: '1' }).run('run', 'clerk', 'add', '--no-color');
    assert.ok(!refused.err.includes('\u001b['));
  });

  it('says nothing but the answer with --quiet', async (test) => {
    const { out, err } = await folderFor(test).run('run', 'clerk', 'add', '--quiet');
    assert.deepEqual([out, err], ['It is 5 for add\n', '']);
  });

  it('follows a run to the end of the last run that it goes on as (FW4)', async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    const { code, out, err } = await folder.run('run', 'relay', 'go', '--user', 'alice');
    assert.deepEqual([code, out], [0, 'after 2 legs\n']);
    const legs = [
      'step leg-0 completed',
      'goes on as run',
      'step leg-1 completed',
      'goes on as run',
      'step leg-2 completed',
    ];
    let from = 0;
    for (const leg of legs) {
      from = err.indexOf(leg, from);
      assert.ok(from >= 0, `${leg} is not told, or too late, in:\n${err}`);
    }
    assert.match(err, / 6 answers by rules, not a language model · run [0-9a-f]{8}\n/, 'of all three');
    const last = /run ([0-9a-f]{8})\n/u.exec(err.slice(err.indexOf(' 6 answers')))?.[1] ?? '';
    assert.match((await folder.run('show', last, '--user', 'alice')).out, /leg-2/);
    const document = json((await folder.run('run', 'relay', 'go', '--json', '--user', 'alice')).out);
    assert.deepEqual((document['usage'] as Record<string, unknown>)['modelCalls'], 6);
  });

  it('tells of one that had ended as others how the last of them ended (FW4)', async (test) => {
    const folder = folderFor(test);
    folder.write('go', '');
    const { err } = await folder.run('run', 'relay', 'go', '--user', 'alice');
    const first = /run {4}([0-9a-f]{8}) of workflow relay/u.exec(err)?.[1] ?? '';
    const attached = await folder.run('attach', first, '--user', 'alice');
    assert.equal(attached.out, 'after 2 legs\n');
    assert.match(attached.err, / 6 answers by rules/);
  });

  it('starts once for one key', async (test) => {
    const folder = folderFor(test);
    const first = json((await folder.run('run', 'clerk', 'add', '--key', 'k', '--json')).out);
    const again = json((await folder.run('run', 'clerk', 'add', '--key', 'k', '--json')).out);
    assert.equal(again['run'], first['run']);
    assert.deepEqual(folder.done(), ['add']);
    assert.equal((await folder.run('run', 'clerk', 'other', '--key', 'k')).code, 2);
  });
});

describe('a wrong command line', () => {
  it('says what was meant, and ends with 2', async (test) => {
    const folder = folderFor(test);
    const meant = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await folder.run(...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      return err;
    };
    assert.match(
      await meant('run', 'chrage'),
      /There is no workflow or agent "chrage"\.\n {2}fix: Did you mean "charge"\?/,
    );
    assert.match(await meant('run', 'hi'), /fix: There are: .* A question of one word needs a name before it: /);
    assert.match(await meant('rnus'), /Unknown command 'rnus'\.\n {2}fix: Did you mean runs\?/);
    assert.match(await meant('run', '--dta', 'x'), /Unknown option '--dta'\.\n {2}fix: Did you mean --data\?/);
    assert.match(await meant('run', 'work', 'how', 'many'), /fix: Put it in quotes: "how many"/);
    assert.match(await meant('run', 'clerk'), /Agent "clerk" needs a question/);
    assert.match(await meant('run', 'clerk', 'add', '--upper'), /--upper is for the workflows/);
    assert.match(await meant('run', 'work', '--input', '{'), /--input is not JSON/);
    assert.match(await meant('run', '--timeout', 'soon'), /number of seconds/);
    assert.match(await meant('signal', 'last', 'go', '{'), /signal "go" is not JSON/);
    assert.match(await meant('run', 'x y', '--user', 'undefined'), /what a lost value looks like/);
    assert.ok(!folder.has('.cantus/journal.db') || (await folder.run('runs', '--json')).out === '[]\n');
  });

  it('shows a configuration error with its file and line, in three parts and without a stack', async (test) => {
    const wrong = async (config: string): Promise<string> => {
      const { code, err } = await folderFor(test, config).run('run', 'how many?');
      assert.equal(code, 2, err);
      assert.ok(!/\n\s+at /.test(err), err);
      return err;
    };
    assert.match(await wrong('export const app = {\n  agents: [,\n'), /cantus\.config\.ts(:\d)?: SyntaxError/);
    assert.match(await wrong('export const nothing = 1;'), /exports no "app" \(it exports nothing\)/);
    assert.match(
      await wrong('export const app = { agnets: [] };'),
      /"agnets" is no member of one \(did you mean "agents"\?\)/,
    );
    assert.match(await wrong('export const app = { agents: [1] };'), /agents\[0\] is number/);
    assert.match(await wrong("\n\nthrow new Error('no luck');\n"), /cantus\.config\.ts:3: no luck/);
    const folder = folderFor(test, "import 'cantus';");
    folder.write('package.json', '{ "type": "commonjs" }');
    assert.match((await folder.run('run', 'how many?')).err, /fix: Say that your package has ES modules: npm pkg set/);
    assert.match(await wrong("import 'not-there';\nexport const app = 1;"), /fix: Install what it imports/);
  });

  it('says how to mend a command that is not sound', async (test) => {
    const folder = folderFor(test);
    const fix = async (...words: string[]): Promise<string> => {
      const { code, out, err } = await folder.run(...words);
      assert.deepEqual([code, out], [2, ''], words.join(' '));
      return err;
    };
    assert.match(await fix('show'), /why: Missing required argument 'run'\.\n {2}fix: See cantus show --help\./);
    assert.match(await fix('run', 'poor', '--json', '--jsonl'), /'--json' cannot be used with option '--jsonl'/);
    assert.match(await fix('run', 'poor', '--user', ''), /why: --user is empty\.\n {2}fix: Say who asks/);
    assert.match(await fix('run', 'work', '--input', '{"question":1}'), /fix: Mend what --input gives\./);
  });

  it('gives help without a command, and for a command with the options of the app', async (test) => {
    const folder = folderFor(test);
    const [bare, run, version] = await Promise.all([
      folder.run(),
      folder.run('run', '--help'),
      folder.run('--version'),
    ]);
    assert.deepEqual([bare.code, run.code, version.code], [0, 0, 0]);
    assert.match(bare.out, /Served here: cantus\.config\.ts[\s\S]*Try:\n {2}cantus run "How many\?"[\s\S]*Exit codes:/);
    assert.match(run.out, /--data <file> +a file of words/);
    assert.match(bare.out, /\n {2}start \[question\] +`run` where something is asked, else `serve`/);
    assert.match((await folder.run('start', '--help')).out, /^Usage: cantus start[\s\S]*see `cantus run --help` and/);
    assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
    assert.ok(!folder.has('.cantus'));
  });
});
