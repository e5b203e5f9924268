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
