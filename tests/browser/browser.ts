/**
 * Tests in Chromium with playwright-core: one browser and one service per test, one
 * page per step.
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import type { Server } from "../integration/support/server.ts";
import { showingLog, startAll } from "../integration/support/suite.ts";
import { permitted } from "../permissions.ts";

/** Path of the program in Debian's package `chromium`. */
export const CHROMIUM = "/usr/bin/chromium";

/** Milliseconds until a test gives up on Chromium: a busy machine takes less. */
const TIME_LIMIT = 120_000;

/** Options of the start of Chromium. */
export const LAUNCH_OPTIONS = {
  executablePath: CHROMIUM,
  timeout: TIME_LIMIT,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** Permissions that playwright-core and the service need. */
const PERMISSIONS = ["read", "write", "net", "run", "env", "sys"] as const;

/** Options of a page; default: playwright-core's. */
export type PageOptions = NonNullable<Parameters<Browser["newPage"]>[0]>;

/** Runs a step with a new page, and closes the page. */
export type PageStep = (
  name: string,
  fn: (page: Page) => Promise<void>,
  options?: PageOptions,
) => Promise<void>;

/**
 * Registers a test that starts Chromium and the service once for all of its steps.
 * Without Chromium or permissions the test is ignored, and its name gives the reason.
 *
 * @param name name of the test
 * @param service environment variables in addition to the suite's defaults, or a
 * function that starts the service
 * @param body runs the steps
 */
export function browserTest(
  name: string,
  service: Record<string, string> | (() => Promise<Server>),
  body: (server: Server, step: PageStep) => Promise<void>,
): void {
  const obstacle = findObstacle();
  Deno.test({
    name: obstacle === undefined ? name : `${name} (ignored: ${obstacle})`,
    ignore: obstacle !== undefined,
    // playwright-core keeps a pipe to the browser open between the steps.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      const { chromium } = await import("playwright-core");
      await using server = typeof service === "function"
        ? await service()
        : await startAll(service);
      const browser = await chromium.launch(LAUNCH_OPTIONS);
      try {
        await body(server, async (name, fn, options) => {
          const page = () => inNewPage(browser, options, fn);
          await t.step(name, () => showingLog(server, page));
        });
      } finally {
        await browser.close();
      }
    },
  });
}

/** Returns why the test cannot run; `undefined`: it can. */
function findObstacle(): string | undefined {
  const missing = PERMISSIONS.filter((name) => !permitted({ name }));
  if (missing.length > 0) {
    return `needs ${missing.map((name) => `--allow-${name}`).join(" ")}`;
  }
  try {
    Deno.statSync(CHROMIUM);
  } catch {
    return `no ${CHROMIUM}: apt-get install chromium`;
  }
  return undefined;
}

async function inNewPage(
  browser: Browser,
  options: PageOptions | undefined,
  fn: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIME_LIMIT);
  try {
    await fn(await context.newPage());
  } finally {
    await context.close();
  }
}
