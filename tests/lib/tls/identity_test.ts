import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { TlsError } from "../../../lib/tls/error.ts";
import {
  expiryNotice,
  readIdentity,
  type TlsFiles,
} from "../../../lib/tls/identity.ts";
import { makeChain, openssl } from "../../integration/support/chain.ts";
import { testWith } from "../../permissions.ts";

const NEEDS = { read: true, write: true, run: true } as const;

const DAY = 24 * 60 * 60 * 1000;

function after(days: number): Date {
  return new Date(Date.now() + days * DAY);
}

function faultOf(files: TlsFiles, now = new Date()): string {
  return assertThrows(() => readIdentity(files, now), TlsError).variableMessage;
}

testWith(NEEDS, "readIdentity() reads a chain and its key", async () => {
  await using chain = await makeChain("server", 30);
  const { cert, key, expires } = readIdentity(chain);
  assertEquals(cert, await Deno.readTextFile(chain.cert));
  assertEquals(key, await Deno.readTextFile(chain.key));
  assert(Math.abs(expires.getTime() - after(30).getTime()) < DAY);
});

testWith(
  NEEDS,
  "readIdentity() throws one line for unusable files",
  async (t: Deno.TestContext) => {
    await using chain = await makeChain("server", 30);
    const { cert, key, directory } = chain;
    const file = async (name: string, content: string) => {
      const path = `${directory}/${name}`;
      await Deno.writeTextFile(path, content);
      return path;
    };
    const leaf = await Deno.readTextFile(`${directory}/server.pem`);
    const intermediate = await Deno.readTextFile(chain.intermediate);
    const reversed = await file("reversed.pem", intermediate + leaf);
    const damaged = await file(
      "damaged.pem",
      leaf.replace(/\n.{40}/, `\n${"A".repeat(40)}`),
    );
    const text = await file("text.pem", "hello\n");
    const brokenKey = await file(
      "broken.key",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    const encrypted = `${directory}/encrypted.key`;
    await openssl(
      "pkcs8",
      "-topk8",
      "-in",
      key,
      "-out",
      encrypted,
      "-passout",
      "pass:secret",
    );

    const cases: readonly [string, TlsFiles, RegExp][] = [
      [
        "missing certificate",
        { cert: "/no/such", key },
        /^TLS_CERT: \/no\/such does not exist$/,
      ],
      [
        "missing key",
        { cert, key: "/no/such" },
        /^TLS_KEY: \/no\/such does not exist$/,
      ],
      ["directory", { cert: directory, key }, /^TLS_CERT: \S+ is a directory$/],
      [
        "no certificate",
        { cert: text, key },
        /^TLS_CERT: \S+ holds no certificate in PEM$/,
      ],
      [
        "damaged certificate",
        { cert: damaged, key },
        /^TLS_CERT: \S+ holds a damaged certificate$/,
      ],
      [
        "no key",
        { cert, key: text },
        /^TLS_KEY: \S+ holds no private key in PEM$/,
      ],
      [
        "damaged key",
        { cert, key: brokenKey },
        /^TLS_KEY: \S+ holds a damaged private key$/,
      ],
      [
        "encrypted key",
        { cert, key: encrypted },
        /^TLS_KEY: \S+ is encrypted, /,
      ],
      [
        "another's key",
        { cert, key: `${directory}/root.key` },
        /^TLS_KEY: \S+ is not the key of the certificate in \S+$/,
      ],
      [
        "intermediate first",
        { cert: reversed, key },
        /^TLS_CERT: \S+ has to begin with the server's own certificate/,
      ],
    ];
    for (const [fault, files, line] of cases) {
      await t.step(fault, () => assertMatch(faultOf(files), line));
    }
    await t.step("expired", () => {
      assertMatch(
        faultOf(chain, after(31)),
        /^TLS_CERT: the certificate of CN=server in \S+ expired on \d{4}-\d\d-\d\d$/,
      );
    });
    await t.step("not valid yet", () => {
      assertMatch(
        faultOf(chain, after(-1)),
        /^TLS_CERT: .* is valid only from \d{4}-\d\d-\d\d$/,
      );
    });
    await t.step("an error shows nothing of a key", () => {
      assert(!faultOf({ cert, key: brokenKey }).includes("AAAA"));
    });
  },
);

Deno.test("readIdentity() names a file that this user may not read", () => {
  const { readTextFileSync } = Deno;
  Deno.readTextFileSync = () => {
    throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
  };
  try {
    assertEquals(
      faultOf({ cert: "/cert", key: "/key" }),
      "TLS_CERT: /cert may not be read by this user",
    );
  } finally {
    Deno.readTextFileSync = readTextFileSync;
  }
});

for (
  const [days, notice] of [
    [15, undefined],
    [13.5, /in 13 days: renew it and send SIGHUP$/],
    [0.5, /in 0 days/],
    [-1, /^The certificate expired on /],
  ] as const
) {
  Deno.test(`expiryNotice() ${days} days before the expiry date`, () => {
    const now = new Date("2030-01-01T00:00:00Z");
    const expires = new Date(now.getTime() + days * DAY);
    const warning = expiryNotice({ expires }, now);
    if (notice === undefined) assertEquals(warning, undefined);
    else assertMatch(warning!, notice);
  });
}

testWith({ read: true }, "a TlsError names the options of serve()", () => {
  const files = { cert: "/no/such", key: "/no/such" };
  const error = assertThrows(() => readIdentity(files), TlsError);
  assertEquals(
    [error.message, error.variableMessage],
    [
      "tls.cert: /no/such does not exist",
      "TLS_CERT: /no/such does not exist",
    ],
  );
});
