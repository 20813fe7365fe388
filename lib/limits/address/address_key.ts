/**
 * Names of addresses for counting: an IPv4 address, or the /64 of an IPv6 address,
 * since one host usually has a whole /64.
 *
 * @module
 */

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** An IPv4 address, or an IPv6 address in brackets, with or without a port (RFC 7239 §6). */
const PORT = /^(?:([\d.]+)|\[([^\]]*)\])(?::\d{1,5})?$/;

/** Characters of an IPv6 address with its zone, brackets and port, at most. */
const MAX_LENGTH = 96;

/**
 * Returns the name under which an address is counted: `203.0.113.7`, or
 * `2001:db8:0:1::/64`. Ports, brackets and zones (RFC 4007 §11) are ignored. An
 * IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) has the name of the IPv4 address.
 *
 * @param text an IP address as a socket or a proxy writes it
 * @returns the name, or `undefined` if the text is no IP address
 */
export function addressKey(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const match = PORT.exec(text);
  if (match?.[1] !== undefined) return ipv4Key(match[1]);
  return ipv6Key(match?.[2] ?? text);
}

function ipv4Key(text: string): string | undefined {
  if (!IPV4.test(text)) return undefined;
  const isDecimal = text.split(".").every((part) =>
    String(Number(part)) === part && Number(part) <= 255
  );
  return isDecimal ? text : undefined;
}

function ipv6Key(text: string): string | undefined {
  const zone = text.indexOf("%");
  const groups = ipv6Groups(zone < 0 ? text : text.slice(0, zone));
  if (groups === undefined) return undefined;
  if (groups.slice(0, 5).every((group) => group === 0)) {
    const [mapped, high, low] = groups.slice(5) as [number, number, number];
    if (mapped === 0xffff) {
      return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
    }
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}

/** Returns the eight groups of an IPv6 address, in any form that the URL parser accepts. */
function ipv6Groups(text: string): number[] | undefined {
  const url = `http://[${text}]`;
  if (!/^[\dA-Fa-f:.]+$/.test(text) || !URL.canParse(url)) return undefined;
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const front = groupsOf(head);
  const back = groupsOf(tail ?? "");
  const zeros = Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back];
}

function groupsOf(text: string): number[] {
  return text === ""
    ? []
    : text.split(":").map((group) => Number.parseInt(group, 16));
}
