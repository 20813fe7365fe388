/**
 * The opening handshake, with all that it shows.
 *
 * @module
 */

import { field, type Handshake } from "../../client/handshake.ts";
import { printable } from "../../log/log.ts";
import { refusal } from "../step/failure.ts";
import { type Details, pass, type Step } from "../step/step.ts";
import { inTime } from "../step/format.ts";

/** The handshake: status, times, fields, subprotocol, extensions. */
export const handshake: Step = {
  name: "handshake",
  expected: "101, and a Sec-WebSocket-Accept that fits the key",
  source: "RFC 6455 §4.1",
  async run(peer) {
    const connection = await peer.shake();
    const { handshake } = connection;
    const { response, faults } = handshake;
    const more = { lines: fieldLines(handshake), details: facts(handshake) };
    if (faults.length > 0) {
      const body = response.status === 101 ? undefined : connection.body();
      throw refusal(handshake, utf8.decode(await body), more);
    }
    peer.share(connection);
    const { total } = more.details.times as { total: number };
    return pass(
      `${response.status} ${printable(response.statusText)} in ${
        inTime(total)
      } (${timeWords(handshake)}); ` +
        `${named("subprotocol", more.details.subprotocol)}, ${
          named("extensions", more.details.extensions)
        }`,
      more,
    );
  },
};

const utf8 = new TextDecoder();

function named(what: string, value: unknown): string {
  return value === "" ? `no ${what}` : `${what} ${printable(String(value))}`;
}

function timeWords({ times }: Handshake): string {
  const { tcp, tls, response } = times;
  const secure = tls === undefined ? "" : `TLS ${inTime(tls)}, `;
  return `TCP ${inTime(tcp)}, ${secure}response ${inTime(response)}`;
}

function fieldLines({ response }: Handshake): string[] {
  return response.fields.map(([name, value]) => printable(`${name}: ${value}`));
}

function facts({ response, times }: Handshake): Details {
  const { tcp, tls, response: answer } = times;
  return {
    status: response.status,
    statusText: response.statusText,
    times: { total: tcp + (tls ?? 0) + answer, tcp, tls, response: answer },
    headers: response.fields,
    subprotocol: field(response, "sec-websocket-protocol") ?? "",
    extensions: field(response, "sec-websocket-extensions") ?? "",
  };
}
