/**
 * Prints what `start:redis` may reach, as a value of `--allow-net`: `BUS_HOST` or,
 * where that is not set, host and port of `BUS`.
 *
 * @module
 */

/**
 * Host and port of a bus.
 *
 * @param bus the value of `BUS`
 * @returns `undefined` where it is no URL of Redis
 */
export function busHost(bus: string): string | undefined {
  const url = /^rediss?:/.test(bus) ? URL.parse(bus) : null;
  return url?.host || undefined;
}

if (import.meta.main) {
  const [host, bus] = ["BUS_HOST", "BUS"].map((name) =>
    Deno.env.get(name)?.trim() ?? ""
  ) as [string, string];
  const found = host || busHost(bus);
  if (found) {
    console.log(found);
  } else {
    console.error(
      "ws_echo_server cannot start: BUS is not set: start:redis needs a URL " +
        "such as redis://127.0.0.1:6379",
    );
    Deno.exit(1);
  }
}
