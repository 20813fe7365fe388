/**
 * Tests in Chromium, driven by playwright-core: one browser and one service a
 * test, a page of its own a step.
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import type { Server } from "../integration/support/server.ts";
import { showingLog, startAll } from "../integration/support/suite.ts";
import { permitted } from "../permissions.ts";

/** Where Debian's package `chromium` puts the program. */
const CHROMIUM = "/usr/bin/chromium";

const LAUNCH_OPTIONS = {
  executablePath: CHROMIUM,
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

/** What playwright-core and the service need together. */
const PERMISSIONS = ["read", "write", "net", "run", "env", "sys"] as const;

/** Options of a page that differ from a wide window in light colours. */
export type PageOptions = NonNullable<Parameters<Browser["newPage"]>[0]>;

/** Registers a step with a page of its own, which is closed after it. */
export type PageStep = (
  name: string,
  fn: (page: Page) => Promise<void>,
  options?: PageOptions,
) => Promise<void>;

/**
 * Registers a test that starts Chromium and the service once for all of its
 * steps. Where it cannot run, it is ignored and its name says why.
 *
 * @param name the test's name
 * @param service variables of the service that differ from the suite's
 * defaults, or what starts it
 * @param body runs the steps
 */
export function browserTest(
  name: string,
  service: Record<string, string> | (() => Promise<Server>),
  body: (server: Server, step: PageStep) => Promise<void>,
): void {
  const obstacle = whyNot();
  Deno.test({
    name: obstacle === undefined ? name : `${name} (ignored: ${obstacle})`,
    ignore: obstacle !== undefined,
    // Playwright's pipe to the browser belongs to no single step.
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

/** Why no browser can be started, or nothing. */
function whyNot(): string | undefined {
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
  try {
    await fn(await context.newPage());
  } finally {
    await context.close();
  }
}
