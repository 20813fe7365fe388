/**
 * A taken-over connection on a connection without a network.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import { TappedSocket } from "../../../../lib/frame/wire/tapped_socket.ts";
import {
  WireConnection,
  type WireUser,
} from "../../../../lib/frame/wire/wire_connection.ts";
import { MemoryAccount } from "../../../../lib/memory/account.ts";
import type { WireTap } from "../../../../lib/wire.ts";
import { type Bytes, FakeConn } from "../fake_conn.ts";

export function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

/** A wire, and a record of its session's events; disposal checks both. */
export class Fixture implements WireUser, Disposable {
  readonly conn = new FakeConn();
  readonly memory = new MemoryAccount(2 ** 30);
  readonly wire: WireConnection;
  readonly events: string[] = [];
  readonly #charge = this.memory.open();

  constructor(behindHead = "", tap?: WireTap) {
    const plain = new ConnSocket(this.conn);
    const rest = bytesOf(behindHead);
    const socket = tap === undefined
      ? plain
      : new TappedSocket(plain, tap, bytesOf("head"), rest);
    this.wire = new WireConnection(this, this.#charge, {
      id: "a-1",
      socket,
      requestHead: "head",
      response: bytesOf("101"),
      rest,
    });
  }

  /** Closes the socket, and checks that the connection's rules were kept. */
  [Symbol.dispose](): void {
    this.wire.destroy();
    assertEquals(this.conn.faults, []);
    assertEquals(this.conn.closes, 1);
    assertEquals(this.events.filter((event) => event === "ended").length, 1);
  }

  received(): void {
    this.events.push("received");
  }

  ending(): void {
    this.events.push("ending");
  }

  ended(): void {
    this.events.push("ended");
  }

  count(direction: string, bytes: number, endsMessage: boolean): void {
    this.events.push(`${direction} ${bytes} ${endsMessage}`);
  }
}
