// What ground is painted with: a side's tint by how sure it is, stripes, dots; and the whole colour that a side has as an edge.

import { draw, paint } from "./dom.js";
import { UNDECIDED } from "./record.js";

const STRIPE_PX = { map: 6, inset: 9, small: 4 };

/** Return a function that gives the fill of a status in a step of tint; stripes are those defined for `where`. */
export function palette(record) {
  const shares = record.look.tints;
  return (status, step, where) => {
    if (status === UNDECIDED) return `url(#undecided-${where})`;
    if (status >= record.statuses.length) return `url(#unknown-${where})`;
    if (status >= record.sides.length) return `url(#stripes-${where}-${step})`;
    return tint(status, shares[status][step]);
  };
}

/** Return the colour of a status's edge in charts and in the legend: there a side has its whole colour, around its tint on the map. */
export const edgeOf = (status, record = null) => (record && status >= record.sides.length ? "var(--ink)" : `var(--side-${status})`);

const tint = (side, share) => (share === 0 ? "var(--ground)" : share === 1 ? `var(--side-${side})` : `color-mix(in srgb, var(--side-${side}) ${share * 100}%, var(--ground))`);

/** Return the definitions of stripes and dots for a drawing. */
export function patterns(record, where) {
  const wide = STRIPE_PX[where];
  const stripes = record.look.bands[0].map((_, step) =>
    draw(
      "pattern",
      { id: `stripes-${where}-${step}`, class: "scaled", patternTransform: "rotate(45)", patternUnits: "userSpaceOnUse", width: wide * record.sides.length, height: wide },
      record.look.bands.map((shares, i) => paint(draw("rect", { x: i * wide, width: wide, height: wide }), tint(i, shares[step]))),
    ),
  );
  const dots = draw(
    "pattern",
    { id: `unknown-${where}`, class: "scaled", patternUnits: "userSpaceOnUse", width: 8, height: 8 },
    draw("rect", { width: 8, height: 8, class: "unknown-ground" }),
    draw("circle", { cx: 4, cy: 4, r: 1.1, class: "unknown-dot" }),
  );
  const undecided = draw(
    "pattern",
    { id: `undecided-${where}`, class: "scaled", patternTransform: "rotate(45)", patternUnits: "userSpaceOnUse", width: wide * 2, height: wide },
    draw("rect", { width: wide, height: wide, class: "undecided-ground" }),
    draw("rect", { x: wide, width: wide, height: wide, class: "undecided-line" }),
  );
  return draw("defs", {}, stripes, undecided, dots);
}

/** Keep stripes and dots of one size on the screen: `scale` is pixels a unit. */
export function scalePatterns(svg, scale) {
  for (const each of svg.querySelectorAll(".scaled")) each.setAttribute("patternTransform", `scale(${1 / scale}) rotate(45)`);
}
