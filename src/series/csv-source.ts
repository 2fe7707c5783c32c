import { refuse } from "../options.ts";

/** Where a CSV file comes from: its text, its bytes, or a stream of either; Node's streams are such. */
export type CsvSource = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** Bytes or characters that are parsed at once. */
const PIECE = 262_144;
/** After so many pieces of a source that is in memory others get the thread. */
const PIECES_IN_A_ROW = 16;

/** The source in pieces of bounded size. A stream is cancelled when the caller stops early. Throws OptionError. */
export async function* piecesOf(owner: string, source: CsvSource): AsyncGenerator<Uint8Array | string> {
  if (typeof source === "string" || isBytes(source)) {
    let count = 0;
    for (const piece of cut(source)) {
      if (++count % PIECES_IN_A_ROW === 0) await new Promise((resolve) => setTimeout(resolve));
      yield piece;
    }
    return;
  }
  for await (const chunk of chunksOf(owner, source)) {
    if (typeof chunk !== "string" && !isBytes(chunk)) {
      refuse(owner, "the parts of a stream", "Uint8Array or strings", chunk);
    }
    yield* cut(chunk);
  }
}

function chunksOf(
  owner: string,
  source: Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
): AsyncIterable<Uint8Array | string> {
  if (has(source, Symbol.asyncIterator)) return source as AsyncIterable<Uint8Array | string>;
  if (has(source, "getReader")) return readAll(source as ReadableStream<Uint8Array>);
  if (has(source, "stream")) return readAll((source as Blob).stream());
  return refuse(owner, "its source", "a text, a Uint8Array, a Blob or a stream of bytes", source);
}

function has(source: unknown, key: string | symbol): boolean {
  return typeof source === "object" && source !== null && key in source;
}

/** Not every browser's streams are iterable. */
async function* readAll(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (value !== undefined) yield value;
      if (done) return;
    }
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}

function* cut(chunk: Uint8Array | string): Generator<Uint8Array | string> {
  for (let at = 0; at < chunk.length; at += PIECE) {
    yield typeof chunk === "string" ? chunk.slice(at, at + PIECE) : chunk.subarray(at, at + PIECE);
  }
}

/** Bytes may come from another realm, where they are no instance of this one's class. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
