import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { browserTest } from "./browser.ts";
import { consoleSteps } from "./console_page.ts";

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
      const start = Date.now();
      await console.send("slowly");
      await page.locator(".row[data-kind=received]").nth(2).waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator("#send-button:enabled", { hasText: "Send" }).waitFor();
      const sent = (await console.export()).filter(({ kind }) =>
        kind === "sent"
      );
      assert(sent.length < 1000, String(sent.length));
      const took = Date.parse(sent.at(-1)!.time) - start;
      assert(
        took >= 20 * (sent.length - 1) - 20,
        `${sent.length} in ${took} ms`,
      );
    },
  );
});
