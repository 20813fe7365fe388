import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { runFaulty } from "../conformance/faulty/faulty_client.ts";
import { violations } from "./axe.ts";
import { browserTest } from "./browser.ts";

/** A text message, PING, reserved bits and an invalid text. */
const CASES = ["1.1.1", "2.2", "3.1", "6.3.1"];

const visibleRows = (page: Page) =>
  page.locator("tr[data-family]:visible th").allTextContents();

browserTest("conformance: the reports", {}, async (server, step) => {
  const run = async (
    agent: string,
    faults: Parameters<typeof runFaulty>[1],
  ) => {
    for (const id of CASES) {
      const query = `casetuple=${id}&agent=${agent}`;
      await runFaulty(server.url("frame", `/runCase?${query}`), faults);
    }
  };
  await run("correct", {});
  await run("faulty", { accepts: new Set(["reserved bits"]) });
  const url = server.url("edge", "/conformance/").replace("ws:", "http:");

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [360, 1280]) {
      await step(
        `${width} pixels, ${colorScheme}: no error, no horizontal overflow, and axe finds no violation`,
        async (page) => {
          const errors: string[] = [];
          page.on("console", (message) => errors.push(message.text()));
          page.on("requestfailed", (request) => errors.push(request.url()));
          for (const path of ["", "faulty_case_3_1.html"]) {
            await page.goto(url + path);
            const sizes = await page.locator("html").evaluate((html) => [
              html.scrollWidth,
              html.clientWidth,
            ]);
            assertEquals(sizes[0], sizes[1], path);
            assertEquals(errors, [], path);
            assertEquals(await violations(page), [], path);
          }
        },
        { viewport: { width, height: 800 }, colorScheme },
      );
    }
  }

  await step(
    "the filters hide rows and columns without a script",
    async (page) => {
      await page.goto(url);
      assertEquals(await visibleRows(page), CASES);
      await page.locator("#show-failed").check();
      assertEquals(await visibleRows(page), ["3.1"]);
      await page.locator("#family-6").check();
      assertEquals(await visibleRows(page), []);
      await page.locator("#show-all").check();
      assertEquals(await visibleRows(page), ["6.3.1"]);
      const column = page.locator("th.agent-1");
      assertEquals(await column.isVisible(), true);
      await page.locator("#show-agent-1").uncheck();
      assertEquals(await column.isVisible(), false);
    },
    { javaScriptEnabled: false },
  );

  await step(
    "the filters by verdict ignore hidden agents",
    async (page) => {
      await page.goto(url);
      const agents = await page.locator("thead th[class]").allTextContents();
      const hide = (agent: string) =>
        page.locator(`#show-agent-${agents.indexOf(agent) + 1}`).uncheck();
      for (const verdict of ["#show-failed", "#show-notok"]) {
        await page.locator(verdict).check();
        assertEquals(await visibleRows(page), ["3.1"], verdict);
      }
      await hide("faulty");
      for (const verdict of ["#show-failed", "#show-notok"]) {
        await page.locator(verdict).check();
        assertEquals(await visibleRows(page), [], verdict);
      }
      await page.locator("#show-all").check();
      assertEquals(await visibleRows(page), CASES);
      await page.reload();
      await hide("correct");
      await page.locator("#show-failed").check();
      assertEquals(await visibleRows(page), ["3.1"]);
    },
    { javaScriptEnabled: false },
  );

  await step("a verdict leads to the wire log of the case", async (page) => {
    await page.goto(url);
    await page.locator('a[href="faulty_case_2_2.html"]').click();
    const frames = page.locator("tr.sent:visible");
    assertEquals(
      await frames.first().locator("td").nth(2).textContent(),
      "PING, FIN, 13 bytes",
    );
    const bytes = page.locator("tr.bytes").first();
    assertEquals(await bytes.isVisible(), false);
    await page.locator("#show-bytes").check();
    assertEquals(await bytes.isVisible(), true);
  });
});
