/**
 * The service with TLS, started as `deno task start:tls` does.
 *
 * @module
 */

import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { type Chain, makeChain } from "./chain.ts";
import { type Server, startServer } from "./server.ts";
import { LISTENERS, showingLog, type Step } from "./suite.ts";

/** What a test with TLS needs; reading and writing is for the chain. */
export const TLS_NEEDS = {
  net: true,
  run: true,
  env: true,
  read: true,
  write: true,
} as const;

/**
 * The arguments of `start:tls`, as the task's shell makes them.
 *
 * @param files certificate and key
 */
export function tlsStart(files: { cert: string; key: string }): string[] {
  return taskArguments("start:tls", {
    TLS_CERT: files.cert,
    TLS_KEY: files.key,
  });
}

/**
 * Starts the service with both listeners and TLS.
 *
 * @param files certificate and key
 * @param env variables that differ from the suite's defaults
 */
export function startTls(
  files: { cert: string; key: string },
  env: Record<string, string> = {},
): Promise<Server> {
  const listeners = LISTENERS.map(({ name }) => name);
  return startServer({ TLS_CERT: files.cert, TLS_KEY: files.key, ...env }, {
    listeners,
    args: tlsStart(files),
  });
}

/**
 * Registers a test that starts the service with TLS once for all of its steps.
 *
 * @param name the test's name
 * @param body runs the steps
 */
export function tlsSuite(
  name: string,
  body: (server: Server, chain: Chain, step: Step) => Promise<void>,
): void {
  testWith(TLS_NEEDS, name, async (t: Deno.TestContext) => {
    await using chain = await makeChain();
    await using server = await startTls(chain);
    await body(server, chain, async (name, fn) => {
      await t.step(name, () => showingLog(server, fn));
    });
  });
}

/**
 * The same as `url`, over TLS and by the name in the certificate.
 *
 * @param server the service
 * @param listener edge or frame
 * @param path the route
 */
export function secureUrl(
  server: Server,
  listener: string,
  path: string,
): string {
  return `wss://localhost:${server.address(listener).port}${path}`;
}
