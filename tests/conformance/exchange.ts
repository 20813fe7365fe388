/**
 * The common shape of a conformance case: a client sends bytes, frames come
 * back, and the connection stays open or fails.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { serve, type ServerOptions } from "./server.ts";
import { joined, type WireFrame } from "./wire.ts";

/** One case. */
export interface Exchange {
  /**
   * The route.
   * @default "/ws"
   */
  readonly path?: string;
  /** Options of the service. */
  readonly server?: ServerOptions;
  /** The client's bytes. */
  readonly send: readonly Uint8Array[];
  /**
   * The chunks: everything in one write, one write per frame, or one write per number
   * of bytes.
   * @default "whole"
   */
  readonly by?: "whole" | "frame" | number;
  /**
   * The frames that come back.
   * @default none
   */
  readonly receive?: readonly WireFrame[];
  /** The close code that the server then fails with; unset, the client closes. */
  readonly fails?: number;
}

/**
 * Registers a case. It also checks that the close is clean (CLOSE,
 * the end, nothing between them, no reset), and that the handler's `close` is
 * called once with the code and reason that were sent.
 *
 * @param name the RFC's section and the rule
 * @param exchange the case
 */
export function exchangeTest(name: string, exchange: Exchange): void {
  testWith({ net: true }, name, async () => {
    await using server = serve(exchange.server);
    const { fails, receive = [] } = exchange;
    let reason: string;
    {
      using client = await TestClient.open(server.address, exchange.path);
      const [, seen] = await Promise.all([
        send(client, exchange),
        read(client, receive, fails),
      ]);
      reason = seen;
      if (fails === undefined) await client.close(1000, "done");
    }
    assertEquals(await server.ended(), [
      fails === undefined
        ? { code: 1000, reason: "done", wasClean: true }
        : { code: fails, reason, wasClean: false },
    ]);
  });
}

async function read(
  client: TestClient,
  receive: readonly WireFrame[],
  fails: number | undefined,
): Promise<string> {
  await client.expect(...receive);
  return fails === undefined ? "" : await client.expectFailure(fails);
}

async function send(client: TestClient, { send, by = "whole" }: Exchange) {
  if (by === "whole") return await client.write(joined(send));
  if (by !== "frame") return await client.writeChopped(by, ...send);
  for (const frame of send) await client.write(frame);
}

/** The ways to send a case. */
export const WAYS: readonly (readonly [
  by: Exclude<Exchange["by"], undefined>,
  name: string,
])[] = [
  ["whole", "in one write"],
  ["frame", "frame by frame"],
  [1, "byte by byte"],
];
