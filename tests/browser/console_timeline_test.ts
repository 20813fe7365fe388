import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest } from "./browser.ts";
import { inOneAttempt } from "../integration/support/within.ts";
import { type ConsolePage, consoleSteps } from "./console_page.ts";

/** Messages sent, and echoes received, in the test of a long list. */
const MANY = 50_000;

/** Maximum of milliseconds between two animation frames. */
const MAX_PAUSE = 1000;

async function repeat(
  console: ConsolePage,
  times: number,
  message: string,
): Promise<void> {
  await console.page.getByLabel("Times").fill(String(times));
  await console.send(message);
  await console.waitForEchoes(times);
}

browserTest(
  "console: timeline",
  { LOG_LEVEL: "INFO" },
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "the filter shows entries of the chosen kinds that contain a text",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("apple");
        await console.waitForEchoes(1);
        await console.send("Pear (ripe)");
        await console.waitForEchoes(2);
        await page.getByLabel("Filter by text").fill("pear (");
        await page.locator("#shown", { hasText: /^2 of 5$/ }).waitFor();
        await page.getByRole("checkbox", { name: "Sent" }).uncheck({
          force: true,
        });
        await page.locator("#shown", { hasText: /^1 of 5$/ }).waitFor();
        const [entry, ...others] = await console.export();
        assertEquals([entry!.kind, entry!.text], ["received", "Pear (ripe)"]);
        assertEquals(others, []);
        await page.getByLabel("Filter by text").fill("plum");
        await page.getByText("No entry matches the filter.").waitFor();
      },
    );

    await consoleStep(
      "a pause freezes the list while the timeline records entries",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("before");
        await console.waitForEchoes(1);
        await page.getByRole("button", { name: "Pause" }).click();
        await console.send("meanwhile");
        await console.waitForEchoes(2);
        await page.locator("#shown", { hasText: "3 of 5, 2 since the pause" })
          .waitFor();
        assertEquals(await page.locator(".row:visible").count(), 3);
        await page.getByRole("button", { name: "Pause" }).click();
        await console.waitForEntry("received", "meanwhile");
      },
    );

    await consoleStep("Clear removes all entries", async (console) => {
      const { page } = console;
      await console.connect();
      await console.send("gone");
      await console.waitForEchoes(1);
      await page.getByRole("button", { name: "Clear" }).click();
      await page.locator("#shown", { hasText: /^0$/ }).waitFor();
      assertEquals(await page.locator(".row:visible").count(), 0);
      await page.getByText("Connected. Messages and events appear here.")
        .waitFor();
    });

    await consoleStep(
      "Copy writes the list to the clipboard",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("to be copied");
        await console.waitForEchoes(1);
        await page.getByRole("button", { name: "Copy", exact: true }).click();
        await page.locator("#announcement", { hasText: "Timeline copied." })
          .waitFor({ state: "attached" });
        const text = await page.evaluate(
          "navigator.clipboard.readText()",
        ) as string;
        assertMatch(
          text,
          /^[\d:.]{12} • open 0 B .*\n[\d:.]{12} ↑ text 12 B to be copied\n[\d:.]{12} ↓ text 12 B to be copied$/,
        );
      },
      { permissions: ["clipboard-read", "clipboard-write"] },
    );

    await consoleStep(
      "a long message is shown in part, then completely",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("0123456789".repeat(1000));
        await console.waitForEchoes(1);
        await page.locator(".row[data-kind=received]").click();
        const content = page.locator("#detail pre");
        assertEquals((await content.textContent())!.length, 4096);
        await page.getByRole("button", { name: /^Show more/ }).click();
        assertEquals((await content.textContent())!.length, 10_000);
        await page.getByRole("button", { name: "Close", exact: true }).last()
          .click();
        await console.waitForFocus("rows");
      },
    );

    await consoleStep(
      "markup in a message is shown as text",
      async (console) => {
        await console.connect();
        await console.send("<img src=x onerror=alert(1)>\u001b[31m\u202e");
        await console.waitForEntry(
          "received",
          "<img src=x onerror=alert(1)>␛[31m",
        );
        assertEquals(await console.page.locator("main img").count(), 0);
      },
    );

    await consoleStep(
      `${
        2 * MANY
      } messages leave less than ${MAX_PAUSE} ms between animation frames`,
      // A busy machine makes pauses, too: they count where each attempt has them.
      (console) =>
        inOneAttempt(async () => {
          const { page } = console;
          await page.reload();
          await page.locator("#path option").first().waitFor({
            state: "attached",
          });
          await page.getByRole("button", { name: "Connect" }).click();
          await console.waitForState("open");
          await page.evaluate(`
      longest = 0;
      (function watch(last) {
        requestAnimationFrame((now) => {
          longest = Math.max(longest, now - last);
          watch(now);
        });
      })(performance.now());`);
          const longest = async () => {
            const pause = Number(await page.evaluate("longest"));
            await page.evaluate("longest = 0");
            return pause;
          };

          const start = performance.now();
          await repeat(console, MANY, "one of many");
          await page.locator("#shown", { hasText: /^100,001$/ }).waitFor();
          report(
            "sent and received",
            performance.now() - start,
            await longest(),
          );

          const rows = page.locator("#rows");
          for (const part of [0, 0.5, 0.25, 1]) {
            await rows.evaluate((box, part) => {
              box.scrollTop = part * (box.scrollHeight - box.clientHeight);
            }, part);
            const position = String(Math.max(1, Math.round(part * 2 * MANY)));
            await page.locator(`.row[aria-posinset="${position}"]`).waitFor();
          }
          report("scrolled", 0, await longest());

          const typed = performance.now();
          await page.getByLabel("Filter by text").fill("OF MANY");
          await page.locator("#shown", { hasText: /^100,000 of 100,001$/ })
            .waitFor();
          report("filtered", performance.now() - typed, await longest());

          assert(await page.locator(".row").count() < 100);
          assertEquals((await console.export()).length, 2 * MANY);
        }),
    );
  },
);

/** Logs a duration and the longest pause; fails above the maximum pause. */
function report(what: string, took: number, longest: number): void {
  const figures =
    `${what} in ${took.toFixed()} ms, longest pause ${longest.toFixed()} ms`;
  console.log(figures);
  assert(longest < MAX_PAUSE, figures);
}
