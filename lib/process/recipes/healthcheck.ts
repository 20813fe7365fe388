/**
 * The health check of the container: exits with 0 if the edge listener answers at
 * `/livez`. With TLS it checks that the port accepts connections, because the name in
 * the certificate is not `localhost`.
 *
 * @module
 */

/** Milliseconds that an answer may take. */
const TIMEOUT = 4000;

/** The addresses of this machine that the listener may be bound to. */
const HOSTS = ["127.0.0.1", "[::1]"];

async function isAlive(
  host: string,
  port: number,
  isSecure: boolean,
): Promise<boolean> {
  if (isSecure) {
    using _conn = await Deno.connect({
      hostname: host.replace(/[[\]]/g, ""),
      port,
    });
    return true;
  }
  const response = await fetch(`http://${host}:${port}/livez`, {
    signal: AbortSignal.timeout(TIMEOUT),
  });
  await response.body?.cancel();
  return response.ok;
}

if (import.meta.main) {
  const port = Number(Deno.env.get("PORT") || 8000);
  const isSecure = ![undefined, "", "off"].includes(Deno.env.get("TLS_CERT"));
  const checks = HOSTS.map((host) =>
    isAlive(host, port, isSecure).catch(() => false)
  );
  const alive = (await Promise.all(checks)).includes(true);
  Deno.exit(alive ? 0 : 1);
}
