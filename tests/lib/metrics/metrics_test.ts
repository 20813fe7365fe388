import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Metrics } from "../../../lib/metrics/metrics.ts";
import type { Answer } from "../../../lib/observer.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import type { ListenerName, Traffic } from "../../../lib/websocket.ts";
import { WorkQueue } from "../../../lib/work_queue.ts";
import { FakeConnection } from "../../../lib/testing/mod.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Metrics, and the service that they are of. */
function measured() {
  const sessions = new Sessions(10);
  const workQueue = new WorkQueue({ onError: () => {} });
  const memory = new MemoryAccount(512 * 2 ** 20);
  const metrics = new Metrics({
    sessions,
    workQueue,
    memory,
    version: "1.2.3",
  });
  let serial = 0;
  return {
    metrics,
    memory,
    workQueue,
    open(listener: ListenerName, path: string): FakeConnection {
      const connection = Object.assign(new FakeConnection({ listener }), {
        id: `fake-${serial++}`,
        path,
        openedAt: Date.now() - 2000,
      });
      sessions.reserve();
      sessions.add(connection);
      metrics.opened(connection);
      return connection;
    },
    close(connection: FakeConnection, code: number): void {
      sessions.remove(connection);
      metrics.closed(connection, code);
    },
    /** Every sample by its name and labels. */
    async samples(): Promise<Map<string, number>> {
      const samples = new Map<string, number>();
      for (const line of (await metrics.text()).split("\n")) {
        if (line === "" || line.startsWith("#")) continue;
        const [, sample, value] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line)!;
        assert(!samples.has(sample!), `${sample} is there twice`);
        samples.set(sample!, Number(value));
      }
      return samples;
    },
  };
}

function traffic(connection: FakeConnection, counts: Partial<Traffic>): void {
  Object.assign(connection, { traffic: { ...connection.traffic, ...counts } });
}

const ANSWER: Answer = {
  listener: "edge",
  method: "GET",
  path: "/ws",
  isHandshake: true,
  status: 101,
  seconds: 0.02,
};

Deno.test("Metrics counts open connections by listener and route", async () => {
  const service = measured();
  const first = service.open("edge", "/ws");
  service.open("edge", "/ws");
  service.open("frame", "/auth");
  const name = "websocket_server_active_connections";
  const edge = `${name}{listener="edge",http_route="/ws"}`;
  const frame = `${name}{listener="frame",http_route="/auth"}`;
  let samples = await service.samples();
  assertEquals([samples.get(edge), samples.get(frame)], [2, 1]);
  service.close(first, 1000);
  samples = await service.samples();
  assertEquals([samples.get(edge), samples.get(frame)], [1, 1]);
});

Deno.test("Metrics shows 0 when the last connection is closed", async () => {
  const service = measured();
  service.close(service.open("edge", "/ws"), 1000);
  const samples = await service.samples();
  assertEquals(
    samples.get(
      'websocket_server_active_connections{listener="edge",http_route="/ws"}',
    ),
    0,
  );
});

Deno.test("Metrics adds up the traffic of open and closed connections", async () => {
  const service = measured();
  const sample = (name: string, direction: string) =>
    `websocket_server_${name}{listener="edge",http_route="/ws",network_io_direction="${direction}"}`;
  const first = service.open("edge", "/ws");
  const second = service.open("edge", "/ws");
  traffic(first, { messagesReceived: 1, bytesReceived: 20 });
  traffic(second, { messagesReceived: 3, messagesSent: 4, bytesSent: 500 });
  for (let scrapes = 0; scrapes < 2; scrapes++) {
    const samples = await service.samples();
    assertEquals(samples.get(sample("messages_total", "receive")), 4);
    assertEquals(samples.get(sample("messages_total", "transmit")), 4);
    assertEquals(samples.get(sample("io_bytes_total", "receive")), 20);
    assertEquals(samples.get(sample("io_bytes_total", "transmit")), 500);
  }
  service.close(second, 1000);
  traffic(first, { messagesReceived: 2 });
  const samples = await service.samples();
  assertEquals(samples.get(sample("messages_total", "receive")), 5);
  assertEquals(samples.get(sample("messages_total", "transmit")), 4);
});

Deno.test("Metrics counts handshakes by outcome, and measures every response", async () => {
  const service = measured();
  const { metrics } = service;
  metrics.answered(ANSWER);
  metrics.answered({ ...ANSWER, status: 401 });
  metrics.answered({ ...ANSWER, status: 418 });
  metrics.answered({ ...ANSWER, status: 404, path: undefined, method: "x" });
  metrics.answered({ ...ANSWER, status: 200, path: "/", isHandshake: false });
  const samples = await service.samples();
  const handshakes = (route: string, outcome: string, status: string) =>
    samples.get(
      `websocket_server_handshakes_total{listener="edge",http_route="${route}",outcome="${outcome}",http_response_status_code="${status}"}`,
    );
  assertEquals(handshakes("/ws", "accepted", "101"), 1);
  assertEquals(handshakes("/ws", "refused", "401"), 1);
  assertEquals(handshakes("/ws", "refused", "4xx"), 1);
  assertEquals(handshakes("", "refused", "404"), 1);
  assertEquals(handshakes("/", "accepted", "200"), undefined);
  const requests = (method: string, route: string, status: string) =>
    `{listener="edge",http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"}`;
  for (
    const labels of [
      requests("GET", "/ws", "101"),
      requests("_OTHER", "", "404"),
      requests("GET", "/", "200"),
    ]
  ) {
    const name = "http_server_request_duration_seconds";
    assertEquals(samples.get(`${name}_count${labels}`), 1, labels);
    assertEquals(samples.get(`${name}_sum${labels}`), 0.02, labels);
  }
});

Deno.test("Metrics counts close codes in a bounded set", async () => {
  const service = measured();
  for (const code of [1000, 1000, 1006, 3001, 3002, 4999, 65535]) {
    service.close(service.open("frame", "/ws"), code);
  }
  const samples = await service.samples();
  const closed = (label: string) =>
    samples.get(
      `websocket_server_connections_closed_total{listener="frame",http_route="/ws",websocket_close_code="${label}"}`,
    );
  assertEquals(
    ["1000", "1006", "3xxx", "4xxx", "other"].map(closed),
    [2, 1, 2, 1, 1],
  );
  const labels = '{listener="frame",http_route="/ws"}';
  const name = "websocket_server_connection_duration_seconds";
  assertEquals(samples.get(`${name}_count${labels}`), 7);
  const sum = samples.get(`${name}_sum${labels}`)!;
  assert(sum >= 14 && sum < 60, `${sum} s`);
});

Deno.test("Metrics counts cut-offs from 0, and refusals by a limit", async () => {
  const service = measured();
  const name = "websocket_server_send_buffer_cutoffs_total";
  const labels = '{listener="edge",http_route="/ws"}';
  const connection = service.open("edge", "/ws");
  assertEquals((await service.samples()).get(name + labels), 0);
  service.metrics.cutOff(connection);
  service.metrics.limited("MAX_CONNECTIONS", "frame");
  const samples = await service.samples();
  assertEquals(samples.get(name + labels), 1);
  assertEquals(
    samples.get(
      'websocket_server_limit_refusals_total{listener="frame",limit="MAX_CONNECTIONS"}',
    ),
    1,
  );
});

Deno.test("Metrics shows the distribution of echo times", async () => {
  const service = measured();
  const connection = service.open("frame", "/ws");
  service.metrics.echoed(connection, 3e-6);
  service.metrics.echoed(connection, 3e-3);
  const samples = await service.samples();
  const bucket = (le: string) =>
    samples.get(
      `websocket_server_echo_duration_seconds_bucket{le="${le}",listener="frame",http_route="/ws"}`,
    );
  assertEquals(
    ["0.0000025", "0.000005", "0.0025", "0.01", "+Inf"].map(bucket),
    [0, 1, 1, 2, 2],
  );
});

Deno.test("Metrics shows the depth of the work queue", async () => {
  const service = measured();
  const { promise, resolve } = Promise.withResolvers<void>();
  service.workQueue.add(() => promise);
  service.workQueue.add(() => promise);
  const depth = async () =>
    (await service.samples()).get("websocket_server_work_queue_depth");
  assertEquals(await depth(), 2);
  resolve();
  await service.workQueue.drained();
  assertEquals(await depth(), 0);
});

Deno.test("Metrics shows the memory that is held for clients", async () => {
  const service = measured();
  service.memory.open(undefined, 1234);
  const samples = await service.samples();
  assertEquals(samples.get("websocket_server_memory_held_bytes"), 1234);
});

Deno.test("Metrics shows the number of active timers", async () => {
  const service = measured();
  const timers = async () =>
    (await service.samples()).get("websocket_server_timers")!;
  const before = await timers();
  const set = Array.from({ length: 3 }, () => setTimeout(() => {}, 60_000));
  assertEquals(await timers(), before + 3);
  for (const timer of set) clearTimeout(timer);
  assertEquals(await timers(), before);
});

Deno.test("Metrics shows the process", async () => {
  const service = measured();
  const samples = await service.samples();
  for (
    const name of [
      "process_uptime_seconds",
      'process_cpu_time_seconds_total{cpu_mode="user"}',
      "process_memory_usage_bytes",
      "v8js_memory_heap_used_bytes",
    ]
  ) assert(samples.get(name)! > 0, name);
  assert(samples.has('process_cpu_time_seconds_total{cpu_mode="system"}'));
  assertMatch(
    await service.metrics.text(),
    /^target_info\{service_name="ws-echo-server",service_version="1\.2\.3",process_runtime_name="deno",process_runtime_version="\d[^"]+"\} 1$/m,
  );
});

Deno.test("Metrics.figures() sums up open connections, and the messages of all", async () => {
  const service = measured();
  assertEquals(service.metrics.figures(), { connections: 0, messages: 0 });
  const closed = service.open("edge", "/ws");
  traffic(closed, { messagesReceived: 2, messagesSent: 3 });
  service.close(closed, 1000);
  traffic(service.open("frame", "/auth"), { messagesReceived: 10 });
  assertEquals(service.metrics.figures(), { connections: 1, messages: 15 });
  const samples = [...await service.samples()];
  const total = (name: string) =>
    samples.filter(([key]) => key.startsWith(`${name}{`))
      .reduce((sum, [, value]) => sum + value, 0);
  assertEquals(service.metrics.figures(), {
    connections: total("websocket_server_active_connections"),
    messages: total("websocket_server_messages_total"),
  });
});
