import { assertEquals, assertLess } from "@std/assert";
import { reply } from "../../../handlers/echo/echo.ts";
import { scriptRoutes } from "../../../handlers/script/routes.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { NEEDS } from "../../integration/support/suite.ts";
import { joined } from "../../hostile/attacks/bytes.ts";
import { frame, handshake, OPCODE } from "../../integration/support/wire.ts";
import { eventually } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const MIB = 2 ** 20;
const CLIENTS = 8;

/** A message of 16 MiB. */
const MESSAGE = frame(OPCODE.binary, new Uint8Array(16 * MIB));

/** A service with the plans. */
function serviceWith(
  memory: MemoryAccount,
  // More than the test waits.
  closeTimeout = 100_000,
) {
  const sendBufferLimit = 2 ** 24;
  const routes = scriptRoutes({
    reply,
    sendBufferLimit,
    closeTimeout,
    listeners: () => [],
  });
  return serviceOf({
    memory,
    router: new Router(routes),
    limits: { ...serviceOf().limits, closeTimeout },
  });
}

testWith(
  NEEDS,
  "a plan takes memory for a long frame only as its bytes arrive",
  async () => {
    const memory = new MemoryAccount(2 ** 30);
    const service = serviceWith(memory);
    await using server = listenBoth(service);
    using client = await RawClient.connect(
      server.address.frame,
      handshake("/do/raw:8a00/echo"),
    );
    await client.response();
    await client.write(MESSAGE.subarray(0, MIB));
    await eventually(() => memory.total > MIB, "the first bytes");
    assertLess(memory.total, 5 * MIB);
  },
);

testWith(
  NEEDS,
  "a plan that is closed with 1013 gives its memory back at once",
  async () => {
    const memory = new MemoryAccount(64 * MIB);
    const service = serviceWith(memory);
    await using server = listenBoth(service);
    const connect = () =>
      RawClient.connect(
        server.address.frame,
        handshake("/do/delay:3600000/echo"),
      );
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = await connect();
        await client.response();
        // The server closes some of them meanwhile.
        client.write(MESSAGE).catch(() => {});
        return client;
      }),
    );
    // The last ones have room, once the others are closed.
    await eventually(
      () => service.sessions.size < CLIENTS && !memory.isTight,
      "the memory of those that are closed",
    );
    using late = await connect();
    assertEquals((await late.response()).status, 101);
    for (const client of clients) client[Symbol.dispose]();
    late[Symbol.dispose]();
    await eventually(() => memory.total === 0, "the release of the memory");
    memory.stop();
  },
);

testWith(
  NEEDS,
  "PONGs that wait give their memory back at the CLOSE with 1008",
  async () => {
    const memory = new MemoryAccount(2 ** 30);
    await using server = listenBoth(serviceWith(memory));
    using client = await RawClient.connect(
      server.address.frame,
      handshake("/do/late-pong:3600000/wait:3600000"),
    );
    await client.response();
    const ping = frame(OPCODE.ping, "x".repeat(125));
    const some = joined(...Array<Uint8Array>(1000).fill(ping));
    await client.write(some);
    await eventually(() => memory.total > MIB / 8, "the PONGs that wait");
    for (let i = 0; i < 10; i++) await client.write(some);
    assertEquals(await client.closeCode(), 1008);
    // The connection is open: its time until the end of TCP has begun.
    await eventually(() => memory.total < MIB / 8, "the memory of the PONGs");
  },
);

for (const plan of ["delay:1/echo", "delay:3600000/echo"]) {
  testWith(
    NEEDS,
    `TCP ends after the 1008 of ${plan}, although the client does not answer`,
    async () => {
      const memory = new MemoryAccount(2 ** 30);
      await using server = listenBoth(serviceWith(memory, 100));
      using client = await RawClient.connect(
        server.address.frame,
        handshake(`/do/raw:/${plan}`),
      );
      await client.response();
      const writing = client.write(joined(MESSAGE, MESSAGE)).catch(() => {});
      assertEquals(await client.closeCode(), 1008);
      await client.end();
      await writing;
      await eventually(() => memory.total === 0, "the end of the connection");
    },
  );
}
