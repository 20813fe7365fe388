/**
 * Sockets that the runtime keeps. A peer that is closed while it reads nothing
 * stays connected, with all that was written to it, until it leaves: no call of
 * the runtime's ends it (see hard_close.ts), and no event tells that it has read
 * everything. What does is that the runtime lets go of its object.
 *
 * @module
 */

const kept = new FinalizationRegistry<() => void>((leave) => leave());

/**
 * Keeps a peer's place taken until the runtime has let go of its socket, at the
 * first garbage collection after that: who comes again and again without leaving
 * is refused before that takes all memory.
 *
 * @param socket has had its close event
 * @param leave gives the place back; must not refer to the socket
 */
export function leaveWithRuntime(socket: WebSocket, leave: () => void): void {
  kept.register(socket, leave);
}
