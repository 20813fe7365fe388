import { assertEquals } from "@std/assert";
import { WORKERS_START } from "../integration/support/server.ts";
import { startAll } from "../integration/support/suite.ts";
import { browserTest } from "./browser.ts";
import { consoleSteps } from "./console_page.ts";

/** A link whose set-up has a journal. */
const FRAGMENT = "#query.journal=a1b2";

browserTest("console: a journal", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  await consoleStep(
    "the verdict is a link to the journal of the connection",
    async (console) => {
      const { page } = console;
      await console.connect();
      await console.send("hello");
      await console.waitForEchoes(1);
      const [verdict] = await Promise.all([
        page.waitForEvent("popup"),
        page.getByRole("link", { name: "Journal and verdict" }).click(),
      ]);
      await verdict.waitForURL("**/journal/a1b2**");
      await verdict.getByText("Every frame is masked.").first().waitFor();
    },
    { fragment: FRAGMENT },
  );
});

browserTest(
  "console: several threads",
  () => startAll({ WORKERS: "2" }, { args: WORKERS_START }),
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "a link with a journal connects without one, and shows no verdict",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("hello");
        await console.waitForEchoes(1);
        const address = server.url("edge", "/ws");
        assertEquals(await page.locator("#address").textContent(), address);
        assertEquals(await page.locator("#journal").isVisible(), false);
        assertEquals(await page.getByLabel("journal").count(), 0);
      },
      { fragment: FRAGMENT },
    );

    await consoleStep(
      "the refusal of a journal at another URL is explained",
      async (console) => {
        await console.failToConnect(server.url("edge", "/ws?journal=a1b2"));
        await console.page.locator("#connect-error", {
          hasText: "a journal in a service with several",
        }).waitFor();
      },
      { logsErrors: true },
    );
  },
);
