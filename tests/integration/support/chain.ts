/**
 * Certificate chains of root, intermediate and server certificate, made by openssl.
 *
 * @module
 */

/** A chain in files; disposal deletes them. */
export interface Chain extends AsyncDisposable {
  /** The common name of the server's certificate. */
  readonly name: string;
  /** The root certificate in PEM, which clients have to trust. */
  readonly root: string;
  /** Path of the server's certificate, followed by the intermediate one. */
  readonly cert: string;
  /** Path of the server's key. */
  readonly key: string;
  /** Path of the intermediate certificate. */
  readonly intermediate: string;
  /** Path of the directory that holds the files. */
  readonly directory: string;
}

const AUTHORITY =
  "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
const SERVER =
  "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n";

/**
 * Makes a chain for `localhost` and 127.0.0.1.
 *
 * @param name common name of the server's certificate
 * @param days days until it expires
 */
export async function makeChain(name = "server", days = 90): Promise<Chain> {
  const directory = await Deno.makeTempDir({ prefix: "chain-" });
  const path = (file: string) => `${directory}/${file}`;
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
  ];

  /** Makes a key and a certificate, signed by an issuer. */
  const issue = async (
    id: string,
    subject: string,
    issuer: string,
    extensions: string,
  ) => {
    await Deno.writeTextFile(path(`${id}.ext`), extensions);
    await openssl(
      "req",
      ...key,
      "-keyout",
      path(`${id}.key`),
      "-out",
      path(`${id}.csr`),
      "-subj",
      `/CN=${subject}`,
    );
    const signer = id === issuer ? ["-signkey", path(`${id}.key`)] : [
      "-CA",
      path(`${issuer}.pem`),
      "-CAkey",
      path(`${issuer}.key`),
      "-CAcreateserial",
    ];
    await openssl(
      "x509",
      "-req",
      "-in",
      path(`${id}.csr`),
      ...signer,
      "-days",
      String(days),
      "-extfile",
      path(`${id}.ext`),
      "-out",
      path(`${id}.pem`),
    );
  };
  await issue("root", `root of ${name}`, "root", AUTHORITY);
  await issue("intermediate", `intermediate of ${name}`, "root", AUTHORITY);
  await issue("server", name, "intermediate", SERVER);
  const pem = (id: string) => Deno.readTextFile(path(`${id}.pem`));
  await Deno.writeTextFile(
    path("chain.pem"),
    await pem("server") + await pem("intermediate"),
  );
  return {
    name,
    root: await pem("root"),
    cert: path("chain.pem"),
    key: path("server.key"),
    intermediate: path("intermediate.pem"),
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/**
 * Makes a certificate that the runtime refuses: X.509 v1, without extensions.
 *
 * @param directory for the files
 */
export async function makeOldCertificate(
  directory: string,
): Promise<{ cert: string; key: string }> {
  const [cert, key, csr] = ["old.pem", "old.key", "old.csr"].map((name) =>
    `${directory}/${name}`
  ) as [string, string, string];
  const make = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", csr];
  await openssl("req", ...make, "-subj", "/CN=localhost");
  const sign = ["-signkey", key, "-days", "90", "-out", cert];
  await openssl("x509", "-req", "-in", csr, ...sign);
  return { cert, key };
}

/**
 * Runs openssl.
 *
 * @param args its arguments
 * @throws {Error} openssl failed
 */
export async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
