/**
 * The fakes tell the truth: each handler and client of this file run without sockets and
 * on both listeners. What is sent, and what the handler sees, is the same.
 */

import { assertEquals } from "@std/assert";
import { connect, connectUnchecked, field } from "../../../lib/client/mod.ts";
import { Router } from "../../../lib/routing/router.ts";
import {
  type FakeClient,
  HandshakeRefusedError,
  openHandler,
  type ReceiveOptions,
} from "../../../lib/testing/mod.ts";
import {
  type Connection,
  type Frame,
  type ListenerName,
  type Opcode,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../../../lib/websocket.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

/** The actions of a client, real or fake, on either listener. */
type Client = Pick<
  FakeClient,
  "receive" | "ping" | "pong" | "close" | "disconnect"
>;

/** The frames of the server and the events of the handler. */
interface Course {
  readonly sent: readonly string[];
  readonly seen: readonly string[];
}

/** A handler that notes its events, and a client. */
interface Scenario {
  readonly name: string;
  /** @default both */
  readonly listeners?: readonly ListenerName[];
  handler(note: (event: string) => void): Partial<WebSocketHandler>;
  client(client: Client): Promise<void>;
}

function show(opcode: string, final: boolean, payload: Uint8Array): string {
  const start = new TextDecoder("latin1").decode(payload.subarray(0, 40));
  return `${opcode}${final ? "" : "…"} ${payload.length} ${start}`;
}

/** Notes frames and the close. */
function noting(
  { handler }: Scenario,
  note: (event: string) => void,
  closed: () => void = () => {},
): WebSocketHandler {
  const given = handler(note);
  return {
    ...given,
    frame(connection: Connection, frame: Frame) {
      const { opcode, final, length, left, offset, payload } = frame;
      note(`${show(opcode, final, payload)}`);
      note(`${offset}, ${left} left of ${length}`);
      return given.frame?.(connection, frame);
    },
    close(connection, event) {
      note(`close ${JSON.stringify(event)} ${connection.isOpen}`);
      const { traffic } = connection;
      note(`received ${traffic.messagesReceived}, ${traffic.bytesReceived}`);
      note(`sent ${traffic.messagesSent}, ${traffic.bytesSent}`);
      closed();
    },
  };
}

async function runFake(
  scenario: Scenario,
  listener: ListenerName,
): Promise<Course> {
  const seen: string[] = [];
  const handler = noting(scenario, (event) => seen.push(event));
  const fake = await openHandler(handler, { listener });
  await fake.runWork();
  const step = async (action: Promise<void>) => {
    await action;
    await fake.runWork();
  };
  await scenario.client({
    receive: (data, options) => step(fake.receive(data, options)),
    ping: (payload) => step(fake.ping(payload)),
    pong: (payload) => step(fake.pong(payload)),
    close: (code, reason) => step(fake.close(code, reason)),
    disconnect: () => step(fake.disconnect()),
  });
  const { closeSent } = fake;
  if (closeSent) await fake.close(closeSent.code, closeSent.reason);
  const sent = fake.sent.map((f) => show(f.opcode, f.final, f.payload));
  return { sent, seen };
}

const NAMES = new Map(
  Object.entries(OPCODE_NUMBER).map(([name, code]) => [code, name]),
);

async function runReal(
  scenario: Scenario,
  listener: ListenerName,
): Promise<Course> {
  const seen: string[] = [];
  const closed = Promise.withResolvers<void>();
  const router = new Router({
    "/": noting(scenario, (event) => seen.push(event), closed.resolve),
  });
  await using server = listenBoth(serviceOf({ router }));
  const { port } = server.address[listener];
  await using connection = await connect(`ws://127.0.0.1:${port}/`);
  let isClosing = false;
  const close: Client["close"] = (code, reason) => {
    isClosing = true;
    return connection.sendClose(code, reason);
  };
  const opcodeOf = (data: string | Uint8Array, options?: ReceiveOptions) =>
    options?.opcode ?? (typeof data === "string" ? "text" : "binary");
  await scenario.client({
    receive: (data, options) =>
      connection.send(opcodeOf(data, options), data, options),
    ping: (payload) => connection.send("ping", payload),
    pong: (payload) => connection.send("pong", payload),
    close,
    disconnect: () => connection.closeWrite(),
  });
  const sent: string[] = [];
  for await (const { opcode, final, payload } of connection.frames()) {
    sent.push(show(NAMES.get(opcode)!, final, payload));
    if (opcode !== OPCODE_NUMBER.close || isClosing) continue;
    await connection.send("close", payload).catch(() => {});
    isClosing = true;
  }
  await within(closed.promise, "the close");
  return { sent, seen };
}

/** Calls a method, and notes the error that it throws. */
function attempt(note: (event: string) => void, call: () => void): void {
  try {
    call();
    note("no error");
  } catch (error) {
    note(`${(error as Error).name}: ${(error as Error).message}`);
  }
}

const echo = (connection: Connection, frame: Frame) => connection.send(frame);

/** A message of each kind, and a fragmented one around a PING. */
async function sendMessages(client: Client): Promise<void> {
  await client.receive("hello");
  await client.receive("");
  await client.receive(Uint8Array.of(0, 0xff, 7));
  await client.receive("grüß", { final: false });
  await client.receive(" dich", { opcode: "continuation", final: false });
  await client.receive("!", { opcode: "continuation" });
  await client.close(1000, "done");
}

const SCENARIOS: readonly Scenario[] = [
  ...(["message", "frame", "part"] as const).map((receive) => ({
    name: `an echo with receive "${receive}"`,
    handler: () => ({ receive, frame: echo }),
    client: sendMessages,
  })),
  {
    name: "an echo of parts of at most 4 bytes",
    handler: () => ({ receive: "part", maxPart: 4, frame: echo }),
    client: sendMessages,
  },
  {
    name: "PING and PONG without controlFrames",
    handler: () => ({ frame: echo }),
    async client(client) {
      await client.ping("beat");
      await client.pong("unasked");
      await client.close();
    },
  },
  {
    name: "control frames that the handler answers",
    handler: () => ({
      controlFrames: true,
      frame(connection, frame) {
        if (frame.opcode === "ping") {
          connection.send(frame.payload, { opcode: "pong" });
        } else if (frame.opcode === "close") connection.send(frame);
      },
    }),
    async client(client) {
      await client.ping("beat");
      await client.pong("unasked");
      await client.close(4000, "mine");
    },
  },
  {
    name: "control frames that the handler observes",
    handler: (note) => ({
      controlFrames: "observe",
      frame: (connection) => note(`${connection.isOpen}`),
    }),
    async client(client) {
      await client.ping("beat");
      await client.pong("unasked");
      await client.close(4000, "mine");
    },
  },
  {
    name: "a wait for all that was sent",
    handler: (note) => ({
      async frame(connection, frame) {
        connection.send(frame);
        await connection.flushed();
        connection.close(1000);
        await connection.flushed().catch(({ name }) => note(name));
      },
    }),
    client: (client) => client.receive("a"),
  },
  {
    name: "calls that the contract forbids",
    handler: (note) => ({
      open(connection) {
        const invalid = Uint8Array.of(0xff);
        const calls: (() => void)[] = [
          () => connection.send("a", { opcode: "continuation" }),
          () => connection.send(invalid, { opcode: "text" }),
          () => connection.send("a", { final: false }),
          () => connection.send("b"),
          () => connection.ping(),
          () => connection.send("c", { opcode: "continuation" }),
          () => connection.ping(new Uint8Array(126)),
          () => connection.send("x", { opcode: "pong" }),
          () => connection.close(1005),
          () => connection.close(undefined, "no code"),
          () => connection.close(1000, "ä".repeat(62)),
          () => connection.send(Uint8Array.of(3), { opcode: "close" }),
          () => connection.send("d"),
          () => connection.close(1001, "bye"),
          () => connection.send("e"),
          () => connection.send("f", { opcode: "continuation" }),
          () => connection.close(1005),
          () => connection.close(1002),
        ];
        for (const call of calls) attempt(note, call);
      },
    }),
    async client() {},
  },
  {
    name: "calls that need the transport",
    listeners: ["edge"],
    handler: (note) => ({
      open(connection) {
        note(JSON.stringify(connection.capabilities));
        attempt(note, () => connection.abort());
        attempt(note, () => connection.pauseReading());
        attempt(note, () => connection.resumeReading());
        connection.close(1000);
      },
    }),
    async client() {},
  },
  {
    name: "fragments by hand and by size",
    handler: () => ({
      open(connection) {
        connection.send("äö", { fragmentSize: 3 });
        connection.send("whole", { fragmentSize: 0 });
        connection.send("a", { final: false, fragmentSize: 10 });
        connection.send("b", { opcode: "continuation", final: false });
        connection.send("cd", { opcode: "continuation", fragmentSize: 1 });
        connection.send(new Uint8Array(0), { fragmentSize: 1 });
        connection.close(1000);
      },
    }),
    async client() {},
  },
  {
    name: "a text whose fragments are no UTF-8 together",
    handler: (note) => ({
      open(connection) {
        const half = Uint8Array.of(0xc3);
        attempt(
          note,
          () => connection.send(half, { opcode: "text", final: false }),
        );
        attempt(note, () => connection.send("x", { opcode: "continuation" }));
        connection.close(1000);
      },
    }),
    listeners: ["edge"],
    async client() {},
  },
  {
    name: "arguments of another type",
    handler: (note) => ({
      open(connection) {
        const untyped = connection as unknown as Record<
          "send" | "close",
          (...values: unknown[]) => void
        >;
        for (const data of [5, null, undefined, {}, new ArrayBuffer(1)]) {
          attempt(note, () => untyped.send(data));
        }
        for (
          const options of [
            null,
            "text",
            { opcode: "zzz" },
            { final: 1 },
            { fragmentSize: "1" },
            { fragmentSize: -1 },
            { fragmentSize: 0.5 },
          ]
        ) {
          attempt(note, () => untyped.send("x", options));
        }
        attempt(note, () => untyped.send({ payload: new Uint8Array(1) }));
        attempt(note, () => untyped.close("1000"));
        attempt(note, () => untyped.close(null));
        attempt(note, () => untyped.close(1000, 5));
        attempt(note, () => untyped.close(1000, null));
        attempt(note, () => untyped.send("y", { fragmentSize: 0 }));
        connection.close(1000);
      },
    }),
    async client() {},
  },
  {
    name: "a received frame inside a fragmented message",
    handler: (note) => ({
      open: (connection) => connection.send("start", { final: false }),
      frame: (connection, frame) =>
        frame.text() === "end"
          ? connection.send(frame, { opcode: "continuation" })
          : attempt(note, () => connection.send(frame)),
    }),
    async client(client) {
      await client.receive("whole");
      await client.receive("end");
      await client.close(1000);
    },
  },
  {
    name: "a close by the server, and messages after it",
    handler: () => ({
      frame: (connection) => connection.close(4001, "enough"),
    }),
    async client(client) {
      await client.receive("first");
      await client.receive("second");
    },
  },
  {
    name: "an error of the handler",
    handler: () => ({
      frame() {
        throw new Error("a bug");
      },
    }),
    client: (client) => client.receive("first"),
  },
  {
    name: "a rejection of the handler",
    handler: () => ({ frame: () => Promise.reject(new Error("a bug")) }),
    client: (client) => client.receive("first"),
  },
  {
    name: "an error of open",
    handler: () => ({
      open: () => Promise.reject(new Error("a bug")),
      frame: echo,
    }),
    client: () => Promise.resolve(),
  },
  {
    name: "promises of open and frame",
    handler: (note) => ({
      async open(connection) {
        await Promise.resolve();
        connection.send("welcome");
        note("opened");
      },
      async frame(connection, frame) {
        const text = frame.text();
        for (let i = 0; i < 5; i++) await Promise.resolve();
        connection.send(text);
        if (text === "c") connection.close(1000);
      },
    }),
    async client(client) {
      for (const text of ["a", "b", "c"]) await client.receive(text);
    },
  },
  ...(["message", "frame", "part"] as const).map((receive) => ({
    ...(receive === "part" && { listeners: ["edge" as const] }),
    name: `messages over maxPayload with receive "${receive}"`,
    handler: (): Partial<WebSocketHandler> => ({
      receive,
      maxPayload: 5,
      frame: echo,
    }),
    async client(client: Client) {
      await client.receive("12345");
      await client.receive("123", { final: false });
      await client.receive("456", { opcode: "continuation" });
      await client.receive("123456");
    },
  })),
  {
    name: "parts over maxPayload",
    listeners: ["frame"],
    handler: () => ({ receive: "part", maxPayload: 5, frame: echo }),
    async client(client) {
      await client.receive("123456");
      await client.close(1000);
    },
  },
  {
    name: "work on the queue",
    handler: () => ({
      frame(connection, frame) {
        const text = frame.text();
        connection.queueWork(() => {
          connection.send(`${text} later`);
          connection.close(1000);
        });
        connection.send(text);
      },
    }),
    client: (client) => client.receive("a"),
  },
  {
    name: "an end without CLOSE",
    handler: () => ({ frame: echo }),
    async client(client) {
      await client.receive("last");
      await client.disconnect();
    },
  },
  {
    name: "an abort after a message",
    listeners: ["frame"],
    handler: (note) => ({
      frame(connection) {
        connection.send("bye");
        connection.abort();
        connection.send("lost");
        note(`${connection.isOpen}`);
      },
    }),
    client: (client) => client.receive("first"),
  },
  {
    name: "a pause of reading",
    listeners: ["frame"],
    handler: (note) => ({
      frame(connection, frame) {
        connection.send(frame);
        if (frame.text() !== "pause") return;
        connection.pauseReading();
        connection.queueWork(() => {
          note("resume");
          connection.resumeReading();
        });
      },
    }),
    async client(client) {
      await client.receive("pause");
      await client.receive("next");
      await client.close(1000);
    },
  },
  {
    name: "PING and PONG of the server",
    listeners: ["frame"],
    handler: () => ({
      frame(connection, frame) {
        connection.ping(frame.payload);
        connection.send("", { opcode: "pong" as Opcode });
      },
    }),
    async client(client) {
      await client.receive("beat");
      await client.close(1000);
    },
  },
];

for (const scenario of SCENARIOS) {
  for (const listener of scenario.listeners ?? ["edge", "frame"] as const) {
    testWith(
      { net: true },
      `the fake of the ${listener} listener plays ${scenario.name}`,
      async () => {
        assertEquals(
          await runFake(scenario, listener),
          await runReal(scenario, listener),
        );
      },
    );
  }
}

/** A route that shows what it knows of the handshake. */
const asking: WebSocketHandler<string> = {
  subprotocols: ["chat", "echo"],
  handshake(request, { listener, protocol }) {
    const url = new URL(request.url);
    if (url.searchParams.has("refuse")) {
      return new Response("not you", { status: 403 });
    }
    if (url.searchParams.has("fail")) throw new Error("a bug");
    const state = `${listener} ${protocol} ${request.headers.get("x-name")}`;
    return {
      state,
      headers: { "x-state": state },
      protocol: url.searchParams.get("protocol") ?? protocol,
      handler: {
        open(connection) {
          const { protocol, path, request } = connection;
          connection.send(
            [
              connection.state,
              protocol,
              path,
              request.url.pathname + request.url.search,
              request.headers.get("x-name"),
            ].join("|"),
          );
          connection.close(1000);
        },
        frame() {},
      },
    };
  },
  frame() {},
};

const HANDSHAKES: readonly {
  readonly query: string;
  readonly subprotocols?: readonly string[];
  readonly headers?: readonly (readonly [string, string])[];
}[] = [
  { query: "" },
  { query: "?", subprotocols: ["echo", "chat"] },
  { query: "?x=1", headers: [["x-name", "me"]] },
  { query: "?protocol=other", subprotocols: ["chat"] },
  { query: "?protocol=not%20a%20token" },
  { query: "?refuse" },
  { query: "?fail" },
  { query: "", subprotocols: ["same", "same"] },
  { query: "", headers: [["Sec-WebSocket-Version", "12"]] },
];

/** The outcome of a handshake on a fake. */
async function fakeHandshake(
  listener: ListenerName,
  { query, subprotocols = [], headers = [] }: typeof HANDSHAKES[number],
): Promise<unknown> {
  try {
    const fake = await openHandler(asking, {
      listener,
      subprotocols,
      url: `ws://127.0.0.1/ask${query}`,
      headers: headers.map(([name, value]) => [name, value]),
    });
    const { protocol } = fake.connection;
    const state = fake.responseHeaders.get("x-state");
    return { protocol, state, messages: fake.messages };
  } catch (error) {
    if (!(error instanceof HandshakeRefusedError)) throw error;
    const { status } = error.response;
    return { status, body: await error.response.text() };
  }
}

/** The outcome of a handshake on a listener. */
async function realHandshake(
  listener: ListenerName,
  { query, subprotocols = [], headers = [] }: typeof HANDSHAKES[number],
): Promise<unknown> {
  const router = new Router({ "/ask": asking });
  await using server = listenBoth(serviceOf({ router }));
  const { port } = server.address[listener];
  await using connection = await connectUnchecked(
    `ws://127.0.0.1:${port}/ask${query}`,
    { subprotocols, headers },
  );
  const { response } = connection.handshake;
  if (response.status !== 101) {
    const body = new TextDecoder().decode(await connection.body());
    return { status: response.status, body };
  }
  const message = await connection.nextMessage();
  await connection.close(1000);
  return {
    protocol: connection.protocol,
    state: field(response, "x-state"),
    messages: [message.text()],
  };
}

for (const handshake of HANDSHAKES) {
  for (const listener of ["edge", "frame"] as const) {
    testWith(
      { net: true },
      `the fake of the ${listener} listener answers ${
        JSON.stringify(handshake)
      }`,
      async () => {
        assertEquals(
          await fakeHandshake(listener, handshake),
          await realHandshake(listener, handshake),
        );
      },
    );
  }
}
