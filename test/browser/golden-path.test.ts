/**
 * What somebody does who sees Cantus for the first time, from the address that `serve` prints to the last log out.
 *
 * GP1  Each figure of an answer leads to the call that computed it, and is in what that call returned.
 */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Page } from 'playwright-core';
import type { Answer, AnswerFigure } from '../../src/agents/answer.ts';
import { isBlobRef, type JournalEvent } from '../../src/journal/event.ts';
import type { Json } from '../../src/core/json.ts';
import { startAimock } from '../../src/models/aimock.fixture.ts';
import {
  account,
  ask,
  bigQuestion,
  field,
  goTo,
  join,
  journal,
  lastTurn,
  logIn,
  newestRun,
  read,
  untilEnded,
  watchWork,
} from './person.fixture.ts';
import { inBrowser } from './scene.fixture.ts';

/** Every number in a value, however deep. */
function numbersIn(value: Json): readonly number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(numbersIn);
}

/** Is what is shown one of the texts or numbers of a value, as exactly as it is shown? */
function isShownOf(shown: string, output: Json): boolean {
  if (JSON.stringify(output).includes(shown)) return true;
  const [, digits, unit = ''] = /^-?\$?(\d[\d,]*(?:\.\d+)?)(?:\s*(%|ms|s|:00))?$/.exec(shown) ?? [];
  if (digits === undefined) return shown.includes(', ') && shown.split(', ').every((one) => isShownOf(one, output));
  const wanted = Number(digits.replaceAll(',', ''));
  const scale = { '%': 100, s: 1 / 1_000 }[unit] ?? 1;
  const near = 0.500_000_1 / 10 ** (digits.split('.')[1]?.length ?? 0);
  return numbersIn(output).some((number) => Math.abs(Math.abs(number) * scale - wanted) <= near);
}

async function outputOf(page: Page, events: readonly JournalEvent[], path: string): Promise<Json> {
  const done = events.find((event) => event.type === 'tool.completed' && event.path === path);
  assert.ok(done?.type === 'tool.completed', `no call ${path}`);
  const { output } = done.data;
  return isBlobRef(output) ? read<Json>(page, `/v1/values/${output.$blob}`) : output;
}

function figuresOf({ sections }: Answer): readonly AnswerFigure[] {
  return sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : [])));
}

const calls = [
  'timestamp,model,input_tokens,output_tokens,latency_ms,feature',
  ...Array.from({ length: 60 }, (_, index) =>
    [`2026-10-${String(1 + (index % 28)).padStart(2, '0')}T09:30:00Z`, 'gpt-4o', 1_000 + index, 200, 900, 'mail'].join(
      ',',
    ),
  ),
];

describe('the golden path', () => {
  inBrowser('what was refused is never asked without, and comes back to be put right', async (scene) => {
    const server = await scene.serve({ args: ['--port', '0', '--dev'] });
    const page = await scene.page(server.url);
    scene.expect(page, /400/);
    const csv = (name: string, lines: readonly string[]) => ({
      name,
      mimeType: 'text/csv',
      buffer: Buffer.from(lines.join('\n')),
    });
    await page.getByRole('button', { name: 'Options' }).click();
    const file = page.getByLabel(/^Data/);
    await file.setInputFiles(csv('empty.csv', []));
    await page.getByText('empty.csv was not taken: remove it, or choose another file.').waitFor();
    await ask(page, 'What did this cost?');
    assert.ok(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled());
    await page.getByRole('button', { name: bigQuestion }).click();
    assert.equal(await page.locator('.turn').count(), 0, 'nor does a sample go without it');

    const broken = [...calls, ...calls.slice(1), '2026-10-09T09:30:00Z,gpt-4o,many,200,900,mail'];
    await file.setInputFiles(csv('broken.csv', broken));
    await page.getByRole('alert').filter({ hasText: 'line 122' }).waitFor();
    await ask(page, 'What did this cost?');
    const refused = page.getByRole('alert').filter({ hasText: 'It was not asked:' });
    await refused.waitFor();
    assert.match(await refused.innerText(), /broken\.csv.*line 122.*input_tokens/s);
    assert.equal(await page.getByText('There is no such conversation').count(), 0);
    assert.equal(await field(page).inputValue(), 'What did this cost?');
    await page.getByRole('button', { name: 'Remove broken.csv' }).waitFor();
    await page.getByLabel(/^Skip bad rows/).check();
    await refused.waitFor({ state: 'detached' });
    await field(page).press('Enter');
    await untilEnded(page);
    await lastTurn(page).getByText('broken.csv').first().waitFor();
    assert.equal(await field(page).inputValue(), '');

    scene.expect(page, /404/);
    await goTo(page, '#/r/nothing');
    await page.getByText('There is no such run. It may have been deleted.').waitFor();
    await goTo(page, '#/runs');
    await page.getByRole('link', { name: 'What did this cost? optimize · Completed' }).waitFor();
  });

  inBrowser('the first account is made, asked with, and each figure leads to its call (GP1)', async (scene) => {
    const server = await scene.serve();
    const page = await scene.page(server.page);
    await page.getByRole('heading', { name: 'Make the first account' }).waitFor();
    assert.notEqual(await page.getByLabel('Code').inputValue(), '');
    await join(page, 'ada');
    assert.ok(!page.url().includes('setup'), 'the code stays in no address');
    const samples = page.getByRole('list', { name: 'Questions to begin with' });
    assert.ok(await samples.getByRole('button', { name: bigQuestion }).isVisible());
    await page.getByText('answered by rules').waitFor();

    const seen = await watchWork(page);
    await ask(page, bigQuestion);
    await untilEnded(page);
    const work = await seen();
    const order = ['triage', 'data', 'optimization', 'actions', 'reporting'].map((agent) =>
      work.findIndex((line) => line.startsWith(`agent ${agent} `)),
    );
    assert.ok(
      order.every((at) => at >= 0),
      `every agent was seen: ${work.join('; ')}`,
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      'in order',
    );
    const assessing = work.indexOf('tool assess data working');
    assert.ok(assessing >= 0 && assessing < work.indexOf('tool assess data done'));
    assert.ok(work.indexOf('agent triage working') < work.indexOf('agent triage done'));
    assert.ok(work.some((line) => /^triage: (runs assess data|is at work)/.test(line)));

    const answer = lastTurn(page).locator('article');
    await answer.getByRole('heading', { name: 'AI cost and usage report' }).waitFor();
    assert.ok((await answer.getByRole('table').count()) > 3);
    assert.ok((await answer.locator('svg[role=img], .bars').count()) > 1);
    await lastTurn(page).getByText('answers by rules, not a language model · no cost').waitFor();

    const { run } = await newestRun(page);
    const events = await journal(page, run);
    const said = await read<{ readonly answer: Answer }>(page, `/v1/runs/${run}/answer`);
    const figures = figuresOf(said.answer);
    assert.ok(figures.length > 15);
    const shown = await answer
      .locator('.figure')
      .evaluateAll((all) =>
        all.map((one) => [one.querySelector('dt')?.textContent, one.querySelector('.figure-value')?.textContent]),
      );
    assert.deepEqual(
      shown,
      figures.map(({ label, value }) => [label, value]),
    );
    const without: string[] = [];
    for (const { label, value, source } of figures) {
      assert.ok(source !== undefined, `${label} says where it comes from`);
      if (!isShownOf(value, await outputOf(page, events, source))) without.push(`${label}: ${value} of ${source}`);
    }
    assert.deepEqual(without, []);

    const total = figures.find(({ label }) => label.startsWith('Total cost'));
    assert.ok(total !== undefined);
    await answer
      .getByRole('button', { name: `Source of ${total.label}` })
      .first()
      .click();
    const opened = lastTurn(page).locator('.step.wanted > .step-head');
    assert.equal(await opened.getAttribute('aria-expanded'), 'true');
    assert.ok((await opened.textContent())?.includes('analyze cost trends'));
    const detail = lastTurn(page).locator('.step.wanted > .step-detail');
    await detail.getByRole('heading', { name: 'Input' }).waitFor();
    await detail.getByRole('heading', { name: 'Output' }).waitFor();
    await detail.getByText(total.source ?? '').waitFor();
    assert.ok(await opened.evaluate((head) => head === head.ownerDocument.activeElement));
  });

  inBrowser('files, follow-ups, stopping, names and deletion work in one conversation after another', async (scene) => {
    const server = await scene.serve();
    const page = await scene.page(server.page);
    await join(page, 'ada');

    await page.getByRole('button', { name: 'Options' }).click();
    const file = page.getByLabel(/^Data/);
    const broken = [...calls.slice(0, 5), '2026-10-09T09:30:00Z,gpt-4o,many,200,900,mail'].join('\n');
    await file.setInputFiles({ name: 'broken.csv', mimeType: 'text/csv', buffer: Buffer.from(broken) });
    scene.expect(page, /400/);
    const refused = page.getByRole('alert');
    await refused.waitFor();
    assert.match(await refused.innerText(), /broken\.csv.*line 6.*input_tokens/s);
    await page.getByRole('button', { name: 'Remove broken.csv' }).click();
    await file.setInputFiles({ name: 'mail-calls.csv', mimeType: 'text/csv', buffer: Buffer.from(calls.join('\n')) });
    await page.getByText(/^calls: 60 in mail-calls\.csv/).waitFor();
    await page.getByText(/^columns: .*timestamp = time.*model = model/).waitFor();
    await ask(page, 'What did this cost?');
    await untilEnded(page);
    await lastTurn(page).getByText('mail-calls.csv').first().waitFor();

    await ask(page, bigQuestion);
    await page.locator('.turn').nth(1).waitFor();
    await untilEnded(page);
    assert.equal(await page.locator('.turn').count(), 2);
    // A follow-up goes on with the file.
    await lastTurn(page).getByText('mail-calls.csv').first().waitFor();

    await page.getByRole('link', { name: 'New question' }).click();
    await page.getByRole('button', { name: bigQuestion }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await lastTurn(page).getByText('Stopped:').waitFor();
    assert.equal((await newestRun(page)).status, 'cancelled');

    const threads = page.getByRole('navigation', { name: 'Conversations' });
    await threads.getByRole('link', { name: 'What did this cost?' }).hover();
    await threads.getByRole('button', { name: 'Rename What did this cost?' }).click();
    await threads.getByLabel('Name', { exact: true }).fill('Mail in October');
    await page.keyboard.press('Enter');
    await threads.getByRole('link', { name: 'Mail in October' }).waitFor();
    await page.getByLabel('Find a conversation').fill('october');
    await threads.getByRole('link', { name: bigQuestion }).waitFor({ state: 'detached' });
    assert.equal(await threads.getByRole('link').count(), 1);
    await threads.getByRole('link', { name: 'Mail in October' }).hover();
    await threads.getByRole('button', { name: 'Delete Mail in October' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('None has this in its name.').waitFor();
    const left = await read<{ readonly threads: readonly { readonly title: string }[] }>(page, '/v1/threads');
    assert.deepEqual(
      left.threads.map(({ title }) => title),
      [bigQuestion],
    );

    const other = await scene.page(server.url);
    await logIn(other, 'ada');
    scene.expect(other, /401/);
    const mine = await account(page, 'ada');
    await mine.getByRole('button', { name: 'Log out everywhere' }).click();
    await mine.getByText('Tokens for programs go on working').waitFor();
    await mine.getByRole('button', { name: 'Log out of all' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await other.getByText('Your login has ended.').waitFor();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  inBrowser('a language model is named wherever it answered', async (scene) => {
    const { mock, baseUrl, close } = await startAimock({ latency: 20, chunkSize: 12 });
    scene.atEnd(close);
    const by = (agent: string, content: string): void => {
      const is = (text: unknown): boolean => typeof text === 'string' && text.includes(agent);
      mock.on(
        { predicate: ({ messages }) => messages.some(({ role, content: text }) => role === 'system' && is(text)) },
        { content },
      );
    };
    by(
      'You sort a question',
      JSON.stringify({ category: 'Cost Optimization', priority: 'high', topics: [], reasoning: 'Costs.' }),
    );
    by(
      'You turn savings',
      JSON.stringify({ actions: [{ title: 'Pick a smaller model', detail: 'For short mails.', effort: 'low' }] }),
    );
    by('You sum up', 'The mock sums up what was found.');
    by('', 'The mock has looked at it.');
    const env = { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: baseUrl, CANTUS_MODEL: 'gpt-5-mini' };
    const server = await scene.serve({ env, args: ['--port', '0', '--dev'] });
    const page = await scene.page(server.url);
    assert.equal(await page.getByText(/no language model/i).count(), 0);
    const seen = await watchWork(page);
    await ask(page, bigQuestion);
    await untilEnded(page);
    await lastTurn(page).getByText('The mock sums up what was found.').waitFor();
    await page.locator('.model-name', { hasText: 'gpt-5-mini' }).waitFor();
    assert.match(await lastTurn(page).locator('footer').innerText(), /gpt-5-mini · [\d,]+ tokens in, [\d,]+ out · /);
    assert.ok(
      (await seen()).some((line) => line.includes('thinks with gpt-5-mini')),
      (await seen()).join('; '),
    );
    assert.equal(await page.getByText(/by rules/i).count(), 0);
  });
});
