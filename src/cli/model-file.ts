/** Model files as the commands take them. */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { init } from "../init.ts";
import { readFileBytes } from "../io/files.ts";
import { readSafetensors } from "../io/safetensors.ts";
import { readError } from "./file-error.ts";

/** A model file, and the numerics it was trained with: those that load it. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly metadata: ReadonlyMap<string, string>;
  readonly numerics: "strict" | "fast" | undefined;
}

/** Reads a file and loads the core for it. Throws FileError, FormatError; a table given by mistake is named as such. */
export async function openModelFile(path: string): Promise<ModelFile> {
  const bytes = await readFileBytes(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  if (/\.(csv|tsv|txt)$/i.test(path)) {
    throw new FormatError(
      `${basename(path)} looks like a table, not like a model: give the model.safetensors that gatefold forecast wrote.`,
    );
  }
  const metadata = metadataOf(bytes, basename(path));
  const numerics = /"numerics":"(strict|fast)"/.exec(metadata.get("gatefold") ?? "")?.[1] as ModelFile["numerics"];
  await init(numerics === "strict" ? { numerics } : {});
  return { bytes, metadata, numerics };
}

function metadataOf(bytes: Uint8Array, name: string): ReadonlyMap<string, string> {
  try {
    return readSafetensors(bytes).metadata;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const fault = error.message.replace(/^This |^(?!This )/, (start) => (start === "" ? "cannot be read: " : ""));
    throw new FormatError(`${name} ${fault}`, { cause: error });
  }
}
