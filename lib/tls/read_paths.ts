/**
 * Prints what `start:tls` may read, as the value of `--allow-read`: the files of
 * `TLS_CERT` and `TLS_KEY`.
 *
 * @module
 */

/**
 * The files as `--allow-read` takes them. The flag splits its value at commas, and
 * has no escape for them: of a path with a comma it gets the nearest directory
 * above that comma.
 *
 * @param paths at least one
 */
export function readPaths(paths: readonly string[]): string {
  return [...new Set(paths.map(withoutComma))].join(",");
}

function withoutComma(path: string): string {
  const comma = path.indexOf(",");
  if (comma < 0) return path;
  const directory = path.slice(0, comma).replace(/[^/\\]*$/, "");
  return directory === "" ? "." : directory;
}

if (import.meta.main) {
  const [cert, key] = ["TLS_CERT", "TLS_KEY"].map((name) =>
    Deno.env.get(name)?.trim()
  );
  if (cert) {
    console.log(readPaths(key ? [cert, key] : [cert]));
  } else {
    console.error(
      "ws_echo_server cannot start: TLS_CERT is not set: start:tls needs the " +
        "path of the certificate, and in TLS_KEY that of its key",
    );
    Deno.exit(1);
  }
}
