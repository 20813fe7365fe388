/**
 * The IPv4 addresses at which a device on the network reaches the service.
 *
 * @module
 */

/** Hosts that stand for every address of the machine. */
const ANY: ReadonlySet<string> = new Set(["::", "0.0.0.0"]);

const LOOPBACK = /^127\./;

/** An address of the machine, as far as it is used. */
export type InterfaceAddress = Pick<
  Deno.NetworkInterfaceInfo,
  "family" | "address"
>;

/**
 * The IPv4 addresses of the machine that a listener accepts connections on, but
 * for those that only the machine itself reaches.
 *
 * @param host what the listener binds to
 * @param interfaces the machine's
 */
export function ipv4Addresses(
  host: string,
  interfaces: readonly InterfaceAddress[] = machineInterfaces(),
): string[] {
  const addresses = interfaces
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => address)
    .filter((address) => !LOOPBACK.test(address))
    .filter((address) => ANY.has(host) || address === host);
  return [...new Set(addresses)];
}

/** None without the permission, which the runtime would ask for on a terminal. */
function machineInterfaces(): InterfaceAddress[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  return state === "granted" ? Deno.networkInterfaces() : [];
}
