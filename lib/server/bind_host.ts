/**
 * The address that the listeners bind to, where that depends on the machine.
 *
 * @module
 */

/** Opens a port; {@linkcode Deno.listen}, as far as it is used. */
export type Listen = (
  options: { readonly hostname: string; readonly port: number },
) => { readonly addr: Deno.Addr; close(): void };

/** All IPv6 addresses and, with a dual stack, all IPv4 addresses. */
const ANY = "::";

/** All IPv4 addresses. */
const ANY_IPV4 = "0.0.0.0";

/**
 * Chooses between `::` and `0.0.0.0`. A port on `::` serves IPv4, too, unless the
 * machine has no IPv6 or keeps the two apart (`net.ipv6.bindv6only`, Windows); there
 * IPv4 is what most clients need.
 *
 * @param host what the configuration names
 * @param listen tries a free port out
 * @returns `0.0.0.0` in place of a `::` that serves no IPv4; else `host`
 */
export function bindHost(host: string, listen: Listen = Deno.listen): string {
  if (host !== ANY || !isPermitted()) return host;
  return isDualStack(listen) ? ANY : ANY_IPV4;
}

/** Without a permission the runtime would ask for it on a terminal. */
function isPermitted(): boolean {
  return [`[${ANY}]`, ANY_IPV4].every((host) =>
    Deno.permissions.querySync({ name: "net", host }).state === "granted"
  );
}

/** Whether a port that is taken on `::` is taken for IPv4. */
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
