// The player: one state (day, place, telling), shown anew whenever it changes; the controls, the keys and the address change it.

import { dayUnder, monthStarts, moveCursor, reportStrip } from "./chart.js";
import { byId, el } from "./dom.js";
import { choose, forgetColours, makeMap, showDay, zoomBy } from "./map.js";
import { makeCity, makeLegend, showCaption, showChapters, showCity, showPlace, showTable } from "./panel.js";
import { UNKNOWN, believed, eventsOn, looksOf, nextEvent, unpack } from "./record.js";
import { address, dayText, isoDay, longDay, monthName, percent, readAddress, statusName } from "./words.js";

const SPEEDS = [1, 2, 4, 8, 16, 60];
const WEEK = 7;
const MOST_OPTIONS = 2000;

/** Run the player on a record. */
function run(record) {
  const state = { day: 0, place: null, told: 0, playing: false, speed: 4 };
  const telling = () => record.tellings[state.told];
  record.waysFrom = record.map.cities[0]?.place ?? 0;
  record.sides.forEach((side, i) => document.documentElement.style.setProperty(`--side-${i}`, side.colour));
  byId("player").hidden = false;
  const map = makeMap(record, byId("map"), pick, readOut);
  const before = new Uint8Array(map.looks.length);
  let made = null;
  let strip = null;
  let timer = null;
  let later = null;

  /** Change the state, and show it; while a hand drags through the days the address waits until it rests. */
  function set(change, { dragged = false } = {}) {
    const rebuilt = "told" in change;
    Object.assign(state, change);
    state.day = Math.min(record.days - 1, Math.max(0, state.day));
    if (rebuilt) build();
    show();
    clearTimeout(later);
    if (dragged) later = setTimeout(remember, 200);
    else if (!state.playing) remember();
  }

  function build() {
    strip = reportStrip(record, telling());
    byId("strip").replaceChildren(strip);
    made = makeCity(record, telling(), byId("city"), pick, seek);
    for (const radio of document.querySelectorAll("#tellings input")) radio.checked = Number(radio.value) === state.told;
  }

  function show() {
    const { day, place } = state;
    const events = eventsOn(telling(), day);
    const changed = [...new Set(events.flatMap((event) => event.places))];
    const looks = looksOf(record, telling(), day, map.looks);
    const yesterday = day > 0 && record.map.borders.length ? looksOf(record, telling(), day - 1, before) : null;
    const routes = telling().city?.exits?.[day] ?? [];
    showDay(map, { looks, before: yesterday, telling: telling(), day, changed, routes, front: byId("front").checked });
    byId("day").textContent = longDay(record, day);
    byId("iso").textContent = isoDay(record, day);
    const range = byId("range");
    range.value = day;
    range.setAttribute("aria-valuetext", dayText(record, day, events));
    showCaption(events, byId("caption"), pick);
    moveCursor(strip, record, day);
    showCity(made, record, telling(), day, looks, changed);
    if (place !== null || !byId("about").hidden) showPlace(record, telling(), place, day, byId("about"), { seek, close: () => pick(null) });
    if (byId("table").open) showTable(record, telling(), day, byId("table").querySelector(".scroll"));
    showChapters(record, day, seek, (first) => isoDay(record, first));
  }

  function pick(place) {
    set({ place });
    choose(map, place);
    byId("place").value = place ?? "";
  }

  function seek(day) {
    set({ day });
  }

  /** Write the moment into the address, where the page may. */
  function remember() {
    try {
      history.replaceState(null, "", address(record, state));
    } catch {
      // A page inside a page's attribute (a notebook) has no address of its own.
    }
  }

  function recall() {
    const { day, place, told } = readAddress(record, location.hash);
    set({ day: day ?? state.day, told: told ?? state.told, place });
    choose(map, place);
    byId("place").value = place ?? "";
  }

  function play(on) {
    state.playing = on;
    if (on && state.day === record.days - 1) state.day = 0;
    document.body.classList.toggle("playing", on);
    byId("play").setAttribute("aria-label", on ? "Pause" : "Play");
    byId("caption").setAttribute("aria-live", on ? "off" : "polite");
    cancelAnimationFrame(timer);
    if (on) beat();
    else set({});
  }

  /** Play on, as many days as the time that passed is worth. */
  function beat() {
    let last = performance.now();
    const tick = (now) => {
      const due = Math.floor(((now - last) * state.speed) / 1000);
      if (due > 0) {
        last += (due * 1000) / state.speed;
        set({ day: state.day + due });
        if (state.day === record.days - 1) return play(false);
      }
      timer = requestAnimationFrame(tick);
      return undefined;
    };
    set({});
    timer = requestAnimationFrame(tick);
  }

  function readOut(place) {
    const line = byId("readout");
    line.hidden = place === null;
    if (place === null) return;
    const { status, belief } = believed(record, telling(), place, state.day);
    const sure = status === UNKNOWN ? "" : `, ${percent(belief[status])}`;
    line.textContent = `${record.map.places[place].name}: ${statusName(record, status).toLowerCase()}${sure}`;
  }

  const step = (days) => seek(state.day + days);
  const event = (direction) => seek(nextEvent(telling(), state.day, direction) ?? state.day);
  const keys = {
    " ": () => play(!state.playing),
    ArrowLeft: (shift) => step(shift ? -WEEK : -1),
    ArrowRight: (shift) => step(shift ? WEEK : 1),
    Home: () => seek(0),
    End: () => seek(record.days - 1),
    n: () => event(1),
    b: () => event(-1),
    "?": () => byId("keys").showModal(),
    Escape: () => pick(null),
  };

  furnish(record, state, { set, play, step, event, pick, seek, map });
  document.addEventListener("keydown", (pressed) => {
    const act = keys[pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key];
    if (!act || pressed.ctrlKey || pressed.metaKey || pressed.altKey || byId("keys").open || hasOwnUse(pressed)) return;
    pressed.preventDefault();
    act(pressed.shiftKey);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    forgetColours(map);
    show();
  });
  addEventListener("hashchange", recall);
  build();
  const given = document.documentElement.dataset.day;
  if (given && !location.hash) location.hash = `#day=${given}`;
  recall();
}

/** Return whether the focused control needs the key for itself. */
function hasOwnUse({ key, target }) {
  if (target.matches("select, [type=radio], textarea, [type=text]")) return key.length > 1 || key === " ";
  return key === " " && target.matches("button, summary, [type=checkbox]");
}

/** Give every control its use. */
function furnish(record, state, { set, play, step, event, pick, seek, map }) {
  const on = (id, name, act) => byId(id).addEventListener(name, act);
  const range = byId("range");
  range.max = record.days - 1;
  range.addEventListener("input", () => set({ day: Number(range.value) }, { dragged: true }));
  on("play", "click", () => play(!state.playing));
  on("back", "click", () => step(-1));
  on("forward", "click", () => step(1));
  on("previous", "click", () => event(-1));
  on("next", "click", () => event(1));
  on("front", "change", () => set({}));
  on("table", "toggle", () => set({}));
  on("help", "click", () => byId("keys").showModal());
  on("zoom-in", "click", () => zoomBy(map, 1.6));
  on("zoom-out", "click", () => zoomBy(map, 1 / 1.6));
  on("zoom-all", "click", () => zoomBy(map, 0));
  on("strip", "click", (click) => seek(dayUnder(byId("strip"), record, click)));
  byId("speed").append(...SPEEDS.map((speed) => el("option", { value: speed, selected: speed === state.speed }, `${speed} days/s`.replace("1 days", "1 day"))));
  on("speed", "change", () => set({ speed: Number(byId("speed").value) }));
  byId("place").append(...placeOptions(record));
  on("place", "change", () => pick(byId("place").value === "" ? null : Number(byId("place").value)));
  if (record.tellings.length > 1) furnishTellings(record, set);
  makeLegend(record, byId("legend"));
  byId("axis").append(
    ...monthStarts(record).map(([day, month, year], i) => {
      const text = el("span", {}, `${monthName(month)}${i === 0 || month === 1 ? ` ${year}` : ""}`);
      text.style.left = `${(day / record.days) * 100}%`;
      return text;
    }),
  );
  byId("notes").textContent = record.notes.filter(Boolean).join(" ");
}

function placeOptions(record) {
  const named = record.map.places.map((place, i) => [place.name, i]).filter(([, i]) => !record.map.places[i].gateway).slice(0, MOST_OPTIONS);
  const sorted = named.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return [el("option", { value: "" }, "– no place –"), ...sorted.map(([name, i]) => el("option", { value: i }, name))];
}

function furnishTellings(record, set) {
  const form = byId("tellings");
  form.hidden = false;
  const radio = (telling, i) => el("label", {}, el("input", { type: "radio", name: "told", value: i, onchange: () => set({ told: i }) }), el("span", {}, telling.name));
  form.firstElementChild.append(...record.tellings.map(radio));
}

unpack(byId("data").textContent)
  .then(run)
  .catch((error) => {
    byId("trouble").hidden = false;
    byId("trouble").textContent = `This page could not be shown: ${error.message}. It needs Chrome or Edge 111, Firefox 113, Safari 16.4, or newer.`;
    throw error;
  });
