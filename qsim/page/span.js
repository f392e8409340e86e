// A span of the days: brushed on the strip of reports, or given by its ends; the strip shows it alone, and playing stays within it.

import { dayUnder, monthStarts } from "./chart.js";
import { byId, draw, el } from "./dom.js";
import { isoDay, longDay, dayOf, monthName } from "./words.js";

const LEAST_PX = 6; // a hand that moves less clicks
const LEAST_DAYS = 2;
const MONTH_PX = 92; // the room that the name of a month takes, with its year
const LETTER_WIDE_PX = 6.5;

/** Return the first and the last day of a span, those of the record without one. */
export const endsOf = ({ record, span }) => span ?? [0, record.days - 1];

/** Let a span be brushed, or be given by its ends; `set` changes the state, `click(day)` is called where a hand only clicks. */
export function makeSpan(record, set, click) {
  const from = byId("span-from");
  const to = byId("span-to");
  for (const box of [from, to]) Object.assign(box, { min: isoDay(record, 0), max: isoDay(record, record.days - 1) });
  const choose = (span) => set({ span: span && span[1] - span[0] + 1 < record.days ? span : null }, { chosen: true });
  const given = () => {
    const [first, last] = [dayOf(record, from.value) ?? 0, dayOf(record, to.value) ?? record.days - 1];
    if (last - first + 1 >= LEAST_DAYS) choose([first, last]);
  };
  from.addEventListener("change", given);
  to.addEventListener("change", given);
  byId("span-all").addEventListener("click", () => choose(null));
  brush(record, byId("strip"), choose, click);
}

/** Let a hand draw a span on the strip. */
function brush(record, host, choose, click) {
  let begun = null;
  const strip = () => host.firstElementChild;
  const mark = (event) => {
    const days = [dayUnder(strip(), record, begun), dayUnder(strip(), record, event)].sort((a, b) => a - b);
    const { height } = strip().viewBox.baseVal;
    const unit = Number(strip().dataset.wide) / record.days;
    strip().querySelector(".brush").setAttribute("d", `M${days[0] * unit},0H${(days[1] + 1) * unit}V${height}H${days[0] * unit}Z`);
    return days;
  };
  const moved = (event) => begun !== null && Math.abs(event.clientX - begun.clientX) >= LEAST_PX;
  host.addEventListener("pointerdown", (event) => {
    begun = event;
    strip().append(draw("path", { class: "brush" }));
    host.setPointerCapture(event.pointerId);
  });
  host.addEventListener("pointermove", (event) => moved(event) && mark(event));
  const end = (event) => {
    if (begun === null) return;
    const days = moved(event) && event.type === "pointerup" ? mark(event) : null;
    begun = null;
    strip().querySelector(".brush")?.remove();
    if (days && days[1] - days[0] + 1 >= LEAST_DAYS) choose(days);
    else if (event.type === "pointerup") click(dayUnder(strip(), record, event));
  };
  host.addEventListener("pointerup", end);
  host.addEventListener("pointercancel", end);
}

/** Show the span that is chosen: on the strip, the axis below it, the slider, and in words. */
export function showSpan(player) {
  const { record, strip, span } = player;
  const [first, last] = endsOf(player);
  const { height } = strip.viewBox.baseVal;
  const unit = Number(strip.dataset.wide) / record.days;
  strip.setAttribute("viewBox", `${first * unit} 0 ${(last - first + 1) * unit} ${height}`);
  Object.assign(byId("range"), { min: first, max: last });
  showAxis(player);
  byId("span-from").value = span ? isoDay(record, first) : "";
  byId("span-to").value = span ? isoDay(record, last) : "";
  byId("span-all").hidden = !span;
  byId("span-all").textContent = span ? `${longDay(record, first)} – ${longDay(record, last)}: show all days` : "";
}

/** Name the months below the strip, as many as there is room for. */
export function showAxis(player) {
  const axis = byId("axis");
  axis.replaceChildren(...months(player.record, ...endsOf(player), axis.clientWidth || 800));
}

/** Return the names of months where they begin, or the first day of the span; a year is named once. */
function months(record, first, last, wide) {
  const shown = monthStarts(record, first, last, Math.max(2, Math.floor(wide / MONTH_PX)));
  const yearly = shown.length > 1 && shown.slice(1).every(([, month]) => month === 1);
  return shown.map(([day, month, year, date], i) => {
    const at = (day - first) / (last - first + 1);
    const next = i + 1 < shown.length ? (shown[i + 1][0] - first) / (last - first + 1) : 1;
    const newly = i === 0 || shown[i - 1][2] !== year ? ` ${year}` : "";
    const begun = date === 1 ? "" : `${date} `;
    const tried = yearly && month === 1 && date === 1 ? [`${year}`] : [`${begun}${monthName(month)}${newly}`, `${begun}${monthName(month).slice(0, 3)}${newly}`, newly.trim()];
    const text = el("span", {}, tried.find((each) => 8 + LETTER_WIDE_PX * each.length <= wide * (next - at)) ?? "");
    text.style.left = `${at * 100}%`;
    return text;
  });
}
