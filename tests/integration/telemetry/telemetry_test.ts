import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { startServer } from "../support/server.ts";
import { NEEDS, showingLog } from "../support/suite.ts";
import { eventually } from "../support/within.ts";

/** A collector of OTLP/HTTP in JSON that records requests. */
function collector() {
  const received: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const body = JSON.stringify(await request.json());
      received.push(`${new URL(request.url).pathname} ${body}`);
      return Response.json({});
    },
  );
  return {
    /** The requests to a path. */
    at: (path: string) => received.filter((text) => text.startsWith(path)),
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

/** The severities of the records with a text, in a request of a log. */
function severities(request: string, text: string): string[] {
  const records = request.matchAll(
    /"severityText":"(\w+)","body":\{"stringValue":"([^"]*)"/g,
  );
  return [...records].filter(([, , body]) => body!.includes(text))
    .map(([, severity]) => severity!);
}

function telemetry(endpoint: string): Record<string, string> {
  return {
    OTEL_DENO: "true",
    OTEL_SERVICE_NAME: "echo",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRIC_EXPORT_INTERVAL: "500",
    OTEL_BSP_SCHEDULE_DELAY: "500",
  };
}

for (const tracing of ["true", "false"]) {
  testWith(
    NEEDS,
    `OTEL_DENO=true, OTEL_DENO_TRACING=${tracing}: the runtime exports log, metrics and ${
      tracing === "true" ? "traces" : "no traces"
    }`,
    async () => {
      await using collected = collector();
      await using server = await startServer({
        ...telemetry(collected.url),
        OTEL_DENO_TRACING: tracing,
      });
      await showingLog(server, async () => {
        const { port } = server.address("edge");
        const response = await fetch(
          `http://127.0.0.1:${port}/auth?token=hush`,
        );
        assertEquals(response.status, 426);
        await response.body?.cancel();
        const arrived = (path: string, text: string) =>
          eventually(
            () =>
              Promise.resolve(
                collected.at(path).find((body) => body.includes(text)),
              ),
            `${text} at ${path}`,
          );
        const metrics = await arrived(
          "/v1/metrics",
          '"http.server.request.duration"',
        );
        assert(metrics.includes('"stringValue":"echo"'), metrics);
        await arrived("/v1/logs", "Starting server on port");
        const body = await arrived("/v1/logs", "AUTH_TOKEN is not set");
        assertEquals(severities(body, "AUTH_TOKEN is not set"), ["WARN"]);
        assertEquals(severities(body, "Registering URI"), ["INFO"]);
        if (tracing === "true") await arrived("/v1/traces", '"/auth"');
        else assertEquals(collected.at("/v1/traces"), []);
        const isExported = ["/v1/metrics", "/v1/logs"].some((path) =>
          collected.at(path).some((body) => body.includes("hush"))
        );
        assert(!isExported, "a token is in the metrics or the log");
      });
    },
  );
}
