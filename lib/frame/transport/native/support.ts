/**
 * Whether this process can use native sockets.
 *
 * @module
 */

/**
 * Checks the machine and the permission.
 *
 * @throws {Error} native sockets cannot be used; the message says why
 */
export function checkNativeSockets(): void {
  const { os, arch } = Deno.build;
  if (os !== "linux" || (arch !== "x86_64" && arch !== "aarch64")) {
    throw new Error("needs Linux on x86-64 or arm64");
  }
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Error("needs --allow-ffi: start with `deno task start`");
  }
}
