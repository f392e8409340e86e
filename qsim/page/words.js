// Days, numbers and the address in words. Nothing here touches the page.

import { UNDECIDED } from "./record.js";

export const DAY_MS = 86400000;
const MONTHS = "January February March April May June July August September October November December".split(" ");

export const LAYERS = { front: "Front line", ring: "Ring and roads out", changes: "Changes of the day", names: "Names", ground: "Roads, waters, border", picture: "Picture of the ground" };

/** Return a text with a capital at its head. */
export const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Return the name of a month, 1 to 12. */
export const monthName = (month) => MONTHS[month - 1];

/** Return the ISO date of a day of the record. */
export const isoDay = (record, day) => new Date(Date.parse(record.start) + day * DAY_MS).toISOString().slice(0, 10);

/** Return a day as readers write it: "29 May 2013". */
export function longDay(record, day) {
  const [year, month, date] = isoDay(record, day).split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

/** Return the day of the record that an ISO date names, or null where it names none. */
export function dayOf(record, text) {
  const day = Math.round((Date.parse(text) - Date.parse(record.start)) / DAY_MS);
  return Number.isFinite(day) && day >= 0 && day < record.days ? day : null;
}

/**
 * Return what an address (a day alone, or `#day=...&place=...&told=...&with=...&span=FIRST/LAST&view=x,y,zoom&off=names,front&story=on`) names: positions, null where it names
 * nothing that is there; the view as the middle, in units of the map, and the zoom; the layers that are left out; the second moment; the span of days; whether the story is told.
 */
export function readAddress(record, hash) {
  const text = hash.replace(/^#/, "");
  const given = new URLSearchParams(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `day=${text}` : text);
  const place = record.map.places.findIndex((each) => each.id === given.get("place"));
  const told = record.tellings.findIndex((each) => each.name === given.get("told"));
  const off = (given.get("off") ?? "").split(",").filter((layer) => Object.hasOwn(LAYERS, layer));
  return { day: dayOf(record, given.get("day") ?? ""), place: place < 0 ? null : place, told: told < 0 ? null : told, view: viewIn(given.get("view") ?? ""), off, beside: besideIn(record, given.get("with") ?? ""), span: spanIn(record, given.get("span") ?? ""), story: given.get("story") === "on" };
}

/** Return the second moment that an address names, `DAY`, `TELLING` or `DAY,TELLING`: { day, told }, null where one is that of the first. */
function besideIn(record, text) {
  const [, iso = "", name = ""] = /^(\d{4}-\d{2}-\d{2})?,?(.*)$/.exec(text) ?? [];
  const day = dayOf(record, iso);
  const told = record.tellings.findIndex((each) => each.name === name);
  return day === null && told < 0 ? null : { day, told: told < 0 ? null : told };
}

/** Return the span of days that an address names, `FIRST/LAST`, or null. */
function spanIn(record, text) {
  const [first, last] = text.split("/").map((iso) => dayOf(record, iso));
  return Number.isInteger(first) && Number.isInteger(last) && first < last && last - first + 1 < record.days ? [first, last] : null;
}

function viewIn(text) {
  const numbers = text.split(",").map(Number);
  return numbers.length === 3 && numbers.every(Number.isFinite) && numbers[2] > 1 ? numbers : null;
}

/** Return the address of a moment, of what part of the map is seen, and of what is left out. */
export function address(record, { day, place, told, view = null, off = [], beside = null, span = null, story = false }) {
  const parts = new URLSearchParams({ day: isoDay(record, day) });
  if (place !== null) parts.set("place", record.map.places[place].id);
  if (record.tellings.length > 1) parts.set("told", record.tellings[told].name);
  if (beside) parts.set("with", [beside.day === null ? null : isoDay(record, beside.day), beside.told === null ? null : record.tellings[beside.told].name].filter((each) => each !== null).join(","));
  const days = span ? `&span=${span.map((each) => isoDay(record, each)).join("/")}` : "";
  const seen = view ? `&view=${view.map((each, i) => each.toFixed(i < 2 ? 0 : 2)).join(",")}` : "";
  const left = off.length ? `&off=${off.join(",")}` : "";
  return `#${parts}${days}${seen}${left}${story ? "&story=on" : ""}`;
}

/** Return the names of tellings for a switch that says "Told by" before them: without these words of their own. */
export function switchNames(names) {
  const short = names.map((name) => name.replace(/^told by\b:?\s*(?=\S)/i, ""));
  return new Set(short).size === names.length ? short : names;
}

/** Return the name of a status as readers know it. */
export function statusName(record, status) {
  if (status === UNDECIDED) return "Undecided";
  if (status >= record.statuses.length) return "Unknown";
  return record.sides[status]?.name ?? "Contested";
}

/** Return for which side a source speaks, by its name, or that it is neutral. */
export const sideOf = (record, source) => record.sides.find((side) => side.id === source.side)?.name ?? source.side ?? "neutral";

/** Return a status within a sentence: a side by its name as it is written, the others in small letters. */
export const statusWord = (record, status) => (status < record.sides.length ? record.sides[status].name : statusName(record, status).toLowerCase());

/** Return a share 0..1 in per cent; nothing that is not certain reads as 0 or 100. */
export function percent(share) {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 0.999) return "over 99 %";
  if (rounded === 0 && share > 0.001) return "under 1 %";
  return `${rounded} %`;
}

/** Return when anything was last said of a place, in words. */
export function silence(days) {
  if (days === null) return "Nothing had been reported by then of who held it.";
  if (days === 0) return "Reported on this day.";
  return `Last reported ${days === 1 ? "the day" : `${days} days`} before.`;
}

/** Return the ways out in words. */
export const waysOut = (count) => (count === 0 ? "cut off" : `${count} way${count > 1 ? "s" : ""} out`);

/** Return what a day's range control says: the date and what changed on it. */
export function dayText(record, day, events) {
  const told = events.length ? `${events.length} event${events.length > 1 ? "s" : ""}` : "no change reported";
  return `${longDay(record, day)}, day ${day + 1} of ${record.days}, ${told}`;
}
