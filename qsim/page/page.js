// The player: one state (day, place, telling), shown anew whenever it changes; the controls, the keys and the address change it.

import { moveCursor, reportStrip } from "./chart.js";
import { forgetCompared, makeCompare, showCompare, writeCompared } from "./compare.js";
import { furnish, listen } from "./controls.js";
import { byId } from "./dom.js";
import { choose, leaveOut, lookAt, makeMap, showDay, viewOf } from "./map.js";
import { makeChapters, makeCity, ringText, showCaption, showCity, showPlace, showTable } from "./panel.js";
import { forgetColours } from "./raster.js";
import { UNDECIDED, advance, believed, cursorOf, eventsOn, unpack } from "./record.js";
import { endsOf, showAxis, showSpan } from "./span.js";
import { makeStory } from "./story.js";
import { showToll } from "./toll.js";
import { makeWalk } from "./walk.js";
import { address, dayText, isoDay, longDay, percent, readAddress, statusWord } from "./words.js";

const REST_MS = 200;

/** Run the player on a record. */
function run(record) {
  const player = { record, day: 0, place: null, told: 0, off: [], beside: null, span: null, story: false, playing: false, speed: 4, timer: null, frame: null, later: null };
  const acts = {
    set: (change, how) => set(player, change, how),
    seek: (day) => set(player, { day }),
    goTo: (day) => set(player, { day }, { chosen: true }),
    pick: (place) => pick(player, place),
    play: (on) => play(player, on),
  };
  player.acts = acts;
  record.sides.forEach((side, i) => document.documentElement.style.setProperty(`--side-${i}`, side.colour));
  byId("player").hidden = false;
  player.map = makeMap(record, byId("map"), acts.pick, (place) => readOut(player, place));
  player.tale = makeStory(acts.seek, (story) => acts.set({ story }, { chosen: true }));
  player.markChapter = makeChapters(record, byId("chapters"), acts.goTo, (first) => isoDay(record, first));
  player.compare = makeCompare(record, player.map, acts.set);
  player.tellPlace = makeWalk(record, player.map, () => ({ telling: tellingOf(player), day: player.day }), acts.pick);
  furnish(player);
  listen(player);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    forgetColours(player.map.raster);
    forgetCompared(player.compare);
    show(player);
  });
  addEventListener("hashchange", () => recall(player));
  const bar = document.querySelector(".controls");
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  new ResizeObserver(() => showAxis(player)).observe(byId("axis"));
  build(player);
  const given = document.documentElement.dataset.day;
  if (given && !location.hash) location.hash = `#day=${given}`;
  recall(player);
  player.map.viewed = () => {
    if (player.beside) show(player);
    settle(player);
  };
}

const tellingOf = ({ record, told }) => record.tellings[told];

/** Change the state, and show it: at once, or while a hand drags through the days, once a frame. What was chosen, Back goes back from. */
function set(player, change, { dragged = false, chosen = false } = {}) {
  if (chosen) writeAddress(player);
  Object.assign(player, change);
  if (chosen && !("span" in change) && !inSpan(player)) player.span = null;
  if ("told" in change) build(player);
  if ("told" in change || player.shownSpan !== player.span) showSpan(player);
  player.shownSpan = player.span;
  const [first, last] = endsOf(player);
  player.day = Math.min(last, Math.max(first, player.day));
  if ("story" in change) player.day = player.tale.show(player.story, player.day);
  if (dragged) player.frame ??= requestAnimationFrame(() => show(player));
  else show(player);
  clearTimeout(player.later);
  if (chosen) writeAddress(player, "pushState");
  if (dragged) settle(player);
  else if (!player.playing) rest(player);
}

const inSpan = (player) => endsOf(player)[0] <= player.day && player.day <= endsOf(player)[1];

/** Make what depends on the telling. */
function build(player) {
  const { record, acts, told } = player;
  const telling = tellingOf(player);
  player.today = cursorOf(record, telling);
  player.yesterday = cursorOf(record, telling);
  player.strip = reportStrip(record, telling);
  byId("strip").replaceChildren(player.strip);
  player.city = makeCity(record, telling, byId("city"), acts.pick, acts.goTo);
  for (const radio of document.querySelectorAll("#tellings input")) radio.checked = Number(radio.value) === told;
}

/** Show the moment. */
function show(player) {
  cancelAnimationFrame(player.frame);
  player.frame = null;
  const { record, acts, day, place } = player;
  const telling = tellingOf(player);
  const events = eventsOn(telling, day);
  const changed = [...new Set(events.flatMap((event) => event.places))];
  const looks = advance(player.today, day);
  const before = day > 0 && record.map.borders.length ? advance(player.yesterday, day - 1) : null;
  showDay(player.map, { looks, before, telling, day, changed });
  leaveOut(player.map, player.off);
  byId("day").textContent = longDay(record, day);
  byId("iso").textContent = isoDay(record, day);
  byId("odds").textContent = ringText(telling, day);
  const range = byId("range");
  range.value = day;
  range.setAttribute("aria-valuetext", dayText(record, day, events));
  const compared = showCompare(player.compare, { beside: player.beside, day, told: player.told, looks });
  if (compared) writeCompared(record, compared, byId("caption"), acts.pick);
  else showCaption(events, byId("caption"), acts.pick);
  moveCursor(player.strip, record, day);
  showCity(player.city, record, telling, day, looks, changed);
  if (place !== null || !byId("about").hidden) showPlace(record, telling, place, day, byId("about"), { seek: acts.goTo, close: () => acts.pick(null), pick: acts.pick });
  player.tellPlace(place);
  showToll(record, telling, day, byId("toll"));
  player.markChapter(day);
}

/** Rest as soon as hands do. */
function settle(player) {
  clearTimeout(player.later);
  player.later = setTimeout(() => rest(player), REST_MS);
}

let addressRead = location.hash; // the address as it was last read or written here

/** Write the moment into the address, in the place of the one before or after it. */
function writeAddress({ record, map, ...moment }, how = "replaceState") {
  const wanted = address(record, { ...moment, view: viewOf(map) });
  if (wanted === location.hash) return;
  if (how === "replaceState" && location.hash !== addressRead) return; // a reader has just written another, and it is about to be read
  try {
    history[how](null, "", wanted);
    addressRead = location.hash;
  } catch {
    // A page inside a page's attribute (a notebook) has no address of its own.
  }
}

/** Do what can wait until the days stand still: the address, and the table of the day. */
function rest(player) {
  const { record, day } = player;
  writeAddress(player);
  if (byId("table").open) showTable(record, tellingOf(player), day, byId("table").querySelector(".scroll"));
}

/** Show the moment that the address names. */
function recall(player) {
  addressRead = location.hash;
  const { day, place, told, view, off, beside, span, story } = readAddress(player.record, location.hash);
  for (const box of document.querySelectorAll("#layers input")) box.checked = !off.includes(box.value);
  lookAt(player.map, view);
  set(player, { day: day ?? player.day, told: told ?? player.told, place, off, beside, span, story: story && player.tale.any });
  mark(player);
}

/** Choose a place, or none. */
function pick(player, place) {
  set(player, { place }, { chosen: place !== player.place });
  mark(player);
}

function mark({ map, place, markSearch }) {
  choose(map, place);
  markSearch(place);
}

/** Play, from the first day where the last is reached, or pause. */
function play(player, on) {
  player.playing = on;
  const [first, last] = endsOf(player);
  if (on && player.day === last) player.day = first;
  document.body.classList.toggle("playing", on);
  byId("play").setAttribute("aria-label", on ? "Pause" : "Play");
  byId("caption").setAttribute("aria-live", on ? "off" : "polite");
  cancelAnimationFrame(player.timer);
  set(player, {});
  if (on) beat(player);
}

/** Play on, as many days as the time that passed is worth. */
function beat(player) {
  let last = performance.now();
  const tick = (now) => {
    const due = Math.floor(((now - last) * player.speed) / 1000);
    if (due > 0) {
      last += (due * 1000) / player.speed;
      set(player, { day: player.day + due });
    }
    if (player.day === endsOf(player)[1]) play(player, false);
    else player.timer = requestAnimationFrame(tick);
  };
  player.timer = requestAnimationFrame(tick);
}

/** Write what lies under the pointer. */
function readOut(player, place) {
  const line = byId("readout");
  line.hidden = place === null;
  if (place === null) return;
  const { record, day } = player;
  const { status, belief } = believed(record, tellingOf(player), place, day);
  const sure = status >= UNDECIDED ? "" : `, ${percent(belief[status])}`;
  line.textContent = `${record.map.places[place].name}: ${statusWord(record, status)}${sure}`;
}

unpack(byId("data").textContent)
  .then(run)
  .catch((error) => {
    byId("trouble").hidden = false;
    byId("trouble").textContent = `This page could not be shown: ${error.message}. It needs Chrome or Edge 111, Firefox 113, Safari 16.4, or newer.`;
    throw error;
  });
