// Of very many places the map is an index image, painted place by place: a day repaints only the places that look otherwise than before.

import { el } from "./dom.js";
import { UNDECIDED, UNKNOWN } from "./record.js";

const NOTHING = -1;
const BANDS = 128; // where the colours of stripes stand among the others
const GREYS = 252; // where the two colours of the undecided stand among the others
const STRIPE_BITS = 2; // a stripe is four pixels wide

const channels = (text) => [1, 3, 5].map((i) => parseInt(text.trim().slice(i, i + 2), 16));
const packed = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Lay a canvas into `host`, and sort its pixels by the place that they show. */
export function makeRaster(record, host) {
  const { rows, columns, cells } = record.map.raster;
  const canvas = host.appendChild(el("canvas", { width: columns, height: rows }));
  const image = new ImageData(columns, rows);
  const sides = record.sides.length;
  const starts = new Int32Array(record.map.places.length + 1);
  for (const place of cells) if (place >= 0) starts[place + 1]++;
  for (let place = 1; place < starts.length; place++) starts[place] += starts[place - 1];
  const next = starts.slice();
  const at = new Int32Array(starts.at(-1));
  const stripe = new Uint8Array(cells.length);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      if (cells[i] >= 0) at[next[cells[i]]++] = i;
      stripe[i] = ((row + column) >> STRIPE_BITS) % sides;
    }
  }
  const pixels = new Uint32Array(image.data.buffer);
  const painted = new Int16Array(record.map.places.length);
  return { record, host, canvas, pen: canvas.getContext("2d"), image, pixels, starts, at, stripe, painted, colours: null };
}

/** Give the pixels of each place its colour, or its stripes, where it looks otherwise than before. */
export function paintRaster(raster, looks) {
  if (!raster.colours) wash(raster);
  const { record, pixels, starts, at, stripe, painted, colours } = raster;
  const striped = record.sides.length * 4;
  for (let place = 0; place < looks.length; place++) {
    const look = looks[place];
    if (painted[place] === look) continue;
    painted[place] = look;
    const after = starts[place + 1];
    if (look === UNDECIDED) for (let k = starts[place]; k < after; k++) pixels[at[k]] = colours[GREYS + (stripe[at[k]] & 1)];
    else if (look >= striped && look !== UNKNOWN) for (let k = starts[place]; k < after; k++) pixels[at[k]] = colours[BANDS + stripe[at[k]] * 4 + (look & 3)];
    else for (let k = starts[place], colour = colours[look]; k < after; k++) pixels[at[k]] = colour;
  }
  raster.pen.putImageData(raster.image, 0, 0);
}

/** Take the colours from the theme as it is, and begin with nothing known everywhere. */
function wash(raster) {
  const { record, host } = raster;
  const style = getComputedStyle(host);
  const named = (name) => channels(style.getPropertyValue(name));
  const ground = named("--ground");
  raster.colours = new Uint32Array(256);
  record.sides.forEach((side, i) => {
    const own = channels(side.colour);
    for (const [first, shares] of [[0, record.look.tints[i]], [BANDS, record.look.bands[i]]])
      shares.forEach((share, step) => {
        raster.colours[first + i * 4 + step] = packed(own.map((c, j) => Math.round(c * share + ground[j] * (1 - share))));
      });
  });
  raster.colours[UNKNOWN] = packed(named("--unknown"));
  raster.colours[GREYS] = packed(named("--undecided"));
  raster.colours[GREYS + 1] = packed(named("--undecided-line"));
  raster.pixels.fill(packed(named("--unknown")));
  raster.painted.fill(NOTHING);
}

/** Take the colours anew when next painting: the theme has changed. */
export function forgetColours(raster) {
  if (raster) raster.colours = null;
}

/** Lay the painted image under the drawing, as the view has it. */
export function placeRaster({ canvas }, { map, window: seen, scale }) {
  const box = { left: -seen.x, top: -seen.y, width: map.width, height: map.height };
  for (const [side, units] of Object.entries(box)) canvas.style[side] = `${units * scale}px`;
}

/** Return the place under a point of the map, in units, or null. */
export function placeUnder(map, { x, y }) {
  const { rows, columns, cells } = map.raster;
  const [row, column] = [Math.floor((y / map.height) * rows), Math.floor((x / map.width) * columns)];
  const inside = row >= 0 && row < rows && column >= 0 && column < columns;
  const found = inside ? cells[row * columns + column] : NOTHING;
  return found < 0 ? null : found;
}
