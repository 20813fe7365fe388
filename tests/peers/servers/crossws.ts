/**
 * An echo on crossws, on Deno. Argument: where crossws is.
 *
 * @module
 */

/** What is used of crossws. */
interface Peer {
  send(data: string | Uint8Array): void;
}

/** The same. */
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
