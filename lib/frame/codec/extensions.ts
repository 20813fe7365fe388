/**
 * `Sec-WebSocket-Extensions` by its grammar (RFC 6455 §9.1).
 *
 * @module
 */

/** An extension as it is offered: its name and its parameters. */
export interface ExtensionOffer {
  /** The extension's token. */
  readonly name: string;
  /**
   * The parameters in their order, doubled ones too; `true` stands for one
   * without a value.
   */
  readonly parameters: readonly (readonly [
    name: string,
    value: string | true,
  ])[];
}

/** A token of RFC 9110 §5.6.2. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** What stands between two parts (RFC 9110 §5.6.3). */
const BLANKS = /[ \t]*/y;

/**
 * Reads the field.
 *
 * @param field its value, repeated fields joined by `, `; null: there is none
 * @returns the offers in their order, or `undefined` where the field does not
 * keep to the grammar, which fails the handshake (RFC 6455 §9.1)
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

/** Reads a field from left to right; blanks around the parts do not count. */
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

  /** Skips a character if it is the next one; returns whether it was. */
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

  /** A token, or a quoted string that holds one (RFC 6455 §9.1). */
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
