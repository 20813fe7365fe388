import { assertEquals } from "@std/assert";
import dockerfile from "../../../Dockerfile" with { type: "text" };
import { testWith } from "../../permissions.ts";
import { runDeno } from "../../program.ts";

/** The arguments of `deno` in the Dockerfile's HEALTHCHECK. */
const ARGS: string[] = JSON.parse(
  /HEALTHCHECK .*\\\n {2}CMD (\[.*\])/.exec(dockerfile)![1]!,
)
  .slice(1);

for (const [status, code] of [[200, 0], [503, 1]] as const) {
  testWith(
    { run: true, net: true },
    `the health check exits with ${code} when /livez answers ${status}`,
    async () => {
      const paths: string[] = [];
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        ({ url }) => {
          paths.push(new URL(url).pathname);
          return new Response(null, { status });
        },
      );
      const env = { PORT: String(server.addr.port), TLS_CERT: "" };
      assertEquals((await runDeno(ARGS, env)).code, code);
      assertEquals(paths, ["/livez"]);
    },
  );
}

testWith(
  { run: true, net: true },
  "the health check exits with 1 when the port is closed",
  async () => {
    using taken = Deno.listen({ hostname: "127.0.0.2", port: 0 });
    const env = { PORT: String(taken.addr.port), TLS_CERT: "" };
    assertEquals((await runDeno(ARGS, env)).code, 1);
  },
);

testWith(
  { run: true, net: true },
  "the health check connects to a port with TLS",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    const env = { PORT: String(listener.addr.port), TLS_CERT: "cert.pem" };
    assertEquals((await runDeno(ARGS, env)).code, 0);
    (await accepted).close();
  },
);
