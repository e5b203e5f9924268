/**
 * Two people at one server, at the same time.
 *
 * TU1  Nothing that one user said or got reaches the other's browser, on any way.
 * TU2  All of a user's pages show the same, live.
 */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { account, ask, change, field, join, lastTurn, logIn, untilEnded } from './person.fixture.ts';
import { inBrowser, type Scene, type Served } from './scene.fixture.ts';
import { letGo, watchableApp } from './watchable-app.fixture.ts';

/** All that reaches a browser: bodies of answers, and frames of sockets. */
class Received {
  readonly #texts: Promise<string>[] = [];
  frames = 0;

  constructor(context: BrowserContext) {
    context.on('response', (response) => this.#texts.push(response.text().catch(() => '')));
    context.on('page', (page) =>
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          this.frames += 1;
          this.#texts.push(Promise.resolve(payload.toString()));
        }),
      ),
    );
  }

  async has(text: string): Promise<boolean> {
    return (await Promise.all(this.#texts)).some((one) => one.includes(text));
  }
}

type Member = { readonly page: Page; readonly received: Received };

async function enter(scene: Scene, address: string, user: string): Promise<Member> {
  const { context } = await scene.visit();
  const received = new Received(context);
  const page = await context.newPage();
  await page.goto(address);
  await join(page, user);
  return { page, received };
}

async function twoMembers(
  scene: Scene,
): Promise<{ readonly server: Served; readonly ada: Member; readonly bob: Member }> {
  const server = await scene.serve({ config: watchableApp });
  const ada = await enter(scene, server.page, 'ada');
  const dialog = await account(ada.page, 'ada');
  await dialog.getByText('Invite somebody').click();
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const link = await dialog.locator('.secret code').first().innerText();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return { server, ada, bob: await enter(scene, link, 'bob') };
}

describe('two users', () => {
  inBrowser('who ask at once see nothing of each other (TU1)', async (scene) => {
    const { server, ada, bob } = await twoMembers(scene);
    const members = [
      { ...ada, own: 'saffron-canary', other: 'indigo-canary' },
      { ...bob, own: 'indigo-canary', other: 'saffron-canary' },
    ];
    await Promise.all(members.map(({ page, own }) => ask(page, `What of ${own}?`)));
    await Promise.all(members.map(({ page }) => page.getByText('hold', { exact: true }).first().waitFor()));
    letGo(server.folder, 'go');
    await Promise.all(members.map(({ page, own }) => lastTurn(page).getByText(`Report on What of ${own}?`).waitFor()));
    for (const { page, own } of members) {
      const thread = new URL(page.url()).hash.slice('#/t/'.length);
      await change(page, `/v1/threads/${thread}`, { title: `Title ${own}` }, 'PATCH');
      await page.getByRole('link', { name: `Title ${own}` }).waitFor();
    }
    for (const { page, received, own, other } of members) {
      await page.getByRole('link', { name: 'All runs' }).click();
      await page.getByRole('heading', { name: 'Runs' }).waitFor();
      assert.equal(await page.locator('.run-rows li').count(), 1);
      await page.locator('.run-rows a').click();
      await page.getByRole('tab', { name: 'Events' }).click();
      await page.getByRole('region', { name: 'Events' }).getByText('run.queued').waitFor();
      assert.ok(
        received.frames > 3 && (await received.has(own)),
        'its own comes in, so what is looked at is all there is',
      );
      assert.ok(!(await received.has(other)), `${own} received nothing of the other`);
      assert.ok(!(await page.content()).includes(other));
    }
    // Another's conversation answers as one that is not there.
    const stolen = ada.page.url().replace(/#.*/, '');
    await ada.page.goBack();
    await ada.page.goBack();
    const threadOfAda = new URL(ada.page.url()).hash;
    assert.match(threadOfAda, /^#\/t\//);
    await bob.page.goto(stolen + threadOfAda);
    scene.expect(bob.page, /404/);
    await bob.page.getByText('There is no such conversation.').waitFor();
  });

  inBrowser('one user sees the same in two tabs and on another device, as it happens (TU2)', async (scene) => {
    const server = await scene.serve({ config: watchableApp });
    const first = await scene.page(server.page);
    await join(first, 'ada');
    const second = await first.context().newPage();
    await second.goto(server.url);
    const device = await scene.page(server.url);
    await logIn(device, 'ada');
    await field(second).waitFor();
    await ask(first, 'What is shared?');
    for (const page of [second, device]) {
      await page.getByRole('link', { name: 'What is shared?' }).click();
      await lastTurn(page).locator('.working-line', { hasText: 'hold' }).waitFor();
      await page.getByRole('button', { name: 'Stop' }).waitFor();
    }
    letGo(server.folder, 'go');
    const pages = [first, second, device];
    await Promise.all(pages.map((page) => untilEnded(page)));
    await Promise.all(pages.map((page) => lastTurn(page).getByText('It rests on 1 call.').waitFor()));
    const told = await Promise.all(
      pages.map(async (page) => {
        const work = lastTurn(page).locator('.work-head');
        if ((await work.getAttribute('aria-expanded')) === 'false') await work.click();
        return lastTurn(page).innerText();
      }),
    );
    assert.ok(told[0]?.includes('Report on What is shared?'));
    assert.equal(told[1], told[0]);
    assert.equal(told[2], told[0]);
    await ask(device, 'And from here?');
    for (const page of pages) await page.getByRole('heading', { name: 'Report on And from here?' }).waitFor();
  });
});
