/**
 * The page itself: whom it lets in, how it reads, and what it bears.
 *
 * PG1  No part of it breaks a rule of WCAG that a machine can see, light or dark, wide or narrow.
 * PG2  All that a mouse does, keys do.
 * PG3  Nothing moves under the eyes of who reads while an answer comes.
 * PG4  Text of agents and tools is text: it runs nothing and fetches nothing.
 * PG5  Who comes to read what is over begins with the question they came for, the newest if they name none.
 */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import {
  account,
  ask,
  bigQuestion,
  change,
  field,
  goTo,
  join,
  journal,
  lastTurn,
  newestRun,
  password,
  start,
  untilEnded,
} from './person.fixture.ts';
import { inBrowser, type Scene, type Served } from './scene.fixture.ts';
import { letGo, watchableApp } from './watchable-app.fixture.ts';

const wide = { width: 1280, height: 800 };
const narrow = { width: 360, height: 740 };
/** Colours and sizes have little to do with each other: each of them is looked at once. */
const looks = [
  { viewport: wide, colorScheme: 'light' },
  { viewport: narrow, colorScheme: 'dark' },
] as const;

/** What a machine can find wrong in what is shown now, and whether it must be scrolled sideways. */
async function faultsOf(page: Page, where: string): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ target, any }) => `${where}: ${id} at ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
  const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  return isWide ? [...told, `${where}: is scrolled sideways`] : told;
}

/** The same page in each size and colour. */
async function faultsInAllLooks(page: Page, where: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    faults.push(...(await faultsOf(page, `${where}, ${colorScheme}, ${viewport.width} px`)));
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: 'light' });
  return faults;
}

/** Until this begins where the conversation is read from. */
async function untilInView(page: Page, turn: Locator): Promise<void> {
  const box = await page.locator('.flow').elementHandle();
  const element = await turn.elementHandle();
  await page.waitForFunction(
    ([above, below]) => {
      const distance = below.getBoundingClientRect().top - above.getBoundingClientRect().top;
      return distance > 0 && distance < 60;
    },
    [box, element] as const,
    { timeout: 10_000 },
  );
}

function serveWatchable(scene: Scene): Promise<Served> {
  return scene.serve({ config: watchableApp, args: ['--port', '0', '--dev'] });
}

/** Presses Tab until what is focused has this name. */
async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const focused = (): Promise<string> =>
    page.evaluate<string>(
      `document.activeElement === document.body
        ? ''
        : (document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()`,
    );
  const passed: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    const now = await focused();
    if (name.test(now)) return;
    passed.push(now.slice(0, 30));
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not reach ${name}: ${passed.join(', ')}`);
}

describe('the page', () => {
  inBrowser('breaks no rule of accessibility that a machine can see (PG1)', async (scene) => {
    const server = await scene.serve();
    const page = await scene.page(server.page, { reducedMotion: 'reduce' });
    await page.getByLabel('User name').waitFor();
    const faults = [...(await faultsInAllLooks(page, 'login'))];
    await join(page, 'ada');
    faults.push(...(await faultsInAllLooks(page, 'nothing asked yet')));
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    faults.push(...(await faultsInAllLooks(page, 'runs')));
    const dialog = await account(page, 'ada');
    for (const part of await dialog.locator('summary').all()) await part.click();
    faults.push(...(await faultsInAllLooks(page, 'account')));
    assert.deepEqual(faults, []);
  });

  inBrowser('breaks none in an answer and in all that is behind it (PG1)', async (scene) => {
    const server = await scene.serve({ args: ['--port', '0', '--dev'] });
    const page = await scene.page(server.url, { reducedMotion: 'reduce' });
    await field(page).waitFor();
    const faults: string[] = [];
    await ask(page, bigQuestion);
    await untilEnded(page);
    await lastTurn(page).getByRole('heading', { name: 'AI cost and usage report' }).waitFor();
    faults.push(...(await faultsInAllLooks(page, 'an answer')));
    await lastTurn(page)
      .getByRole('button', { name: /^Source of/ })
      .first()
      .click();
    faults.push(...(await faultsInAllLooks(page, 'an answer with its source')));
    await lastTurn(page).getByRole('link', { name: 'Inspect' }).click();
    await page.getByRole('treegrid').waitFor();
    faults.push(...(await faultsInAllLooks(page, 'timeline')));
    for (const tab of ['Events', 'JSON']) {
      await page.getByRole('tab', { name: tab }).click();
      faults.push(...(await faultsInAllLooks(page, tab)));
    }
    assert.deepEqual(faults, []);
  });

  inBrowser(
    'says how each run stands: waiting, degraded, failed, stopped, and what can be done (PG1)',
    async (scene) => {
      const server = await serveWatchable(scene);
      const page = await scene.page(server.url, { reducedMotion: 'reduce' });
      await field(page).waitFor();
      const faults: string[] = [];
      const look = async (workflow: string): Promise<void> => {
        await start(page, workflow, 'Do it', `thread-${workflow}`);
        await goTo(page, `#/t/thread-${workflow}`);
      };
      await look('approve');
      await page.getByText('Waiting for your “approve”').waitFor();
      faults.push(...(await faultsInAllLooks(page, 'a question to the user')));
      assert.equal((await newestRun(page)).status, 'suspended');
      await page.getByRole('button', { name: 'Yes' }).click();
      await lastTurn(page).getByText('"value":true').waitFor();

      await look('poor');
      await page.getByText('This answer is degraded:').waitFor();
      await page.getByText('the archive was closed').waitFor();
      await page.getByText('Half an answer.').first().waitFor();
      faults.push(...(await faultsInAllLooks(page, 'degraded')));

      await look('broken');
      await page.getByText('This did not work.').waitFor();
      await page.getByText('There is nothing to count.').first().waitFor();
      await page.getByText('Give it something.').waitFor();
      await page.getByRole('button', { name: 'Ask again' }).waitFor();
      faults.push(...(await faultsInAllLooks(page, 'failed')));

      await goTo(page, '#/');
      await ask(page, 'What is there?');
      await lastTurn(page).locator('.working-line', { hasText: 'hold' }).waitFor();
      faults.push(...(await faultsInAllLooks(page, 'a live run')));
      await page.getByRole('button', { name: 'Stop' }).click();
      await lastTurn(page).getByText('Stopped:').waitFor();
      faults.push(...(await faultsInAllLooks(page, 'stopped')));
      assert.deepEqual(faults, []);

      await page.getByRole('link', { name: 'All runs' }).click();
      for (const [filter, count] of [
        ['Degraded', 1],
        ['Failed', 1],
        ['Cancelled', 1],
        ['Completed', 1],
      ] as const) {
        await page.getByRole('button', { name: filter, exact: true }).click();
        await page.locator('.run-rows li').first().waitFor();
        assert.equal(await page.locator('.run-rows li').count(), count, filter);
      }

      // A server that no longer has this version of the workflow: the run is parked, and looks so.
      await start(page, 'approve', 'Do it', 'thread-parked');
      await goTo(page, '#/t/thread-parked');
      await page.getByText('Waiting for your “approve”').waitFor();
      scene.expectAway(page);
      await server.process.stop();
      const config = watchableApp.replace("name: 'approve', version: 1", "name: 'approve', version: 2");
      await scene.serve({ config, folder: server.folder, args: ['--port', String(server.port), '--dev'] });
      await page.getByText('The server no longer has version 1 of “approve”.').waitFor();
    },
  );

  inBrowser('asks for an approval, and then says who decided what (PG1, PG2)', async (scene) => {
    const config = watchableApp.replace("{ signal: 'approve' }", "{ approval: { prompt: 'Send it?', role: 'boss' } }");
    assert.notEqual(config, watchableApp);
    const server = await scene.serve({ config, args: ['--port', '0', '--dev', '--user', 'ada', '--role', 'boss'] });
    const page = await scene.page(server.url, { reducedMotion: 'reduce' });
    await field(page).waitFor();
    const run = await start(page, 'approve', 'Do it', 'letters');
    await goTo(page, '#/t/letters');
    const form = page.getByRole('form', { name: 'Send it?' });
    await form.getByText('Needs the role “boss” · until').waitFor();
    assert.deepEqual(await faultsInAllLooks(page, 'an approval'), []);
    const note = form.getByLabel('A note to your decision');
    await note.fill('not on a Monday');
    // Enter in the note decides nothing: which of the two would it be?
    await note.press('Enter');
    assert.equal((await newestRun(page)).status, 'suspended');
    await note.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await untilEnded(page);
    await form.waitFor({ state: 'detached' });
    const ended = (await journal(page, run)).find(({ type }) => type === 'wait.ended');
    assert.deepEqual(ended?.data, { by: 'approval', approved: false, decidedBy: 'ada', note: 'not on a Monday' });
    await lastTurn(page).locator('.work-head').click();
    const told = 'refused by ada: “not on a Monday”';
    await lastTurn(page).locator('.step-said', { hasText: told }).waitFor();
    await goTo(page, `#/r/${run}?step=approval`);
    const detail = page.getByRole('complementary', { name: 'Details of the step' });
    await detail.getByText('Send it?').waitFor();
    await detail.getByText(told).waitFor();
  });

  inBrowser('is used by keys alone (PG2)', async (scene) => {
    const server = await scene.serve();
    const page = await scene.page(server.page);
    await page.getByLabel('User name').waitFor();
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await field(page).waitFor();
    await page.keyboard.type(bigQuestion);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.keyboard.press('Escape');
    await lastTurn(page).getByText('Stopped:').waitFor();
    await page.keyboard.press('ArrowUp');
    assert.equal(await field(page).inputValue(), bigQuestion);
    await page.keyboard.press('Enter');
    await page.locator('.turn').nth(1).waitFor();
    await untilEnded(page);
    await lastTurn(page).getByRole('heading', { name: 'AI cost and usage report' }).waitFor();
    await lastTurn(page).locator('.work-head').focus();
    await tabTo(page, /^Source of/);
    await page.keyboard.press('Enter');
    const opened = page.locator('.step.wanted > .step-head');
    await opened.waitFor();
    assert.ok(await opened.evaluate((head) => head === head.ownerDocument.activeElement));
    await page.keyboard.press('Enter');
    assert.equal(await opened.getAttribute('aria-expanded'), 'false');
    // From the question backwards it is near.
    await page.keyboard.press('/');
    await tabTo(page, /^Inspect$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    await tabTo(page, /^Steps over time$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const chosen = page.getByRole('row', { selected: true });
    assert.ok((await chosen.innerText()).includes('model'));
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await chosen.getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.getByRole('list', { name: 'Questions to begin with' }).waitFor();
  });

  inBrowser('holds still while an answer streams in (PG3)', async (scene) => {
    const server = await serveWatchable(scene);
    const page = await scene.page(server.url);
    await field(page).waitFor();
    await start(page, 'talker', 'Talk to me', 'talk');
    await page.evaluate(`{
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    }`);
    await goTo(page, '#/t/talk');
    await lastTurn(page).locator('.live').getByText('word59').waitFor();
    await page.evaluate('window.shift = 0');
    letGo(server.folder, 'talk');
    await lastTurn(page).getByText('The end.').waitFor();
    await untilEnded(page);
    await lastTurn(page).getByRole('table').waitFor();
    const shift = await page.evaluate<number>('window.shift');
    assert.ok(shift < 0.05, `it moved by ${shift}`);
  });

  inBrowser('believes no text: it runs nothing and asks nobody (PG4)', async (scene) => {
    const server = await serveWatchable(scene);
    const { context } = await scene.visit();
    const foreign: string[] = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(server.url)) foreign.push(request.url());
    });
    const page = await context.newPage();
    await page.goto(server.url);
    const run = await start(page, 'tricky', '<img src=x onerror="window.wasRun=true">', 'tricks');
    await change(page, '/v1/threads/tricks', { title: '<script>window.wasRun=true</script>' }, 'PATCH');
    await goTo(page, '#/t/tricks');
    await untilEnded(page);
    const reply = lastTurn(page).locator('.prose');
    for (const shown of ['<script>window.wasRun', '<img src=x', '<iframe src=', 'image: a picture', 'a link'])
      await reply.getByText(shown).waitFor();
    await lastTurn(page).locator('.work-head').click();
    await lastTurn(page).locator('.step-head').first().click();
    await lastTurn(page).locator('.step-detail').getByText('<script>window.wasRun').waitFor();
    await page.getByRole('link', { name: '<script>' }).waitFor();
    await goTo(page, `#/r/${run}`);
    for (const tab of ['Events', 'JSON', 'Timeline']) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('treegrid').waitFor();
    assert.equal(await page.evaluate('window.wasRun'), undefined);
    assert.deepEqual(foreign, []);
    await goTo(page, '#/t/tricks');
    const links = await lastTurn(page)
      .locator('a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.ok(
      links.every((href) => href === null || /^(#|https:)/.test(href)),
      links.join(' '),
    );
  });

  inBrowser('opens what is over at the question that was looked for (PG5)', async (scene) => {
    const server = await scene.serve({ args: ['--port', '0', '--dev'] });
    const page = await scene.page(server.url);
    await field(page).waitFor();
    for (const question of [bigQuestion, 'Which feature is slow, and when?']) {
      await ask(page, question);
      await page.locator('.turn', { hasText: question }).getByRole('link', { name: 'Inspect' }).waitFor();
    }
    const turns = page.locator('.turn');
    await page.reload();
    for (const turn of [turns.first(), turns.last()]) await turn.getByText('Where the figures come from').waitFor();
    await untilInView(page, turns.last());
    await turns.first().getByRole('link', { name: 'Inspect' }).click();
    await page.getByRole('treegrid').waitFor();
    await page.getByRole('link', { name: 'Conversation', exact: true }).click();
    for (const turn of [turns.first(), turns.last()]) await turn.getByText('Where the figures come from').waitFor();
    await untilInView(page, turns.first());
  });

  inBrowser('stays quick and bounded with a run of ten thousand events', async (scene) => {
    const server = await serveWatchable(scene);
    const page = await scene.page(server.url);
    await field(page).waitFor();
    const run = await start(page, 'long', 'Count', 'counting');
    await goTo(page, '#/t/counting');
    await page.locator('.turn').waitFor();
    await page.evaluate(`{
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: 'longtask' });
    }`);
    await lastTurn(page).locator('.working-line', { hasText: 'hold' }).waitFor({ timeout: 60_000 });
    const tasks = (await page.evaluate<number[]>('window.longTasks')).toSorted((a, b) => a - b);
    const median = tasks[Math.floor(tasks.length / 2)] ?? 0;
    const typed = await page.evaluate<number>('performance.now()');
    await field(page).pressSequentially('still quick', { delay: 0 });
    const took = (await page.evaluate<number>('performance.now()')) - typed;
    letGo(server.folder, 'counted');
    await untilEnded(page);
    const events = await journal(page, run);
    assert.ok(events.length > 9_900);
    await goTo(page, `#/r/${run}`);
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('region', { name: 'Events' }).locator('.event').first().waitFor();
    const drawn = await page.locator('.event').count();
    const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
    assert.ok(median < 200, `the median of its long tasks is ${median} ms`);
    assert.ok(took < 3_000, `eleven keys took ${took} ms`);
    assert.ok(drawn < 120, `${drawn} rows are drawn`);
    assert.ok(heap < 250_000_000, `${heap} bytes are held`);
  });
});
