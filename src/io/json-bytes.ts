/**
 * JSON read from UTF-8 bytes, for headers of untrusted files. `JSON.parse` will not do: it takes 8.0 and 2^53 + 1 for
 * integers, drops a field that comes twice, lets lone surrogates pass, and builds all of a hostile text in memory.
 */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Arrays and objects in each other. */
const DEEPEST = 127;
const LONGEST_NUMBER = 1000;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A place in a JSON text that moves on with each value read. `what` names the text in errors. All methods throw
 * FormatError, with the byte, when the text is no JSON or goes on with another kind of value.
 */
export class JsonBytes {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;
  #depth = 0;
  readonly #mostText: number;
  #textLeft: number;

  /** `mostText`: bytes of all strings together. */
  constructor(bytes: Uint8Array, what: string, mostText: number) {
    this.#bytes = bytes;
    this.#what = what;
    this.#mostText = mostText;
    this.#textLeft = mostText;
    const invalid = invalidUtf8(bytes);
    if (invalid >= 0) throw new FormatError(`${what} is not UTF-8: ${hex(bytes[invalid])} at byte ${invalid}.`);
  }

  /** The keys of an object, one after the other; the value of each is read before the next. */
  *keys(): Generator<string> {
    for (const _ of this.#items(0x7b, 0x7d, "an object")) {
      const key = this.string();
      this.#expect(COLON, '":"');
      yield key;
    }
  }

  /** The indices of an array, one after the other; the value of each is read before the next. */
  *indices(): Generator<number> {
    yield* this.#items(0x5b, 0x5d, "an array");
  }

  string(): string {
    this.#expect(QUOTE, "a string");
    const start = this.#at;
    let isEscaped = false;
    for (let byte = this.#bytes[start]; byte !== QUOTE; byte = this.#bytes[++this.#at]) {
      if (byte === undefined || byte < 0x20) this.#fail("the end of a string");
      if (byte !== BACKSLASH) continue;
      isEscaped = true;
      this.#at++;
    }
    this.#textLeft -= this.#at - start;
    if (this.#textLeft < 0) {
      throw new FormatError(`${this.#what} has more than ${this.#mostText} bytes of text in its strings.`);
    }
    const text = decoder.decode(this.#bytes.slice(start, this.#at++));
    return isEscaped ? this.#unescape(text, start) : text;
  }

  /** A number as it is written. */
  number(): string {
    let text = "";
    for (let byte = this.#peek(); isOfNumber(byte) && text.length < LONGEST_NUMBER; byte = this.#bytes[++this.#at]) {
      text += String.fromCharCode(byte);
    }
    if (text === "") this.#fail("a number");
    if (NUMBER.test(text) && Number.isFinite(Number(text))) return text;
    throw this.#error(this.#at - text.length, "a number", describe(text));
  }

  /** Passes a null, if there is one. */
  isNull(): boolean {
    if (this.#peek() !== 0x6e) return false;
    this.#word("null");
    return true;
  }

  /** Passes a value of any kind, which must be JSON too. */
  skip(): void {
    switch (this.#peek()) {
      case 0x7b:
        for (const _ of this.keys()) this.skip();
        return;
      case 0x5b:
        for (const _ of this.indices()) this.skip();
        return;
      case QUOTE:
        this.string();
        return;
      case 0x6e:
        this.#word("null");
        return;
      case 0x74:
        this.#word("true");
        return;
      case 0x66:
        this.#word("false");
        return;
      default:
        if (!isOfNumber(this.#peek())) this.#fail("a value");
        this.number();
    }
  }

  /** Throws if anything but white space follows. */
  end(): void {
    if (this.#peek() !== undefined) this.#fail("to end");
  }

  *#items(open: number, close: number, kind: string): Generator<number> {
    this.#expect(open, kind);
    if (++this.#depth > DEEPEST) throw new FormatError(`${this.#what} is nested deeper than ${DEEPEST} levels.`);
    for (let index = 0; index > 0 || this.#peek() !== close; index++) {
      yield index;
      if (this.#peek() === close) break;
      this.#expect(COMMA, `"," or the end of ${kind}`);
    }
    this.#at++;
    this.#depth--;
  }

  #unescape(text: string, start: number): string {
    let unescaped: string | undefined;
    try {
      unescaped = JSON.parse(`"${text}"`) as string;
    } catch {}
    if (unescaped !== undefined && !LONE_SURROGATE.test(unescaped)) return unescaped;
    throw this.#error(start - 1, "a string of known escapes without lone surrogates", describe(text));
  }

  #word(word: string): void {
    for (const letter of word) this.#expect(letter.charCodeAt(0), word, this.#bytes[this.#at]);
  }

  #expect(wanted: number, name: string, byte: number | undefined = this.#peek()): void {
    if (byte !== wanted) this.#fail(name);
    this.#at++;
  }

  /** The next byte that is no white space; undefined at the end. */
  #peek(): number | undefined {
    let byte = this.#bytes[this.#at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.#bytes[++this.#at];
    return byte;
  }

  #fail(wanted: string): never {
    const byte = this.#bytes[this.#at];
    const isPrintable = byte !== undefined && byte > 0x20 && byte < 0x7f;
    const got = byte === undefined ? "the end" : isPrintable ? `'${String.fromCharCode(byte)}'` : hex(byte);
    throw this.#error(this.#at, wanted, got);
  }

  #error(at: number, wanted: string, got: string): FormatError {
    return new FormatError(`${this.#what} needs ${wanted} at byte ${at}, got ${got}.`);
  }
}

/** Offset of the first character that is no UTF-8 (RFC 3629: no overlong forms, no surrogates), or -1. */
function invalidUtf8(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] ?? 0;
    if (first < 0x80) {
      i++;
      continue;
    }
    const length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    const second = bytes[i + 1] ?? 0;
    if (length === 0 || second < least || second > most) return i;
    for (let k = 2; k < length; k++) if ((bytes[i + k] ?? 0) >> 6 !== 2) return i;
    i += length;
  }
  return -1;
}

function isOfNumber(byte: number | undefined): byte is number {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, "0")}`;
}
