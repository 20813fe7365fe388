/**
 * An entry of a wire log.
 *
 * @module
 */

/** An entry. `at` is in milliseconds since the end of the opening handshake. */
export type LogEntry =
  & { readonly at: number }
  & (
    | {
      /** Bytes of one read or one write. */
      readonly kind: "octets";
      /** Direction. */
      readonly sent: boolean;
      /** Number of bytes. */
      readonly length: number;
      /** The first bytes, in hexadecimal digits. */
      readonly head: string;
      /** A write of its own: a part of a frame, or a frame that is not joined. */
      readonly alone?: boolean;
    }
    | {
      /** A frame. */
      readonly kind: "frame";
      /** Direction. */
      readonly sent: boolean;
      /** 0 to 15. */
      readonly opcode: number;
      /** The FIN bit. */
      readonly final: boolean;
      /** 0 to 7; RSV1 is 4. */
      readonly rsv: number;
      /** Bytes of the payload. */
      readonly length: number;
      /** The payload's first bytes, unmasked, in hexadecimal digits. */
      readonly head: string;
      /** The masking key in hexadecimal digits; unset: not masked. */
      readonly mask?: string | undefined;
      /** Bytes of each write. */
      readonly chop?: number | undefined;
      /** A write of its own. */
      readonly alone?: boolean | undefined;
    }
    | {
      /** The start of a wait. */
      readonly kind: "wait";
      /** At most this time. */
      readonly seconds: number;
      /** Its name. */
      readonly tag?: string | undefined;
    }
    | {
      /** The end of a wait. */
      readonly kind: "wait over";
      /** Its name. */
      readonly tag?: string | undefined;
    }
    | {
      /** A time limit: after it, the engine fails or closes the connection. */
      readonly kind: "limit";
      /** What the engine does then. */
      readonly action: "fail" | "close";
      /** The limit. */
      readonly seconds: number;
    }
    | {
      /** A time limit has passed. */
      readonly kind: "limit over";
      /** What the engine does. */
      readonly action: "fail" | "close";
    }
    | {
      /** Frames and bytes are not logged, or again logged, from here on. */
      readonly kind: "logging";
      /** Whether they are. */
      readonly enabled: boolean;
    }
    | {
      /** The end of TCP. */
      readonly kind: "end";
      /** The side that ended it. */
      readonly by: "engine" | "peer";
    }
  );

/** An entry without its time. */
export type NewLogEntry = WithoutTime<LogEntry>;

/** Removes the time from each kind of entry. */
export type WithoutTime<Entry> = Entry extends unknown ? Omit<Entry, "at">
  : never;
