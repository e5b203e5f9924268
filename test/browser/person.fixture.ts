/** What a person does in the page, and what the API says of it, for tests. Everything is found by its role and name. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { JournalEvent } from '../../src/journal/event.ts';

export const password = 'correct horse battery';
export const bigQuestion = 'Analyze my AI costs and tell me how to cut them';

/** Makes an account where the page asks for one. */
export async function join(page: Page, user: string): Promise<void> {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: /^(Make the account|Join)$/ }).click();
  await field(page).waitFor();
}

export async function logIn(page: Page, user: string): Promise<void> {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await field(page).waitFor();
}

export function field(page: Page): Locator {
  return page.getByLabel('Your question', { exact: true });
}

export async function ask(page: Page, question: string): Promise<void> {
  await field(page).fill(question);
  await field(page).press('Enter');
}

/** The newest question of the conversation with all that came of it. */
export function lastTurn(page: Page): Locator {
  return page.locator('.turn').last();
}

/** The run's end in the conversation: its foot has the way to the inspector. */
export async function untilEnded(page: Page): Promise<void> {
  await lastTurn(page).getByRole('link', { name: 'Inspect' }).waitFor();
}

export async function account(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name, exact: true }).click();
  return page.getByRole('dialog', { name });
}

/** What the server answers to the user of this page. */
export async function read<T>(page: Page, path: string): Promise<T> {
  const response = await page.request.get(new URL(path, page.url()).href);
  assert.ok(response.ok(), `${path}: ${response.status()} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Does what this page's user could do from elsewhere. */
export async function change(page: Page, path: string, data: unknown, method = 'POST'): Promise<unknown> {
  const { origin } = new URL(page.url());
  const response = await page.request.fetch(origin + path, { method, data, headers: { origin } });
  assert.ok(response.ok(), `${path}: ${response.status()} ${await response.text()}`);
  return response.json();
}

/** Starts a workflow or an agent that the page does not offer; the run's id. */
export async function start(page: Page, workflow: string, question: string, thread: string): Promise<string> {
  const started = await change(page, '/v1/runs', { workflow, question, thread, key: `${thread}/${question}` });
  return (started as { readonly run: string }).run;
}

/** Goes somewhere in the page by its address, as a link would. */
export async function goTo(page: Page, fragment: string): Promise<void> {
  await page.goto(new URL(fragment, page.url()).href);
}

type Rows = { readonly runs: readonly { readonly run: string; readonly status: string; readonly thread?: string }[] };

/** The user's newest run. */
export async function newestRun(page: Page): Promise<Rows['runs'][number]> {
  const [newest] = (await read<Rows>(page, '/v1/runs?limit=1')).runs;
  assert.ok(newest !== undefined);
  return newest;
}

/** All events of a run, as the journal has them. */
export async function journal(page: Page, run: string): Promise<readonly JournalEvent[]> {
  const all: JournalEvent[] = [];
  for (;;) {
    const path = `/v1/runs/${run}/events?after=${all.at(-1)?.seq ?? 0}`;
    const { events } = await read<{ readonly events: readonly JournalEvent[] }>(page, path);
    if (events.length === 0) return all;
    all.push(...events);
  }
}

/**
 * Notes each line of work that the page shows from now on, in the order in which it was first seen; `seen` reads it.
 * Looking again and again would miss what is over between two looks.
 */
export async function watchWork(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const seen = window.seenWork = [];
    const look = () => {
      for (const line of document.querySelectorAll('.working-line')) {
        const [who, what] = ['strong', '.working-what'].map((part) => line.querySelector(part)?.textContent ?? '');
        const words = (who + ': ' + what).trim();
        if (!seen.includes(words)) seen.push(words);
      }
      for (const step of document.querySelectorAll('.step-head')) {
        const [name, kind] = ['.step-name', '.step-kind'].map((part) => step.querySelector(part).textContent);
        const words = kind + ' ' + name + ' ' + step.querySelector('[role=img]').getAttribute('aria-label');
        if (!seen.includes(words)) seen.push(words);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  }`);
  return () => page.evaluate<readonly string[]>('window.seenWork');
}

/** All lines of the event log in the inspector, in the order in which they stand: only those in view are drawn. */
export async function shownEvents(page: Page): Promise<readonly string[]> {
  const region = page.getByRole('region', { name: 'Events' });
  await region.locator('.event').first().waitFor();
  return page.evaluate<readonly string[]>(`(async () => {
    const box = document.querySelector('[role=region][aria-label=Events]');
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const lines = [];
    for (box.scrollTop = 0; ; box.scrollTop += box.clientHeight) {
      await drawn();
      for (const event of box.querySelectorAll('.event')) {
        const parts = ['.event-seq', '.event-type'].map((part) => event.querySelector(part).textContent);
        lines[Number(event.dataset.index)] = parts.join(' ');
      }
      if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) return lines;
    }
  })()`);
}

/** Opens the event log of a run, without loading the page anew: what it shows is what the page has been told. */
export async function openEvents(page: Page, run: string): Promise<void> {
  await goTo(page, `#/r/${run}`);
  await page.getByRole('tab', { name: 'Events' }).click();
}

/** That the page shows each event of the run once, in order, as the journal has them. */
export async function assertShowsJournal(page: Page, run: string): Promise<void> {
  const events = await journal(page, run);
  await openEvents(page, run);
  await page.getByText(`${events.length} of ${events.length}`).waitFor();
  assert.deepEqual(
    await shownEvents(page),
    events.map(({ seq, type }) => `${seq} ${type}`),
  );
}
