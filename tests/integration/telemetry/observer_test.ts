import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../../lib/config/config.ts";
import { setupLog } from "../../../lib/log/log.ts";
import type { Answer, Observer } from "../../../lib/observer.ts";
import { Router } from "../../../lib/routing/router.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { Inbox } from "../support/inbox.ts";
import { exchange, RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { closeFrame, handshake } from "../support/wire.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Records the calls of the observer. */
class Recorder implements Observer {
  readonly answers: Omit<Answer, "seconds">[] = [];
  readonly events = new Inbox<string>("a call of the observer");

  answered({ seconds, ...answer }: Answer): void {
    assert(seconds >= 0 && seconds < 60, `${seconds} s`);
    this.answers.push(answer);
  }

  opened: Observer["opened"] = (connection) =>
    this.events.push(`opened ${connection.listener}`);

  closed: Observer["closed"] = (connection, code) =>
    this.events.push(`closed ${connection.listener} ${code}`);

  cutOff: Observer["cutOff"] = (connection) =>
    this.events.push(`cut off ${connection.listener}`);

  echoed(): void {}

  limited: Observer["limited"] = (limit, listener) =>
    this.events.push(`${limit} ${listener}`);
}

const silent: WebSocketHandler = { frame() {} };

const flooding: WebSocketHandler = {
  frame() {},
  open(connection) {
    while (connection.isOpen) connection.send(new Uint8Array(65536));
  },
};

const refusing: WebSocketHandler = {
  frame() {},
  handshake: () => new Response("no", { status: 418 }),
};

/** A service with both listeners in this process; disposal stops it. */
function observed() {
  const observer = new Recorder();
  const both = listenBoth(serviceOf({
    router: new Router({
      "/ws": silent,
      "/flooding": flooding,
      "/no": refusing,
      "/page": { GET: () => new Response("page") },
      "/health": {
        GET: Object.assign(() => new Response("ok"), {
          isOnFrameListener: true,
        }),
      },
      "/health-broken": {
        GET: Object.assign(
          () => Promise.reject(new Error("x")),
          { isOnFrameListener: true },
        ),
      },
      "/broken": {
        GET: () => Promise.reject(new Error("on purpose")),
      },
    }),
    sessions: new Sessions(1),
    observer,
    limits: { ...readConfig(() => undefined), sendBufferLimit: 1024 },
  }));
  return { observer, ...both };
}

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: the observer gets a connection's handshake, its start and its close code`,
    async () => {
      await using server = observed();
      const { observer } = server;
      using rawClient = await RawClient.upgrade(
        server.address[name],
        "/ws?token=x",
      );
      assertEquals(await observer.events.next(), `opened ${name}`);
      await rawClient.write(closeFrame(3000));
      assertEquals(await rawClient.closeCode(), 3000);
      rawClient.conn.close();
      assertEquals(await observer.events.next(), `closed ${name} 3000`);
      assertEquals(observer.answers, [{
        listener: name,
        method: "GET",
        path: "/ws",
        isHandshake: true,
        status: 101,
      }]);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: the observer gets 1006 when a client disconnects without a CLOSE`,
    async () => {
      await using server = observed();
      const { observer } = server;
      const rawClient = await RawClient.upgrade(server.address[name], "/ws");
      assertEquals(await observer.events.next(), `opened ${name}`);
      rawClient.conn.close();
      assertEquals(await observer.events.next(), `closed ${name} 1006`);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: the observer gets refused handshakes`,
    async () => {
      await using server = observed();
      const address = server.address[name];
      await exchange(address, handshake("/no"));
      await exchange(address, handshake("/ws", { "Sec-WebSocket-Key": "bad" }));
      await exchange(address, handshake("/nowhere?secret"));
      const refused = { listener: name, method: "GET", isHandshake: true };
      assertEquals(server.observer.answers, [
        { ...refused, path: "/no", status: 418 },
        { ...refused, path: "/ws", status: 400 },
        { ...refused, path: undefined, status: 404 },
      ]);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: the observer gets the limit that refuses a connection`,
    async () => {
      await using server = observed();
      const { observer } = server;
      using _client = await RawClient.upgrade(server.address[name], "/ws");
      assertEquals(await observer.events.next(), `opened ${name}`);
      const response = await exchange(server.address[name], handshake("/ws"));
      assertEquals(response.status, 503);
      assertEquals(await observer.events.next(), `MAX_CONNECTIONS ${name}`);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: the observer gets one call when a connection exceeds SEND_BUFFER_LIMIT`,
    async () => {
      await using server = observed();
      const { observer } = server;
      using rawClient = await RawClient.upgrade(
        server.address[name],
        "/flooding",
      );
      assertEquals(await observer.events.next(), `opened ${name}`);
      assertEquals(await observer.events.next(), `cut off ${name}`);
      rawClient.conn.close();
      const end = await observer.events.next();
      assertEquals(end.replace(/\d+$/, ""), `closed ${name} `);
    },
  );
}

testWith(NEEDS, "edge listener: the observer gets HTTP requests", async () => {
  await using server = observed();
  for (
    const [method, path] of [
      ["GET", "/page?token=x"],
      ["HEAD", "/page"],
      ["POST", "/page"],
      ["GET", "/nowhere"],
      ["GET", "/ws"],
      ["GET", "/broken"],
    ] as const
  ) {
    const url = `http://127.0.0.1:${server.address.edge.port}${path}`;
    await (await fetch(url, { method })).body?.cancel();
  }
  const plain = { listener: "edge", isHandshake: false } as const;
  assertEquals(server.observer.answers, [
    { ...plain, method: "GET", path: "/page", status: 200 },
    { ...plain, method: "HEAD", path: "/page", status: 200 },
    { ...plain, method: "POST", path: undefined, status: 405 },
    { ...plain, method: "GET", path: undefined, status: 404 },
    { ...plain, method: "GET", path: "/ws", status: 426, isHandshake: true },
    { ...plain, method: "GET", path: "/broken", status: 500 },
  ]);
});

testWith(
  NEEDS,
  "frame listener: the observer gets requests that an HTTP handler answers",
  async () => {
    await using server = observed();
    const url = `http://127.0.0.1:${server.address.frame.port}`;
    for (const path of ["/health", "/health-broken", "/page"]) {
      await (await fetch(`${url}${path}`)).body?.cancel();
    }
    const plain = { listener: "frame", isHandshake: false, method: "GET" };
    assertEquals(server.observer.answers as unknown[], [
      { ...plain, path: "/health", status: 200 },
      { ...plain, path: "/health-broken", status: 500 },
      { ...plain, path: undefined, status: 426, isHandshake: true },
    ]);
  },
);

testWith(
  NEEDS,
  "frame listener: the observer gets a request that is not HTTP",
  async () => {
    await using server = observed();
    await exchange(server.address.frame, "nonsense\r\n\r\n");
    assertEquals(server.observer.answers, [{
      listener: "frame",
      method: "",
      path: undefined,
      isHandshake: true,
      status: 400,
    }]);
  },
);
