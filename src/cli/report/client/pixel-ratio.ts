/**
 * Stands in for `devicePixelRatio` inside of the bundle (scripts/build-report.ts): canvases have at least two pixels to
 * a unit, because a printer asks for more than the screen has and gets what was drawn.
 */
export const pixelRatio: number = Math.max(2, window.devicePixelRatio);
