/**
 * Requests that a handler has upgraded by itself, with `Deno.upgradeWebSocket`.
 *
 * The runtime's server ends with all its connections when such a request gets another
 * response than that of an upgrade. It takes the response of any upgrade, also that of a
 * request that did not arrive. Seen in Deno 2.9.6.
 *
 * @module
 */

/**
 * Returns whether a request that arrived was upgraded.
 *
 * @param request the runtime's request, not answered yet
 */
export function isUpgraded(request: Request): boolean {
  try {
    request.headers.get("host");
    return false;
  } catch {
    // The runtime's getters throw after the upgrade.
    return true;
  }
}

/**
 * Makes a response for an upgraded request whose own response is lost: a 101 without a
 * field, so that the client fails the connection (RFC 6455 §4.1).
 */
export function failedUpgrade(): Response {
  const { response } = Deno.upgradeWebSocket(
    new Request("http://localhost/", {
      headers: {
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-key": "",
      },
    }),
  );
  for (const name of [...response.headers.keys()]) {
    response.headers.delete(name);
  }
  return response;
}
