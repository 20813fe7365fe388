/**
 * Tests that need permissions, or an operating system. Without them a test is ignored
 * and its name says what is missing, so that plain `deno test` passes, on macOS and
 * Windows, too.
 *
 * @module
 */

/** The needs of a test; of a permission `true` for all, or one path, host, program or variable. */
export interface Needs {
  /** Reading files. */
  readonly read?: true | string;
  /** Writing files. */
  readonly write?: true | string;
  /** The network; a string is a host, with or without a port. */
  readonly net?: true | string;
  /** Running programs. */
  readonly run?: true | string;
  /** Environment variables. */
  readonly env?: true | string;
  /** Signals to other processes, which Windows does not have. */
  readonly signals?: true;
  /** Linux: /proc, network namespaces and the like. */
  readonly linux?: true;
}

/** A test's body, or its definition without the name. */
export type Test =
  | ((context: Deno.TestContext) => void | Promise<void>)
  | Omit<Deno.TestDefinition, "name">;

/**
 * Whether all of the permissions are granted.
 *
 * @param descriptors the permissions
 */
export function permitted(
  ...descriptors: Deno.PermissionDescriptor[]
): boolean {
  return descriptors.every((descriptor) =>
    Deno.permissions.querySync(descriptor).state === "granted"
  );
}

/**
 * Registers a test that is ignored where one of its needs is missing.
 *
 * @param needs the permissions and the operating system
 * @param name the test's name
 * @param test the body, or a definition without the name
 */
export function testWith(needs: Needs, name: string, test: Test): void {
  const definition = typeof test === "function" ? { fn: test } : test;
  const missing = [
    ...descriptors(needs)
      .filter((descriptor) => !permitted(descriptor))
      .map((descriptor) => `--allow-${descriptor.name}`),
    ...missingFeatures(needs),
  ];
  if (missing.length === 0) {
    Deno.test({ ...definition, name });
  } else {
    Deno.test({
      ...definition,
      name: `${name} (ignored: needs ${missing.join(" ")})`,
      ignore: true,
    });
  }
}

/** What the operating system lacks. */
function missingFeatures({ signals, linux }: Needs): string[] {
  const { os } = Deno.build;
  return [
    ...(signals && os === "windows" ? ["signals"] : []),
    ...(linux && os !== "linux" ? ["Linux"] : []),
  ];
}

function descriptors(needs: Needs): Deno.PermissionDescriptor[] {
  const { read, write, net, run, env } = needs;
  const found: Deno.PermissionDescriptor[] = [];
  if (read) found.push({ name: "read", ...narrowed("path", read) });
  if (write) found.push({ name: "write", ...narrowed("path", write) });
  if (net) found.push({ name: "net", ...narrowed("host", net) });
  if (run) found.push({ name: "run", ...narrowed("command", run) });
  if (env) found.push({ name: "env", ...narrowed("variable", env) });
  return found;
}

function narrowed<Key extends string>(
  key: Key,
  need: true | string,
): { [K in Key]?: string } {
  return (need === true ? {} : { [key]: need }) as { [K in Key]?: string };
}
