// The map that is edited: cells in the colour of who holds them, points, and what is being drawn.

import { byId, draw, el } from "../page/dom.js";

const WIDE = 1000;
const NAMES = { contested: "contested", undecided: "undecided", unknown: "unknown" };
const CONTESTED = "#6e6e6e";

let frame = [0, 0, 1, 1];
let whole = [0, 0, WIDE, WIDE];
let view = whole;
let svg = null;

const squeeze = () => Math.cos((((frame[1] + frame[3]) / 2) * Math.PI) / 180);
const scale = () => WIDE / ((frame[2] - frame[0]) * squeeze());
const plane = ([lon, lat]) => [(lon - frame[0]) * squeeze() * scale(), (frame[3] - lat) * scale()];

/** Return where on the earth an event of the mouse happened, in degrees. */
export function earth(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [frame[0] + at.x / (squeeze() * scale()), frame[3] - at.y / scale()].map((degrees) => Number(degrees.toFixed(6)));
}

function path(shape) {
  const lines = [];
  const walk = (part) => {
    if (part.length && typeof part[0][0] === "number") lines.push(`M${part.map((at) => plane(at).map((n) => n.toFixed(2)).join(",")).join("L")}`);
    else part.forEach(walk);
  };
  for (const each of shape.geometries ?? [shape]) if (each.type !== "Point") walk(each.coordinates);
  return lines.join("") + (shape.type.endsWith("Polygon") ? "Z" : "");
}

/** Return the size in the map's units of so many pixels on the screen. */
const px = (n) => (n * view[2]) / (svg.clientWidth || WIDE);

function looked() {
  svg.setAttribute("viewBox", view.join(" "));
  for (const each of svg.querySelectorAll(".dot")) each.setAttribute("r", px(each.classList.contains("chosen") ? 6 : 3.5));
  for (const text of svg.querySelectorAll("text")) {
    text.setAttribute("font-size", px(12));
    text.setAttribute("stroke-width", px(3));
    text.setAttribute("dy", -px(6));
  }
  uncrowded();
}

/** Leave out the names that would stand on another; the larger places come first, and zooming in brings the others. */
function uncrowded() {
  const taken = [];
  for (const text of svg.querySelectorAll("text")) {
    text.removeAttribute("display");
    const box = text.getBBox();
    const free = taken.every((other) => box.x > other.x + other.width || other.x > box.x + box.width || box.y > other.y + other.height || other.y > box.y + box.height);
    if (free) taken.push(box);
    else text.setAttribute("display", "none");
  }
}

const inside = (n, least, size, most) => Math.min(least + most - size, Math.max(least, n));

/** Zoom by a factor, around a point of the map or its middle; no factor shows it whole. */
export function zoom(factor, at = [view[0] + view[2] / 2, view[1] + view[3] / 2]) {
  const wide = factor ? Math.min(whole[2], Math.max(whole[2] / 200, view[2] / factor)) : whole[2];
  const by = wide / view[2];
  const x = inside(at[0] - (at[0] - view[0]) * by, whole[0], wide, whole[2]);
  const y = inside(at[1] - (at[1] - view[1]) * by, whole[1], view[3] * by, whole[3]);
  view = [x, y, wide, view[3] * by];
  looked();
}

/** Zoom by a factor around the middle of the view, or, of the whole map, around a place where there is one of that id. */
export function closer(factor, id) {
  const point = view[2] < whole[2] || !id ? null : svg.querySelector(`.dot[data-id="${CSS.escape(id)}"]`);
  if (point) view = [Number(point.getAttribute("cx")) - view[2] / 2, Number(point.getAttribute("cy")) - view[3] / 2, view[2], view[3]];
  zoom(factor);
}

/** Draw the map of a state; `clicked` is called with the place under the mouse, or null, and the point. */
export function show(state, clicked) {
  const same = frame.join() === state.frame.join();
  frame = state.frame;
  whole = [0, 0, WIDE, (frame[3] - frame[1]) * scale()];
  view = same ? view : whole;
  const cells = state.places.filter((place) => place.shape).sort((a, b) => Boolean(a.parent) - Boolean(b.parent));
  svg = draw("svg", { role: "img", "aria-label": "Map of the places; the list of places is in the form" },
    cells.map((place) => draw("path", { class: `cell ${place.parent ? "part" : ""}`, d: path(place.shape), "data-id": place.id, "fill-rule": "evenodd" }, draw("title", {}, place.name))),
    state.backdrop.map((each) => draw("path", { class: `backdrop ${each.kind}`, d: path(each.shape) })),
    state.places.map(dot),
    state.places.toSorted((a, b) => Boolean(a.parent) - Boolean(b.parent) || large(b) - large(a)).map(label),
    draw("g", { id: "drawing" }));
  svg.addEventListener("click", (event) => clicked(event.target.dataset?.id ?? null, earth(event)));
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, plane(earth(event)));
  }, { passive: false });
  byId("map").replaceChildren(svg);
  looked();
}

const large = (place) => ["town", "city"].indexOf(place.kind);

function label(place) {
  const [x, y] = plane([place.lon, place.lat]);
  return draw("text", { x, y, "text-anchor": "middle" }, place.name);
}

function dot(place) {
  const [cx, cy] = plane([place.lon, place.lat]);
  return draw("circle", { class: "dot", cx, cy, "data-id": place.id }, draw("title", {}, place.name));
}

/** Mark the place that is chosen. */
export function choose(id) {
  for (const each of svg.querySelectorAll(".dot")) each.classList.toggle("chosen", each.dataset.id === id);
  looked();
}

const outline = (corners) => draw("path", { class: "new", d: corners.length > 1 ? `M${corners.map((at) => plane(at).join(",")).join("L")}Z` : "" });
const corner = (at) => draw("circle", { class: "new", cx: plane(at)[0], cy: plane(at)[1], r: px(4) });

/** Show outlines that are kept, and the corners or the point that are being put. */
export function drawing(outlines) {
  byId("drawing").replaceChildren(...outlines.map(outline), ...outlines.flat().map(corner));
}

/** Colour the cells by who held them; the stronger the belief, the fuller the colour. */
export function colour(held, sides) {
  const colours = Object.fromEntries([...sides.map((side) => [side.id, side.colour]), ["contested", CONTESTED]]);
  for (const cell of svg.querySelectorAll(".cell")) {
    const [status, p] = held[cell.dataset.id] ?? ["unknown", 0];
    cell.classList.toggle("undecided", status === "undecided");
    cell.style.fill = colours[status] ?? "";
    cell.style.fillOpacity = colours[status] ? 0.35 + 0.5 * p : 1;
    cell.querySelector("title").textContent = `${nameOf(cell.dataset.id)}: ${NAMES[status] ?? sides.find((side) => side.id === status)?.name}${colours[status] ? ` (${Math.round(100 * p)} %)` : ""}`;
  }
}

const nameOf = (id) => svg.querySelector(`.dot[data-id="${CSS.escape(id)}"] title`)?.textContent ?? id;

/** Return what the colours mean. */
export function legend(sides) {
  return [...sides.map((side) => [side.colour, side.name]), [CONTESTED, "contested"]].map(([fill, text]) => {
    const box = el("span", { class: "swatch" });
    box.style.background = fill;
    return el("span", {}, box, text);
  });
}
