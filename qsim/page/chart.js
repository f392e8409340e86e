// Small charts over the days: reports and gaps, a place's history, the share of a city with its band.

import { draw, paint } from "./dom.js";
import { edgeOf } from "./fills.js";
import { UNKNOWN, historyOf } from "./record.js";
import { DAY_MS, isoDay } from "./words.js";

const across = (record, width) => (day) => ((day + 0.5) / record.days) * width;

/** Return a drawing that fills its box, `width` by `height` units. */
function chart(width, height, label, ...children) {
  const box = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label, class: "chart", "data-wide": width };
  return draw("svg", box, ...children);
}

/** Return the strip of reports: a bar a day, a hatch where nobody reported for four days or more, ticks for events. */
export function reportStrip(record, telling, width = 1000, height = 40) {
  const x = across(record, width);
  const most = Math.max(1, ...(telling.reports ?? []));
  const wide = Math.max(1, (width / record.days) * 0.72);
  const bars = (telling.reports ?? []).map((count, day) => {
    const tall = count ? 3 + (count / most) * (height - 15) : 0;
    return tall ? `M${x(day) - wide / 2},${height - tall}h${wide}v${tall}h${-wide}Z` : "";
  });
  const ticks = [...new Set(telling.events.map((event) => event.day))].map((day) => `M${x(day)},1v7`);
  return chart(
    width,
    height,
    "Reports a day; ticks above are events",
    gaps(telling.reports ?? []).map(([first, after]) =>
      draw("rect", { class: "gap", x: (first / record.days) * width, y: 12, width: ((after - first) / record.days) * width, height: height - 12 }),
    ),
    draw("path", { class: "bars", d: bars.join("") }),
    draw("path", { class: "ticks", d: ticks.join("") }),
    draw("path", { class: "cursor" }),
  );
}

const EVERY = [1, 2, 3, 6, 12, 24, 60, 120, 600]; // months from one that is named to the next

/**
 * Return the first days of months from one day to another, at even distances and at most so many, and the first of these days where it has room:
 * [day, month, year, date].
 */
export function monthStarts(record, from = 0, to = record.days - 1, most = 12) {
  const [year, month] = isoDay(record, from).split("-").map(Number);
  const [lastYear, lastMonth] = isoDay(record, to).split("-").map(Number);
  const begun = Date.parse(record.start) / DAY_MS;
  const all = Array.from({ length: (lastYear - year) * 12 + lastMonth - month + 1 }, (_, i) => year * 12 + month - 1 + i);
  const days = all.map((each) => [Date.UTC(Math.floor(each / 12), each % 12, 1) / DAY_MS - begun, (each % 12) + 1, Math.floor(each / 12), 1]).filter(([day]) => day >= from);
  const every = EVERY.find((step) => days.filter(([, m, y]) => (y * 12 + m - 1) % step === 0).length <= most) ?? EVERY.at(-1);
  const kept = days.filter(([, m, y]) => (y * 12 + m - 1) % every === 0);
  const room = kept.length < 1 || kept[0][0] - from >= (to - from + 1) / most;
  return room ? [[from, month, year, Number(isoDay(record, from).slice(8))], ...kept] : kept;
}

/** Return the spans of days [first, after) without any report, `least` days long or more. */
export function gaps(reports, least = 4) {
  const found = [];
  let first = null;
  for (let day = 0; day <= reports.length; day++) {
    const silent = day < reports.length && reports[day] === 0;
    if (silent && first === null) first = day;
    if (!silent && first !== null) {
      if (day - first >= least) found.push([first, day]);
      first = null;
    }
  }
  return found;
}

/** Return the history of a place: the belief in each status stacked over the days, grey where nothing is known; what is on top of a status is in its whole colour. */
export function historyStrip(record, telling, place, fills, width = 1000, height = 44) {
  const spans = historyOf(record, telling, place);
  const unit = width / record.days;
  const areas = record.statuses.map(() => "");
  const tops = record.statuses.map(() => "");
  let unknown = "";
  for (const { first, after, status, belief } of spans) {
    const [x, wide] = [first * unit, (after - first) * unit];
    if (status === UNKNOWN) {
      unknown += `M${x},0h${wide}v${height}h${-wide}Z`;
      continue;
    }
    let y = height;
    for (const s of stacking(belief.length)) {
      const tall = belief[s] * height;
      areas[s] += `M${x},${y}h${wide}v${-tall}h${-wide}Z`;
      y -= tall;
      if (tall > 1) tops[s] += `M${x},${y + 1}h${wide}`;
    }
  }
  const paths = [...areas.map((d, s) => paint(draw("path", { d }), fills(s, 0, "small"))), ...tops.map((d, s) => paint(draw("path", { class: "edged", d }), null, edgeOf(s, record)))];
  const label = "Belief by status over the days, stacked; grey where nothing is known";
  return chart(width, height, label, draw("path", { d: unknown, class: "nothing" }), ...paths, draw("path", { class: "cursor" }));
}

/** Return the order in which statuses are stacked from below: the first side, contested, the other sides. */
const stacking = (count) => [0, count - 1, ...Array.from({ length: count - 2 }, (_, i) => i + 1)];

/** Return the share of a city over the days with its band, and what was reported of it as points. */
export function shareChart(record, city, colour, width = 1000, height = 150) {
  const x = across(record, width);
  const y = (share) => height - (share / 100) * height;
  const begins = (day) => (day && city.share[day - 1] !== null ? "L" : "M");
  const line = city.share.map((share, day) => (share === null ? "" : `${begins(day)}${x(day)},${y(share)}`)).join("");
  const parts = [0, 50, 100].map((share) => draw("path", { class: "rule", d: `M0,${y(share)}H${width}` }));
  if (city.low) {
    const there = city.high.map((share, day) => `${day ? "L" : "M"}${x(day)},${y(share)}`);
    const back = city.low.map((share, day) => `L${x(day)},${y(share)}`).reverse();
    const band = paint(draw("path", { class: "band", d: `${there.join("")}${back.join("")}Z` }), colour);
    parts.push(band);
  }
  parts.push(paint(draw("path", { class: "line", d: line }), null, colour));
  const dots = city.reported.map(([day, share]) => `M${x(day)},${y(share)}h0`).join("");
  parts.push(draw("path", { class: "said-rim", d: dots }), draw("path", { class: "said", d: dots }), draw("path", { class: "cursor" }));
  return chart(width, height, "Share of the city over the days", ...parts);
}

/** Put a chart's cursor on a day. */
export function moveCursor(svg, record, day) {
  const { height } = svg.viewBox.baseVal;
  svg.querySelector(".cursor")?.setAttribute("d", `M${across(record, Number(svg.dataset.wide))(day)},0V${height}`);
}

/** Return the day under a pointer on a chart. */
export function dayUnder(svg, record, event) {
  const box = svg.getBoundingClientRect();
  const { x, width } = svg.viewBox.baseVal;
  const day = Math.floor(((x + ((event.clientX - box.left) / box.width) * width) / Number(svg.dataset.wide)) * record.days);
  return Math.min(record.days - 1, Math.max(0, day));
}
