import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { browserTest } from "./browser.ts";
import { consoleSteps } from "./console_page.ts";

browserTest("console: connecting", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  for (const listener of ["edge", "frame"]) {
    await consoleStep(
      `${listener} listener: a text is echoed, and its round-trip time measured`,
      async (console) => {
        await console.chooseServer(listener);
        await console.connect();
        await console.send("Grüße");
        await console.waitForEchoes(1);
        const entries = await console.export();
        assertEquals(
          entries.map(({ kind, opcode, size }) => [kind, opcode, size]),
          [["event", "open", 0], ["sent", "text", 7], ["received", "text", 7]],
        );
        assertEquals(entries[2]!.text, "Grüße");
        assert(entries[2]!.rtt! > 0, `${entries[2]!.rtt}`);
        assertStringIncludes(entries[0]!.text!, server.url(listener, "/ws"));
      },
    );
  }

  await consoleStep(
    "subprotocols are offered, and the selected one is shown",
    async (console) => {
      await console.page.getByLabel("Subprotocols").fill("other, chat");
      await console.connect();
      await console.waitForEntry("event", "subprotocol chat");
    },
  );

  await consoleStep(
    "an invalid subprotocol is rejected by the form",
    async (console) => {
      const { page } = console;
      await page.getByLabel("Subprotocols").fill("a b");
      await page.getByRole("button", { name: "Connect" }).click();
      assertEquals(
        await page.locator("#protocols-error").textContent(),
        "“a b” is not a valid subprotocol name.",
      );
      await console.waitForFocus("protocols");
      assertEquals(
        await page.locator("#state-text").textContent(),
        "Not connected",
      );
    },
  );

  await consoleStep(
    "/auth: a valid token is accepted and appears in no link or entry",
    async (console) => {
      await console.chooseRoute("/auth");
      await console.page.getByLabel("token").fill("valid");
      await console.connect();
      await console.waitForEntry("received", "Welcome");
      assert(!console.page.url().includes("valid"), console.page.url());
      const { text } = (await console.export())[0]!;
      assert(!text!.includes("valid"), text);
    },
  );

  await consoleStep("a refused handshake is explained", async (console) => {
    await console.chooseRoute("/auth");
    await console.page.getByLabel("token").fill("wrong");
    await console.page.getByRole("button", { name: "Connect" }).click();
    await console.waitForState("failed");
    await console.waitForEntry("event", "the token is missing or wrong");
    const reason = await console.page.getByRole("alert").textContent();
    assertMatch(reason!, /^The server refused the handshake: \/auth .* 401/);
  }, { logsErrors: true });

  await consoleStep(
    "a missing server is explained",
    async (console) => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      listener.close();
      await console.failToConnect(`ws://127.0.0.1:${port}/`);
      await console.waitForEntry(
        "event",
        `No response from 127.0.0.1:${port}, or`,
      );
    },
    { logsErrors: true },
  );

  /** Response fields of another server, and a part of the explanation. */
  const OTHER: readonly [headers: Record<string, string>, text: string][] = [
    [{}, "responds, but refused the handshake"],
    [
      { "access-control-allow-origin": "*" },
      "responds to a plain HTTP request with status 503",
    ],
    [
      { "cross-origin-resource-policy": "same-origin" },
      "or a response that the browser hides from a page of",
    ],
  ];

  for (const [headers, text] of OTHER) {
    await consoleStep(
      `another server's 503 with ${JSON.stringify(headers)} is explained`,
      async (console) => {
        await using other = Deno.serve(
          { hostname: "localhost", port: 0, onListen: () => {} },
          () => new Response("full", { status: 503, headers }),
        );
        await console.failToConnect(`ws://localhost:${other.addr.port}/`);
        await console.waitForEntry("event", text);
      },
      { logsErrors: true },
    );
  }

  await consoleStep(
    "a cancelled handshake is not a failure",
    async (console) => {
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { page } = console;
      await console.chooseServer("other");
      await page.getByRole("textbox", { name: "URL" }).fill(
        `ws://127.0.0.1:${silent.addr.port}/`,
      );
      await page.getByRole("button", { name: "Connect" }).click();
      using _conn = await silent.accept();
      await page.getByRole("button", { name: "Disconnect" }).click();
      await console.waitForState("closed");
      await console.waitForEntry(
        "event",
        "Closed before the handshake completed",
      );
      assertEquals(await page.locator("#connect-error").textContent(), "");
    },
    { logsErrors: true },
  );

  await consoleStep("the page connects to any URL", async (console) => {
    await console.chooseServer("other");
    const url = server.url("frame", "/ws_partial");
    await console.page.getByRole("textbox", { name: "URL" }).fill(url);
    await console.connect();
    await console.send("x".repeat(200));
    await console.waitForEchoes(1);
    assertEquals(await console.received(), ["x".repeat(200)]);
  });

  await consoleStep(
    "an invalid URL is rejected by the form",
    async (console) => {
      const { page } = console;
      await console.chooseServer("other");
      await page.getByRole("textbox", { name: "URL" }).fill("example.com");
      await page.getByRole("button", { name: "Connect" }).click();
      assertEquals(
        await page.locator("#url-error").textContent(),
        "A WebSocket URL must begin with ws:// or wss://.",
      );
      await console.waitForFocus("url");
    },
  );

  await consoleStep(
    "a CLOSE with code and reason is sent and shown",
    async (console) => {
      await console.connect();
      await console.page.locator("#close-fold summary").click();
      await console.page.locator("#code").fill("4321");
      await console.page.locator("#reason").fill("enough");
      await console.page.locator("#close-button").click();
      await console.waitForState("closed");
      await console.waitForEntry("event", "Closed with 4321 “enough”");
    },
  );

  await consoleStep(
    "close codes that a page cannot send are rejected by the form",
    async (console) => {
      const { page } = console;
      await console.connect();
      await page.locator("#close-fold summary").click();
      for (const code of ["1001", "2999", "5000", "x"]) {
        await page.locator("#code").fill(code);
        await page.locator("#close-button").click();
        assertMatch(
          (await page.locator("#close-error").textContent())!,
          /1000, or a number from 3000 to 4999/,
        );
      }
      await page.locator("#code").fill("3000");
      await page.locator("#reason").fill("ü".repeat(62));
      assertMatch(
        (await page.locator("#close-error").textContent())!,
        /123 bytes.*124/,
      );
      assertEquals(
        await page.locator("#state-text").textContent(),
        "Connected",
      );
    },
  );

  await consoleStep("a link contains the set-up", async (console) => {
    const { page } = console;
    await console.chooseServer("frame");
    await console.chooseRoute("/frames");
    await page.getByLabel("Subprotocols").fill("echo");
    await console.chooseMode("random");
    await page.getByLabel(/^Bytes/).fill("2KiB");
    await page.getByLabel("Times").fill("7");
    await page.waitForURL(/times=7/);
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await page.locator("#path option").first().waitFor({ state: "attached" });
    const address = server.url("frame", "/frames?report=1");
    assertEquals(await page.locator("#address").textContent(), address);
    assertEquals(await page.getByLabel("Subprotocols").inputValue(), "echo");
    assertEquals(await page.getByLabel(/^Bytes/).inputValue(), "2KiB");
    assertEquals(await page.getByLabel("Times").inputValue(), "7");
    assert(await page.getByLabel("report").isChecked());
  });

  await consoleStep("a link contains no secret", async (console) => {
    const { page } = console;
    await console.chooseRoute("/auth");
    await page.getByLabel("token").fill("hush");
    await console.chooseServer("other");
    await page.getByRole("textbox", { name: "URL" }).fill(
      "wss://u:hush@e.example/?api_key=hush&x=1",
    );
    await page.getByLabel("Message", { exact: true }).fill("hush");
    await page.waitForURL(/x%3D1/);
    const { hash } = new URL(page.url());
    assert(!hash.includes("hush"), hash);
  });
});
