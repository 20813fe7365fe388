/**
 * What counts as one client: an IPv4 address, or the /64 that an IPv6 host has
 * for itself alone.
 *
 * @module
 */

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A port behind an address (RFC 7239 §6), or behind an IPv6 address in brackets. */
const PORT = /^(?:([\d.]+)|\[([^\]]*)\])(?::\d{1,5})?$/;

/** Longest text of an IPv6 address with its zone, brackets and port. */
const MAX_LENGTH = 96;

/**
 * The name under which an address is counted: `203.0.113.7`, or
 * `2001:db8:0:1::/64`. A port, brackets and a zone (RFC 4007 §11) do not count;
 * an IPv4 address that is written as an IPv6 one (RFC 4291 §2.5.5.2) does as the
 * former.
 *
 * @param text an IP address as a socket or a proxy writes it
 * @returns the name, or `undefined` where the text is no IP address
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

/** The eight groups of an IPv6 address; the URL parser knows its forms. */
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
