/**
 * IP addresses and ports in the form of the operating system.
 *
 * @module
 */

import { AF_INET, AF_INET6 } from "./constants.ts";

/** Bytes of a struct sockaddr_in6, the longer one of both. */
export const ADDRESS_SIZE = 28;

/** Bytes of a struct sockaddr_in. */
const IPV4_SIZE = 16;

/**
 * Writes an address.
 *
 * @param hostname an IP address
 * @param port the port
 * @returns a struct sockaddr_in or sockaddr_in6
 */
export function encodeAddress(
  hostname: string,
  port: number,
): Uint8Array<ArrayBuffer> {
  const isIpv6 = hostname.includes(":");
  const bytes = new Uint8Array(
    new ArrayBuffer(isIpv6 ? ADDRESS_SIZE : IPV4_SIZE),
  );
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isIpv6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port);
  if (!isIpv6) {
    bytes.set(hostname.split(".").map(Number), 4);
    return bytes;
  }
  groupsOf(hostname).forEach((group, i) => view.setUint16(8 + 2 * i, group));
  return bytes;
}

/** An IP address: a number for IPv4, which takes no memory of its own, or a text. */
export type Host = number | string;

/**
 * Reads an address; an IPv4-mapped one gives the IPv4 address.
 *
 * @param bytes a struct sockaddr_in or sockaddr_in6
 */
export function hostOf(bytes: Uint8Array<ArrayBuffer>): Host {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint16(0, true) === AF_INET) return view.getInt32(4);
  const isMapped = view.getUint32(8) === 0 && view.getUint32(12) === 0 &&
    view.getUint32(16) === 0xffff;
  return isMapped ? view.getInt32(20) : ipv6Text(view);
}

/**
 * Reads the port of an address.
 *
 * @param bytes a struct sockaddr_in or sockaddr_in6
 */
export function portOf(bytes: Uint8Array): number {
  return (bytes[2]! << 8) | bytes[3]!;
}

/**
 * Returns the text of an IP address.
 *
 * @param host the address
 */
export function hostText(host: Host): string {
  if (typeof host === "string") return host;
  return `${host >>> 24}.${(host >> 16) & 255}.${(host >> 8) & 255}.${
    host & 255
  }`;
}

/** The shortest form (RFC 5952), which the URL parser makes. */
function ipv6Text(view: DataView): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => view.getUint16(8 + 2 * i).toString(16),
  );
  return shortest(groups.join(":"));
}

function shortest(hostname: string): string {
  return new URL(`http://[${hostname}]`).hostname.slice(1, -1);
}

/** The eight groups of an IPv6 address. */
function groupsOf(hostname: string): number[] {
  const [front, back] = shortest(hostname).split("::").map((part) =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16))
  );
  if (back === undefined) return front!;
  const zeros = Array<number>(8 - front!.length - back.length).fill(0);
  return [...front!, ...zeros, ...back];
}
