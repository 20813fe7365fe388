import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest } from "./browser.ts";
import { type ConsolePage, consoleSteps } from "./console_page.ts";

/** Messages that the long list is filled with: so many out, so many back. */
const MANY = 50_000;

/** Milliseconds without a picture that a person takes for a frozen page. */
const FROZEN = 1000;

async function repeat(
  console: ConsolePage,
  times: number,
  message: string,
): Promise<void> {
  await console.page.getByLabel("Times").fill(String(times));
  await console.send(message);
  await console.measures(times);
}

browserTest(
  "console: timeline",
  { LOG_LEVEL: "INFO" },
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "a filter leaves what contains a text, of the chosen kinds",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("apple");
        await console.measures(1);
        await console.send("Pear (ripe)");
        await console.measures(2);
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
        await page.getByText("Nothing passes the filter.").waitFor();
      },
    );

    await consoleStep(
      "a pause holds the list, and the timeline goes on",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("before");
        await console.measures(1);
        await page.getByRole("button", { name: "Pause" }).click();
        await console.send("meanwhile");
        await console.measures(2);
        await page.locator("#shown", { hasText: "3 of 5, 2 since the pause" })
          .waitFor();
        assertEquals(await page.locator(".row:visible").count(), 3);
        await page.getByRole("button", { name: "Pause" }).click();
        await console.shows("received", "meanwhile");
      },
    );

    await consoleStep("clear forgets everything", async (console) => {
      const { page } = console;
      await console.connect();
      await console.send("gone");
      await console.measures(1);
      await page.getByRole("button", { name: "Clear" }).click();
      await page.locator("#shown", { hasText: /^0$/ }).waitFor();
      assertEquals(await page.locator(".row:visible").count(), 0);
      await page.getByText("What you send and receive shows up here.")
        .waitFor();
    });

    await consoleStep(
      "copy puts the list into the clipboard",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("to be copied");
        await console.measures(1);
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
      "a long message is folded, and unfolds",
      async (console) => {
        const { page } = console;
        await console.connect();
        await console.send("0123456789".repeat(1000));
        await console.measures(1);
        await page.locator(".row[data-kind=received]").click();
        const content = page.locator("#detail pre");
        assertEquals((await content.textContent())!.length, 4096);
        await page.getByRole("button", { name: /^Show more/ }).click();
        assertEquals((await content.textContent())!.length, 10_000);
        await page.getByRole("button", { name: "Close", exact: true }).last()
          .click();
        await console.focuses("rows");
      },
    );

    await consoleStep("markup in a message is text", async (console) => {
      await console.connect();
      await console.send("<img src=x onerror=alert(1)>\u001b[31m\u202e");
      await console.shows("received", "<img src=x onerror=alert(1)>␛[31m");
      assertEquals(await console.page.locator("main img").count(), 0);
    });

    await consoleStep(
      `${2 * MANY} messages do not freeze the page`,
      async (console) => {
        const { page } = console;
        await page.getByRole("button", { name: "Connect" }).click();
        await console.reaches("open");
        page.setDefaultTimeout(120_000);
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
        report("sent and received", performance.now() - start, await longest());

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
      },
    );
  },
);

/** Fails where the page stood still; says how long things took. */
function report(what: string, took: number, longest: number): void {
  const figures =
    `${what} in ${took.toFixed()} ms, longest pause ${longest.toFixed()} ms`;
  console.log(figures);
  assert(longest < FROZEN, figures);
}
