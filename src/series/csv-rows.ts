import Papa from "papaparse";
import { FormatError } from "../errors.ts";

/** In the order in which one is preferred when several fit equally: a comma is most often a part of something else. */
const DELIMITERS = ["\t", ";", "|", ","];
/**
 * Characters that are there before the first rows are parsed, if the file has as many: the delimiter is told from them.
 */
const LEAST = 65_536;
const LONGEST_ROW = 4_194_304;
/** Rows that tell the delimiter. */
const SAMPLE = 100;

/** Receives the fields of a row and the line in which it begins. */
export type RowTaker = (fields: readonly string[], line: number) => void;

/**
 * Parses text that comes in pieces, cut anywhere: what follows the last whole row waits for the next piece. Line ends
 * may be \n, \r\n or \r; those within quotes become \n. Throws FormatError.
 */
export class CsvRows {
  readonly #source: string;
  readonly #take: RowTaker;
  #parser: Papa.Parser | undefined;
  #text = "";
  /** The last character was \r, which is half a line end if \n follows. */
  #endsInReturn = false;
  /** The line at which `#text` begins, from 1. */
  #line = 1;
  /** Characters to wait for: more after a row that did not end, so that long rows are not parsed again and again. */
  #wanted = LEAST;

  constructor(source: string, delimiter: string | undefined, take: RowTaker) {
    this.#source = source;
    this.#take = take;
    if (delimiter !== undefined) this.#parser = parserFor(delimiter);
  }

  push(text: string): void {
    const whole = this.#endsInReturn ? `\r${text}` : text;
    this.#endsInReturn = whole.endsWith("\r");
    const rest = this.#endsInReturn ? whole.slice(0, -1) : whole;
    this.#text += rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
    if (this.#text.length >= this.#wanted) this.#parse(false);
  }

  end(): void {
    if (this.#endsInReturn) this.#text += "\n";
    this.#parse(true);
  }

  #parse(isLast: boolean): void {
    const text = this.#text;
    this.#parser ??= parserFor(detectDelimiter(text, isLast));
    const { data, errors, meta } = this.#parser.parse(text, 0, !isLast) as Papa.ParseResult<string[]>;
    // Of a row that is not whole yet nothing is certain.
    const error = errors.find(({ row }) => isLast || (row ?? 0) < data.length);
    const rows = error === undefined ? data : data.slice(0, error.row);
    const from = this.#line;
    const hasQuotes = text.includes('"');
    for (const fields of rows) {
      this.#take(fields, this.#line);
      this.#line += 1 + (hasQuotes ? lineEnds(fields) : 0);
    }
    if (error !== undefined) throw this.#quoteError(error, from + linesIn(text.slice(0, error.index)));
    this.#text = isLast ? "" : text.slice(meta.cursor);
    if (this.#text.length > LONGEST_ROW) throw this.#endless();
    this.#wanted = rows.length > 0 ? LEAST : Math.min(2 * text.length, LONGEST_ROW + 1);
  }

  #quoteError({ code }: Papa.ParseError, line: number): FormatError {
    const fault =
      code === "MissingQuotes"
        ? "that is never closed: close it"
        : "with text after its closing quote: write quotes within a field twice";
    return new FormatError(`${this.#source} has a quoted field at line ${line} ${fault}, or remove the quotes.`);
  }

  #endless(): FormatError {
    const fix = this.#text.includes('"') ? "close the quote that is open there" : "end its rows with line breaks";
    return new FormatError(
      `${this.#source} has a row at line ${this.#line} of more than ${LONGEST_ROW} characters: ${fix}.`,
    );
  }
}

function parserFor(delimiter: string, preview?: number): Papa.Parser {
  return new Papa.Parser({ delimiter, newline: "\n", ...(preview === undefined ? {} : { preview }) });
}

/**
 * The delimiter by which most of the first rows have as many fields as the header, and then by which they have the
 * most.
 */
function detectDelimiter(text: string, isWhole: boolean): string {
  let best = { delimiter: ",", share: 0, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const { data } = parserFor(delimiter, SAMPLE).parse(text, 0, !isWhole) as Papa.ParseResult<string[]>;
    const rows = data.filter((fields) => fields.length > 1 || fields[0] !== "");
    const fields = rows[0]?.length ?? 0;
    const share = rows.filter((row) => row.length === fields).length / rows.length;
    const isBetter = share > best.share || (share === best.share && fields > best.fields);
    if (fields > 1 && isBetter) best = { delimiter, share, fields };
  }
  return best.delimiter;
}

function lineEnds(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + linesIn(field), 0);
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
