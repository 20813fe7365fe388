/**
 * The IPv4 addresses at which a device on the network reaches the service.
 *
 * @module
 */

/** Hosts that mean every address of the machine. */
const ANY: ReadonlySet<string> = new Set(["::", "0.0.0.0"]);

const LOOPBACK = /^127\./;

/** An address of the machine. */
export type InterfaceAddress = Pick<
  Deno.NetworkInterfaceInfo,
  "family" | "address"
>;

/**
 * The IPv4 addresses on which a listener accepts connections, without loopback
 * addresses.
 *
 * @param host the host that the listener binds to
 * @param interfaces the network interfaces of the machine
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

/** Empty without permission: the runtime would prompt for it. */
function machineInterfaces(): InterfaceAddress[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  return state === "granted" ? Deno.networkInterfaces() : [];
}
