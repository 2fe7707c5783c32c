/** The generator behind weights, shuffles and samples: the same numbers on every engine. */
import { OptionError } from "./errors.ts";
import { log } from "./math/log.ts";
import { integer } from "./options.ts";

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
const GOLDEN = 0x9e3779b9;

type Words = [number, number, number, number];

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021): period 2^128 - 1,
 * all arithmetic in 32-bit integers and float64 + - * / sqrt. Not for secrets.
 *
 * ```ts
 * const random = new Random(7);
 * const weights = random.fork("lstm"); // the same stream whatever else is drawn from other forks
 * ```
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** `seed`: an integer from 0 to 2^53 - 1; throws OptionError for anything else. */
  constructor(seed: number) {
    integer("Random", "seed", seed, 0);
    const words: Words = [0, 0, 0, 0];
    absorb(words, seed % TWO_32);
    absorb(words, Math.floor(seed / TWO_32));
    this.#set(words);
  }

  /** The whole state, four words: a copy. Setting throws OptionError unless it is four words that are not all zero. */
  get state(): Uint32Array {
    return Uint32Array.of(this.#a, this.#b, this.#c, this.#d);
  }

  set state(words: Uint32Array) {
    const [a = 0, b = 0, c = 0, d = 0] = words;
    if (words.length !== 4 || (a | b | c | d) === 0) {
      throw new OptionError(
        `A random state is four 32-bit words that are not all zero, got [${[...words].join(", ")}].`,
      );
    }
    this.#set([a, b, c, d]);
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const b = this.#b;
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const c = this.#c ^ this.#a;
    const d = this.#d ^ b;
    this.#b = b ^ c;
    this.#a ^= d;
    this.#c = c ^ (b << 9);
    this.#d = rotate(d, 11);
    return scrambled >>> 0;
  }

  /** A multiple of 2^-53 in [0, 1), scaled to [min, max). */
  uniform(min: number = 0, max: number = 1): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return min + (max - min) * ((high * 67108864 + low) / TWO_53);
  }

  /**
   * A number from the normal distribution of mean 0 and variance 1, by Marsaglia's polar method. The second number of
   * each pair is dropped, so that four words are the whole state.
   */
  normal(): number {
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * log(square)) / square);
    }
  }

  /** An integer from 0 to n - 1, each as likely; throws OptionError unless n is an integer from 1 to 2^32. */
  integer(n: number): number {
    return this.#below(integer("Random.integer", "n", n, 1, TWO_32));
  }

  /** Permutes in place, every order as likely (Fisher and Yates, from the end). */
  shuffle(items: Int32Array): void {
    for (let last = items.length - 1; last > 0; last--) {
      const chosen = this.#below(last + 1);
      const item = items[last] ?? 0;
      items[last] = items[chosen] ?? 0;
      items[chosen] = item;
    }
  }

  /**
   * An independent generator, decided by this one's state and the label; this one is not advanced. Labels are
   * strings or integers from 0 to 2^53 - 1 (OptionError); 1 and "1" differ.
   */
  fork(label: string | number): Random {
    const words: Words = [this.#a, this.#b, this.#c, this.#d];
    if (typeof label === "string") {
      absorb(words, label.length);
      for (let i = 0; i < label.length; i++) absorb(words, label.charCodeAt(i));
    } else {
      integer("Random.fork", "label", label, 0);
      absorb(words, TWO_32 - 1);
      absorb(words, label % TWO_32);
      absorb(words, Math.floor(label / TWO_32));
    }
    const forked = new Random(0);
    forked.#set(words);
    return forked;
  }

  #set([a, b, c, d]: Words): void {
    // All zeros is the one state that xoshiro never leaves.
    this.#a = (a | b | c | d) === 0 ? 1 : a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
  }

  /** Draws past the largest multiple of n are dropped, since they would favour small numbers. */
  #below(n: number): number {
    const bound = TWO_32 - (TWO_32 % n);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < bound) return drawn % n;
    }
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Stirs a 32-bit value into the words, twice around so that each depends on all; invertible, so no state is lost. */
function absorb(words: Words, value: number): void {
  let carry = value;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) {
      carry = mix(carry ^ ((words[i as 0 | 1 | 2 | 3] + Math.imul(GOLDEN, 4 * round + i + 1)) | 0));
      words[i as 0 | 1 | 2 | 3] = carry;
    }
  }
}

/** The finalizer of MurmurHash3 (Appleby): a bijection of 32-bit words. */
function mix(word: number): number {
  const a = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
}
