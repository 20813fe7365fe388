/**
 * Espressif's test of its example `ws_echo_server`: a client uses the routes of the
 * example, and the log has the expected lines in the expected order.
 */

import { assertEquals } from "@std/assert";
import { ipv4Addresses } from "../../../lib/process/ipv4_addresses.ts";
import { connect, type TestClient } from "../support/client.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, type ListenerUnderTest, suite } from "../support/suite.ts";

/** Finds lines in order, like `expect` of pytest-embedded. */
class Dut {
  readonly #server: Server;
  #next = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Resolves with the first match after the previous one. */
  async expect(pattern: RegExp | string): Promise<RegExpExecArray> {
    const expression = typeof pattern === "string"
      ? new RegExp(`: ${RegExp.escape(pattern)}(?: sock=\\S+)?$`)
      : pattern;
    const line = await this.#server.logged(expression, this.#next);
    this.#next = this.#server.lines.indexOf(line, this.#next) + 1;
    return expression.exec(line)!;
  }
}

/** Sends a message and expects its echo and the log lines of it. */
async function expectEcho(
  dut: Dut,
  client: TestClient,
  data: string,
  opcode: number,
): Promise<void> {
  client.send(opcode === 1 ? data : new TextEncoder().encode(data));
  const echoed = await client.next();
  assertEquals(
    typeof echoed === "string" ? echoed : new TextDecoder().decode(echoed),
    data,
  );
  await dut.expect(`Frame len is ${data.length}`);
  const [, message] = await dut.expect(
    /Got packet with message: ([A-Za-z0-9_]*)/,
  );
  assertEquals(message, data);
  const [, type] = await dut.expect(/Packet type: ([0-9]*)/);
  assertEquals(type, String(opcode));
}

/** The log lines of `/ws_partial` for a message of 200 bytes. */
const PARTIAL_LINES = [
  "Frame len is 200",
  "Reading chunk: left_len=200, chunk_size=64",
  "Sent fragmented chunk: len=64, final=0",
  "Reading chunk: left_len=136, chunk_size=64",
  "Sent fragmented chunk: len=64, final=0",
  "Reading chunk: left_len=72, chunk_size=64",
  "Sent fragmented chunk: len=64, final=0",
  "Reading chunk: left_len=8, chunk_size=8",
  "Sent fragmented chunk: len=8, final=1",
];

for (const listener of LISTENERS) {
  suite(
    `${listener.name} listener: Espressif's test of ws_echo_server`,
    { HOST: "" },
    (server, step) => replay(listener, server, step),
  );
}

async function replay(
  { name, capabilities }: ListenerUnderTest,
  server: Server,
  step: (name: string, fn: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const dut = new Dut(server);

  await step("the start", async () => {
    // A machine without a network address has no such line.
    if (ipv4Addresses("::").length > 0) {
      await dut.expect(/IPv4 address: \d+\.\d+\.\d+\.\d+$/);
    }
    const [, port] = await dut.expect(/Starting server on port: '(\d+)'$/);
    assertEquals(Number(port), server.address("edge").port);
    await dut.expect("Registering URI handlers");
    await dut.expect("httpd_register_uri_handler: [0] installed /ws");
  });

  await step("/ws: text, binary, PING, Trigger async", async () => {
    await using client = await connect(server.url(name, "/ws"));
    await dut.expect(/Responding WS handshake to sock \S+/);
    await dut.expect(/Generated server key: [A-Za-z0-9+/]{27}=$/);
    await expectEcho(dut, client, "Espressif", 1);
    await expectEcho(dut, client, "Espressif", 2);
    client.socket.ping("Espressif");
    assertEquals(await client.pong(), "Espressif");
    if (capabilities.controlFrames) {
      await dut.expect("Got a WS PING frame, Replying PONG");
    }
    client.send("Trigger async");
    assertEquals(await client.next(), "Async data");
    await dut.expect("Frame len is 13");
    await dut.expect("Got packet with message: Trigger async");
    await dut.expect("Packet type: 1");
  });

  for (const type of [1, 2]) {
    await step(`/ws_partial: 200 bytes, opcode ${type}`, async () => {
      await using client = await connect(server.url(name, "/ws_partial"));
      const data = "x".repeat(200);
      client.send(type === 1 ? data : new TextEncoder().encode(data));
      await client.next();
      for (const line of PARTIAL_LINES) await dut.expect(line);
      await dut.expect(`Packet type: ${type}`);
    });
  }

  await step("/auth: without a token, then with the right one", async () => {
    await connect(server.url(name, "/auth")).then(
      () => Promise.reject(new Error("connected without a token")),
      () => {},
    );
    await dut.expect("=== ws_pre_handshake_cb called ===");
    await dut.expect("No valid token found, rejecting handshake");
    await using client = await connect(server.url(name, "/auth?token=valid"));
    await dut.expect("=== ws_pre_handshake_cb called ===");
    await dut.expect("Valid token found, accepting handshake");
    assertEquals(
      await client.next(),
      "Welcome to the WebSocket Echo Server (post-handshake)!",
    );
    await expectEcho(dut, client, "Espressif", 1);
  });
}
