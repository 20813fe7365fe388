import { assertEquals } from "@std/assert";
import axe from "axe-core/axe.min.js" with { type: "text" };
import { browserTest } from "./browser.ts";

browserTest(
  "catalogue: the page of faults and steps",
  {},
  async (server, step) => {
    const address = server.url("edge", "/faults").replace("ws:", "http:");

    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [360, 1280]) {
        await step(
          `${width} pixels, ${colorScheme}: no horizontal overflow, and axe finds no violation`,
          async (page) => {
            await page.goto(address);
            await page.getByRole("heading", { level: 1 }).waitFor();
            await page.evaluate(axe);
            const violations = await page.evaluate(
              `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
              id + " at " + nodes.map(({ target }) => target).join()))`,
            );
            assertEquals(violations, []);
            const overflow = await page.evaluate(
              "document.documentElement.scrollWidth - innerWidth",
            );
            assertEquals(overflow, 0);
          },
          { colorScheme, viewport: { width, height: 800 } },
        );
      }
    }

    await step("a link opens the fault in the console", async (page) => {
      await page.goto(address);
      await page.getByRole("link", { name: "rsv2", exact: true }).click();
      const url = page.getByRole("textbox", { name: "URL" });
      await url.waitFor();
      assertEquals(await url.inputValue(), server.url("frame", "/fault/rsv2"));
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.locator("#rows").getByText("1006").first().waitFor();
    });
  },
);
