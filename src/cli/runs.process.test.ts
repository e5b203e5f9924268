import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testFolder, type TestFolder } from './cli.fixture.ts';

type Seq = { readonly seq: number };
type Row = { readonly run: string; readonly status: string };
const json = (text: string): unknown => JSON.parse(text);

describe('cantus runs, show and events', () => {
  let folder: TestFolder;
  let run = '';
  before(async () => {
    folder = testFolder();
    folder.write('go', '');
    const { out } = await folder.run('run', 'how many?', '--user', 'alice', '--json');
    run = (json(out) as Row).run;
    await folder.run('run', 'approve', '--user', 'alice');
  });
  after(() => folder.remove());
  const alice = (...args: string[]) => folder.run(...args, '--user', 'alice');

  it('lists the runs of the user, newest first', async () => {
    const rows = json((await alice('runs', '--json')).out) as Row[];
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['suspended', 'completed'],
    );
    const { out } = await alice('runs');
    assert.match(out, /^RUN +STATUS +STARTED +TOOK +WORKFLOW\n/);
    assert.ok(out.includes(run.slice(0, 8)));
  });

  it("answers another user's run exactly as one that is not there", async () => {
    const verbs = [['show'], ['events'], ['attach'], ['cancel'], ['signal', 'go'], ['decide', 'pay', 'happened']];
    for (const [verb = '', ...rest] of verbs) {
      const others = await folder.run(verb, run, ...rest, '--user', 'bob');
      const unknown = await folder.run(verb, '00000000', ...rest, '--user', 'bob');
      assert.deepEqual([others.code, others.out], [3, ''], verb);
      assert.equal(others.err.replaceAll(run, 'X'), unknown.err.replaceAll('00000000', 'X'), verb);
    }
    assert.equal((await folder.run('runs', '--json', '--user', 'bob')).out, '[]\n');
    assert.equal((await folder.run('show', 'last', '--user', 'bob')).code, 3);
    assert.match(
      (await folder.run('runs', '--user', 'bob')).err,
      /^No runs of bob \(by --user\) in \.cantus\. Start one: /,
    );
  });

  it('finds a run by the beginning of its id and by "last"', async () => {
    assert.match((await alice('show', run.slice(0, 6))).out, new RegExp(`Run: +${run}`));
    assert.match((await alice('show', 'last')).out, /Workflow: +approve version 1/);
    const short = await alice('show', run.slice(0, 2));
    assert.ok(short.code === 2 && short.err.includes('is too short to name a run'));
  });

  it('gives the events behind a place', async () => {
    const all = (await alice('events', run, '--jsonl')).out
      .trim()
      .split('\n')
      .map((line) => json(line) as Seq);
    const some = (await alice('events', run, '--after', '5', '--jsonl')).out.trim().split('\n');
    assert.deepEqual(
      some.map((line) => (json(line) as Seq).seq),
      all.map(({ seq }) => seq).filter((seq) => seq > 5),
    );
    assert.match((await alice('events', run)).out, / {3}1 {2}\d\d:\d\d:\d\d\.\d{3} {2}run\.queued /);
  });

  it('shows the steps of a run with what they gave', async () => {
    const { out } = await alice('show', run);
    assert.match(out, /Models: +rules, not a language model/);
    assert.match(out, /✓ agent clerk {2}2 turns, rules, not a language model/);
    assert.match(out, / {4}✓ tool add .*\n +at clerk\/add:1-0\n +(= 5)/);
  });

  it('shows one step in full', async () => {
    const { out } = await alice('show', run, '--step', 'clerk/add:1-0');
    assert.match(out, /Input\n\{\n {2}"a": 2,\n {2}"b": 3\n\}\n\nOutput\n5\n/);
    const near = await alice('show', run, '--step', 'clerk/add:1-1');
    assert.equal(near.code, 3);
    assert.match(near.err, /Did you mean "clerk\/add:1-0"\?/);
  });

  it('gives row, state and events as JSON', async () => {
    type Shown = { row: Row; state: { status: string; steps: { path: string }[] }; events: unknown[] };
    const { row, state, events } = json((await alice('show', run, '--json')).out) as Shown;
    assert.equal(row.run, run);
    assert.equal(state.steps[0]?.path, 'first');
    assert.ok(events.length > 10);
  });

  it('prints the answer again with --result', async () => {
    assert.equal((await alice('show', run, '--result')).out, '# Answer to how many?\n');
    assert.equal((await alice('show', 'last', '--result')).code, 2);
  });

  it('says what a run waits for with the command that sends it, and leaves the run as it is', async () => {
    const told = (await alice('events', 'last', '--jsonl')).out;
    const { out } = await alice('show', 'last');
    assert.match(
      out,
      /Waits at approval for the signal "approve", until .*\n {2}To send it: cantus signal [0-9a-f]{8} approve/,
    );
    assert.equal((await alice('events', 'last', '--jsonl')).out, told);
  });

  it('makes no folder where it only looks', async () => {
    const empty = testFolder();
    assert.equal((await empty.run('runs')).code, 0);
    assert.equal((await empty.run('show', 'last')).code, 3);
    assert.ok(!empty.has('.cantus'));
    empty.remove();
  });

  it('says which model would answer, and why', async () => {
    assert.match(
      (await folder.run('models')).out,
      /^default: rules, not a language model \(builtin\/rules is configured\)/,
    );
  });
});
