import { assertEquals, assertMatch } from "@std/assert";
import type { FileChooser, Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import { consoleSteps } from "./console_page.ts";

/** Presses a key until an element has the focus. */
async function press(key: string, page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.locator(`${selector}:focus`).count() === 1) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${selector}`);
}

const tabTo = press.bind(undefined, "Tab");
const tabBackTo = press.bind(undefined, "Shift+Tab");

/** Replaces the text of the focused field. */
async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

browserTest("console: keyboard only", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  await consoleStep(
    "connects, sends in every mode, inspects and closes",
    async (console) => {
      const { page } = console;
      const { keyboard } = page;
      // Registered early, so that the browser intercepts the file chooser in time.
      const chooser = new Promise<FileChooser>((resolve) =>
        page.once("filechooser", resolve)
      );

      await keyboard.press("Tab");
      await page.locator(".skip:focus").waitFor();
      await tabTo(page, "#servers input");
      await keyboard.press("ArrowRight");
      await tabTo(page, "#connect-button");
      await keyboard.press("Enter");
      await console.waitForState("open");
      assertMatch((await page.locator("#state").textContent())!, /Connected/);

      await tabTo(page, "#message");
      await type(page, "typed");
      await keyboard.press("Control+Enter");
      await console.waitForEchoes(1);

      await keyboard.press("Shift+Tab");
      await page.locator("#modes input:focus").waitFor();
      await keyboard.press("ArrowRight");
      await tabTo(page, "#message");
      await type(page, '{"a":1}');
      await tabTo(page, "#pretty");
      await keyboard.press("Space");
      await tabTo(page, "#send-button");
      await keyboard.press("Enter");
      await console.waitForEchoes(2);

      await tabTo(page, "#async");
      await keyboard.press("Enter");
      await console.waitForEchoes(3);
      await tabTo(page, "#ping");
      await keyboard.press("Enter");

      await tabBackTo(page, "#modes input");
      await keyboard.press("ArrowRight");
      await tabTo(page, "#message");
      await type(page, "00 ff");
      await keyboard.press("Control+Enter");
      await console.waitForEchoes(4);

      await tabBackTo(page, "#modes input");
      await keyboard.press("ArrowRight");
      await tabTo(page, "#file");
      await keyboard.press("Space");
      await (await chooser).setFiles(
        new URL("../../LICENSE", import.meta.url).pathname,
      );
      await page.getByText(/KiB, sent as binary\./).waitFor();
      await keyboard.press("Control+Enter");
      await console.waitForEchoes(5);

      await tabBackTo(page, "#modes input");
      await keyboard.press("ArrowRight");
      await tabTo(page, "#size");
      await type(page, "100");
      await tabTo(page, "#times");
      await type(page, "20");
      await tabTo(page, "#interval");
      await type(page, "1");
      await keyboard.press("Enter");
      await console.waitForEchoes(25);

      await tabTo(page, "#close-fold summary");
      await keyboard.press("Enter");
      await tabTo(page, "#code");
      await type(page, "3001");
      await tabTo(page, "#reason");
      await type(page, "done");
      await keyboard.press("Enter");
      await console.waitForState("closed");
      await console.waitForEntry("event", "Closed with 3001 “done”");

      await tabTo(page, "#rows");
      await keyboard.press("Home");
      await page.locator("#detail", { hasText: "event · open" }).waitFor();
      await keyboard.press("ArrowDown");
      await keyboard.press("ArrowDown");
      await page.locator("#detail", { hasText: "received · text" }).waitFor();
      const active = await page.locator("#rows").getAttribute(
        "aria-activedescendant",
      );
      assertEquals(
        await page.locator(`#${active}`).getAttribute("aria-selected"),
        "true",
      );
      await keyboard.press("Enter");
      await page.locator("#detail button:focus").waitFor();
      await keyboard.press("Escape");
      await console.waitForFocus("rows");
      assertEquals(await page.locator("#detail").isVisible(), false);

      const received = await console.received();
      assertEquals(received.slice(0, 4), [
        "typed",
        '{\n  "a": 1\n}',
        "Async data",
        btoa("\0\xff"),
      ]);
      assertEquals(received.length, 25);
    },
  );

  await consoleStep(
    "the skip link moves the focus past the forms",
    async (console) => {
      const { page } = console;
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await console.waitForFocus("timeline");
      await page.keyboard.press("Tab");
      await console.waitForFocus("pause");
    },
  );
});
