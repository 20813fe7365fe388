/**
 * Calls of the admin API, `/sessions`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type {
  SessionInfo,
  SessionList,
} from "../../../lib/sessions/remote_sessions.ts";
import type { Server } from "./server.ts";
import { eventually } from "./within.ts";

/** The ADMIN_TOKEN of the tests. */
export const ADMIN_TOKEN = "admin-token";

/** The content of a call. */
export interface Content {
  /** The body of the request. */
  readonly body: BodyInit;
  /**
   * The media type of the body.
   * @default "text/plain"
   */
  readonly type?: string;
}

/** A response and its body. */
export interface AdminResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Calls the admin API of the edge listener.
 *
 * @param server the service
 * @param method the method
 * @param path path and query
 * @param content the body, if there is one
 * @param authorization the field of this name
 */
export async function callAdmin(
  server: Server,
  method: string,
  path: string,
  content?: Content,
  authorization = `Bearer ${ADMIN_TOKEN}`,
): Promise<AdminResponse> {
  const { hostname, port } = server.address("edge");
  const response = await fetch(`http://${hostname}:${port}${path}`, {
    method,
    headers: {
      authorization,
      // With several threads the next call may go to another one.
      connection: "close",
      ...(content && { "content-type": content.type ?? "text/plain" }),
    },
    ...(content && { body: content.body }),
  });
  const { status, headers } = response;
  return { status, headers, body: await response.text() };
}

/** The list of sessions. */
export async function listSessions(server: Server): Promise<SessionList> {
  const { status, body } = await callAdmin(server, "GET", "/sessions");
  assertEquals(status, 200);
  return JSON.parse(body);
}

/**
 * Waits until the list is complete and has this number of sessions.
 *
 * @param server the service
 * @param count of sessions
 */
export async function sessionsOf(
  server: Server,
  count: number,
): Promise<readonly SessionInfo[]> {
  return await eventually(async () => {
    const { sessions, partial } = await listSessions(server);
    return !partial && sessions.length === count && sessions;
  }, `${count} sessions`);
}
