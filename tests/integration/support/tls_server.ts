/**
 * The service with TLS, with the arguments of `deno task start`.
 *
 * @module
 */

import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { type Chain, makeChain } from "./chain.ts";
import type { Server } from "./server.ts";
import { showingLog, startAll, type Step } from "./suite.ts";

/** The permissions of a test with TLS; `read` and `write` are for the chain. */
export const TLS_NEEDS = {
  net: true,
  run: true,
  env: true,
  read: true,
  write: true,
} as const;

/**
 * The arguments of a start with TLS.
 *
 * @param files paths of the certificate and the key
 */
export function tlsStart(files: { cert: string; key: string }): string[] {
  return taskArguments({
    TLS_CERT: files.cert,
    TLS_KEY: files.key,
  });
}

/**
 * Starts the service with both listeners and TLS.
 *
 * @param files paths of the certificate and the key
 * @param env variables that differ from the defaults of the tests
 */
export function startTls(
  files: { cert: string; key: string },
  env: Record<string, string> = {},
): Promise<Server> {
  const { cert: TLS_CERT, key: TLS_KEY } = files;
  return startAll({ TLS_CERT, TLS_KEY, ...env }, { args: tlsStart(files) });
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
 * The `wss:` URL of a path, with the name in the certificate.
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
