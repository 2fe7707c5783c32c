/** Markup that text cannot break out of: whatever is not made by `html` is escaped. */

/** Markup that is safe to write into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text and numbers are escaped, lists joined, null and false left out. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A template of markup: `html`<td>${name}</td>``. Values stand between tags or inside of quoted attributes. Between a
 * number and its % no line breaks.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => joined(part) + (i < values.length ? render(values[i]) : "")).join(""));
}

/** Any value as JSON for a script element: no "<" is left, so nothing in it can end the element. */
export function json(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

function render(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(render).join("");
  return joined(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

function joined(text: string): string {
  return text.replace(/(\d) %/g, "$1\u00a0%");
}
