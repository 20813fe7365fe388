/**
 * An echo server on crossws and Deno. Argument: the path of `node_modules`.
 *
 * @module
 */

/** The used part of crossws's peer. */
interface Peer {
  send(data: string | Uint8Array): void;
}

/** The used part of crossws's message. */
interface Message {
  readonly rawData: string | Uint8Array;
}

const [modules] = Deno.args;
const { default: crossws } = await import(
  `file://${modules}/crossws/dist/adapters/deno.mjs`
);
const adapter = crossws({
  hooks: {
    message: (peer: Peer, message: Message) => peer.send(message.rawData),
  },
});
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`listening on port ${port}`),
}, (request, info) => adapter.handleUpgrade(request, info));
