// The map: shapes (or, of very many places, a painted index), waters, front, ways out, labels; zoom and pan.

import { draw, paint } from "./dom.js";
import { palette, patterns, scalePatterns } from "./fills.js";
import { claimNames, foremostOf, setNames } from "./labels.js";
import { makeRaster, paintRaster, placeRaster, placeUnder } from "./raster.js";
import { UNDECIDED, silentDays } from "./record.js";
import { LAYERS } from "./words.js";

const STALE_DAYS = 30;
const MOST_ZOOM = 12;
const STILL_PX = 4; // a hand that moves less clicks

/** Draw the map into `host`; `pick(place)` is called at a click, `point(place or null)` under a pointer. */
export function makeMap(record, host, pick, point) {
  const { map } = record;
  const svg = draw("svg", { class: "map", role: "img", "aria-labelledby": "map-title" });
  const layers = {};
  const layer = (name, ...children) => (layers[name] = draw("g", { class: name }, ...children));
  const cells = map.places.map((place, i) => (place.cell ? draw("path", { d: place.cell, "data-place": i }) : null));
  const raster = map.raster ? makeRaster(record, host) : null;
  const title = draw("title", { id: "map-title" }, record.title);
  const clip = draw("clipPath", { id: "frame" }, draw("rect", { width: map.width, height: map.height }));
  const inside = draw(
    "g",
    { "clip-path": "url(#frame)" },
    raster ? null : draw("rect", { class: "beyond", width: map.width, height: map.height }),
    layer("cells", cells.filter(Boolean), hitsOf(map)),
    layer("picture", shadeOf(map)),
    layer("water", features(map, "sea", "lake", "river")),
    layer("roads", features(map, "road", "runway")),
    layer("border", features(map, "border")),
    layer("front", ["was", "casing", "line"].map((name) => draw("path", { class: name }))),
    layer("routes"),
    layer("ring"),
    layer("chosen"),
    layer("dots", ["dot-rim", "dot"].map((name) => draw("path", { class: name, d: dotsOf(map) })), draw("path", { class: "age-rim" }), draw("path", { class: "age" })),
    layer("rings"),
  );
  const names = [layer("labels"), draw("rect", { class: "neatline", width: map.width, height: map.height }), layer("arrows"), layer("outside"), layer("bar")];
  svg.append(title, patterns(record, "map"), clip, inside, ...names);
  host.append(svg);
  document.documentElement.style.setProperty("--shape", map.width / map.height);
  document.documentElement.style.setProperty("--collar", `${map.collar}px`);
  const state = { record, map, host, svg, raster, layers, cells, fills: palette(record), codes: new Int16Array(cells.length).fill(-1), view: { x: 0, y: 0, zoom: 1 }, scale: 1, chosen: null, viewed: () => {}, anchors: anchorsOf(map), foremost: foremostOf(map), dotted: [...map.places.entries()].filter(([, place]) => place.dot) };
  hold(state, pick, point);
  fit(state);
  new ResizeObserver(() => fit(state)).observe(host);
  return state;
}

const features = (map, ...kinds) =>
  map.backdrop.filter(([kind]) => kinds.includes(kind)).flatMap(([kind, , d]) => [draw("path", { class: `${kind} casing`, d }), draw("path", { class: kind, d })]);

/** Return the picture of the ground that the scenario brings along, if any; it lies on the ground's colours as a shade. */
const shadeOf = ({ picture }) => (picture ? [draw("image", { href: picture.data, x: picture.box[0], y: picture.box[1], width: picture.box[2], height: picture.box[3], preserveAspectRatio: "none" })] : []);

/** Return what is clicked of places that have no ground of their own: a spot around their dot. */
const hitsOf = (map) => (map.raster ? [] : map.places.flatMap((place, i) => (place.dot && !place.cell && !map.cities.some((city) => city.place === i) ? [draw("circle", { class: "hit", cx: place.x, cy: place.y, r: 12, "data-place": i })] : [])));

const dotsOf = (map) => map.places.map((place) => (place.dot ? `M${place.x},${place.y}h0` : "")).join("");

/** Show a day: what places look like, and did the day before; what changed, the ways out, the front line. */
export function showDay(state, { looks, before, telling, day, changed }) {
  if (state.raster) paintRaster(state.raster, looks);
  else paintCells(state, looks);
  const { map, layers } = state;
  const lines = frontPath(state, looks);
  const [was, casing, line] = layers.front.children;
  trace(was, before ? frontPath(state, before) : "");
  trace(casing, lines);
  trace(line, lines);
  const old = state.dotted.flatMap(([i, place]) => (looks[i] < UNDECIDED && (silentDays(telling, i, day) ?? 0) >= STALE_DAYS ? `M${place.x},${place.y}h0` : []));
  for (const path of layers.dots.querySelectorAll(".age, .age-rim")) trace(path, old.join(""));
  state.changed = changed;
  const around = telling.ring?.drawn ? telling.ring.drawn[telling.ring.days[day]] : null;
  layers.front.classList.toggle("behind", around !== null);
  if (around !== state.around) layers.ring.replaceChildren(...(around ? ringOf(around) : []));
  state.around = around;
  state.ways = telling.ring && !state.around ? telling.ring.exits[day].map((route) => wayOf(map, [telling.ring.place, ...route])) : [];
  drawMarks(state);
}

/** Give a path its line, where it is another than before: what does not change is not drawn anew. */
function trace(path, d) {
  if (path.getAttribute("d") !== d) path.setAttribute("d", d);
}

const wideOf = ([grade]) => 0.5 + 0.45 * grade;

/** Return the ring: one line, as wide and dark as it is likely closed there; the roads, broken where they cross ground that is not the side's own. */
export function ringOf({ line, own, broken }) {
  const casings = line.filter(([grade]) => grade > 5).map((piece) => draw("path", { class: "casing", d: piece[1], "stroke-width": wideOf(piece) + 2.4 }));
  const lines = line.map((piece) => draw("path", { class: "closed", d: piece[1], "stroke-width": wideOf(piece), "stroke-opacity": 0.25 + 0.075 * piece[0] }));
  const roads = [["rim", own + broken], ["road", own], ["road broken", broken]].map(([name, d]) => draw("path", { class: name, d }));
  return [...casings, ...lines, ...roads];
}

/** Give each cell its fill, where it is another than before. */
export function paintCells(state, looks) {
  const { cells, codes, fills } = state;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] && codes[i] !== looks[i]) {
      codes[i] = looks[i];
      cells[i].style.fill = fills(looks[i] >= UNDECIDED ? looks[i] : looks[i] >> 2, looks[i] & 3, state.where ?? "map");
    }
  }
}

export function frontPath({ record, map }, looks) {
  const sides = record.sides.length;
  const held = (place) => (looks[place] >= UNDECIDED ? sides : looks[place] >> 2);
  return map.borders.map(([a, b, d]) => (held(a) !== held(b) && held(a) < sides && held(b) < sides ? d : "")).join("");
}

/** Return a way out as points, up to where it leaves the map. */
function wayOf(map, route) {
  const edges = new Map(map.gateways.map((each) => [each.place, each]));
  const edge = route.findIndex((place) => edges.has(place));
  const inside = edge < 0 ? route : route.slice(0, edge + 1);
  return inside.map((place) => edges.get(place) ?? map.places[place]);
}

/** Draw what keeps its size on the screen: rings, ways out with heads, the chosen place; and names, of which some come first. */
function drawMarks(state) {
  const { map, layers, scale } = state;
  const ring = (i) => draw("circle", { cx: map.places[i].x, cy: map.places[i].y, r: 9 / scale });
  const rung = (state.changed ?? []).filter((i) => map.places[i].parent === undefined && !map.places[i].gateway);
  if (rung.length || layers.rings.firstChild) layers.rings.replaceChildren(...rung.map(ring));
  const paths = (state.ways ?? []).map((points) => points.map(({ x, y }, i) => `${i ? "L" : "M"}${x},${y}`).join(""));
  const heads = (state.ways ?? []).map((points) => arrow(points.at(-1), angleOf(points.at(-2), points.at(-1)), 13 / scale));
  const both = paths.map((d, i) => d + heads[i]).join("");
  if (both || layers.routes.firstChild) layers.routes.replaceChildren(draw("path", { class: "casing", d: both }), draw("path", { class: "way", d: paths.join("") }), draw("path", { class: "head", d: heads.join("") }));
  const place = map.places[state.chosen];
  const city = map.cities.find((each) => each.place === state.chosen && each.box[2] > each.box[0]);
  const shape = !place || place.gateway ? [] : city ? [draw("rect", boxOf(city.box))] : place.cell ? [draw("path", { d: place.cell })] : [draw("circle", { cx: place.x, cy: place.y, r: 13 / scale })];
  const casing = shape.map((each) => each.cloneNode());
  casing.forEach((each) => each.setAttribute("class", "casing"));
  shape.forEach((each) => each.setAttribute("class", "line"));
  if (shape.length || layers.chosen.firstChild) layers.chosen.replaceChildren(...casing, ...shape);
  claimNames(state);
}

const boxOf = ([west, north, east, south]) => ({ x: west, y: north, width: east - west, height: south - north });

const angleOf = (from, to) => Math.atan2(to.y - from.y, to.x - from.x);

/** Return the path of an arrow head with its tip at a point. */
function arrow({ x, y }, angle, size) {
  const at = (along, aside) => `${x + along * Math.cos(angle) - aside * Math.sin(angle)},${y + along * Math.sin(angle) + aside * Math.cos(angle)}`;
  return `M${at(0, 0)}L${at(-size, size * 0.42)}L${at(-size, -size * 0.42)}Z`;
}

/** Leave some layers out. */
export function leaveOut({ svg }, off) {
  for (const layer of Object.keys(LAYERS)) svg.classList.toggle(`no-${layer}`, off.includes(layer));
}

/** Mark a place as chosen, or none. */
export function choose(state, place) {
  state.chosen = place;
  drawMarks(state);
}

/** Fit the map to its box and the view, and place what depends on the scale; while all is seen, there is nothing to go back to. */
export function fit(state) {
  const { map, svg, host, view } = state;
  const wide = Math.max(160, host.clientWidth);
  host.classList.toggle("whole", view.zoom === 1);
  state.buttons = null;
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
  if (state.raster) placeRaster(state.raster, state);
  state.viewed();
}

/** Return the view: the middle, in units, and how many times the whole it is enlarged; null for the whole. */
export function viewOf({ view, window: seen }) {
  return view.zoom === 1 ? null : [seen.x + seen.width / 2, seen.y + seen.height / 2, view.zoom];
}

/** Look at a part of the map, as `viewOf` has it, or at the whole. */
export function lookAt(state, wanted) {
  const [x, y, zoom] = wanted ?? [0, 0, 1];
  if (viewOf(state)?.join() === wanted?.join()) return;
  state.view.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
  fit(state); // how much is seen at once
  Object.assign(state.view, { x: x - state.window.width / 2, y: y - state.window.height / 2 });
  fit(state);
}

/** Return the places that labels stay near, by name; those of a city stay beside its ground instead. */
const anchorsOf = ({ places, cities }) => new Map(places.filter((place, i) => !place.gateway && !cities.some((city) => city.place === i)).map((place) => [place.name, place]));

/** Write the names, the arrows beyond the frame, and the scale bar. */
function write(state) {
  const { map, layers, scale, record } = state;
  layers.arrows.replaceChildren(...(state.view.zoom === 1 ? map.gateways.map((each) => gateway(each, scale)) : []));
  layers.bar.replaceChildren(...scaleBar(state, record));
  setNames(state);
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
  const length = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].findLast((km) => km <= room) ?? 0.1;
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
  const placeAt = (event) => {
    if (state.raster) return placeUnder(state.map, unitsAt(state, event));
    const hit = event.target.closest?.("[data-place]");
    return hit ? Number(hit.dataset.place) : null;
  };
  svg.addEventListener("wheel", (event) => wheel(state, event), { passive: false });
  // Two fingers are the map's, never the browser's: else it may take them for a scroll and end the pinch.
  svg.addEventListener("touchmove", (event) => event.touches.length > 1 && event.preventDefault(), { passive: false });
  svg.addEventListener("pointerdown", (event) => {
    if (!fingers.size) moved = 0;
    fingers.set(event.pointerId, event);
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) {
      point(placeAt(event));
      return;
    }
    const other = [...fingers.values()].find((each) => each.pointerId !== event.pointerId);
    moved += distance(event, before);
    if (moved > STILL_PX && view.zoom > 1) svg.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    if (other) pinch(state, before, event, other);
    else if (view.zoom > 1) drag(state, before, event);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(name, (event) => fingers.delete(event.pointerId));
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("click", (event) => moved <= STILL_PX && pick(placeAt(event)));
}

const distance = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);

/** Return where a pointer is, in units of the map. */
function unitsAt({ svg, window: seen }, { clientX, clientY }) {
  const box = svg.getBoundingClientRect();
  return { x: seen.x + ((clientX - box.left) / box.width) * seen.width, y: seen.y + ((clientY - box.top) / box.height) * seen.height };
}

function wheel(state, event) {
  if (event.deltaY > 0 && state.view.zoom === 1) return;
  event.preventDefault();
  zoomBy(state, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), unitsAt(state, event));
}

function pinch(state, before, now, other) {
  const middle = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
  zoomBy(state, distance(now, other) / (distance(before, other) || 1), unitsAt(state, middle));
}

function drag(state, before, now) {
  const [from, to] = [unitsAt(state, before), unitsAt(state, now)];
  Object.assign(state.view, { x: state.window.x + from.x - to.x, y: state.window.y + from.y - to.y });
  fit(state);
}
