// The packed record: unpacking it, and looking a day up. Nothing here touches the page.

export const UNKNOWN = 255;
export const UNDECIDED = 254; // no status has more than half of the belief
export const NEVER = -32768;
const NO_WEIGHT = 255; // of a claim, in per cent
const TYPES = { u: Uint8Array, h: Uint16Array, s: Int16Array, i: Int32Array };

/** Return the record in base64 of raw deflate. */
export async function unpack(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return parse(await new Response(stream).arrayBuffer());
}

/** Return the record in a block of bytes: a JSON head, then the arrays that it stands for. */
export function parse(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const arrays = head.blobs.map(([type, at, length]) => new TYPES[type](buffer, 4 + size + at, length));
  const fill = (item) => {
    if (item === null || typeof item !== "object") return item;
    if ("blob" in item) return arrays[item.blob];
    for (const key of Object.keys(item)) item[key] = fill(item[key]);
    return item;
  };
  for (const telling of head.tellings) {
    fill(telling);
    unroll(telling.state);
    unroll(telling.heard);
    if (telling.claims) addUp(telling.claims);
  }
  if (head.map.raster) fill(head.map.raster);
  fill(head.claims);
  return head;
}

/** Put into a track, in the place of how much more each day and number is than the one before, the days, and the numbers of each change together. */
function unroll(track) {
  const { days, values } = track;
  addUp(days);
  const size = values.length / days.length;
  track.values = new values.constructor(values.length);
  for (let k = 0, from = 0; k < size; k++)
    for (let i = 0, at = k, sum = 0; i < days.length; i++, at += size) {
      sum += values[from++];
      track.values[at] = sum; // which goes round at the end of its bits, as the differences did
    }
}

function addUp(numbers) {
  for (let i = 1; i < numbers.length; i++) numbers[i] += numbers[i - 1];
}

/** Return a claim by its position: its id, and all fields that say something of it. */
export function claimAt({ claims }, position) {
  claims.begins ??= beginsOf(claims.lengths);
  const claim = { id: new TextDecoder().decode(claims.letters.subarray(claims.begins[position], claims.begins[position + 1])) };
  for (const { codes, fields } of claims.columns)
    for (const [name, values] of Object.entries(fields)) if (values[codes[position]] !== null) claim[name] = values[codes[position]];
  return claim;
}

/** Return where each of several things that lie one after another begins, and where the last ends. */
function beginsOf(sizes) {
  const begins = new Int32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) begins[i + 1] = begins[i] + sizes[i];
  return begins;
}

/** Return the positions of the claims that speak of a place, or stand beside it, in order; of all places they are looked up once. */
function claimsOn({ claims, map }, place) {
  const column = claims.columns.find(({ fields }) => fields.on || fields.by);
  if (!column) return [];
  if (!claims.places) {
    const { codes, fields } = column;
    const near = Array.from(fields.about, (_, code) => [...(fields.on?.[code] ?? []), ...(fields.by?.[code] ?? [])]);
    const sizes = new Int32Array(map.places.length);
    for (const code of codes) for (const each of near[code]) sizes[each]++;
    const begins = beginsOf(sizes);
    const next = begins.slice();
    const positions = new Int32Array(begins.at(-1));
    for (let i = 0; i < codes.length; i++) for (const each of near[codes[i]]) positions[next[each]++] = i;
    claims.places = { begins, positions };
  }
  const { begins, positions } = claims.places;
  return positions.subarray(begins[place], begins[place + 1]);
}

/** Return where a claim stands among those of a telling, or -1 where it is none of them. */
export function standing(telling, position) {
  const { claims } = telling;
  let [low, high] = [0, (claims?.length ?? 0) - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (claims[middle] < position) low = middle + 1;
    else high = middle;
  }
  return claims?.[low] === position ? low : -1;
}

/** Return the position of the last change of a place up to a day. */
export function changeAt(track, place, day) {
  const { starts, days } = track;
  let low = starts[place];
  let high = starts[place + 1] - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (days[middle] <= day) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Return the status of a place on a day and the belief in each, 0..1, none where it is unknown. */
export function believed(record, telling, place, day) {
  const size = record.statuses.length + 1;
  const at = changeAt(telling.state, place, day) * size;
  const values = telling.state.values;
  const status = values[at + size - 1];
  const belief = record.statuses.map((_, i) => values[at + i] / 255);
  return { status, belief, flat: Math.max(...belief) - Math.min(...belief) < 0.005 };
}

/**
 * Return the changes of a telling by day, made once: `looks` of the first day, and then for each change of a look, the earliest first, its
 * place and the look before and after; those of a day begin at `first[day]`. A look is the status times four plus the step of tint,
 * or that of the unknown or the undecided.
 */
export function changesOf(record, telling) {
  if (telling.changes) return telling.changes;
  const { starts, days } = telling.state;
  const count = starts.length - 1;
  const looks = looksOfChanges(record, telling.state);
  const first = new Int32Array(record.days + 1);
  const turns = (visit) => {
    for (let place = 0; place < count; place++) for (let i = starts[place] + 1; i < starts[place + 1]; i++) if (looks[i] !== looks[i - 1]) visit(place, i);
  };
  turns((_, i) => first[days[i] + 1]++);
  for (let day = 1; day <= record.days; day++) first[day] += first[day - 1];
  const size = first[record.days];
  const found = { looks: new Uint8Array(count), first, places: new Int32Array(size), was: new Uint8Array(size), becomes: new Uint8Array(size) };
  for (let place = 0; place < count; place++) found.looks[place] = looks[starts[place]];
  const next = first.slice();
  turns((place, i) => {
    const at = next[days[i]]++;
    found.places[at] = place;
    found.was[at] = looks[i - 1];
    found.becomes[at] = looks[i];
  });
  telling.changes = found;
  return found;
}

function looksOfChanges(record, { values }) {
  const size = record.statuses.length + 1;
  const sure = record.look.sure * 255;
  const likely = record.look.likely * 255;
  const looks = new Uint8Array(values.length / size);
  for (let i = 0, at = 0; i < looks.length; i++, at += size) {
    const status = values[at + size - 1];
    const belief = values[at + status];
    looks[i] = status >= UNDECIDED ? status : status * 4 + (belief <= sure ? 1 : 0) + (belief <= likely ? 1 : 0);
  }
  return looks;
}

/** Return a cursor on the first day of a telling: `looks` of every place, which `advance` moves to another day. */
export function cursorOf(record, telling) {
  const changes = changesOf(record, telling);
  return { changes, day: 0, looks: changes.looks.slice() };
}

/** Move a cursor to a day, over the changes that lie between, and return its looks. */
export function advance(cursor, day) {
  const { looks } = cursor;
  const { first, places, was, becomes } = cursor.changes;
  const [here, there] = [first[cursor.day + 1], first[day + 1]];
  for (let i = here; i < there; i++) looks[places[i]] = becomes[i];
  for (let i = here - 1; i >= there; i--) looks[places[i]] = was[i];
  cursor.day = day;
  return looks;
}

/** Return the spans of days on which what is believed of a place stays the same: [{ first, after, status, belief }]. */
export function historyOf(record, telling, place) {
  const { starts, days } = telling.state;
  const spans = [];
  for (let i = starts[place]; i < starts[place + 1]; i++) {
    const after = i + 1 < starts[place + 1] ? days[i + 1] : record.days;
    spans.push({ first: days[i], after, ...believed(record, telling, place, days[i]) });
  }
  return spans;
}

/** Return how many days ago anything was last said of who held the place, or null where nothing ever was. */
export function silentDays(telling, place, day) {
  const heard = telling.heard.values[changeAt(telling.heard, place, day)];
  return heard === NEVER ? null : day - heard;
}

/** Return how many of some places are of each status on a day, the undecided and the unknown last. */
export function countsOf(record, telling, places, day) {
  const counts = Array.from({ length: record.statuses.length + 2 }, () => 0);
  for (const place of places) {
    const { status } = believed(record, telling, place, day);
    counts[status >= UNDECIDED ? record.statuses.length + (status - UNDECIDED) : status]++;
  }
  return counts;
}


/** Return the day up to this one on which a place last changed its status, or null. */
export function lastChange(record, telling, place, day) {
  const spans = historyOf(record, telling, place).filter((span) => span.first <= day);
  const last = spans.findLastIndex((span, i) => i > 0 && span.status !== spans[i - 1].status);
  return last < 0 ? null : spans[last].first;
}

/** Return the day on which a place last changed to what it is on a day: where it was undecided between, that of the first claim for it since it was anything else. */
function changedOn(record, telling, place, day, supporting) {
  const turn = lastChange(record, telling, place, day) ?? -Infinity;
  const spans = historyOf(record, telling, place).filter((span) => span.first <= day);
  const now = spans.at(-1).status;
  if (now >= UNDECIDED) return turn;
  const free = spans.findLast(({ status }) => status < UNDECIDED && status !== now)?.after ?? -Infinity;
  return Math.min(turn, ...supporting.filter(({ until }) => until >= free).map(({ from }) => Math.max(from, free)));
}

/**
 * Return the claims for, against and beside what is believed of a place on a day, the newest first; those against it that speak
 * only of days before the place last changed are told apart as `earlier`. Of an undecided place
 * none is for or against, and all are told together as `supporting`.
 */
export function testimonyOf(record, telling, place, day) {
  const { status } = believed(record, telling, place, day);
  const name = record.statuses[status] ?? "";
  const found = { supporting: [], opposing: [], earlier: [], beside: [] };
  for (const position of [...claimsOn(record, place)].reverse()) {
    const at = standing(telling, position);
    if (at < 0) continue;
    const claim = claimAt(record, position);
    const direct = claim.on?.includes(place);
    if (claim.from > day || (telling.known && claim.known > day)) continue;
    const weight = telling.weights?.[at] ?? NO_WEIGHT;
    const told = { ...claim, position, informed: weight === NO_WEIGHT ? undefined : weight / 100 };
    if (!direct) found.beside.push(told);
    else if (!name || claim.says === name) found.supporting.push(told);
    else found.opposing.push(told);
  }
  const since = changedOn(record, telling, place, day, found.supporting);
  found.earlier = found.opposing.filter(({ until }) => until < since);
  found.opposing = found.opposing.filter(({ until }) => until >= since);
  return found;
}

/** Return the events of a day. */
export const eventsOn = (telling, day) => telling.events.filter((event) => event.day === day);

/** Return the day of the next event in a direction, or null where there is none. */
export function nextEvent(telling, day, step) {
  const days = telling.events.map((event) => event.day).filter((other) => (other - day) * step > 0);
  return days.length ? (step > 0 ? Math.min(...days) : Math.max(...days)) : null;
}
