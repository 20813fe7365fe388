/**
 * The interfaces that the decoder reports to.
 *
 * @module
 */

/** Gets the frames of a {@linkcode Decoder}. */
export interface FrameSink {
  /**
   * A frame, or a piece of one, has arrived: unmasked, checked, at
   * `bytes[start, end)` of the memory given to {@linkcode Decoder.decode}.
   *
   * @param opcode the frame's opcode, 0 to 10
   * @param final whether FIN is set and nothing of the frame is left
   * @param start the first byte of the payload, or of the piece
   * @param end the byte after it
   * @param length bytes of the frame's whole payload
   * @param left bytes of it that are still to come
   * @returns false to stop decoding after this frame
   */
  frame(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): boolean;

  /**
   * Called after {@linkcode Decoder.stride} frames, where more bytes have arrived.
   *
   * @returns false to stop decoding
   */
  hasTime?(): boolean;

  /**
   * The client broke a rule; nothing is decoded any more.
   *
   * @param code the close code
   * @param reason the rule in a few words
   */
  fault(code: number, reason: string): void;
}

/** Gets the compressed messages of a {@linkcode Decoder}. */
export interface DeflatedSink {
  /**
   * A piece of a compressed message has arrived: unmasked, and not checked.
   *
   * @param opcode the frame's opcode, 0 to 2
   * @param start the first byte of the piece
   * @param end the byte after it
   * @param endsFrame whether the frame ends with it
   * @param endsMessage whether the message ends with it
   * @returns false to stop decoding after this piece
   */
  deflated(
    opcode: number,
    start: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean;
}
