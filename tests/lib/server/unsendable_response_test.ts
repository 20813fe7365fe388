import { assertEquals, assertMatch } from "@std/assert";
import {
  type HttpHandler,
  serve,
  type WebSocketHandler,
} from "../../../lib/mod.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { testWith } from "../../permissions.ts";
import { connectTo } from "./ws_client.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };

function locked(): Response {
  const response = new Response("no", { status: 403 });
  response.body!.getReader();
  return response;
}

async function used(): Promise<Response> {
  const response = new Response("no", { status: 403 });
  await response.text();
  return response;
}

/** Values that a handler returns by mistake. */
const FAULTS: Record<string, () => unknown> = {
  "a locked body": locked,
  "a locked body, later": () => Promise.resolve(locked()),
  "a used body": used,
  "Response.error()": () => Response.error(),
};

const HTTP_FAULTS: Record<string, () => unknown> = {
  ...FAULTS,
  "undefined": () => undefined,
  "a 101": () => new Response(null, { status: 101 }),
};

const HANDSHAKE = {
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Status and body of the response to a request on its own connection. */
async function get(
  { hostname, port }: Deno.NetAddr,
  target: string,
  fields: Record<string, string> = {},
): Promise<string> {
  using conn = await Deno.connect({ hostname, port });
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    connection: "close",
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  await conn.write(new TextEncoder().encode(text));
  let response = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  while (!response.includes("custom 500") && !response.includes("fine")) {
    const length = await conn.read(buffer);
    if (length === null) break;
    response += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return `${response.slice(9, 12)} ${response.split("\r\n\r\n")[1]}`;
}

/** Sends a request to both listeners whose handler returns something unsendable. */
async function check(
  handler: WebSocketHandler | { GET: HttpHandler },
  target: string,
  fields?: Record<string, string>,
): Promise<void> {
  const fine: HttpHandler = Object.assign(() => new Response("fine"), {
    isOnFrameListener: true,
  });
  await using server = await serve({
    routes: { "/fault": handler, "/fine": { GET: fine } },
    host: "127.0.0.1",
    port: 0,
    errors: { 500: () => new Response("custom 500", { status: 500 }) },
  });
  for (const address of [server.addresses.edge, server.addresses.frame!]) {
    using log = new LogCapture("ERROR");
    assertMatch(await get(address, target, fields), /^500 .*custom 500/s);
    assertEquals(log.lines.length, 1);
    assertMatch(log.lines[0]!, /of \/fault failed/);
    assertMatch(await get(address, "/fine"), /^200 .*fine/s);
  }
}

testWith(
  NET,
  "HTTP handler of the edge listener may upgrade a request itself",
  async () => {
    const GET: HttpHandler = (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    };
    await using server = await serve({
      routes: { "/own": { GET } },
      host: "127.0.0.1",
      port: 0,
      framePort: false,
    });
    await using client = await connectTo(`${server.urls.edge}/own`);
    client.send("hello");
    assertEquals(await client.receive(), "hello");
  },
);

for (const [name, fault] of Object.entries(FAULTS)) {
  const returned = fault as () => Response;
  testWith(
    NET,
    `handshake() that returns ${name} is answered with 500`,
    () => check({ frame() {}, handshake: returned }, "/fault", HANDSHAKE),
  );
  testWith(
    NET,
    `checkQuery() that returns ${name} is answered with 500`,
    () => check({ frame() {}, checkQuery: returned }, "/fault?q=1"),
  );
}

for (const [name, fault] of Object.entries(HTTP_FAULTS)) {
  const returned = fault as () => Response;
  const handler = Object.assign(() => returned(), { isOnFrameListener: true });
  testWith(
    NET,
    `HTTP handler that returns ${name} is answered with 500`,
    () => check({ GET: handler }, "/fault"),
  );
}
