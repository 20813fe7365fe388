import { assertEquals, assertMatch } from "@std/assert";
import { readPaths } from "../../../lib/tls/read_paths.ts";
import { testWith } from "../../permissions.ts";

for (
  const [paths, value] of [
    [["/etc/cert.pem", "/etc/key.pem"], "/etc/cert.pem,/etc/key.pem"],
    [["/etc/both.pem"], "/etc/both.pem"],
    [["/etc/both.pem", "/etc/both.pem"], "/etc/both.pem"],
    [["/etc/a,b/cert.pem", "/etc/key.pem"], "/etc/,/etc/key.pem"],
    [["/etc/ssl/a,b.pem", "/etc/ssl/c,d.pem"], "/etc/ssl/"],
    [["certs/a,b.pem"], "certs/"],
    [["a,b/cert.pem"], "."],
    [["C:\\certs\\a,b.pem"], "C:\\certs\\"],
  ] as const
) {
  Deno.test(`readPaths() of ${paths.join(" and ")}`, () => {
    assertEquals(readPaths(paths), value);
  });
}

for (
  const [env, code, out, error] of [
    [{ TLS_CERT: "c", TLS_KEY: "k" }, 0, "c,k\n", /^$/],
    [{ TLS_CERT: "c", TLS_KEY: "" }, 0, "c\n", /^$/],
    [
      { TLS_CERT: "", TLS_KEY: "k" },
      1,
      "",
      /^[^\n]*TLS_CERT is not set[^\n]*\n$/,
    ],
    [
      { TLS_CERT: "", TLS_KEY: "" },
      1,
      "",
      /^[^\n]*TLS_CERT is not set[^\n]*\n$/,
    ],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `read_paths.ts with ${JSON.stringify(env)} exits with ${code}`,
    async () => {
      const ended = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-config",
          "--no-prompt",
          "--allow-env=TLS_CERT,TLS_KEY",
          "lib/tls/read_paths.ts",
        ],
        cwd: new URL("../../../", import.meta.url),
        env: { ...env, NO_COLOR: "1" },
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assertEquals([ended.code, text(ended.stdout)], [code, out]);
      assertMatch(text(ended.stderr), error);
    },
  );
}
