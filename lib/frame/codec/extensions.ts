/**
 * Parses `Sec-WebSocket-Extensions`
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}).
 *
 * @module
 */

/** An extension that a client offers. */
export interface ExtensionOffer {
  /** The extension's token. */
  readonly name: string;
  /**
   * The parameters in their order, repeated ones included. `true`: the parameter has
   * no value.
   */
  readonly parameters: readonly (readonly [
    name: string,
    value: string | true,
  ])[];
}

/** A token (RFC 9110 §5.6.2). */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** Optional whitespace (RFC 9110 §5.6.3). */
const BLANKS = /[ \t]*/y;

/**
 * Parses the field.
 *
 * @param field its value, repeated fields joined by `, `; null: no field
 * @returns the offers in their order; `undefined` where the field is malformed,
 * which fails the handshake
 */
export function parseExtensions(
  field: string | null,
): ExtensionOffer[] | undefined {
  if (field === null) return [];
  const reader = new Reader(field);
  const offers: ExtensionOffer[] = [];
  do {
    // Empty elements of a list are ignored (RFC 9110 §5.6.1.2).
    if (reader.isAt(",") || reader.isAtEnd) continue;
    const offer = readOffer(reader);
    if (offer === undefined) return undefined;
    offers.push(offer);
  } while (reader.skip(","));
  return reader.isAtEnd ? offers : undefined;
}

function readOffer(reader: Reader): ExtensionOffer | undefined {
  const name = reader.token();
  if (name === undefined) return undefined;
  const parameters: [string, string | true][] = [];
  while (reader.skip(";")) {
    const parameter = reader.token();
    if (parameter === undefined) return undefined;
    const value = reader.skip("=") ? reader.value() : true;
    if (value === undefined) return undefined;
    parameters.push([parameter, value]);
  }
  return { name, parameters };
}

/** Reads a field from left to right, and skips whitespace. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#match(BLANKS);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  isAt(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** Skips a character; returns false where another one is next. */
  skip(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.#at++;
    this.#match(BLANKS);
    return true;
  }

  token(): string | undefined {
    const token = this.#match(TOKEN);
    this.#match(BLANKS);
    return token;
  }

  /** A token, or a quoted string that contains one (RFC 6455 §9.1). */
  value(): string | undefined {
    return this.isAt('"') ? this.#quoted() : this.token();
  }

  #quoted(): string | undefined {
    let content = "";
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!;
      if (character === '"') {
        this.#at = at + 1;
        this.#match(BLANKS);
        TOKEN.lastIndex = 0;
        return TOKEN.exec(content)?.[0] === content ? content : undefined;
      }
      content += character === "\\" ? this.#text[++at] ?? "" : character;
    }
    return undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
