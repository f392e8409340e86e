// Run by tests/test_page.py: node --test, with the packed record of a toy in the file that QSIM_PACKED names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { gaps, monthStarts } from "../../qsim/page/chart.js";
import { UNDECIDED, UNKNOWN, advance, believed, changeAt, countsOf, cursorOf, historyOf, nextEvent, silentDays, testimonyOf, unpack } from "../../qsim/page/record.js";
import { differing } from "../../qsim/page/compare.js";
import { indexed, search, sound, stem } from "../../qsim/page/search.js";
import { DIRECTIONS, neighboursOf, nextTo, placeInWords } from "../../qsim/page/walk.js";
import { address, dayOf, isoDay, longDay, percent, readAddress, silence, statusWord, switchNames, waysOut } from "../../qsim/page/words.js";

const expected = JSON.parse(readFileSync(process.env.QSIM_EXPECTED, "utf8"));
const record = await unpack(readFileSync(process.env.QSIM_PACKED, "utf8"));
const telling = record.tellings[0];
const everywhere = record.map.places.keys();

test("every belief, status and silence of every day is what Python packed", () => {
  for (const place of everywhere) {
    for (let day = 0; day < record.days; day++) {
      const { status, belief } = believed(record, telling, place, day);
      assert.deepEqual([...belief.map((share) => Math.round(share * 255)), status], expected.state[day][place]);
      assert.equal(silentDays(telling, place, day), expected.silent[day][place]);
    }
  }
});

/** Return what a place should look like by what is believed of it: the status times four plus a step of tint. */
function lookOf(place, day) {
  const { status, belief } = believed(record, telling, place, day);
  const { sure, likely } = record.look;
  return status >= UNDECIDED ? status : status * 4 + [sure, likely].filter((least) => belief[status] <= least).length;
}

test("a cursor that is sent to and fro always shows what is believed of its day", () => {
  const cursor = cursorOf(record, telling);
  const expectedOn = (day) => Array.from({ length: record.map.places.length }, (_, place) => lookOf(place, day));
  for (const day of [0, 5, 3, record.days - 1, 0, 4, 4, 2, 8]) assert.deepEqual([...advance(cursor, day)], expectedOn(day), `day ${day}`);
});

test("two cursors of one telling do not move each other", () => {
  const [one, other] = [cursorOf(record, telling), cursorOf(record, telling)];
  advance(one, record.days - 1);
  assert.deepEqual([...other.looks], [...cursorOf(record, telling).looks]);
  assert.notDeepEqual([...one.looks], [...other.looks]);
});

test("a search among changes finds the last one up to a day", () => {
  const track = { starts: [0, 1, 4], days: [0, 0, 3, 7] };
  assert.deepEqual([0, 2, 3, 6, 7, 99].map((day) => changeAt(track, 1, day)), [1, 1, 2, 2, 3, 3]);
  assert.equal(changeAt(track, 0, 50), 0);
});

test("a history covers all days without a gap", () => {
  const spans = historyOf(record, telling, 1);
  assert.equal(spans[0].first, 0);
  assert.equal(spans.at(-1).after, record.days);
  for (let i = 1; i < spans.length; i++) assert.equal(spans[i].first, spans[i - 1].after);
});

test("claims are for, against or beside, the newest first, none of later days", () => {
  const place = record.map.places.findIndex((each) => each.id === "b");
  const { supporting, opposing, earlier } = testimonyOf(record, telling, place, record.days - 1);
  assert.deepEqual(supporting.map((claim) => claim.says), ["blue"]);
  assert.deepEqual(opposing, []);
  assert.deepEqual(earlier.map((claim) => claim.says), ["red"]);
  assert.deepEqual(testimonyOf(record, telling, place, 0).opposing, []);
});

test("a claim against that speaks of days since the first one for it is no earlier one", () => {
  const fields = { about: ["A"], on: [[0]], says: ["blue", "red", "blue", "contested"], from: [0, 2, 4, 1], until: [0, 2, 4, 9] };
  const claims = { letters: new TextEncoder().encode("abcd"), lengths: [1, 1, 1, 1], columns: [{ codes: [0, 0, 0, 0], fields: { about: fields.about, on: fields.on } }, { codes: [0, 1, 2, 3], fields: { says: fields.says, from: fields.from, until: fields.until } }] };
  const of = { statuses: ["red", "blue", "contested"], map: { places: [{}] }, days: 10, claims };
  const values = [10, 90, 0, 1, 50, 50, 0, UNDECIDED, 90, 10, 0, 0];
  const heard = { state: { starts: [0, 3], days: [0, 2, 6], values }, claims: [0, 1, 2, 3], weights: null };
  const { supporting, opposing, earlier } = testimonyOf(of, heard, 0, 8);
  assert.deepEqual([supporting, opposing, earlier].map((told) => told.map(({ id }) => id)), [["b"], ["d", "c"], ["a"]]);
});

test("of an undecided place none is for or against, and all are told", () => {
  const fields = { about: ["A", "A"], on: [[0], [0]], says: ["red", "blue"], from: [0, 0], until: [0, 0], note: [null, "said"] };
  const claims = { letters: new TextEncoder().encode("onetwo"), lengths: [3, 3], columns: [{ codes: [0, 1], fields }] };
  const of = { statuses: ["red", "blue", "contested"], map: { places: [{}] }, days: 1, claims };
  const heard = { state: { starts: [0, 1], days: [0], values: [100, 90, 65, UNDECIDED] }, claims: [0, 1], weights: [255, 40] };
  const { supporting, opposing, earlier } = testimonyOf(of, heard, 0, 0);
  assert.deepEqual(supporting.map(({ id, note, informed }) => [id, note, informed]), [["two", "said", 0.4], ["one", undefined, undefined]]);
  assert.deepEqual([opposing, earlier], [[], []]);
  assert.deepEqual(testimonyOf(of, { ...heard, claims: [1], weights: null }, 0, 0).supporting.map(({ id }) => id), ["two"]);
});

test("events lie before and after", () => {
  const days = telling.events.map((event) => event.day);
  assert.equal(nextEvent(telling, -1, 1), Math.min(...days));
  assert.equal(nextEvent(telling, record.days, -1), Math.max(...days));
  assert.equal(nextEvent(telling, record.days, 1), null);
});

test("counts add up", () => {
  const counts = countsOf(record, telling, [0, 1, 2], 0);
  assert.equal(counts.reduce((a, b) => a + b), 3);
});

test("an address is read back, and one that names nothing is left alone", () => {
  const place = record.map.places.findIndex((each) => each.id === "b");
  const moment = { day: 3, place, told: 0 };
  assert.deepEqual(readAddress(record, address(record, moment)).day, 3);
  assert.equal(readAddress(record, `#${isoDay(record, 3)}`).day, 3); // a day alone, as somebody types it
  assert.deepEqual(readAddress(record, address(record, moment)).place, place);
  assert.deepEqual(readAddress(record, "#day=1999-01-01&place=nowhere&told=nobody"), { day: null, place: null, told: null, view: null, off: [], beside: null, span: null, story: false });
  assert.deepEqual(readAddress(record, ""), { day: null, place: null, told: null, view: null, off: [], beside: null, span: null, story: false });
});

test("days, shares and silences in words", () => {
  assert.equal(isoDay(record, 2), "2001-01-03");
  assert.equal(longDay(record, 2), "3 January 2001");
  assert.equal(dayOf(record, "2001-01-03"), 2);
  assert.deepEqual([1, 0.9995, 0.996, 0.5, 0.001, 0].map(percent), ["100 %", "100 %", "over 99 %", "50 %", "0 %", "0 %"]);
  assert.deepEqual([null, 0, 1, 9].map(silence).map((text) => text.length > 10), [true, true, true, true]);
  assert.deepEqual([0, 1, 2].map(waysOut), ["cut off", "1 way out", "2 ways out"]);
});

test("a switch that says who tells does not say it again, unless two names would be one", () => {
  assert.deepEqual(switchNames(["Whole record", "Told by: government", "told by the opposition"]), ["Whole record", "government", "the opposition"]);
  assert.deepEqual(switchNames(["Told by", "told by a", "Tolerant"]), ["Told by", "a", "Tolerant"]);
  assert.deepEqual(switchNames(["a", "Told by: a"]), ["a", "Told by: a"]);
});

test("an address gives back the state that it was made of", () => {
  const other = { ...record, tellings: [{ name: "one" }, { name: "two, of a side" }] };
  const moments = [
    { day: 3, place: 1, told: 1, view: null, off: [], beside: null, span: null, story: false },
    { day: 0, place: null, told: 0, view: [500, 300, 2.5], off: ["front", "names"], beside: { day: 5, told: null }, span: [0, 4], story: false },
    { day: 9, place: 2, told: 0, view: null, off: ["ground"], beside: { day: null, told: 1 }, span: null, story: true },
    { day: 9, place: 2, told: 1, view: null, off: [], beside: { day: 0, told: 0 }, span: [3, 9], story: false },
  ];
  for (const moment of moments) assert.deepEqual(readAddress(other, address(other, moment)), moment);
});

test("what differs between two looks is told by status, not by how sure it is, and of a city by its parts", () => {
  const of = { map: { places: [{}, {}, {}, { gateway: 1 }, {}], cities: [{ place: 4 }] } };
  assert.deepEqual(differing(of, [0, 4, UNDECIDED, 0, 0], [1, 8, 4, 4, 4]), [
    { place: 1, here: 1, there: 2 },
    { place: 2, here: UNDECIDED, there: 1 },
  ]);
  assert.deepEqual(differing(of, [0, 4, 9, 0, 0], [2, 5, 8, 4, 4]), []);
});

test("gaps are spans of four days or more without reports", () => {
  assert.deepEqual(gaps([1, 0, 0, 0, 0, 2, 0, 0, 1]), [[1, 5]]);
  assert.deepEqual(gaps([0, 0, 0, 0]), [[0, 4]]);
  assert.deepEqual(monthStarts(record), [[0, 1, 2001, 1]]);
});

test("a place is found by its stem, by other spellings, by its sound and in its own script", () => {
  const places = [
    { name: "Al-Zahra", ar: "الزهراء" },
    { name: "Al-Tall'a Air Base", also: ["Mill airport"] },
    { name: "Al-Tall'a" },
    { name: "Qarah", ar: "قارة", also: ["Karah"] },
    { name: "Beyond", gateway: 1 },
    { name: "Kobanî" },
    { name: "Square 10" },
    { name: "Square 9" },
  ];
  const found = (text) => search(indexed(places), text).map(({ place }) => place);
  assert.deepEqual(found("zah"), [0]);
  assert.deepEqual(found("al-zah"), [0]);
  assert.deepEqual(found("talla"), [2, 1], "the name itself, then what begins with it");
  assert.deepEqual(found("زهراء"), [0]);
  assert.deepEqual(found("قاره"), [3], "one form of a letter for another");
  assert.deepEqual(found("airport"), [1]);
  assert.deepEqual(found("KOBANI"), [5]);
  assert.deepEqual(found("ghara"), []);
  assert.deepEqual(found("kaara"), [3]);
  assert.deepEqual(found("beyond"), [], "what lies beyond the map cannot be chosen");
  assert.deepEqual(found("square"), [7, 6]);
  assert.equal(found("  ").length, 7);
  assert.equal(search(indexed(places), "mill")[0].by, "Mill airport");
  assert.equal(stem("al-Dab’a"), stem("Daba"));
  assert.equal(sound(stem("Qusayr")), sound(stem("Kusair")));
});

// a b c
// d e f   a village each, ten units apart, two of them a kilometre; in e's place a city of two parts, q and r; h far in the south-west, a gateway in the north
//
const walked = {
  km: 0.1,
  cities: [],
  places: ["a", "b", "c", "d", "e", "f"].map((name, i) => ({ name, x: 10 * (i % 3), y: 10 * Math.floor(i / 3) })).concat([
    { name: "q", x: 9, y: 10, parent: 4 },
    { name: "r", x: 11, y: 10, parent: 4 },
    { name: "h", x: -40, y: 50 },
    { name: "gate", x: 10, y: -2, gateway: 1 },
    { name: "house", x: 10, y: 8, parent: 4, within: 6 },
  ]),
};
const named = (place) => (place === null ? null : walked.places[place].name);
const way = (from, direction) => named(nextTo(walked, walked.places.findIndex(({ name }) => name === from), DIRECTIONS.indexOf(direction)));

test("the nearest place in each eighth of the compass lies around a place, and no part, house or gateway", () => {
  const around = neighboursOf(walked, 1).map(({ place, direction, km }) => [DIRECTIONS[direction], named(place), km.toFixed(1)]);
  assert.deepEqual(around, [["east", "c", "1.0"], ["south-east", "f", "1.4"], ["south", "e", "1.0"], ["south-west", "d", "1.4"], ["west", "a", "1.0"]]);
});

test("arrows lead to the nearest place ahead, from the edge nowhere, and round among the parts of a city", () => {
  assert.deepEqual(["east", "south", "west", "north"].map((direction) => way("a", direction)), ["b", "d", null, null]);
  assert.equal(way("b", "south"), "e");
  assert.equal(way("d", "west"), "h", "far, but in the quarter");
  assert.equal(way("q", "east"), "r");
  assert.equal(way("r", "east"), "f");
  assert.equal(way("r", "west"), "q");
});

test("whoever walks on one way comes to an end, and never back", () => {
  for (let place = 0; place < 6; place++) {
    const seen = new Set();
    for (let at = place; at !== null; at = nextTo(walked, at, 0)) {
      assert.ok(!seen.has(at));
      seen.add(at);
    }
  }
});

test("a place in words says who holds it, how sure, and since when", () => {
  for (const place of record.map.places.keys()) {
    const { status, belief } = believed(record, telling, place, 8);
    const said = placeInWords(record, telling, place, 8);
    assert.ok(said.startsWith(record.map.places[place].name));
    if (status < UNDECIDED) assert.ok(said.includes(percent(belief[status])), said);
    if (status !== UNKNOWN) assert.match(said, /since \d+ [A-Z][a-z]+ 2001/);
    else assert.equal(said, `${record.map.places[place].name}, village: unknown. Nothing had been reported by then of who held it.`);
  }
});

test("months are named at even distances, as many as are asked for, and the first day where it has room", () => {
  const years = { start: "2030-12-20", days: 1500 };
  assert.deepEqual(monthStarts(years, 0, 1499, 5).map(([, month, year, date]) => [month, year, date]), [[1, 2031, 1], [1, 2032, 1], [1, 2033, 1], [1, 2034, 1], [1, 2035, 1]]);
  assert.deepEqual(monthStarts(years, 0, 80, 6).map(([, month, year, date]) => [month, year, date]), [[1, 2031, 1], [2, 2031, 1], [3, 2031, 1]]);
  assert.deepEqual(monthStarts(years, 20, 25, 6).map(([day, month, , date]) => [day, month, date]), [[20, 1, 9]]);
  for (const most of [2, 5, 9, 14]) assert.ok(monthStarts(years, 0, 1499, most).length <= most + 1);
});

test("a status within a sentence keeps the name of a side as it is written", () => {
  assert.deepEqual([0, record.statuses.length - 1, UNDECIDED, UNKNOWN].map((status) => statusWord(record, status)), ["Red", "contested", "undecided", "unknown"]);
});
