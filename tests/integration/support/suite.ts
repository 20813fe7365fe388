/**
 * One suite, two listeners: the table of listeners, and tests that share a
 * running service.
 *
 * @module
 */

import { testWith } from "../../permissions.ts";
import { type Server, startServer } from "./server.ts";

/** A listener, and what the tests may expect of it. */
export interface ListenerUnderTest {
  readonly name: "edge" | "frame";
  readonly capabilities: {
    /** PING, PONG and CLOSE reach the handler, and it can send them. */
    readonly controlFrames: boolean;
    /** Fragments are seen and sent as such. */
    readonly fragments: boolean;
    /** Plain HTTP is served, too. */
    readonly http: boolean;
    /** permessage-deflate is agreed on. */
    readonly compression: boolean;
    /** A peer that does not read is not read from, instead of cut off. */
    readonly flowControl: boolean;
  };
}

/** Whether main.ts starts the frame listener. */
const FRAME_LISTENER_RUNS = true;

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

/** The listeners that the service starts by default. */
export const LISTENERS: readonly ListenerUnderTest[] = FRAME_LISTENER_RUNS
  ? [EDGE, FRAME]
  : [EDGE];

/** Registers a step of a test, which shows the service's log when it fails. */
export type Step = (
  name: string,
  fn: () => void | Promise<void>,
) => Promise<void>;

/** What a test of the running service needs; `env` is for the ws package. */
export const NEEDS = { net: true, run: true, env: true } as const;

/**
 * Registers a test that starts the service once for all of its steps.
 *
 * @param name the test's name
 * @param env variables that differ from the suite's defaults
 * @param body runs the steps
 */
export function suite(
  name: string,
  env: Record<string, string>,
  body: (server: Server, step: Step) => Promise<void>,
): void {
  testWith(NEEDS, name, async (t: Deno.TestContext) => {
    await using server = await startAll(env);
    await body(server, async (name, fn) => {
      await t.step(name, () => showingLog(server, fn));
    });
  });
}

/**
 * Registers a test with a service of its own, for tests that end it.
 *
 * @param name the test's name
 * @param env variables that differ from the suite's defaults
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
 * Starts the service with every listener of {@linkcode LISTENERS}.
 *
 * @param env variables that differ from the suite's defaults
 */
export function startAll(env: Record<string, string>): Promise<Server> {
  return startServer(env, { listeners: LISTENERS.map(({ name }) => name) });
}

/** Lines of the log in a failure message. */
const SHOWN = 40;

/**
 * Runs a test and puts what the service logged meanwhile into its error.
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
