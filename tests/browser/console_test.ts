import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { PARAMETERS } from "../../handlers/behaviour/parameters.ts";
import { RawPeer } from "../integration/support/raw.ts";
import { browserTest } from "./browser.ts";
import { consoleSteps, homeOf } from "./console_page.ts";

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

browserTest("console: sending", {}, async (server, step) => {
  const consoleStep = consoleSteps(server, step);

  await consoleStep(
    "the reply to Trigger async is measured",
    async (console) => {
      await console.connect();
      await console.page.getByRole("button", { name: "Trigger async" }).click();
      await console.waitForEchoes(1);
      assertEquals(await console.received(), ["Async data"]);
    },
  );

  await consoleStep(
    "Ping is echoed by the edge listener and answered with a PING by the frame listener",
    async (console) => {
      const { page } = console;
      await console.connect();
      await page.getByRole("button", { name: "Ping" }).click();
      await console.waitForEntry("received", "Ping");
      await page.getByRole("button", { name: "Disconnect" }).click();
      await console.waitForState("closed");
      await console.chooseServer("frame");
      await console.connect();
      await page.getByRole("button", { name: "Ping" }).click();
      await console.send("after the ping");
      await console.waitForEntry("received", "after the ping");
      assertEquals(await console.received(), ["Ping", "after the ping"]);
    },
  );

  await consoleStep(
    "JSON is checked and formatted",
    async (console) => {
      const { page } = console;
      await console.connect();
      await console.chooseMode("json");
      await console.send('{"a":[1,');
      assertMatch(
        (await page.locator("#message-error").textContent())!,
        /^Invalid JSON/,
      );
      await console.page.getByLabel("Message", { exact: true }).fill(
        '{"a":[1,2]}',
      );
      await page.getByRole("button", { name: "Format" }).click();
      const formatted = JSON.stringify({ a: [1, 2] }, null, 2);
      assertEquals(await page.locator("#message").inputValue(), formatted);
      await page.getByLabel("Message", { exact: true }).fill('{"a":[1,2]}');
      await console.send();
      await console.waitForEchoes(1);
      assertEquals(await console.received(), ['{"a":[1,2]}']);
      await page.locator(".row[data-kind=received]").click();
      assertEquals(await page.locator("#detail pre").textContent(), formatted);
    },
  );

  await consoleStep(
    "hex is sent as a binary message and shown as a hex dump",
    async (console) => {
      const { page } = console;
      await console.connect();
      await console.chooseMode("hex");
      await console.send("48 65 6c 6c 6f 0x00 f");
      assertMatch(
        (await page.locator("#message-error").textContent())!,
        /two hex digits/,
      );
      await console.send("48 65 6c 6c 6f, 0x00 FF");
      await console.waitForEchoes(1);
      assertEquals(await console.received(), [btoa("Hello\0\xff")]);
      await page.locator(".row[data-kind=received]").click();
      assertMatch(
        (await page.locator("#detail pre").textContent())!,
        /^00000000 {2}48 65 6c 6c 6f 00 ff +Hello\.\.$/,
      );
    },
  );

  await consoleStep("a file is sent as one binary message", async (console) => {
    const { page } = console;
    const buffer = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    await console.connect();
    await console.chooseMode("file");
    await page.locator("#file").setInputFiles({
      name: "some.bin",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(buffer),
    });
    await page.getByText("68.4 KiB, sent as binary.").waitFor();
    await console.send();
    await console.waitForEchoes(1);
    const [base64] = await console.received();
    assertEquals(Uint8Array.fromBase64(base64!), buffer);
  });

  await consoleStep(
    "random bytes of a given size are echoed",
    async (console) => {
      const { page } = console;
      await console.chooseServer("frame");
      await console.connect();
      await console.chooseMode("random");
      await page.getByLabel(/^Bytes/).fill("1 GiB");
      await console.send();
      assertMatch(
        (await page.locator("#message-error").textContent())!,
        /at most 64MiB/,
      );
      await page.getByLabel(/^Bytes/).fill("100KiB");
      await console.send();
      await console.waitForEchoes(1);
      const [sent, back] = (await console.export()).slice(1);
      assertEquals([sent!.size, sent!.opcode], [102_400, "binary"]);
      assertEquals(back!.base64, sent!.base64);
    },
  );

  await consoleStep("a message is sent 1000 times", async (console) => {
    const { page } = console;
    await console.connect();
    await page.getByLabel("Times").fill("1000");
    await console.send("again");
    await console.waitForEchoes(1000);
    const entries = await console.export();
    assertEquals(entries.length, 2001);
    assert(entries.slice(1).every(({ text }) => text === "again"));
    assertEquals(entries.filter(({ rtt }) => rtt !== undefined).length, 1000);
    assertEquals(await page.locator("#shown").textContent(), "2,001");
  });

  await consoleStep(
    "a message is sent at an interval until Stop is pressed",
    async (console) => {
      const { page } = console;
      await console.connect();
      await page.getByLabel("Times").fill("1000");
      await page.getByLabel("Interval in ms").fill("20");
      await console.send("slowly");
      await page.locator(".row[data-kind=received]").nth(2).waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator("#send-button:enabled", { hasText: "Send" }).waitFor();
      const sent = (await console.export()).filter(({ kind }) =>
        kind === "sent"
      );
      assert(sent.length < 1000, String(sent.length));
      const took = Date.parse(sent.at(-1)!.time) - Date.parse(sent[0]!.time);
      assert(
        took >= 20 * (sent.length - 1) - 20,
        `${sent.length} in ${took} ms`,
      );
    },
  );
});

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
  "console: a frame listener at its limit of connections",
  { MAX_CONNECTIONS: "1" },
  async (server, step) => {
    const consoleStep = consoleSteps(server, step);

    await consoleStep(
      "is explained as a refused handshake",
      async (console) => {
        using _first = await RawPeer.upgrade(server.address("frame"), "/ws");
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
