/** A charge that remembers its largest value. */
export class FakeCharge {
  /** Bytes that are charged. */
  bytes = 0;
  /** The largest number of bytes so far. */
  most = 0;

  /** Adds bytes. */
  add(bytes: number): void {
    this.bytes += bytes;
    this.most = Math.max(this.most, this.bytes);
  }
}
