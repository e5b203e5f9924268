/**
 * A real Chromium for tests of the page.
 *
 * WB1  A page that throws, logs an error, breaks its content security policy, or sees a socket closed with 1011 fails its
 *      test, whatever else the test looks at.
 * WB2  A test that fails leaves a picture of each of its pages in `test-output/browser/`.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const places = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'];

export const pictures = new URL('../../test-output/browser/', import.meta.url).pathname;

/** Starts the browser. Throws where the machine has none: install Debian's `chromium`, or name one in CHROMIUM. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = places.find((path) => path !== '' && existsSync(path));
  assert.ok(
    executablePath !== undefined,
    'The browser tests need Chromium: apt-get install chromium, or CHROMIUM=PATH.',
  );
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet] });
}

/** Playwright does not tell with which code a socket was closed, so the page tells it. */
const tellBugCloses = `{
  const Native = WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener('close', ({ code }) => code === 1011 && console.error('a socket was closed with 1011'));
    }
  };
}`;

/** One person at one machine: a browser with storage of its own, and what went wrong in its pages. */
export class Visitor {
  readonly context: BrowserContext;
  readonly #wrongs: string[] = [];
  /** Text that is expected among the errors, such as what the browser says of a server that is away. */
  readonly #expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    this.context = context;
    context.on('page', (page) => this.#watch(page));
  }

  static async enter(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await context.addInitScript(tellBugCloses);
    return new Visitor(context);
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.#wrongs.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#wrongs.push(`console: ${message.text()}`);
    });
  }

  /** The browser tells failed requests as errors: those that a test brings about are named. */
  expect(wrong: RegExp): void {
    this.#expected.push(wrong);
  }

  /** What went wrong and was not expected (WB1). */
  get wrongs(): readonly string[] {
    return this.#wrongs.filter((wrong) => !this.#expected.some((expected) => expected.test(wrong)));
  }

  /** Keeps a picture of each page; for a test that failed, and for looking at the page (WB2). */
  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    for (const [index, page] of this.context.pages().entries())
      await page.screenshot({ path: join(pictures, `${name}-${index}.png`) }).catch(() => undefined);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}
