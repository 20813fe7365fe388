import { assert, assertEquals, assertMatch } from "@std/assert";
import { permitted } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, serverTest, type Step, suite } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

/** A sample, read by the parser of prometheus_client. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly type: string;
}

const FORMATS = {
  prometheus: ["text/plain", /^text\/plain; version=0\.0\.4/],
  openmetrics: [
    "application/openmetrics-text",
    /^application\/openmetrics-text; version=1\.0\.0/,
  ],
} as const;

/** Debian's Python, which has Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** The requirement that the parser of prometheus_client lacks; `undefined` when it can run. */
async function missingParser(): Promise<string | undefined> {
  if (!permitted({ name: "run", command: PYTHON })) return "--allow-run";
  try {
    const { success } = await new Deno.Command(PYTHON, {
      args: ["-c", "import prometheus_client.openmetrics.parser"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? undefined : "Debian's python3-prometheus-client";
  } catch {
    return PYTHON;
  }
}

async function scrape(
  server: Server,
  format: keyof typeof FORMATS = "prometheus",
): Promise<string> {
  const { port } = server.address("edge");
  const [accept, type] = FORMATS[format];
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { accept },
  });
  assertEquals(response.status, 200);
  assertMatch(response.headers.get("content-type"), type);
  return await response.text();
}

async function parse(text: string, format: string): Promise<Sample[]> {
  const child = new Deno.Command(PYTHON, {
    args: [
      new URL("../support/prometheus.py", import.meta.url).pathname,
      format,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The value of the sample with a name and labels; 0 without one. */
function valueOf(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): number {
  const found = text.split("\n").filter((line) =>
    line.startsWith(`${name}{`) &&
    Object.entries(labels).every(([key, value]) =>
      line.includes(`${key}="${value}"`)
    )
  );
  assert(found.length <= 1, found.join("\n"));
  return found.length === 0 ? 0 : Number(found[0]!.split(" ").at(-1));
}

for (const { name } of LISTENERS) {
  suite(`${name} listener: metrics`, {}, async (server, step) => {
    const at = { listener: name, http_route: "/ws" };
    const start = performance.now();
    await step("count messages and bytes in both directions", async () => {
      const client = await connect(server.url(name, "/ws"));
      const messages = ["grüße", "", "x".repeat(1000), Uint8Array.of(0, 255)];
      for (const message of messages) {
        client.send(message);
        assertEquals(await client.next(), message);
      }
      const during = await scrape(server);
      const active = "websocket_server_active_connections";
      assertEquals(valueOf(during, active, at), 1);
      for (const network_io_direction of ["receive", "transmit"]) {
        const labels = { ...at, network_io_direction };
        const count = (what: string) =>
          valueOf(during, `websocket_server_${what}_total`, labels);
        assertEquals(count("messages"), messages.length);
        assertEquals(count("io_bytes"), 7 + 1000 + 2);
      }
      client.close(3456);
      await client.closed;
      const closed = { ...at, websocket_close_code: "3xxx" };
      const after = await eventually(async () => {
        const text = await scrape(server);
        return valueOf(text, active, at) === 0 ? text : undefined;
      }, "no active connection");
      assertEquals(
        valueOf(after, "websocket_server_connections_closed_total", closed),
        1,
      );
      const received = { ...at, network_io_direction: "receive" };
      assertEquals(
        valueOf(after, "websocket_server_messages_total", received),
        messages.length,
      );
    });

    await step("count handshakes by outcome", async () => {
      const address = server.address(name);
      await exchange(address, handshake("/auth?token=hush"));
      await exchange(address, handshake("/ws", { "Sec-WebSocket-Key": "x" }));
      await exchange(address, handshake("/a/path/of/the/client"));
      const text = await scrape(server);
      const handshakes = (http_route: string, status: string) =>
        valueOf(text, "websocket_server_handshakes_total", {
          listener: name,
          http_route,
          http_response_status_code: status,
        });
      assertEquals(handshakes("/ws", "101"), 1);
      assertEquals(handshakes("/auth", "401"), 1);
      assertEquals(handshakes("/ws", "400"), 1);
      assertEquals(handshakes("", "404"), 1);
      assert(!/hush|a\/path/.test(text), text);
    });

    await step("measure one input in 128 to 383", async () => {
      await using client = await connect(server.url(name, "/ws"));
      for (let i = 0; i < 1024; i++) {
        client.send("x");
        await client.next();
      }
      const text = await scrape(server);
      const echoes = "websocket_server_echo_duration_seconds";
      const timed = valueOf(text, `${echoes}_count`, at);
      assert(timed >= 2 && timed <= 9, `${timed} of 1028 are timed`);
      // Seconds: the echoes came one after the other.
      const seconds = (performance.now() - start) / 1000;
      assert(valueOf(text, `${echoes}_sum`, at) < seconds);
    });
  });
}

suite("/metrics", {}, async (server, step) => {
  await step("clients cannot create new time series", async () => {
    const address = server.address("edge");
    const count = async () => (await scrape(server)).split("\n").length;
    const ask = async (i: number) => {
      const method = `M${i}`;
      await exchange(address, requestHead(`/p${i}`, { Host: "a" }, method));
      await exchange(
        address,
        requestHead(`/http/${i}?status=${300 + i}`, { Host: "a" }, method),
      );
    };
    await ask(0);
    // The first scrape creates its own series.
    await scrape(server);
    const before = await count();
    for (let i = 1; i < 50; i++) await ask(i);
    assertEquals(await count(), before);
  });
  await parsed(server, step);
});

async function parsed(server: Server, step: Step): Promise<void> {
  const missing = await missingParser();
  for (const format of ["prometheus", "openmetrics"] as const) {
    const name =
      `the ${format} format is valid for the parser of prometheus_client`;
    if (missing !== undefined) {
      await step(`${name} (ignored: needs ${missing})`, () => {});
      continue;
    }
    await step(name, async () => {
      await using client = await connect(server.url("frame", "/ws"));
      client.send("hello");
      await client.next();
      const samples = await parse(await scrape(server, format), format);
      const find = (name: string, labels: Record<string, string> = {}) =>
        samples.find((sample) =>
          sample.name === name &&
          Object.entries(labels).every(([k, v]) => sample.labels[k] === v)
        );
      const at = { listener: "frame", http_route: "/ws" };
      const active = find("websocket_server_active_connections", at);
      assertEquals([active?.value, active?.type], [1, "gauge"]);
      const messages = find("websocket_server_messages_total", at);
      assertEquals(messages?.type, "counter");
      const buckets = samples.filter(({ name, labels }) =>
        name === "http_server_request_duration_seconds_bucket" &&
        labels.listener === "frame"
      );
      assertEquals(buckets.at(-1)?.labels.le, "+Inf");
      assertEquals(buckets.at(-1)?.type, "histogram");
      assertMatch(find("target_info")?.labels.service_version, /^\d+\.\d+/);
      assert(find("process_memory_usage_bytes")!.value > 2 ** 20);
    });
  }
}

serverTest(
  "METRICS_TOKEN protects /metrics and /console/figures.json",
  { METRICS_TOKEN: "right" },
  async (server) => {
    const ask = (fields: Record<string, string>, path = "/metrics") =>
      exchange(
        server.address("edge"),
        requestHead(path, { Host: "a", ...fields }),
      );
    assertEquals((await ask({}, "/console/figures.json")).status, 401);
    assertEquals((await ask({})).status, 401);
    assertEquals((await ask({ Authorization: "Bearer x" })).status, 401);
    const { status, body } = await ask({ Authorization: "Bearer right" });
    assertEquals(status, 200);
    assertMatch(body, /^# HELP/);
    assert(!server.lines.some((line) => line.includes("right")));
  },
);

serverTest("a connection that exceeds SEND_BUFFER_LIMIT is counted", {
  SEND_BUFFER_LIMIT: "64KiB",
}, async (server) => {
  using client = await RawClient.upgrade(server.address("edge"), "/ws");
  // The client does not read the echoes.
  const flood = client.write(floodOf(64)).catch(() => {});
  const cutOffs = "websocket_server_send_buffer_cutoffs_total";
  const at = { listener: "edge", http_route: "/ws" };
  await eventually(async () => {
    const text = await scrape(server);
    return valueOf(text, cutOffs, at) === 1;
  }, "a cut-off");
  client.conn.close();
  await flood;
});

/** Binary messages of 1 MiB, masked with zeroes. */
function floodOf(count: number): Uint8Array<ArrayBuffer> {
  const size = 2 ** 20;
  const bytes = new Uint8Array(count * (14 + size));
  for (let i = 0; i < count; i++) {
    const at = i * (14 + size);
    bytes.set([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0], at);
  }
  return bytes;
}
