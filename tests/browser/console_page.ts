/**
 * The console as a test uses it.
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

/** The page, and what a person does with it. */
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
    await this.reaches("open");
  }

  /** Tries to connect to a foreign URL, in vain. */
  async fails(url: string): Promise<void> {
    await this.chooseServer("other");
    await this.page.getByRole("textbox", { name: "URL" }).fill(url);
    await this.page.getByRole("button", { name: "Connect" }).click();
    await this.reaches("failed");
  }

  /** Waits for a state of the connection. */
  async reaches(state: string): Promise<void> {
    await this.page.locator(`#state[data-state=${state}]`).waitFor();
  }

  async send(message?: string): Promise<void> {
    if (message !== undefined) {
      await this.page.getByLabel("Message", { exact: true }).fill(message);
    }
    await this.page.locator("#send-button").click();
  }

  /** Waits until the list shows an entry of a kind that contains a text. */
  async shows(kind: string, text: string): Promise<void> {
    await this.page.locator(`.row[data-kind=${kind}]`, { hasText: text })
      .first().waitFor();
  }

  /** Waits until a number of round trips was measured. */
  async measures(count: number): Promise<void> {
    const hasText = new RegExp(`^${count.toLocaleString("en")}$`);
    await this.page.locator("#figures div:first-child dd", { hasText })
      .waitFor();
  }

  /** Waits until an element has the focus. */
  async focuses(id: string): Promise<void> {
    await this.page.locator(`#${id}:focus`).waitFor();
  }

  /** Presses “Export” and reads what is downloaded. */
  async export(): Promise<ExportedEntry[]> {
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name: "Export" }).click();
    const text = await Deno.readTextFile(await (await download).path());
    return text.trimEnd().split("\n").map((line) => JSON.parse(line));
  }

  /** What was received, in the order of arrival. */
  async received(): Promise<(string | undefined)[]> {
    const entries = await this.export();
    return entries.filter(({ kind }) => kind === "received")
      .map(({ text, base64 }) => text ?? base64);
  }
}

/** Registers a step with an open console. */
export type ConsoleStep = (
  name: string,
  fn: (console: ConsolePage) => Promise<void>,
  options?: PageOptions & {
    /** Fragment of the page's address. */
    readonly fragment?: string;
    /** Whether the browser may complain, about a refused connection say. */
    readonly complains?: boolean;
  },
) => Promise<void>;

/**
 * Makes steps that open the console, and fail where the page breaks its own
 * policy, throws, or makes the browser complain.
 *
 * @param server the service
 * @param step registers a step with a page
 */
export function consoleSteps(server: Server, step: PageStep): ConsoleStep {
  return async (name, fn, options = {}) => {
    const { fragment = "", complains = false, ...pageOptions } = options;
    await step(name, async (page) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (/^(error|warning)$/.test(message.type())) {
          complaints.push(message.text());
        }
      });
      await page.goto(`${homeOf(server)}${fragment}`);
      await page.locator("#path option").first().waitFor({ state: "attached" });
      await fn(new ConsolePage(page));
      if (!complains) assertEquals(complaints, []);
    }, pageOptions);
  };
}

/**
 * The console's address.
 *
 * @param server the service
 */
export function homeOf(server: Server): string {
  const { hostname, port } = server.address("edge");
  return `http://${hostname}:${port}/`;
}
