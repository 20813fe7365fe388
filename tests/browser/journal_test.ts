import { assertEquals, assertMatch } from "@std/assert";
import axe from "axe-core/axe.min.js" with { type: "text" };
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import { consoleSteps } from "./console_page.ts";

/** The page that the link of the console opens. */
async function openJournal(page: Page): Promise<Page> {
  const opening = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Journal and verdict" }).click();
  const journal = await opening;
  await journal.getByRole("heading", { level: 1 }).waitFor();
  return journal;
}

browserTest("journal: the page of a journal", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  for (const colorScheme of ["light", "dark"] as const) {
    await consoleStep(
      `${colorScheme}: the console's link shows the journal, in which Chromium breaks no rule`,
      async (console) => {
        const { page } = console;
        await console.chooseServer("frame");
        await page.locator("#parameters summary").click();
        await page.getByLabel("journal").fill(`browser-${colorScheme}`);
        await console.connect();
        for (let i = 1; i <= 3; i++) {
          await console.send(`<b>message ${i}</b>`);
          await console.waitForEchoes(i);
        }
        await page.getByRole("button", { name: "Disconnect" }).click();
        await page.locator("#state[data-state=closed], #state[data-state=idle]")
          .waitFor();
        const journal = await openJournal(page);
        const heading = journal.getByRole("heading", { level: 2 });
        assertMatch((await heading.textContent())!, /^Connection 1: /);
        assertEquals(await journal.locator("tbody td.failed").count(), 0);
        const text = await journal.locator("main").textContent();
        assertMatch(text!, /<b>message 2<\/b>/);
        for (const width of [360, 1280]) {
          await journal.setViewportSize({ width, height: 800 });
          await journal.evaluate(axe);
          const violations = await journal.evaluate(
            `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
              id + " at " + nodes.map(({ target }) => target).join()))`,
          );
          assertEquals(violations, [], `${width} pixels`);
          const overflow = await journal.evaluate(
            "document.documentElement.scrollWidth - innerWidth",
          );
          assertEquals(overflow, 0, `${width} pixels`);
        }
        await journal.close();
      },
      { colorScheme },
    );
  }
});
