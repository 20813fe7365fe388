import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect, connectDeno } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { type Fields, handshake } from "../support/wire.ts";

const WELCOME = "Welcome to the WebSocket Echo Server (post-handshake)!";
const TOKEN = "s3cret+of=the/test";
const QUERY = `/auth?token=${encodeURIComponent(TOKEN)}`;

/** Requests without the right token. */
const REFUSED: Readonly<Record<string, [path: string, fields?: Fields]>> = {
  "no token": ["/auth"],
  "an empty token": ["/auth?token="],
  "a wrong token": ["/auth?token=wr0ng"],
  "the default token": ["/auth?token=valid"],
  "the beginning of the token": ["/auth?token=s3cret"],
  "another parameter": [QUERY.replace("token", "tok")],
  "a wrong bearer token": ["/auth", { Authorization: "Bearer wr0ng" }],
  "the token with another scheme": ["/auth", {
    Authorization: `Basic ${TOKEN}`,
  }],
  "the token in a cookie": ["/auth", { Cookie: `token=${TOKEN}` }],
};

for (const { name } of LISTENERS) {
  const env = { AUTH_TOKEN: TOKEN };
  suite(`${name} listener: /auth`, env, async (server, step) => {
    for (const [title, [path, fields]] of Object.entries(REFUSED)) {
      await step(`refuses ${title} with 401`, async () => {
        const since = server.lines.length;
        const { status, headers, body } = await exchange(
          server.address(name),
          handshake(path, fields),
        );
        assertEquals(status, 401);
        assertMatch(headers.get("www-authenticate"), /^Bearer\b/);
        assertMatch(body, /token/);
        await server.logged(
          /ws_echo_server: === ws_pre_handshake_cb called ===$/,
          since,
        );
        await server.logged(
          /ws_echo_server: No valid token found, rejecting handshake$/,
          since,
        );
      });
    }

    await step("welcomes ?token=, then echoes", async () => {
      const since = server.lines.length;
      await using client = await connectDeno(server.url(name, QUERY));
      assertEquals(await client.next(), WELCOME);
      client.send("echo");
      assertEquals(await client.next(), "echo");
      await server.logged(
        /ws_echo_server: Valid token found, accepting handshake$/,
        since,
      );
    });

    for (const scheme of ["Bearer", "bearer"]) {
      await step(`welcomes Authorization: ${scheme}, then echoes`, async () => {
        const options = { headers: { authorization: `${scheme} ${TOKEN}` } };
        await using client = await connect(server.url(name, "/auth"), {
          options,
        });
        assertEquals(await client.next(), WELCOME);
        client.send(Uint8Array.of(1, 2, 3));
        assertEquals(await client.next(), Uint8Array.of(1, 2, 3));
      });
    }

    await step("the log has no token, right or wrong", () => {
      for (const line of server.lines) {
        assert(!/s3cret|wr0ng|token=[^…]|Bearer [^…]/i.test(line), line);
      }
    });

    await step("the start does not warn when AUTH_TOKEN is set", () => {
      assert(!server.lines.some((line) => line.includes("AUTH_TOKEN")));
    });
  });

  suite(`${name} listener: /auth by default`, {}, async (server, step) => {
    await step("the default token is accepted", async () => {
      await using client = await connect(server.url(name, "/auth?token=valid"));
      assertEquals(await client.next(), WELCOME);
    });

    await step("the start warns of the default token", async () => {
      await server.logged(/^W .*AUTH_TOKEN/);
    });

    // The last step: the client has used up its wrong tokens.
    await step("folds the lines of a client that guesses tokens", async () => {
      const since = server.lines.length;
      const start = performance.now();
      for (let guess = 0; guess < 100; guess++) {
        await exchange(
          server.address(name),
          handshake(`/auth?token=${guess}`),
        );
      }
      await exchange(server.address(name), handshake("/the-end"));
      await server.logged(/path=\/the-end/, since);
      const called = server.lines.slice(since)
        .filter((line) => line.includes("ws_pre_handshake_cb called"));
      // Ten lines are written in ten seconds; the first ten may have begun before.
      const seconds = (performance.now() - start) / 1000;
      const most = 10 * (2 + Math.floor(seconds / 10));
      assert(
        called.length <= most,
        `${called.length} of 100 lines in ${seconds} s`,
      );
    });
  });
}
