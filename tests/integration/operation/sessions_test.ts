import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SessionInfo } from "../../../lib/sessions/remote_sessions.ts";
import {
  ADMIN_TOKEN,
  type AdminResponse,
  callAdmin,
  sessionsOf,
} from "../support/admin.ts";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, serverTest, suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

/** Waits until the list has one session. */
async function onlySession(server: Server): Promise<SessionInfo> {
  const [session] = await sessionsOf(server, 1);
  return session!;
}

function post(
  server: Server,
  path: string,
  type: string,
  body: BodyInit,
): Promise<AdminResponse> {
  return callAdmin(server, "POST", path, { body, type });
}

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: sessions`,
    { ADMIN_TOKEN, MAX_PAYLOAD: "64KiB", SEND_BUFFER_LIMIT: "1MiB" },
    async (server, step) => {
      await step("a session is listed until it ends", async () => {
        const rawClient = await connect(server.url(name, "/ws"), {
          protocols: ["chat"],
        });
        for (const text of ["€", "hello"]) {
          rawClient.send(text);
          assertEquals(await rawClient.next(), text);
        }
        const { id, address, age, ...rest } = await onlySession(server);
        assertMatch(address, /^127\.0\.0\.1:\d+$/);
        assert(age >= 0 && age < 60, `${age} s`);
        assert(id.startsWith(`${rest.instance}-`), id);
        assertEquals(rest, {
          instance: rest.instance,
          listener: name,
          route: "/ws",
          protocol: "chat",
          received: { messages: 2, bytes: 8 },
          sent: { messages: 2, bytes: 8 },
          buffered: 0,
        });
        await rawClient[Symbol.asyncDispose]();
        await sessionsOf(server, 0);
      });

      await step("a body is sent as text or binary by its type", async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        const { id } = await onlySession(server);
        const path = `/sessions/${id}/messages`;
        const bytes = Uint8Array.of(0, 255, 7);
        assertEquals((await post(server, path, "text/plain", "€")).status, 202);
        assertEquals(await rawClient.next(), "€");
        assertEquals(
          (await post(server, path, "application/json", "[1]")).status,
          202,
        );
        assertEquals(await rawClient.next(), "[1]");
        const sent = await post(server, path, "image/png", bytes);
        assertEquals([sent.status, JSON.parse(sent.body)], [
          202,
          { id, sent: 1 },
        ]);
        assertEquals(await rawClient.next(), bytes);
        assertEquals((await post(server, path, "text/plain", "")).status, 202);
        assertEquals(await rawClient.next(), "");
      });

      await step("a body that cannot be a message is refused", async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        const { id } = await onlySession(server);
        const path = `/sessions/${id}/messages`;
        const long = "x".repeat(64 * 1024 + 1);
        const bad = Uint8Array.of(0xff);
        assertEquals(
          [
            (await post(server, path, "text/plain", long)).status,
            (await post(server, path, "text/plain", bad)).status,
            (await post(server, path, "text/plain;charset=latin1", "")).status,
          ],
          [413, 400, 415],
        );
        rawClient.send("undisturbed");
        assertEquals(await rawClient.next(), "undisturbed");
      });

      await step("a session that has ended is 404", async () => {
        const rawClient = await connect(server.url(name, "/ws"));
        const { id } = await onlySession(server);
        await rawClient[Symbol.asyncDispose]();
        const path = `/sessions/${id}`;
        await sessionsOf(server, 0);
        assertEquals(
          (await post(server, `${path}/messages`, "text/plain", "x")).status,
          404,
        );
        assertEquals((await callAdmin(server, "DELETE", path)).status, 404);
        assertEquals((await callAdmin(server, "GET", path)).status, 405);
      });

      await step(
        "a message to a client that does not read is 409, and the client stays connected",
        async () => {
          using rawClient = await RawClient.upgrade(
            server.address(name),
            "/ws",
          );
          const { id } = await onlySession(server);
          const path = `/sessions/${id}/messages`;
          const message = new Uint8Array(64 * 1024);
          let sent = 0;
          for (;;) {
            const { status, body } = await post(server, path, "x/y", message);
            if (status === 409) {
              assertMatch(body, /buffer is full/);
              break;
            }
            assertEquals(status, 202);
            sent++;
          }
          for (let i = 0; i < sent; i++) {
            assertEquals(
              (await rawClient.frame()).payload.length,
              message.length,
            );
          }
          await rawClient.write(frame(OPCODE.text, "still here"));
          assertEquals(await rawClient.text(), "still here");
        },
      );

      await step(
        "a message to all sessions, and to those of a route",
        async () => {
          await using a = await connect(server.url(name, "/ws"));
          await using b = await connect(server.url(name, "/control"));
          await sessionsOf(server, 2);
          const all = await post(
            server,
            "/sessions/messages",
            "text/plain",
            "1",
          );
          assertEquals([all.status, JSON.parse(all.body)], [
            202,
            { sent: 2, missed: 0, partial: false },
          ]);
          const some = await post(
            server,
            "/sessions/messages?route=/control",
            "text/plain",
            "2",
          );
          assertEquals(JSON.parse(some.body).sent, 1);
          assertEquals([await a.next(), await b.next(), await b.next()], [
            "1",
            "1",
            "2",
          ]);
          const unknown = await post(
            server,
            "/sessions/messages?route=/nowhere",
            "text/plain",
            "3",
          );
          assertEquals(unknown.status, 400);
          assertMatch(unknown.body, /"route".*\/ws_partial/);
          const room = await post(
            server,
            "/sessions/messages?path=/ws",
            "text/plain",
            "4",
          );
          assertEquals(JSON.parse(room.body).sent, 1);
          assertEquals(await a.next(), "4");
          const invalid = await post(
            server,
            "/sessions/messages?path=ws",
            "text/plain",
            "5",
          );
          assertEquals(invalid.status, 400);
          assertMatch(invalid.body, /"path".*\/ws/);
        },
      );

      await step(
        "an unknown parameter is refused, and nothing is sent",
        async () => {
          await using client = await connect(server.url(name, "/ws"));
          const { id } = await onlySession(server);
          for (
            const [method, path] of [
              ["GET", "/sessions?all=1"],
              ["POST", "/sessions/messages?rout=/ws"],
              ["POST", `/sessions/${id}/messages?to=all`],
              ["DELETE", `/sessions/${id}?cod=4000`],
            ] as const
          ) {
            const { status, body } = await callAdmin(server, method, path);
            assertEquals(status, 400, path);
            assertMatch(body, /is no parameter of this route/);
          }
          client.send("still open");
          assertEquals(await client.next(), "still open");
        },
      );

      await step("DELETE closes with the code and reason", async () => {
        const rawClient = await connect(server.url(name, "/ws"));
        const { id } = await onlySession(server);
        const path = `/sessions/${id}?code=4321&reason=so%20long`;
        assertEquals((await callAdmin(server, "DELETE", path)).status, 202);
        assertEquals(await rawClient.closed, { code: 4321, reason: "so long" });
      });

      await step("DELETE without a code closes with 1000", async () => {
        const rawClient = await connect(server.url(name, "/ws"));
        const { id } = await onlySession(server);
        const { status } = await callAdmin(server, "DELETE", `/sessions/${id}`);
        assertEquals(status, 202);
        assertEquals(await rawClient.closed, { code: 1000, reason: "" });
      });

      await step(
        "DELETE refuses codes and reasons that a CLOSE cannot have",
        async () => {
          await using rawClient = await connect(server.url(name, "/ws"));
          const { id } = await onlySession(server);
          for (const code of ["1005", "1006", "1015", "999", "5000", "x", ""]) {
            const path = `/sessions/${id}?code=${code}`;
            const { status, body } = await callAdmin(server, "DELETE", path);
            assertEquals(status, 400, code);
            assertMatch(body, /"code".*3000 to 4999/);
          }
          const reason = encodeURIComponent("€".repeat(42));
          const path = `/sessions/${id}?reason=${reason}`;
          const { status, body } = await callAdmin(server, "DELETE", path);
          assertEquals(status, 400);
          assertMatch(body, /"reason".*123 bytes/);
          rawClient.send("still here");
          assertEquals(await rawClient.next(), "still here");
        },
      );
    },
  );

  serverTest(
    `${name} listener: LRU_PURGE=on closes the least recently active connection`,
    { MAX_CONNECTIONS: "2", LRU_PURGE: "on" },
    async (server) => {
      await using a = await connect(server.url(name, "/ws"));
      await using b = await connect(server.url(name, "/ws"));
      a.send("active");
      assertEquals(await a.next(), "active");
      await using c = await connect(server.url(name, "/ws"));
      assertEquals((await b.closed).code, 1013);
      for (const rawClient of [a, c]) {
        rawClient.send("still here");
        assertEquals(await rawClient.next(), "still here");
      }
    },
  );
}

suite(
  "sessions: calls without the token",
  { ADMIN_TOKEN, LOG_LEVEL: "DEBUG" },
  async (server, step) => {
    const CALLS = [
      ["GET", "/sessions"],
      ["POST", "/sessions/messages"],
      ["POST", "/sessions/x/messages"],
      ["DELETE", "/sessions/x"],
    ] as const;

    for (const [method, path] of CALLS) {
      for (
        const authorization of ["", "Bearer x", "Basic YWRtaW4tdG9rZW4="]
      ) {
        await step(
          `${method} ${path} with "${authorization}" is 401`,
          async () => {
            const answer = await callAdmin(
              server,
              method,
              path,
              undefined,
              authorization,
            );
            assertEquals(answer.status, 401);
            assertMatch(answer.headers.get("www-authenticate")!, /^Bearer /);
            assert(!answer.body.includes(ADMIN_TOKEN));
          },
        );
      }
    }

    await step("the log never has the token", async () => {
      assertEquals((await callAdmin(server, "GET", "/sessions")).status, 200);
      assertEquals(
        server.lines.filter((line) => line.includes(ADMIN_TOKEN)),
        [],
      );
    });
  },
);

suite("sessions: without ADMIN_TOKEN", {}, async (server, step) => {
  for (const path of ["/sessions", "/sessions/x", "/sessions/x/messages"]) {
    await step(`${path} does not exist`, async () => {
      assertEquals((await callAdmin(server, "GET", path)).status, 404);
    });
  }
});
