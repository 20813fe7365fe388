/**
 * Text for compressed messages.
 *
 * @module
 */

/**
 * JSON records with different values.
 *
 * @param size bytes of the text
 */
export function json(size: number): string {
  const records: string[] = [];
  let length = 2;
  for (let i = 0; length < size; i++) {
    const record = JSON.stringify({
      id: i,
      name: `sensor-${(i * 7919) % 1000}`,
      time: new Date(1_700_000_000_000 + i * 61_803).toISOString(),
      value: Math.round(Math.sin(i) * 1e6) / 1e4,
      ok: i % 7 !== 0,
    });
    records.push(record);
    length += record.length + 1;
  }
  return `[${records.join(",")}]`.slice(0, size);
}
