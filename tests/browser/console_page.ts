/**
 * The console page, driven by a test.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { Server } from "../integration/support/server.ts";
import type { PageOptions, PageStep } from "./browser.ts";

/** A line of the exported timeline. */
export interface ExportedEntry {
  readonly time: string;
  readonly kind: "sent" | "received" | "event" | "frame";
  readonly opcode: string;
  readonly size: number;
  readonly rtt?: number;
  readonly text?: string;
  readonly base64?: string;
  readonly final?: boolean;
}

/** The page, and the actions of a user. */
export class ConsolePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Chooses a listener, `edge` or `frame`, or `other`. */
  async chooseServer(value: string): Promise<void> {
    await this.page.locator(`#servers input[value=${value}]`).check({
      force: true,
    });
  }

  async chooseRoute(path: string): Promise<void> {
    await this.page.getByLabel("Route").selectOption(path);
  }

  async chooseMode(value: string): Promise<void> {
    await this.page.locator(`#modes input[value=${value}]`).check({
      force: true,
    });
  }

  async connect(): Promise<void> {
    await this.page.getByRole("button", { name: "Connect" }).click();
    await this.waitForState("open");
  }

  /** Connects to a URL of another server and waits for the failure. */
  async failToConnect(url: string): Promise<void> {
    await this.chooseServer("other");
    await this.page.getByRole("textbox", { name: "URL" }).fill(url);
    await this.page.getByRole("button", { name: "Connect" }).click();
    await this.waitForState("failed");
  }

  /** Waits for a state of the connection. */
  async waitForState(state: string): Promise<void> {
    await this.page.locator(`#state[data-state=${state}]`).waitFor();
  }

  async send(message?: string): Promise<void> {
    if (message !== undefined) {
      await this.page.getByLabel("Message", { exact: true }).fill(message);
    }
    await this.page.locator("#send-button").click();
  }

  /** Waits until the list shows an entry of a kind that contains a text. */
  async waitForEntry(kind: string, text: string): Promise<void> {
    await this.page.locator(`.row[data-kind=${kind}]`, { hasText: text })
      .first().waitFor();
  }

  /** Waits until the page has measured a number of round trips. */
  async waitForEchoes(count: number): Promise<void> {
    const hasText = new RegExp(`^${count.toLocaleString("en")}$`);
    await this.page.locator("#figures div:first-child dd", { hasText })
      .waitFor();
  }

  /** Waits until an element has the focus. */
  async waitForFocus(id: string): Promise<void> {
    await this.page.locator(`#${id}:focus`).waitFor();
  }

  /** Presses “Export” and parses the downloaded file. */
  async export(): Promise<ExportedEntry[]> {
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name: "Export" }).click();
    const text = await Deno.readTextFile(await (await download).path());
    return text.trimEnd().split("\n").map((line) => JSON.parse(line));
  }

  /** The received messages, oldest first. */
  async received(): Promise<(string | undefined)[]> {
    const entries = await this.export();
    return entries.filter(({ kind }) => kind === "received")
      .map(({ text, base64 }) => text ?? base64);
  }
}

/** Runs a step with a page that shows the console. */
export type ConsoleStep = (
  name: string,
  fn: (console: ConsolePage) => Promise<void>,
  options?: PageOptions & {
    /** Fragment of the page's URL. */
    readonly fragment?: string;
    /** Whether the browser may log errors, for example of a refused handshake. */
    readonly logsErrors?: boolean;
  },
) => Promise<void>;

/**
 * Makes steps that open the console. A step fails if the page throws, or if the
 * browser logs an error or a warning, for example a violation of the policy.
 *
 * @param server the service
 * @param step runs a step with a page
 */
export function consoleSteps(server: Server, step: PageStep): ConsoleStep {
  return async (name, fn, options = {}) => {
    const { fragment = "", logsErrors = false, ...pageOptions } = options;
    await step(name, async (page) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (/^(error|warning)$/.test(message.type())) {
          errors.push(message.text());
        }
      });
      await page.goto(`${homeOf(server)}${fragment}`);
      await page.locator("#path option").first().waitFor({ state: "attached" });
      await fn(new ConsolePage(page));
      if (!logsErrors) assertEquals(errors, []);
    }, pageOptions);
  };
}

/**
 * The URL of the console.
 *
 * @param server the service
 */
export function homeOf(server: Server): string {
  const { hostname, port } = server.address("edge");
  return `http://${hostname}:${port}/`;
}
