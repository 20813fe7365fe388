/**
 * The two listeners, and tests whose steps share a running service.
 *
 * @module
 */

import { testWith } from "../../permissions.ts";
import { type Server, startServer } from "./server.ts";

/** A listener, and what tests expect of it. */
export interface ListenerUnderTest {
  readonly name: "edge" | "frame";
  readonly capabilities: {
    /** A handler receives PING, PONG and CLOSE, and can send them. */
    readonly controlFrames: boolean;
    /** A handler receives and sends fragments. */
    readonly fragments: boolean;
    /** The HTTP routes are served. */
    readonly http: boolean;
    /** permessage-deflate is negotiated. */
    readonly compression: boolean;
    /** The server stops reading from a client that does not read, instead of closing. */
    readonly flowControl: boolean;
  };
}

const EDGE: ListenerUnderTest = {
  name: "edge",
  capabilities: {
    controlFrames: false,
    fragments: false,
    http: true,
    compression: false,
    flowControl: false,
  },
};

const FRAME: ListenerUnderTest = {
  name: "frame",
  capabilities: {
    controlFrames: true,
    fragments: true,
    http: false,
    compression: true,
    flowControl: true,
  },
};

/** The listeners of the service. */
export const LISTENERS: readonly ListenerUnderTest[] = [EDGE, FRAME];

/** Registers a step; its error has the lines that the service logged meanwhile. */
export type Step = (
  name: string,
  fn: () => void | Promise<void>,
) => Promise<void>;

/** Registers steps that run at the same time, for steps that mostly wait. */
export type ConcurrentSteps = (
  steps: Readonly<Record<string, () => Promise<void>>>,
) => Promise<void>;

/** The permissions of a test with a running service; `env` is for the ws package. */
export const NEEDS = { net: true, run: true, env: true } as const;

/**
 * Registers a test that starts the service once for all of its steps.
 *
 * @param name the test's name
 * @param env variables that differ from the defaults of the tests
 * @param body runs the steps
 */
export function suite(
  name: string,
  env: Record<string, string>,
  body: (
    server: Server,
    step: Step,
    concurrentSteps: ConcurrentSteps,
  ) => Promise<void>,
): void {
  testWith(NEEDS, name, async (t: Deno.TestContext) => {
    await using server = await startAll(env);
    const step: Step = async (name, fn) => {
      await t.step(name, () => showingLog(server, fn));
    };
    const concurrentSteps: ConcurrentSteps = async (steps) => {
      const running = Object.entries(steps).map(([name, fn]) =>
        t.step({
          name,
          fn: () => showingLog(server, fn),
          // Sanitizers cannot tell the resources of concurrent steps apart.
          sanitizeExit: false,
          sanitizeOps: false,
          sanitizeResources: false,
        })
      );
      await Promise.all(running);
    };
    await body(server, step, concurrentSteps);
  });
}

/**
 * Registers a test with a separate service, for example because it stops it.
 *
 * @param name the test's name
 * @param env variables that differ from the defaults of the tests
 * @param fn the test
 */
export function serverTest(
  name: string,
  env: Record<string, string>,
  fn: (server: Server) => Promise<void>,
): void {
  testWith(NEEDS, name, async () => {
    await using server = await startAll(env);
    await showingLog(server, () => fn(server));
  });
}

/**
 * Registers a test with a separate service that gets a signal.
 *
 * @param name the test's name
 * @param env variables that differ from the defaults of the tests
 * @param fn the test
 */
export function signalTest(
  name: string,
  env: Record<string, string>,
  fn: (server: Server) => Promise<void>,
): void {
  testWith({ ...NEEDS, signals: true }, name, async () => {
    await using server = await startAll(env);
    await showingLog(server, () => fn(server));
  });
}

/**
 * Starts the service and waits for both listeners.
 *
 * @param env variables that differ from the defaults of the tests
 * @param options as for {@linkcode startServer}
 */
export function startAll(
  env: Record<string, string>,
  options: Omit<Parameters<typeof startServer>[1], "listeners"> = {},
): Promise<Server> {
  const listeners = LISTENERS.map(({ name }) => name);
  return startServer(env, { ...options, listeners });
}

/** Log lines in an error message, at most. */
const SHOWN = 40;

/**
 * Runs a test; its error has the lines that the service logged meanwhile.
 *
 * @param server the service
 * @param fn the test
 */
export async function showingLog(
  server: Server,
  fn: () => void | Promise<void>,
): Promise<void> {
  const start = server.lines.length;
  try {
    await fn();
  } catch (error) {
    const lines = server.lines.slice(start).slice(-SHOWN);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${message}\n--- the service's log:\n${lines.join("\n")}\n---`,
      { cause: error },
    );
  }
}
