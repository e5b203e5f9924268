/** A test in a browser: its servers, folders and visitors, which end with it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser, pictures, Visitor } from './chromium.fixture.ts';
import { passingFolder, ServeProcess, type Ready, type ServeOptions } from './serve.fixture.ts';

let browser: Promise<Browser> | undefined;
after(async () => (await browser)?.close());

export type Served = Ready & { readonly process: ServeProcess; readonly folder: string };

/** What Chromium says of a server that is away, or went away in the middle of an answer. */
const away = /WebSocket|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|503/;

export class Scene {
  readonly #name: string;
  readonly #visitors: Visitor[] = [];
  readonly #served: ServeProcess[] = [];
  readonly #endings: (() => unknown)[] = [];

  constructor(name: string) {
    this.#name = name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60);
  }

  /** Serves a folder, a new one unless one is given. */
  async serve(options: Partial<ServeOptions> = {}): Promise<Served> {
    const folder = options.folder ?? this.#newFolder();
    const process = new ServeProcess({ ...options, folder });
    this.#served.push(process);
    return { ...(await process.ready), process, folder };
  }

  #newFolder(): string {
    const folder = passingFolder();
    this.#endings.push(() => folder.remove());
    return folder.path;
  }

  async visit(options: BrowserContextOptions = {}): Promise<Visitor> {
    browser ??= openBrowser();
    const visitor = await Visitor.enter(await browser, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A page of a new visitor, at this address. */
  async page(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.visit(options)).context.newPage();
    await page.goto(address);
    return page;
  }

  atEnd(ending: () => unknown): void {
    this.#endings.unshift(ending);
  }

  /** Pages of this visitor may have errors of this kind. */
  expect(page: Page, wrong: RegExp): void {
    this.#visitors.find(({ context }) => context === page.context())?.expect(wrong);
  }

  /** Pages of this visitor may say that the server is away. */
  expectAway(page: Page): void {
    this.expect(page, away);
  }

  /** That nothing went wrong in any page (WB1). */
  assertWell(): void {
    assert.deepEqual(
      this.#visitors.flatMap(({ wrongs }) => wrongs),
      [],
    );
  }

  async picture(): Promise<void> {
    for (const [index, visitor] of this.#visitors.entries()) await visitor.picture(`${this.#name}-${index}`);
    const logs = this.#served.map(({ output }) => output);
    writeFileSync(join(pictures, `${this.#name}.log`), logs.join('\n'));
  }

  async end(): Promise<void> {
    await Promise.all(this.#visitors.map((visitor) => visitor.leave()));
    await Promise.all(this.#served.map((served) => served.stop('SIGKILL')));
    for (const ending of this.#endings) await ending();
  }
}

/** A test with a scene of its own. One that fails leaves pictures of its pages, and what its servers told (WB2). */
export function inBrowser(name: string, play: (scene: Scene) => Promise<void>): void {
  it(name, async () => {
    const scene = new Scene(name);
    try {
      await play(scene);
      scene.assertWell();
    } catch (thrown) {
      await scene.picture();
      throw thrown;
    } finally {
      await scene.end();
    }
  });
}
