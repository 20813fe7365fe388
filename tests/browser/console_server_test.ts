import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { PARAMETERS } from "../../handlers/script/query/parameters.ts";
import { RawClient } from "../integration/support/raw.ts";
import { browserTest } from "./browser.ts";
import { consoleSteps, homeOf } from "./console_page.ts";

browserTest("console: parameters of /ws", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  await consoleStep(
    "the form has a field for each parameter, checked by the rules of the server",
    async (console) => {
      const { page } = console;
      await page.locator("#parameters summary").click();
      for (const { name } of PARAMETERS) {
        await page.locator(`#parameter-${name}`).waitFor();
      }
      const fill = (name: string, value: string) =>
        page.locator(`#parameter-${name}`).fill(value);
      const errorOf = (name: string) =>
        page.locator(`#parameter-${name}-error`).textContent();
      await fill("delay", "soon");
      assertEquals(
        await errorOf("delay"),
        "Must be a whole number from 0 to 3600000.",
      );
      await fill("delay", "100");
      assertEquals(await errorOf("delay"), "");
      await fill("fragment", "2");
      assertEquals(
        await errorOf("fragment"),
        "Available on the frame listener only.",
      );
      await console.chooseServer("frame");
      assertEquals(await errorOf("fragment"), "");
      await fill("close", "1005");
      assertEquals(await errorOf("close"), "Must not be from 1004 to 1006.");
      await fill("close", "");
      await fill("after", "1");
      assertEquals(await errorOf("after"), "Requires close or abort.");
      await page.getByRole("button", { name: "Connect" }).click();
      await console.waitForFocus("parameter-after");
      assertEquals(
        await page.locator("#state-text").textContent(),
        "Not connected",
      );
    },
  );

  await consoleStep("the server behaves as requested", async (console) => {
    const { page } = console;
    const address = await page.locator("#address").textContent();
    assertEquals(new URL(address!).searchParams.get("reason"), "as asked");
    await console.connect();
    await console.waitForEntry("received", "Welcome");
    await console.send("one");
    await console.waitForEchoes(1);
    await console.send("two");
    await console.waitForState("closed");
    await console.waitForEntry("event", "Closed with 4001 “as asked”");
    const one = (await console.export()).find(({ kind, text }) =>
      kind === "received" && text === "one"
    );
    assert(one!.rtt! >= 150, `${one!.rtt} ms`);
  }, {
    fragment: "#query.hello=Welcome&query.delay=150&query.close=4001" +
      "&query.reason=as%20asked&query.after=2",
  });

  await consoleStep(
    "a requested refusal is explained as such",
    async (console) => {
      await console.page.getByRole("button", { name: "Connect" }).click();
      await console.waitForState("failed");
      await console.waitForEntry(
        "event",
        "with status 503, as the parameter reject requests",
      );
    },
    { fragment: "#query.reject=503", logsErrors: true },
  );
});

browserTest(
  "console: reports and figures of the server",
  {},
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "/frames reports the frames of a message: FIN, opcode, length",
      async (console) => {
        await console.chooseServer("frame");
        await console.chooseRoute("/frames");
        await console.connect();
        await console.send("hello");
        await console.waitForEntry("frame", "FIN");
        await console.chooseMode("random");
        await console.page.getByLabel(/^Bytes/).fill("300KiB");
        await console.send();
        await console.waitForEntry("frame", "no FIN");
        const frames = (await console.export()).filter(({ kind }) =>
          kind === "frame"
        );
        const [text, first, ...others] = frames;
        assertEquals([text!.opcode, text!.final, text!.size], [
          "text",
          true,
          5,
        ]);
        assertEquals([first!.opcode, first!.final], ["binary", false]);
        assertEquals(
          new Set(others.map(({ opcode }) => opcode)),
          new Set(["continuation"]),
        );
        assertEquals(
          others.map(({ final }) => final).indexOf(true),
          others.length - 1,
        );
        const sizes = [first!, ...others].map(({ size }) => size);
        assertEquals(sizes.reduce((sum, size) => sum + size), 300 * 1024);
      },
    );

    await consoleStep(
      "/control reports the PONG of the browser",
      async (console) => {
        await console.chooseServer("frame");
        await console.chooseRoute("/control");
        await console.connect();
        await console.page.getByRole("button", { name: "Ping" }).click();
        await console.waitForEntry("frame", "pong");
        const row = console.page.locator(".row[data-kind=frame]");
        assertMatch((await row.textContent())!, /FIN.*0xa.*pong.*len 0/);
      },
    );

    await consoleStep("the server's figures are shown", async (console) => {
      const tile = (name: string) =>
        console.page.locator(".tile", { hasText: name }).locator("dd");
      assertMatch((await tile("Version").textContent())!, /^\d+\.\d+\.\d+/);
      await tile("Uptime").filter({ hasText: /\d (s|min|h|d)$/ }).waitFor();
      await console.connect();
      await tile("Connections").filter({ hasText: /^[1-9]/ }).waitFor();
      await console.page.getByLabel("Times").fill("1000");
      await console.page.getByLabel("Interval in ms").fill("10");
      await console.send("counted");
      await tile("Messages/s").filter({ hasText: /^[1-9]/ }).waitFor();
    });

    await step(
      "the page links to the list of addresses when JavaScript is off",
      async (page) => {
        await page.goto(homeOf(server));
        await page.getByRole("link", { name: "list of addresses" }).click();
        const text = await page.locator("body").textContent();
        assertStringIncludes(text!, server.url("frame", "/control"));
      },
      { javaScriptEnabled: false },
    );
  },
);

browserTest(
  "console: without its configuration",
  {},
  async (server, step) => {
    await step("the page shows the error", async (page) => {
      await page.route(
        "**/console/config.json",
        (route) => route.fulfill({ status: 503 }),
      );
      await page.goto(homeOf(server));
      await page.locator("#state-text", {
        hasText: "cannot start: /console/config.json: status 503",
      }).waitFor();
    });
  },
);

browserTest(
  "console: a refused handshake is explained when the frame listener has reached MAX_CONNECTIONS",
  { MAX_CONNECTIONS: "1" },
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "is explained as a refused handshake",
      async (console) => {
        using _first = await RawClient.upgrade(server.address("frame"), "/ws");
        const { hostname, port } = server.address("frame");
        await console.chooseServer("frame");
        await console.page.getByRole("button", { name: "Connect" }).click();
        await console.waitForState("failed");
        await console.waitForEntry(
          "event",
          `${hostname}:${port} refused the handshake`,
        );
      },
      { logsErrors: true },
    );
  },
);

browserTest("console: a stopped server", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  await consoleStep("is explained as a missing response", async (console) => {
    const { hostname, port } = server.address("edge");
    await console.chooseRoute("/auth");
    await console.page.locator(".tile", { hasText: "Uptime" })
      .locator("dd", { hasText: /\d (s|min)$/ }).waitFor();
    server.signal("SIGKILL");
    await server.status;
    await console.page.getByRole("button", { name: "Connect" }).click();
    await console.waitForState("failed");
    await console.waitForEntry(
      "event",
      `No response from ${hostname}:${port}: `,
    );
    await console.page.locator(".tile", { hasText: "Uptime" })
      .locator("dd", { hasText: "unreachable" }).waitFor();
  }, { logsErrors: true });
});
