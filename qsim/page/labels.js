// The names on the map: those set for its width, those of the moment's places, which claim their room first, and those beyond the frame.

import { draw } from "./dom.js";

const FOREMOST = new Set(["city", "airbase"]);
const MOST_CLAIMS = 12;
const WORDS_PX = 12;
const WIDEST = 0.5; // of the map that is seen, what is said of a road
const ALONG = [[0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]]; // where words of a road stand by it
const SIDES = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [-1, -1], [1, 1], [-1, 1]];
const GAPS_PX = [2, 7, 14];
const MARK_PX = { plain: 4, ringed: 10 }; // half of what stands for a place: a dot, a ring around it
const COSTS = { claimed: 20, major: 4, country: 3, water: 2, minor: 2, dot: 0.5, spot: 0.05 };
const OUTSIDE_PX = { size: 11.1, away: 18, apart: 7, margin: 2 };
const LINE = 1.2; // height of a line, in sizes of its type
const pen = globalThis.document?.createElement("canvas").getContext("2d");

/** Set the names that have room at this scale, as near their places as they were set for it, and those beyond the frame. */
export function setNames(state) {
  const { map, scale, anchors } = state;
  const wide = map.width * scale;
  const level = [...map.levels].reverse().find((each) => each.px <= wide * 1.02) ?? map.levels[0];
  const pull = Math.min(1, level.px / wide);
  state.names = level.labels.map(([text, atX, atY, size, turn, kind]) => {
    const near = anchors.get(text) ?? { x: atX, y: atY };
    return nameAt(state, { text, kind, size, turn }, (near.x + (atX - near.x) * pull) * scale, (near.y + (atY - near.y) * pull) * scale);
  });
  state.claimed = null;
  state.layers.outside.replaceChildren(...(state.view.zoom === 1 ? beyond(state) : []).map((name) => drawn(state, name)));
}

/** Let the chosen place, those that changed and the foremost have their names, in this order; names in their way give place. */
export function claimNames(state) {
  const claimants = claimantsOf(state);
  const claims = [claimants, ...(state.around?.words ?? [])].join();
  if (state.claimed === claims) return;
  state.claimed = claims;
  const claiming = new Set(claimants.map((i) => state.map.places[i].name));
  const taken = furniture(state);
  const placed = [];
  const put = (name) => {
    if (!name) return;
    placed.push(name);
    taken.push(name.box);
  };
  const claim = (i) => {
    const own = state.names.find((name) => name.text === state.map.places[i].name);
    put(own && !crossesAny(own.box, taken) ? own : bestName(state, i, taken, claiming));
  };
  const first = state.chosen === null ? 0 : 1; // the chosen place comes before what is said of the roads
  claimants.slice(0, first).forEach(claim);
  wordsOf(state, taken).forEach(put);
  claimants.slice(first).forEach(claim);
  const kept = state.names.filter(({ text, box }) => !placed.some((name) => name.text === text || crosses(name.box, box)));
  state.layers.labels.replaceChildren(...[...kept, ...placed].map((name) => drawn(state, name)));
}

/** Return what is said of the roads out, each as near its place as there is room. */
function wordsOf(state, taken) {
  const found = [];
  const [west, , east] = frameOf(state);
  for (const [whole, x, y] of state.around?.words ?? []) {
    const text = widthOf(whole, WORDS_PX, "odds") > WIDEST * (east - west) ? whole.split(": ").at(-1) : whole; // where to, the road itself shows
    const given = { text, kind: "odds", size: WORDS_PX, turn: 0 };
    const half = widthOf(text, WORDS_PX, "odds") / 2;
    const beside = (gap) => ([across, down]) => nameAt(state, given, x * state.scale + across * (half + gap) * (down ? 0.6 : 1), y * state.scale + down * (gap + (WORDS_PX * LINE) / 2));
    const tried = [6, 18, 36, 60].flatMap((gap) => ALONG.map(beside(gap)));
    const fits = ({ box }) => within(box, frameOf(state)) && !crossesAny(box, [...taken, ...found.map((each) => each.box)]);
    const name = tried.find(fits);
    if (name) found.push(name);
  }
  return found;
}

/** Return the places that come first, as positions; a part of a city speaks for its city. */
function claimantsOf({ map, chosen, changed, foremost, window: seen }) {
  const whole = (i) => (map.places[i].parent === undefined && map.places[i].within === undefined ? i : whole(map.places[i].parent ?? map.places[i].within));
  const first = [...(chosen === null ? [] : [chosen]), ...(changed ?? []), ...foremost].map(whole);
  const inside = ({ x, y, gateway }) => !gateway && Math.max(0, seen.x) <= x && x <= Math.min(map.width, seen.x + seen.width) && Math.max(0, seen.y) <= y && y <= Math.min(map.height, seen.y + seen.height);
  return [...new Set(first)].filter((i) => inside(map.places[i])).slice(0, MOST_CLAIMS);
}

/** Return the places that come first on every day, as positions: cities and air bases. */
export const foremostOf = ({ places, cities }) => [...places.keys()].filter((i) => FOREMOST.has(places[i].kind) || cities.some((city) => city.place === i));

/** Return a place's name where it costs the fewest other names, or null where it has no room. */
function bestName(state, i, taken, claiming) {
  const { map, scale, changed } = state;
  const { x, y, name: text } = map.places[i];
  const [, , , size, , kind] = map.levels.flatMap((level) => level.labels).find((label) => label[0] === text) ?? [text, 0, 0, 11.5, 0, "minor"];
  const city = map.cities.find((each) => each.place === i);
  const mark = changed?.includes(i) ? MARK_PX.ringed : MARK_PX.plain;
  const half = city ? [((city.box[2] - city.box[0]) / 2) * scale, ((city.box[3] - city.box[1]) / 2) * scale] : [mark, mark];
  const [wide, high] = [widthOf(text, size, kind), size * LINE];
  let best = { cost: Infinity, name: null };
  let spots = 0;
  for (const gap of GAPS_PX) {
    for (const [across, down] of SIDES) {
      const beside = across * (half[0] + gap + wide / 2) * (down ? 0.8 : 1);
      const name = nameAt(state, { text, kind, size, turn: 0 }, x * scale + beside, y * scale + down * (half[1] + gap + high / 2));
      const cost = COSTS.spot * spots++ + costOf(state, name, claiming);
      if (cost < best.cost && within(name.box, frameOf(state)) && !crossesAny(name.box, taken)) best = { cost, name };
    }
  }
  return best.name;
}

/** Return what a name would cover: other names by their weight, and dots. */
function costOf({ names, dotted, scale }, { text, box }, claiming) {
  const covered = names.filter((other) => other.text !== text && crosses(other.box, box));
  const dots = dotted.filter(([, { x, y }]) => crosses([x * scale - 2, y * scale - 2, x * scale + 2, y * scale + 2], box));
  return covered.reduce((sum, other) => sum + (claiming.has(other.text) ? COSTS.claimed : COSTS[other.kind]), COSTS.dot * dots.length);
}

/** Return the names in the collar, each as near as there is room to where its way leaves the map: those of bases and the shortest first; the rest have none. */
function beyond(state) {
  const { map, scale, window: seen } = state;
  const edges = { west: [], east: [], north: [], south: [] };
  const wanted = map.gateways.map((gateway) => ({ ...gateway, text: map.places[gateway.place].name }));
  for (const { x, y, text } of wanted.sort((a, b) => (a.side < 0) - (b.side < 0) || a.text.length - b.text.length)) {
    const upright = Math.min(x, map.width - x) < Math.min(y, map.height - y);
    const given = { text, kind: "minor", size: OUTSIDE_PX.size, turn: upright ? -90 : 0 };
    const wide = widthOf(text, given.size, given.kind);
    const [at, across, from, span] = upright ? [y, x < map.width / 2 ? 0 : map.width, seen.y, seen.height] : [x, y < map.height / 2 ? 0 : map.height, seen.x, seen.width];
    const out = across === 0 ? -OUTSIDE_PX.away : OUTSIDE_PX.away;
    const low = Math.max(at * scale - wide / 2, from * scale + OUTSIDE_PX.margin + wide / 2); // its arrow stays beside a name
    const name = { given, upright, wide, at: at * scale, across: across * scale + out, low: Math.min(low, at * scale) - wide / 2, high: Math.min(at * scale, (from + span) * scale - OUTSIDE_PX.margin - wide) };
    const edge = upright ? (across ? "east" : "west") : across ? "south" : "north";
    edges[edge] = inLine([...edges[edge], name]) ?? edges[edge];
  }
  const names = Object.values(edges).flat();
  return names.map(({ given, upright, wide, start, across }) => nameAt(state, given, ...(upright ? [across, start + wide / 2] : [start + wide / 2, across])));
}

/** Return names along an edge in order, each begun as near its own middle as the others let it, or null where they have no room. */
function inLine(names) {
  const sorted = [...names].sort((a, b) => a.at - b.at);
  let end = Infinity;
  for (const name of [...sorted].reverse()) {
    name.last = Math.min(name.high, end - name.wide - OUTSIDE_PX.apart);
    end = name.last;
  }
  end = -Infinity;
  const found = sorted.map((name) => {
    const start = Math.max(name.low, Math.min(name.at - name.wide / 2, name.last), end + OUTSIDE_PX.apart);
    end = start + name.wide;
    return { ...name, start };
  });
  return found.every(({ start, last }) => start <= last + 0.01) ? found : null;
}

/** Return a name with the box that it takes, centred at a point; all in pixels from the frame's corner. */
function nameAt(state, given, x, y) {
  const [wide, high] = [widthOf(given.text, given.size, given.kind), given.size * LINE];
  const turn = (given.turn * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  const half = [(wide * cos + high * sin) / 2, (wide * sin + high * cos) / 2];
  return { ...given, x, y, box: [x - half[0], y - half[1], x + half[0], y + half[1]] };
}

const widths = new Map(); // what was measured before
let family = null;

/** Return the width of a name in pixels. */
export function widthOf(text, size, kind) {
  const key = `${kind} ${size} ${text}`;
  if (!widths.has(key)) widths.set(key, measured(text, size, kind));
  return widths.get(key);
}

function measured(text, size, kind) {
  family ??= getComputedStyle(document.body).fontFamily;
  const bold = kind === "major" || kind === "odds" || kind === "country";
  pen.font = `${kind === "water" ? "italic " : ""}${bold ? 700 : 400} ${size}px ${family}`;
  return pen.measureText(text).width + (kind === "country" ? 0.06 * size * text.length : 0);
}

function drawn({ scale }, { text, kind, size, turn, x, y }) {
  const [atX, atY] = [x / scale, y / scale];
  const given = { x: atX, y: atY, class: kind, "font-size": size / scale, "stroke-width": 3.4 / scale, dy: "0.35em" };
  return draw("text", { ...given, transform: turn ? `rotate(${turn} ${atX} ${atY})` : null }, text);
}

/** Return the boxes that no name may cover: the scale bar and the buttons. */
function furniture(state) {
  const { host, layers, scale, window: seen } = state;
  const [x, y, width, height] = ["x", "y", "width", "height"].map((each) => Number(layers.bar.firstElementChild.getAttribute(each)));
  state.buttons ??= boxWithin(host.querySelector(".zoom")); // asked once for a view: to ask makes the browser lay the page out
  const [west, north] = [state.buttons.left + seen.x * scale, state.buttons.top + seen.y * scale];
  return [[x, y, x + width, y + height].map((each) => each * scale), [west, north, west + state.buttons.wide, north + state.buttons.high]];
}

const boxWithin = (element) => ({ left: element.offsetLeft, top: element.offsetTop, wide: element.offsetWidth, high: element.offsetHeight });

const frameOf = ({ map, scale, window: seen }) => [Math.max(0, seen.x), Math.max(0, seen.y), Math.min(map.width, seen.x + seen.width), Math.min(map.height, seen.y + seen.height)].map((each, i) => each * scale + (i < 2 ? 3 : -3));

const crosses = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
const crossesAny = (box, others) => others.some((other) => crosses(box, other));
const within = (box, frame) => box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
