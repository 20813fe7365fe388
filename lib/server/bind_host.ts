/**
 * The address that the listeners bind to, as far as it depends on the machine.
 *
 * @module
 */

/** The part of {@linkcode Deno.listen} that is used. */
export type Listen = (
  options: { readonly hostname: string; readonly port: number },
) => { readonly addr: Deno.Addr; close(): void };

/** Every IPv6 address and, with a dual stack, every IPv4 address. */
const ANY = "::";

/** Every IPv4 address. */
const ANY_IPV4 = "0.0.0.0";

/**
 * Chooses between `::` and `0.0.0.0`. A port on `::` also serves IPv4, unless the
 * machine has no IPv6 or separates them (`net.ipv6.bindv6only`, Windows). Most clients
 * of such a machine need IPv4.
 *
 * @param host the value of `HOST`
 * @param listen opens a free port for a test
 * @returns `0.0.0.0` instead of a `::` that does not serve IPv4, else `host`
 */
export function bindHost(host: string, listen: Listen = Deno.listen): string {
  if (host !== ANY || !isPermitted()) return host;
  return isDualStack(listen) ? ANY : ANY_IPV4;
}

/** The runtime would prompt for a missing permission. */
function isPermitted(): boolean {
  return [`[${ANY}]`, ANY_IPV4].every((host) =>
    Deno.permissions.querySync({ name: "net", host }).state === "granted"
  );
}

/** Whether a port that is in use on `::` is in use for IPv4. */
function isDualStack(listen: Listen): boolean {
  let ipv6: ReturnType<Listen> | undefined;
  try {
    ipv6 = listen({ hostname: ANY, port: 0 });
    const { port } = ipv6.addr as Deno.NetAddr;
    listen({ hostname: ANY_IPV4, port }).close();
    return false;
  } catch (error) {
    return ipv6 !== undefined && error instanceof Deno.errors.AddrInUse;
  } finally {
    ipv6?.close();
  }
}
