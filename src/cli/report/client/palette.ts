/** Colours of the style sheet, which knows light, dark and paper. */

/** The colour `--name` that holds now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A font of the page for a canvas. */
export function font(size: number): string {
  return `${size}px ${getComputedStyle(document.body).fontFamily}`;
}
