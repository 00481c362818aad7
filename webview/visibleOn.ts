import { colord, extend } from "colord";
import a11y from "colord/plugins/a11y";

extend([a11y]);

/** What a line must have against what it is drawn on (WCAG 2.2, 1.4.11). */
const leastContrast = 3;

/**
 * A colour of a theme as a line of it can be seen on a background: opaque, and lighter or darker where it must be; its hue stays. Themes
 * may take a colour of charts from what they lay translucent under words: that of VS Code 1.139's classic ones is orange by a third.
 */
export function visibleOn(background: string, colour: string): string {
  const under = colord(background);
  const given = colord(colour);
  if (!under.isValid() || !given.isValid()) return colour;
  let seen = given.alpha(1);
  const towards = under.isDark() ? 0.02 : -0.02;
  for (let steps = 0; seen.contrast(under) < leastContrast && steps < 50; steps++)
    seen = seen.lighten(towards);
  return seen.toHex();
}
