/**
 * The system calls of the native transport, through FFI: Linux on x86-64 and arm64.
 *
 * The runtime compiles these calls into machine code: one costs about 10 ns in addition to
 * the system call. A `buffer` argument costs no more than an address.
 *
 * @module
 */

/** The calls, by their names in C. */
export const CALLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  // The lengths are of type size_t: an argument of type u32 is extended with zeros.
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  ppoll: { parameters: ["buffer", "u32", "buffer", "usize"], result: "i32" },
  /** Waits in another thread. */
  poll: {
    parameters: ["buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** The loaded library. */
export type Library = Deno.DynamicLibrary<typeof CALLS>;

/** The calls; valid between {@linkcode retainLibc} and {@linkcode releaseLibc}. */
export let libc: Library["symbols"];

let library: Library | undefined;
let users = 0;
let errnoView: Deno.UnsafePointerView;

/**
 * Loads the library for one more user.
 *
 * @throws {Deno.errors.NotCapable} `--allow-ffi` is missing
 */
export function retainLibc(): void {
  if (library === undefined) {
    library = Deno.dlopen("libc.so.6", CALLS);
    libc = library.symbols;
    errnoView = new Deno.UnsafePointerView(libc.__errno_location()!);
  }
  users++;
}

/** Unloads the library after its last user. */
export function releaseLibc(): void {
  if (--users > 0) return;
  library!.close();
  library = undefined;
}

/** The error number of the last call, which has returned -1. */
export function errno(): number {
  return errnoView.getInt32();
}
