import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { makeChain, makeOldCertificate } from "../support/chain.ts";
import { CLIENTS, connect } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import { runToEnd, type Server } from "../support/server.ts";
import { LISTENERS, startAll } from "../support/suite.ts";
import {
  secureUrl,
  startTls,
  TLS_NEEDS,
  tlsStart,
  tlsSuite,
} from "../support/tls_server.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { within } from "../support/within.ts";

/** Sends a request over TLS; returns the ALPN protocol and the response. */
async function secureExchange(
  server: Server,
  listener: string,
  head: string,
  { caCerts, alpnProtocols }: { caCerts: string[]; alpnProtocols?: string[] },
): Promise<{ protocol: string | null; answer: string }> {
  const { port } = server.address(listener);
  using conn = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts,
    ...(alpnProtocols && { alpnProtocols }),
  });
  const { alpnProtocol } = await conn.handshake();
  await conn.write(new TextEncoder().encode(head));
  const bytes = new Uint8Array(65536);
  const count = await within(conn.read(bytes), "an answer");
  const answer = new TextDecoder().decode(bytes.subarray(0, count ?? 0));
  return { protocol: alpnProtocol, answer };
}

for (const { name } of LISTENERS) {
  tlsSuite(`${name} listener: TLS`, async (server, chain, step) => {
    const caCerts = [chain.root];

    for (const [client, connect] of Object.entries(CLIENTS)) {
      await step(`${client} trusts the chain and gets its echo`, async () => {
        const url = secureUrl(server, name, "/ws");
        await using rawClient = await connect(url, {
          caCerts,
          protocols: ["echo"],
        });
        assertEquals(rawClient.protocol, "echo");
        rawClient.send("echo");
        assertEquals(await rawClient.next(), "echo");
        const large = new Uint8Array(300_000).map((_, i) => i);
        rawClient.send(large);
        assertEquals(await rawClient.next(), large);
        rawClient.close(1000, "bye");
        assertEquals(await rawClient.closed, { code: 1000, reason: "bye" });
      });

      await step(`${client} does not trust it without the root`, async () => {
        await assertRejects(() => connect(secureUrl(server, name, "/ws")));
      });
    }

    await step(
      "a client without TLS gets no answer, and other clients are not affected",
      async () => {
        await using rawClient = await connect(secureUrl(server, name, "/ws"), {
          caCerts,
        });
        await assertRejects(() =>
          exchange(server.address(name), handshake("/ws"))
        );
        rawClient.send("echo");
        assertEquals(await rawClient.next(), "echo");
      },
    );

    for (const alpnProtocols of [["http/1.1"], ["h2", "http/1.1"], undefined]) {
      // On the edge listener a client that offers h2 gets HTTP/2.
      if (name === "edge" && alpnProtocols?.[0] === "h2") continue;
      await step(
        `a handshake with ALPN ${alpnProtocols ?? "unused"} gets its 101`,
        async () => {
          const { protocol, answer } = await secureExchange(
            server,
            name,
            handshake("/ws"),
            { caCerts, ...(alpnProtocols && { alpnProtocols }) },
          );
          assertEquals(
            protocol,
            alpnProtocols === undefined ? null : "http/1.1",
          );
          assertMatch(answer, /^HTTP\/1\.1 101 /);
        },
      );
    }
  });
}

tlsSuite("edge listener: HTTP/2 over TLS", async (server, chain, step) => {
  const origin = `https://localhost:${server.address("edge").port}`;
  for (const http2 of [true, false]) {
    await step(
      `a page over HTTP/${http2 ? 2 : 1.1} has wss: URLs`,
      async () => {
        using client = Deno.createHttpClient({
          caCerts: [chain.root],
          http2,
          http1: !http2,
        });
        const response = await fetch(`${origin}/`, { client });
        const body = await response.text();
        assertEquals(response.status, 200);
        assert(body.includes("wss://localhost:"), body);
        assert(!/[^s]ws:\/\//.test(body), body);
      },
    );
  }

  await step("a client that used HTTP/2 opens a WebSocket", async () => {
    using client = Deno.createHttpClient({ caCerts: [chain.root] });
    const response = await fetch(`${origin}/healthz`, { client });
    assertEquals(await response.text(), "ok");
    const socket = new WebSocket(secureUrl(server, "edge", "/ws"), { client });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.onopen = () => socket.send("echo");
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = reject;
    assertEquals(await within(promise, "an echo"), "echo");
    socket.close();
    await within(closed, "the close");
  });
});

tlsSuite("frame listener: HTTP over TLS", async (server, chain, step) => {
  await step("a 426 has an https: URL", async () => {
    const { answer } = await secureExchange(
      server,
      "frame",
      requestHead("/"),
      { caCerts: [chain.root] },
    );
    assertMatch(answer, /^HTTP\/1\.1 426 /);
    const { port } = server.address("edge");
    assert(answer.includes(`https://127.0.0.1:${port}/`), answer);
  });
});

/** The name of the chain whose certificate a listener presents. */
async function presented(
  server: Server,
  listener: string,
  chains: readonly { name: string; root: string }[],
): Promise<string | undefined> {
  const { port } = server.address(listener);
  for (const { name, root } of chains) {
    try {
      using conn = await Deno.connectTls({
        hostname: "localhost",
        port,
        caCerts: [root],
      });
      await conn.handshake();
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
    }
  }
  return undefined;
}

testWith(
  { ...TLS_NEEDS, signals: true },
  "SIGHUP: new connections get the new certificate, open connections stay",
  async (t: Deno.TestContext) => {
    await using first = await makeChain("first");
    await using second = await makeChain("second");
    await using server = await startTls(first);
    const chains = [first, second];
    const renew = async (chain: typeof first) => {
      const since = server.lines.length;
      await Deno.copyFile(chain.cert, first.cert);
      await Deno.copyFile(chain.key, first.key);
      server.signal("SIGHUP");
      await server.logged("The frame listener uses the new certificate", since);
      return since;
    };
    const original = await makeChain("original");
    await using _ = original;
    await Deno.copyFile(first.cert, original.cert);
    await Deno.copyFile(first.key, original.key);

    await t.step("frame listener", async () => {
      assertEquals(await presented(server, "frame", chains), "first");
      await using rawClient = await connect(secureUrl(server, "frame", "/ws"), {
        caCerts: [first.root],
      });
      const since = await renew(second);
      await server.logged("The edge listener uses the new certificate", since);
      assertEquals(await presented(server, "frame", chains), "second");
      rawClient.send("echo");
      assertEquals(await rawClient.next(), "echo");
      await using another = await connect(secureUrl(server, "frame", "/ws"), {
        caCerts: [second.root],
      });
      another.send("echo");
      assertEquals(await another.next(), "echo");
    });

    await t.step(
      "edge listener, once its last WebSocket is closed",
      async () => {
        assertEquals(await presented(server, "edge", chains), "second");
        await using rawClient = await connect(
          secureUrl(server, "edge", "/ws"),
          {
            caCerts: [second.root],
          },
        );
        const since = await renew(original);
        await server.logged(/until its 1 WebSockets are closed/, since);
        rawClient.send("echo");
        assertEquals(await rawClient.next(), "echo");
        assertEquals(await presented(server, "edge", chains), "second");
        rawClient.close(1000);
        assertEquals((await rawClient.closed).code, 1000);
        await server.logged(
          "The edge listener uses the new certificate",
          since,
        );
        assertEquals(await presented(server, "edge", chains), "first");
      },
    );

    await t.step("a key that does not match changes nothing", async () => {
      await using rawClient = await connect(secureUrl(server, "frame", "/ws"), {
        caCerts: [first.root],
      });
      const since = server.lines.length;
      await Deno.copyFile(second.key, first.key);
      server.signal("SIGHUP");
      await server.logged(
        /SIGHUP: the old certificate stays: TLS_KEY/,
        since,
      );
      rawClient.send("echo");
      assertEquals(await rawClient.next(), "echo");
      for (const { name } of LISTENERS) {
        assertEquals(await presented(server, name, chains), "first");
      }
    });

    await t.step(
      "a certificate that the runtime refuses changes nothing",
      async () => {
        await using rawClient = await connect(
          secureUrl(server, "frame", "/ws"),
          {
            caCerts: [first.root],
          },
        );
        const since = server.lines.length;
        const old = await makeOldCertificate(original.directory);
        await Deno.copyFile(old.cert, first.cert);
        await Deno.copyFile(old.key, first.key);
        server.signal("SIGHUP");
        await server.logged(
          /SIGHUP: the old certificate stays: TLS_CERT: the runtime refuses/,
          since,
        );
        rawClient.send("echo");
        assertEquals(await rawClient.next(), "echo");
        for (const { name } of LISTENERS) {
          assertEquals(await presented(server, name, chains), "first");
        }
        assert(
          !server.lines.slice(since).some((line) =>
            line.includes("TLS certificate is valid until")
          ),
          "the log reports a new certificate",
        );
      },
    );

    await t.step("SIGTERM closes every connection with 1001", async () => {
      await using edge = await connect(secureUrl(server, "edge", "/ws"), {
        caCerts: [first.root],
      });
      await using frame = await connect(secureUrl(server, "frame", "/ws"), {
        caCerts: [first.root],
      });
      server.signal("SIGTERM");
      assertEquals((await edge.closed).code, 1001);
      assertEquals((await frame.closed).code, 1001);
      assertEquals((await server.status).code, 0);
    });
  },
);

testWith(
  TLS_NEEDS,
  "start: a certificate that expires soon is warned of",
  async () => {
    await using chain = await makeChain("short", 3);
    await using server = await startTls(chain);
    await server.logged(
      /^W .*The certificate expires on \d{4}-\d\d-\d\d, in 2 days/,
    );
  },
);

testWith(
  TLS_NEEDS,
  "start: a TLS fault ends the start with one line",
  async (t: Deno.TestContext) => {
    await using chain = await makeChain();
    const { cert, key } = chain;
    const old = await makeOldCertificate(chain.directory);
    const cases: readonly [string, { cert: string; key: string }, RegExp][] = [
      [
        "no such file",
        { cert: "/no/such/file", key },
        /TLS_CERT: \/no\/such\/file does not exist/,
      ],
      [
        "key and certificate swapped",
        { cert: key, key: cert },
        /TLS_CERT: .* holds no certificate/,
      ],
      [
        "the key of another certificate",
        { cert, key: `${chain.directory}/root.key` },
        /TLS_KEY: .* is not the key/,
      ],
      [
        "a certificate that the runtime refuses",
        old,
        /TLS_CERT: the runtime refuses .*old\.pem .*UnsupportedCertVersion/,
      ],
    ];
    for (const [fault, files, line] of cases) {
      await t.step(fault, async () => {
        const env = { TLS_CERT: files.cert, TLS_KEY: files.key };
        const { code, stdout, stderr } = await runToEnd(env, tlsStart(files));
        assertEquals(
          [stdout, stderr.length, code],
          [[], 1, 1],
          stderr.join("\n"),
        );
        assertMatch(stderr[0], line);
      });
    }
    await t.step(
      "a start without the permission to read",
      async () => {
        const { code, stderr } = await runToEnd({
          TLS_CERT: cert,
          TLS_KEY: key,
        }, taskArguments());
        assertEquals([stderr.length, code], [1, 1], stderr.join("\n"));
        assertMatch(
          stderr[0],
          /may not be read: start with `deno task start`/,
        );
      },
    );
    await t.step("TLS_KEY without TLS_CERT", async () => {
      const { code, stderr } = await runToEnd({ TLS_KEY: key });
      assertEquals([stderr.length, code], [1, 1], stderr.join("\n"));
      assertMatch(
        stderr[0],
        /TLS_CERT is not valid: it has to be set where TLS_KEY is/,
      );
    });
    await t.step("TLS_CERT alone, without a key in its file", async () => {
      const files = { cert, key: cert };
      const { code, stderr } = await runToEnd(
        { TLS_CERT: cert },
        tlsStart(files),
      );
      assertEquals([stderr.length, code], [1, 1], stderr.join("\n"));
      assertMatch(stderr[0], /TLS_KEY: .* holds no private key in PEM/);
    });
  },
);

testWith(
  TLS_NEEDS,
  "deno task start: one file for certificate and key, with byte order marks, a comma and a space in its path",
  async () => {
    await using chain = await makeChain();
    const mark = "\ufeff";
    const directory = `${chain.directory}/a,b c`;
    await Deno.mkdir(directory);
    const file = `${directory}/c,d.pem`;
    await Deno.writeTextFile(
      file,
      mark + await Deno.readTextFile(chain.cert) +
        mark + await Deno.readTextFile(chain.key),
    );
    for (const TLS_KEY of ["", file]) {
      await using server = await startAll({ TLS_CERT: file, TLS_KEY }, {
        args: ["task", "start"],
        isGroup: true,
      });
      for (const { name } of LISTENERS) {
        await using rawClient = await connect(secureUrl(server, name, "/ws"), {
          caCerts: [chain.root],
        });
        rawClient.send("echo");
        assertEquals(await rawClient.next(), "echo");
      }
    }
  },
);
