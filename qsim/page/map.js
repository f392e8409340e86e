// The map: shapes (or, of very many places, a painted index), waters, front, ways out, labels; zoom and pan.

import { draw, el, paint } from "./dom.js";
import { UNKNOWN, silentDays } from "./record.js";

const STRIPE_PX = { map: 6, inset: 9, small: 4 };
const STALE_DAYS = 30;
const MOST_ZOOM = 12;
const WATER = 254; // beside the looks

/** Return a function that gives the fill of a status in a step of tint; stripes are those defined for `where`. */
export function palette(record) {
  const shares = record.look.tints;
  return (status, step, where) => {
    if (status >= record.statuses.length) return `url(#unknown-${where})`;
    if (status >= record.sides.length) return `url(#stripes-${where}-${step})`;
    return tint(status, shares[step]);
  };
}

const tint = (side, share) => (share === 1 ? `var(--side-${side})` : `color-mix(in srgb, var(--side-${side}) ${share * 100}%, var(--ground))`);

/** Return the definitions of stripes and dots for a drawing. */
export function patterns(record, where) {
  const wide = STRIPE_PX[where];
  const stripes = record.look.tints.map((share, step) =>
    draw(
      "pattern",
      { id: `stripes-${where}-${step}`, class: "scaled", patternTransform: "rotate(45)", patternUnits: "userSpaceOnUse", width: wide * record.sides.length, height: wide },
      record.sides.map((_, i) => paint(draw("rect", { x: i * wide, width: wide, height: wide }), tint(i, share))),
    ),
  );
  const dots = draw(
    "pattern",
    { id: `unknown-${where}`, class: "scaled", patternUnits: "userSpaceOnUse", width: 8, height: 8 },
    draw("rect", { width: 8, height: 8, class: "unknown-ground" }),
    draw("circle", { cx: 4, cy: 4, r: 1.1, class: "unknown-dot" }),
  );
  return draw("defs", {}, stripes, dots);
}

/** Keep stripes and dots of one size on the screen: `scale` is pixels a unit. */
export function scalePatterns(svg, scale) {
  for (const each of svg.querySelectorAll(".scaled")) each.setAttribute("patternTransform", `scale(${1 / scale}) rotate(45)`);
}

/** Draw the map into `host`; `pick(place)` is called at a click, `point(place or null)` under a pointer. */
export function makeMap(record, host, pick, point) {
  const { map } = record;
  const svg = draw("svg", { class: "map", role: "img", "aria-labelledby": "map-title" });
  const layers = {};
  const layer = (name, ...children) => (layers[name] = draw("g", { class: name }, ...children));
  const looks = new Uint8Array(map.places.length);
  const cells = map.places.map((place, i) => (place.cell ? draw("path", { d: place.cell, "data-place": i }) : null));
  const canvas = map.raster ? host.appendChild(el("canvas", { width: map.raster.columns, height: map.raster.rows })) : null;
  const title = draw("title", { id: "map-title" }, record.title);
  const clip = draw("clipPath", { id: "frame" }, draw("rect", { width: map.width, height: map.height }));
  const inside = draw(
    "g",
    { "clip-path": "url(#frame)" },
    layer("cells", cells.filter(Boolean)),
    layer("water", features(map, "lake", "river")),
    layer("roads", features(map, "road", "runway")),
    layer("border", features(map, "border")),
    layer("front", ["was", "casing", "line"].map((name) => draw("path", { class: name }))),
    layer("routes"),
    layer("chosen"),
    layer("dots", ["dot-rim", "dot"].map((name) => draw("path", { class: name, d: dotsOf(map) })), draw("path", { class: "age-rim" }), draw("path", { class: "age" })),
    layer("rings"),
  );
  const names = [layer("labels"), draw("rect", { class: "neatline", width: map.width, height: map.height }), layer("arrows"), layer("outside"), layer("bar")];
  svg.append(title, patterns(record, "map"), clip, inside, ...names);
  host.append(svg);
  const state = { record, map, host, svg, canvas, layers, cells, looks, fills: palette(record), codes: new Array(cells.length), view: { x: 0, y: 0, zoom: 1 }, scale: 1, drawn: "", chosen: null };
  hold(state, pick, point);
  fit(state);
  new ResizeObserver(() => fit(state)).observe(host);
  return state;
}

const features = (map, ...kinds) =>
  map.backdrop.filter(([kind]) => kinds.includes(kind)).flatMap(([kind, , d]) => [draw("path", { class: `${kind} casing`, d }), draw("path", { class: kind, d })]);

const dotsOf = (map) => map.places.map((place) => (place.dot ? `M${place.x},${place.y}h0` : "")).join("");

/** Show a day: what places are (in `state.looks`), what changed, the ways out, the front line where it is wished. */
export function showDay(state, { looks, before, telling, day, changed, routes, front }) {
  if (state.canvas) paintIndex(state, looks);
  else paintCells(state, looks);
  const { map, layers } = state;
  const lines = front ? frontPath(state, looks) : "";
  const [was, casing, line] = layers.front.children;
  was.setAttribute("d", front && before ? frontPath(state, before) : "");
  casing.setAttribute("d", lines);
  line.setAttribute("d", lines);
  const dotted = (state.dotted ??= [...map.places.entries()].filter(([, place]) => place.dot));
  const old = dotted.flatMap(([i, place]) => (looks[i] !== UNKNOWN && (silentDays(telling, i, day) ?? 0) >= STALE_DAYS ? `M${place.x},${place.y}h0` : []));
  for (const path of layers.dots.querySelectorAll(".age, .age-rim")) path.setAttribute("d", old.join(""));
  state.changed = changed;
  state.ways = routes.map((route) => wayOf(state, route));
  drawMarks(state);
}

/** Give each cell its fill, where it is another than before. */
export function paintCells(state, looks) {
  const { cells, codes, fills } = state;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] && codes[i] !== looks[i]) {
      codes[i] = looks[i];
      cells[i].style.fill = fills(looks[i] === UNKNOWN ? UNKNOWN : looks[i] >> 2, looks[i] & 3, state.where ?? "map");
    }
  }
}

function frontPath({ record, map }, looks) {
  const sides = record.sides.length;
  const held = (place) => (looks[place] === UNKNOWN ? sides : looks[place] >> 2);
  return map.borders.map(([a, b, d]) => (held(a) !== held(b) && held(a) < sides && held(b) < sides ? d : "")).join("");
}

/** Return a way out as points, up to where it leaves the map. */
function wayOf({ map, record }, route) {
  const edges = new Map(map.gateways.map((gateway) => [gateway.place, gateway]));
  const points = [map.places[record.waysFrom]];
  for (const place of route) {
    points.push(edges.get(place) ?? map.places[place]);
    if (edges.has(place)) break;
  }
  return points;
}

/** Draw what keeps its size on the screen: rings, ways out with heads, the chosen place. */
function drawMarks(state) {
  const { map, layers, scale } = state;
  const ring = (i) => draw("circle", { cx: map.places[i].x, cy: map.places[i].y, r: 9 / scale });
  const rung = (state.changed ?? []).filter((i) => map.places[i].parent === undefined && !map.places[i].gateway);
  layers.rings.replaceChildren(...rung.map(ring));
  const paths = (state.ways ?? []).map((points) => points.map(({ x, y }, i) => `${i ? "L" : "M"}${x},${y}`).join(""));
  const heads = (state.ways ?? []).map((points) => arrow(points.at(-1), angleOf(points.at(-2), points.at(-1)), 13 / scale));
  const both = paths.map((d, i) => d + heads[i]).join("");
  layers.routes.replaceChildren(draw("path", { class: "casing", d: both }), draw("path", { class: "way", d: paths.join("") }), draw("path", { class: "head", d: heads.join("") }));
  const place = map.places[state.chosen];
  const city = map.cities.find((each) => each.place === state.chosen && each.box[2] > each.box[0]);
  const shape = !place || place.gateway ? [] : city ? [draw("rect", boxOf(city.box))] : place.cell ? [draw("path", { d: place.cell })] : [draw("circle", { cx: place.x, cy: place.y, r: 13 / scale })];
  const casing = shape.map((each) => each.cloneNode());
  casing.forEach((each) => each.setAttribute("class", "casing"));
  shape.forEach((each) => each.setAttribute("class", "line"));
  layers.chosen.replaceChildren(...casing, ...shape);
}

const boxOf = ([west, north, east, south]) => ({ x: west, y: north, width: east - west, height: south - north });

const angleOf = (from, to) => Math.atan2(to.y - from.y, to.x - from.x);

/** Return the path of an arrow head with its tip at a point. */
function arrow({ x, y }, angle, size) {
  const at = (along, aside) => `${x + along * Math.cos(angle) - aside * Math.sin(angle)},${y + along * Math.sin(angle) + aside * Math.cos(angle)}`;
  return `M${at(0, 0)}L${at(-size, size * 0.42)}L${at(-size, -size * 0.42)}Z`;
}

/** Mark a place as chosen, or none. */
export function choose(state, place) {
  state.chosen = place;
  drawMarks(state);
}

/** Fit the map to its box and the view, and place what depends on the scale. */
export function fit(state) {
  const { map, svg, host, view } = state;
  const wide = Math.max(160, host.clientWidth);
  const base = (wide - 2 * map.collar) / map.width;
  const collar = map.collar / base;
  const full = { width: map.width + 2 * collar, height: map.height + 2 * collar };
  const width = full.width / view.zoom;
  const height = full.height / view.zoom;
  view.x = Math.min(full.width - width - collar, Math.max(-collar, view.zoom === 1 ? -collar : view.x));
  view.y = Math.min(full.height - height - collar, Math.max(-collar, view.zoom === 1 ? -collar : view.y));
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${width} ${height}`);
  svg.style.aspectRatio = `${full.width} / ${full.height}`;
  svg.style.touchAction = view.zoom > 1 ? "none" : "pan-y";
  state.scale = base * view.zoom;
  state.window = { ...view, width, height };
  scalePatterns(svg, state.scale);
  write(state);
  drawMarks(state);
  if (state.canvas) placeCanvas(state);
}

/** Write the labels that have room at this scale, the arrows and names beyond the frame, and the scale bar. */
function write(state) {
  const { map, layers, scale, record } = state;
  const wide = map.width * scale;
  const level = [...map.levels].reverse().find((each) => each.px <= wide * 1.02) ?? map.levels[0];
  const label = ([text, x, y, size, turn, kind]) =>
    draw("text", { x, y, class: kind, "font-size": size / scale, "stroke-width": 3.4 / scale, dy: "0.35em", transform: turn ? `rotate(${turn} ${x} ${y})` : null }, text);
  layers.labels.replaceChildren(...level.labels.map(label));
  const near = state.view.zoom === 1;
  layers.outside.replaceChildren(...(near ? level.outside.map(label) : []));
  layers.arrows.replaceChildren(...(near ? map.gateways.map((each) => gateway(each, scale)) : []));
  layers.bar.replaceChildren(...scaleBar(state, record));
}

function gateway({ x, y, angle, side }, scale) {
  const turn = (angle * Math.PI) / 180;
  const tip = { x: x + (10 / scale) * Math.cos(turn), y: y + (10 / scale) * Math.sin(turn) };
  return paint(draw("path", { d: arrow(tip, turn, 9 / scale) }), side < 0 ? "var(--faint)" : `var(--side-${side})`);
}

/** Return the scale bar: a round number of kilometres, about a fifth of the view. */
function scaleBar({ map, scale, window: seen, view }) {
  const collar = view.zoom === 1 ? map.collar / scale : 0;
  const room = Math.min(seen.width, map.width) * 0.28 * map.km;
  const length = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter((km) => km <= room).at(-1) ?? 0.1;
  const wide = length / map.km;
  const x = seen.x + collar + 14 / scale;
  const y = seen.y + seen.height - collar - 14 / scale;
  const tick = 5 / scale;
  return [
    draw("rect", { x: x - 8 / scale, y: y - 22 / scale, width: wide + 16 / scale, height: 30 / scale }),
    draw("path", { d: `M${x},${y - tick}V${y}H${x + wide}V${y - tick}` }),
    draw("text", { x: x + wide / 2, y: y - 8 / scale, "font-size": 11.5 / scale }, `${length} km`),
  ];
}

/** Zoom by a factor about a point of the map, in units; the middle without one. */
export function zoomBy(state, factor, about) {
  const { view, window: seen } = state;
  const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
  const { x, y } = about ?? { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
  const by = view.zoom / zoom;
  Object.assign(view, { zoom, x: x - (x - seen.x) * by, y: y - (y - seen.y) * by });
  fit(state);
}

/** Let a hand hold the map: click, wheel, drag, pinch. */
function hold(state, pick, point) {
  const { svg, view } = state;
  const fingers = new Map();
  let moved = 0;
  const at = ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    const { x, y, width, height } = state.window;
    return { x: x + ((clientX - box.left) / box.width) * width, y: y + ((clientY - box.top) / box.height) * height };
  };
  const placeAt = (event) => {
    if (state.canvas) return indexAt(state, at(event));
    const hit = event.target.closest?.("[data-place]");
    return hit ? Number(hit.dataset.place) : null;
  };
  svg.addEventListener(
    "wheel",
    (event) => {
      if (event.deltaY > 0 && view.zoom === 1) return;
      event.preventDefault();
      zoomBy(state, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), at(event));
    },
    { passive: false },
  );
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    moved = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return point(placeAt(event));
    const others = [...fingers.values()].filter((each) => each.pointerId !== event.pointerId);
    const [from, to] = [at(before), at(event)];
    moved += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
    if (moved > 4 && view.zoom > 1) svg.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    if (others.length) {
      const other = others[0];
      const spread = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
      const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
      zoomBy(state, spread(event) / (spread(before) || 1), at(middle));
    } else if (view.zoom > 1) {
      Object.assign(view, { x: state.window.x + from.x - to.x, y: state.window.y + from.y - to.y });
      fit(state);
    }
    return undefined;
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(name, (event) => fingers.delete(event.pointerId));
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("click", (event) => moved <= 4 && pick(placeAt(event)));
}

// Of very many places the map is an index image, painted by table.

/** Paint the index image in the day's colours: a table of colours by place and stripe, looked up for every pixel. */
function paintIndex(state, looks) {
  const { rows, columns } = state.map.raster;
  const sides = state.record.sides.length;
  const colours = (state.colours ??= coloursOf(state));
  const keys = (state.keys ??= keysOf(state.map.raster, sides));
  state.image ??= new ImageData(columns, rows);
  state.table ??= new Uint32Array((looks.length + 1) * sides);
  const { table } = state;
  table.fill(colours[WATER], 0, sides);
  for (let place = 0, at = sides; place < looks.length; place++) {
    const look = looks[place];
    const contested = look !== UNKNOWN && look >= sides * 4;
    for (let side = 0; side < sides; side++) table[at++] = contested ? colours[side * 4 + (look & 3)] : colours[look];
  }
  const pixels = new Uint32Array(state.image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[keys[i]];
  state.canvas.getContext("2d").putImageData(state.image, 0, 0);
}

/** Return for every pixel its row in the table of colours: the place and which stripe it lies on. */
function keysOf({ rows, columns, cells }, sides) {
  const keys = new Int32Array(cells.length);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) keys[i] = (cells[i] + 1) * sides + (((row + column) >> 2) % sides);
  }
  return keys;
}

/** Return the colour of every look as one number of 32 bits, from the theme as it is. */
function coloursOf({ record, host }) {
  const style = getComputedStyle(host);
  const channels = (text) => [1, 3, 5].map((i) => parseInt(text.trim().slice(i, i + 2), 16));
  const packed = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const ground = channels(style.getPropertyValue("--ground"));
  const found = new Uint32Array(256);
  record.sides.forEach((side, i) => {
    const own = channels(side.colour);
    record.look.tints.forEach((share, step) => (found[i * 4 + step] = packed(own.map((c, j) => Math.round(c * share + ground[j] * (1 - share))))));
  });
  found[UNKNOWN] = packed(channels(style.getPropertyValue("--unknown")));
  found[WATER] = packed(channels(style.getPropertyValue("--water")));
  return found;
}

/** Lay the painted image under the drawing, as the view has it. */
function placeCanvas({ canvas, map, window: seen, scale }) {
  const box = { left: -seen.x, top: -seen.y, width: map.width, height: map.height };
  for (const [side, units] of Object.entries(box)) canvas.style[side] = `${units * scale}px`;
}

/** Paint anew when the theme changes. */
export function forgetColours(state) {
  state.colours = undefined;
}

function indexAt({ map }, { x, y }) {
  const { rows, columns, cells } = map.raster;
  const [row, column] = [Math.floor((y / map.height) * rows), Math.floor((x / map.width) * columns)];
  const inside = row >= 0 && row < rows && column >= 0 && column < columns;
  const found = inside ? cells[row * columns + column] : -1;
  return found < 0 ? null : found;
}
