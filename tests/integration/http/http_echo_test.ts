import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, RawClient } from "../support/raw.ts";
import { signalTest, suite } from "../support/suite.ts";
import { requestHead } from "../support/wire.ts";
import { repeated, within } from "../support/within.ts";

const MIB = 2 ** 20;

suite("HTTP echo", {}, async (server, step) => {
  const { port } = server.address("edge");
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;
  const head = (path: string, method: string, fields = {}) =>
    requestHead(path, { Host: "echo.test", ...fields }, method);

  for (const path of ["/http", "/http/", "/http/a/b", "/http/a%20b/?q"]) {
    await step(`${path} is echoed`, async () => {
      const response = await fetch(url(path));
      assertEquals(response.status, 200);
      assertEquals((await response.json()).url, url(path));
    });
  }

  for (
    const method of [
      "GET",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "PROPFIND",
      "get",
      "M-SEARCH",
    ]
  ) {
    await step(`the method ${method} is echoed`, async () => {
      const { status, body } = await exchange(
        server.address("edge"),
        head("/http/x", method),
      );
      assertEquals(status, 200);
      const shown = JSON.parse(body);
      assertEquals([shown.method, shown.headers.host], [method, "echo.test"]);
    });
  }

  await step("HEAD gets the head of the answer to GET", async () => {
    const get = await fetch(url("/http/x"));
    const length = (await get.text()).length;
    const response = await fetch(url("/http/x"), { method: "HEAD" });
    assertEquals(response.status, 200);
    assertEquals(await response.text(), "");
    // The echo differs by the method, which is one letter longer.
    assertEquals(Number(response.headers.get("content-length")), length + 1);
  });

  await step("a body comes back, as text or base64", async () => {
    const post = async (body: BodyInit) => {
      const response = await fetch(url("/http"), { method: "POST", body });
      return (await response.json()).body;
    };
    assertEquals(await post("grüße"), { size: 7, text: "grüße" });
    assertEquals(await post(Uint8Array.of(0x80)), { size: 1, base64: "gA==" });
  });

  await step("a chunked body of 1 MiB comes back", async () => {
    const chunk = new TextEncoder().encode("x".repeat(MIB / 16));
    const body = ReadableStream.from(Array(16).fill(chunk));
    const response = await fetch(url("/http"), { method: "POST", body });
    const { size, text } = (await response.json()).body;
    assertEquals([size, text.length], [MIB, MIB]);
  });

  await step("the remote address is the client's", async () => {
    using client = await RawClient.connect(
      server.address("edge"),
      head("/http", "GET"),
    );
    const { body } = await client.response();
    const { port } = client.conn.localAddr as Deno.NetAddr;
    assertEquals(JSON.parse(body).remoteAddress, `127.0.0.1:${port}`);
  });

  await step("secrets are masked", async () => {
    const { body } = await exchange(
      server.address("edge"),
      head("/http?token=hush", "GET", {
        Authorization: "Bearer hush",
        Cookie: "a=hush; b=hush",
        "X-Api-Key": "hush",
      }),
    );
    assert(!body.includes("hush"), body);
    assert(!server.lines.some((line) => line.includes("hush")));
  });

  await step("Accept: text/plain gets text", async () => {
    const headers = { accept: "text/plain" };
    const response = await fetch(url("/http?q=1"), { headers });
    assertMatch(response.headers.get("content-type"), /^text\/plain/);
    assertMatch(
      await response.text(),
      /^GET http:\/\/127.0.0.1:\d+\/http\?q=1\n/,
    );
  });

  for (const status of [201, 204, 304, 404, 503]) {
    await step(
      `?status=${status} is the status, and the connection stays open`,
      async () => {
        using client = await RawClient.connect(server.address("edge"));
        await client.write(head(`/http?status=${status}`, "GET"));
        assertEquals((await client.response()).status, status);
        await client.write(head("/http?status=299", "GET"));
        assertEquals((await client.response()).status, 299);
      },
    );
  }

  for (const query of ["status=101", "status=999", "delay=1h"]) {
    await step(`?${query} is refused with 400 that names it`, async () => {
      const response = await fetch(url(`/http?${query}`));
      assertEquals(response.status, 400);
      assertMatch(
        await response.text(),
        new RegExp(`"${query.split("=")[0]}"`),
      );
    });
  }

  await step(
    "?delay= delays this answer only",
    repeated(async () => {
      const start = performance.now();
      let delayed = false;
      const late = fetch(url("/http?delay=300")).then(async (response) => {
        delayed = true;
        await response.body?.cancel();
      });
      await (await fetch(url("/http"))).body?.cancel();
      assert(!delayed);
      await late;
      assert(performance.now() - start >= 299);
    }),
  );

  await step("a body above 1 MiB is 413 before it is sent", async () => {
    const { status, body } = await exchange(
      server.address("edge"),
      head("/http", "POST", { "Content-Length": String(MIB + 1) }),
    );
    assertEquals(status, 413);
    assertMatch(body, /1048576 bytes/);
  });

  await step("a chunked body is 413 as soon as it exceeds 1 MiB", async () => {
    using client = await RawClient.connect(
      server.address("edge"),
      head("/http", "POST", { "Transfer-Encoding": "chunked" }),
    );
    await client.write(
      `${(MIB + 1).toString(16)}\r\n${"x".repeat(MIB + 1)}\r\n`,
    );
    assertEquals((await client.response()).status, 413);
  });

  await step(
    "a client that disconnects within its body causes no error",
    async () => {
      const since = server.lines.length;
      const client = await RawClient.connect(
        server.address("edge"),
        head("/http", "POST", { "Content-Length": "10" }) + "half",
      );
      client.conn.close();
      const response = await fetch(url("/http"));
      assertEquals(response.status, 200);
      await response.body?.cancel();
      const faults = server.lines.slice(since).filter((line) =>
        line.startsWith("E")
      );
      assertEquals(faults, []);
    },
  );
});

signalTest(
  "a shutdown does not wait for a delayed answer",
  {},
  async (server) => {
    using client = await RawClient.connect(
      server.address("edge"),
      requestHead("/http?delay=60000"),
    );
    // The answer to a later request shows that the first has arrived.
    await exchange(server.address("edge"), requestHead("/healthz"));
    server.signal("SIGTERM");
    assertEquals((await client.response()).status, 200);
    assertEquals((await within(server.status, "the end")).code, 0);
    await server.logged("All connections are closed");
  },
);
