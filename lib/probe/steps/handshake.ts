/**
 * `handshake`: the opening handshake and the fields of its response.
 *
 * @module
 */

import { field, type Handshake } from "../../client/handshake.ts";
import { printable } from "../../log/log.ts";
import { refusal } from "../step/failure.ts";
import { type Details, pass } from "../step/finding.ts";
import { formatTime } from "../step/format.ts";
import type { Step } from "../step/step.ts";

/** Performs the opening handshake; its connection becomes the shared one. */
export const handshake: Step = {
  name: "handshake",
  expected: "101 with the Sec-WebSocket-Accept of the key",
  source: "RFC 6455 §4.1",
  async run(target) {
    const connection = await target.openUnchecked();
    const { handshake } = connection;
    const { response, faults } = handshake;
    const more = { lines: fieldLines(handshake), details: facts(handshake) };
    if (faults.length > 0) {
      const body = response.status === 101 ? undefined : connection.body();
      throw refusal(handshake, utf8.decode(await body), more);
    }
    target.share(connection);
    const { total } = more.details.times as { total: number };
    return pass(
      `${response.status} ${printable(response.statusText)} in ${
        formatTime(total)
      } (${describeTimes(handshake)}); ` +
        `${named("subprotocol", more.details.subprotocol)}, ${
          named("extensions", more.details.extensions)
        }`,
      more,
    );
  },
};

const utf8 = new TextDecoder();

function named(label: string, value: unknown): string {
  return value === "" ? `no ${label}` : `${label} ${printable(String(value))}`;
}

function describeTimes({ times }: Handshake): string {
  const { tcp, tls, response } = times;
  const secure = tls === undefined ? "" : `TLS ${formatTime(tls)}, `;
  return `TCP ${formatTime(tcp)}, ${secure}response ${formatTime(response)}`;
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
