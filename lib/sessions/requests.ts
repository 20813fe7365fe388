/**
 * The requests that instances send each other about their sessions.
 *
 * @module
 */

import { flag, object, type Read, text } from "../cluster/bus/shape.ts";
import {
  isCloseCodeAllowed,
  MAX_REASON_BYTES,
} from "../protocol/close_code.ts";
import type { RemoteSessions, SessionMessage } from "./remote_sessions.ts";

/** A request; the message of `send` and `sendAll` is the body of the request. */
export type SessionRequest =
  | { readonly call: "list" }
  | {
    readonly call: "send";
    readonly id: string;
    readonly isText: boolean;
  }
  | {
    readonly call: "sendAll";
    readonly route: string | undefined;
    readonly path: string | undefined;
    readonly isText: boolean;
  }
  | {
    readonly call: "close";
    readonly id: string;
    readonly code: number;
    readonly reason: string;
  };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Encodes a message as the body of a request.
 *
 * @param message the message
 */
export function toBody(message: SessionMessage): Uint8Array {
  return typeof message === "string" ? encoder.encode(message) : message;
}

function toMessage(isText: boolean, body: Uint8Array): SessionMessage {
  return isText ? decoder.decode(body) : body;
}

const send = object({ id: text, isText: flag });

const sendAll = object({ isText: flag });

const close = object({
  id: text,
  code: (value) =>
    typeof value === "number" && isCloseCodeAllowed(value) ? value : undefined,
  reason: (value) => {
    const reason = text(value);
    return reason !== undefined &&
        encoder.encode(reason).length <= MAX_REASON_BYTES
      ? reason
      : undefined;
  },
});

const readRequest: Read<SessionRequest> = (value) => {
  const { call, route, path } = Object(value);
  switch (call) {
    case "list":
      return { call };
    case "send": {
      const fields = send(value);
      return fields && { call, ...fields };
    }
    case "sendAll": {
      const fields = sendAll(value);
      const isTarget = [route, path].every((field) =>
        field === undefined || text(field) !== undefined
      );
      return isTarget && fields ? { call, route, path, ...fields } : undefined;
    }
    case "close": {
      const fields = close(value);
      return fields && { call, ...fields };
    }
    default:
      return undefined;
  }
};

/**
 * Carries out a request of another instance.
 *
 * @param sessions the sessions of this instance
 * @param request an untrusted value
 * @param body the body of the request
 * @returns the reply; `undefined` for an unknown request
 */
export function handleRequest(
  sessions: RemoteSessions,
  request: unknown,
  body: Uint8Array,
): Promise<unknown> | undefined {
  const known = readRequest(request);
  switch (known?.call) {
    case "list":
      return sessions.list();
    case "send":
      return sessions.send(known.id, toMessage(known.isText, body));
    case "sendAll": {
      const { isText, route, path } = known;
      return sessions.sendAll(toMessage(isText, body), { route, path });
    }
    case "close":
      return sessions.close(known.id, known.code, known.reason);
    case undefined:
      return undefined;
  }
}
