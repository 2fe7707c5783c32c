/** Parts of a Markdown document that benches write, between comments that name them. */

/** The document with the part of this name replaced, or appended. */
export function withPart(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end ${name} -->`];
  const part = `${start}\n${text}\n${end}`;
  const [before, rest] = document.split(start);
  const after = rest?.split(end)[1];
  return after === undefined ? `${document.trimEnd()}\n\n${part}\n` : `${before}${part}${after}`;
}
