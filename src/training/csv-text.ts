/** Lines of comma separated values, quoted as RFC 4180 says. */

/** One line with its end. */
export function csvLine(cells: readonly string[], separator: string): string {
  return `${cells.map((cell) => quoted(cell, separator)).join(separator)}\n`;
}

/** The shortest text that reads back as the same float64, "nan" and "inf" as Python has them; "" for undefined. */
export function csvNumber(value: number | undefined): string {
  if (value === undefined) return "";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The cells of the first line and where the second begins; undefined if the first does not end. */
export function csvHeader(text: string, separator: string): { names: string[]; end: number } | undefined {
  const names: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (;;) {
    const [cell, end] = cellAt(text, at, separator);
    names.push(cell);
    if (text[end] === separator) at = end + 1;
    else {
      const [lineEnd] = /^\r?\n/.exec(text.slice(end, end + 2)) ?? [];
      return lineEnd === undefined ? undefined : { names, end: end + lineEnd.length };
    }
  }
}

/** The text with empty cells added to every line after the header, which ends at `start`. */
export function widenRows(text: string, start: number, columns: number, separator: string): string {
  return text.slice(start).replace(/(?<=[^\r\n])(?=\r?\n)/g, separator.repeat(columns));
}

/** The cell that begins at `start`, and the index after it. */
function cellAt(text: string, start: number, separator: string): [string, number] {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && text[end] !== separator && text[end] !== "\r" && text[end] !== "\n") end++;
    return [text.slice(start, end), end];
  }
  let end = start + 1;
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
  return [text.slice(start + 1, end).replaceAll('""', '"'), end + 1];
}

function quoted(cell: string, separator: string): string {
  return cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
