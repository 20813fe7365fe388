import { assert, assertEquals } from "@std/assert";
import { violations } from "./axe.ts";
import { browserTest } from "./browser.ts";
import { type ConsolePage, consoleSteps } from "./console_page.ts";
import { IS_LONG } from "../long.ts";

const PHONE = { width: 360, height: 780 };
const TABLET = { width: 768, height: 1024 };
const LAPTOP = { width: 1280, height: 800 };
const WIDE = { width: 1920, height: 1080 };

/** Widths from a small phone to a wide screen. */
const WINDOWS = IS_LONG ? [PHONE, TABLET, LAPTOP, WIDE] : [PHONE, LAPTOP];

/** The layout depends on the width alone, so one width is enough for the dark colours. */
const SCHEMES = {
  light: WINDOWS,
  dark: [LAPTOP],
} as const;

/** Environment variable that makes the test write the screenshots. */
const UPDATE = "UPDATE_SCREENSHOTS";

const DIRECTORY = new URL("screenshots/", import.meta.url);

const ORDER = '{"order":17,"items":["tea","milk"],"note":"Grüße"}';

const SELECTED_IS_IN_SIGHT = `(() => {
  const row = document.querySelector(".row[aria-selected=true]");
  if (row === null) return false;
  const { top, bottom } = row.getBoundingClientRect();
  const list = document.querySelector("#rows").getBoundingClientRect();
  return top >= list.top && bottom <= list.bottom + 1;
})()`;

/** Fills the timeline, the details and the charts. */
async function fill(console: ConsolePage): Promise<void> {
  const { page } = console;
  await console.connect();
  await page.getByLabel("Times").fill("300");
  await page.getByLabel("Interval in ms").fill("4");
  await console.send('{"sensor":"kitchen","celsius":21.5}');
  await console.waitForEchoes(300);
  await page.getByLabel("Times").fill("1");
  await console.chooseMode("random");
  await page.getByLabel(/^Bytes/).fill("300KiB");
  await console.send();
  await console.waitForEchoes(301);
  await console.chooseMode("json");
  await console.send(ORDER);
  await console.waitForEchoes(302);
  await console.waitForEntry("frame", `len ${new Blob([ORDER]).size}`);
  await page.locator("#rows").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await page.locator("#detail pre").waitFor();
  // The list creates new rows when it scrolls.
  await page.waitForFunction(SELECTED_IS_IN_SIGHT);
}

browserTest("console: layout and accessibility", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of SCHEMES[colorScheme]) {
      const name = `${viewport.width} pixels, ${colorScheme}`;
      await consoleStep(
        `${name}: no horizontal overflow, and axe finds no violation`,
        async (console) => {
          const { page } = console;
          assertEquals(await violations(page), []);
          await fill(console);
          assertEquals(await violations(page), []);
          const sizes = await page.locator("html").evaluate((html) => [
            html.scrollWidth,
            html.clientWidth,
          ]);
          assertEquals(sizes, [viewport.width, viewport.width]);
          await page.evaluate("scrollTo(0, 0)");
          await page.locator(".controls").evaluate((box) => box.scrollTop = 0);
          // The charts are drawn twice a second.
          await page.locator("#charts canvas").nth(2).waitFor();
          const picture = await page.screenshot({
            fullPage: viewport.width < 1280,
          });
          assert(picture.length > 10_000, `${picture.length} bytes`);
          if (Deno.env.get(UPDATE)) {
            await Deno.mkdir(DIRECTORY, { recursive: true });
            const file = `console-${viewport.width}-${colorScheme}.png`;
            await Deno.writeFile(new URL(file, DIRECTORY), picture);
          }
        },
        {
          viewport,
          colorScheme,
          fragment: "#server=frame&path=/frames&query.report=1",
        },
      );
    }

    await consoleStep(
      `${colorScheme}: axe finds no violation in error messages`,
      async (console) => {
        const { page } = console;
        await page.getByLabel("Subprotocols").fill("a b");
        await console.chooseMode("hex");
        await page.getByLabel("Message", { exact: true }).fill("xyz");
        await page.getByLabel("Times").fill("many");
        await page.locator("#close-fold summary").click();
        await page.locator("#code").fill("1");
        assertEquals(await page.locator("[aria-invalid]").count(), 8);
        assertEquals(await violations(page), []);
      },
      { colorScheme },
    );
  }

  await consoleStep(
    "touch targets are at least 36 pixels high",
    async ({ page }) => {
      const targets = "button:visible, select:visible, summary:visible," +
        "label:has(input[type=radio]):visible, label.chip:visible";
      for (const target of await page.locator(targets).all()) {
        const box = await target.boundingBox();
        const text = await target.textContent();
        assert(box!.height >= 36, `${text}: ${box!.height} pixels`);
      }
    },
    { viewport: PHONE, hasTouch: true, isMobile: true },
  );

  await consoleStep(
    "there are no transitions when the user prefers reduced motion",
    async ({ page }) => {
      const transition = await page.locator("#connect-button").evaluate(
        (button) =>
          button.ownerDocument.defaultView.getComputedStyle(button)
            .transitionDuration,
      );
      assertEquals(transition, "0s");
    },
    { reducedMotion: "reduce" },
  );
});
