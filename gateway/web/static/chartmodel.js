// What a chart shows, out of what it shows now and what it showed before: one list of samples, with their lines and marks.

const filled = (line, length) => (Array.isArray(line) ? line : new Array(length).fill(line));
const ABOVE = new Set(["mr", "r", "s", "t2", "spe", "mewma", "upper", "lower"]);
const LINES = ["value", "center", "lcl", "ucl"];

/** Panels of both, the older first; where both have a time, what is now counts. */
function panels(older, newer) {
  const cut = newer.times.length ? older.times.findIndex((ms) => ms >= newer.times[0]) : -1;
  const kept = cut < 0 ? older.times.length : cut;
  const times = [...older.times.slice(0, kept), ...newer.times].map((ms) => ms / 1000);
  const byName = new Map(older.panels.map((panel) => [panel.name, panel]));
  const names = newer.panels.length ? newer.panels : older.panels;
  return {
    times,
    panels: names.map(({ name }) => {
      const [old, now] = [byName.get(name), newer.panels.find((panel) => panel.name === name)];
      const made = { name, rules: new Map() };
      for (const each of LINES) {
        made[each] = [...(old ? filled(old[each], older.times.length).slice(0, kept) : new Array(kept).fill(null)), ...(now ? filled(now[each], newer.times.length) : [])];
      }
      if (ABOVE.has(name)) made.lcl = made.lcl.map((value) => (value === 0 ? null : value)); // no limit: it cannot be less
      for (const [index, rules] of Object.entries(old?.rules ?? {})) if (Number(index) < kept) made.rules.set(Number(index), rules);
      for (const [index, rules] of Object.entries(now?.rules ?? {})) made.rules.set(kept + Number(index), rules);
      return made;
    }),
  };
}

const NONE = { times: [], panels: [] };

function joined(older, newer, name, key) {
  const found = new Map();
  for (const each of [...(older?.[name] ?? []), ...(newer?.[name] ?? [])]) found.set(key(each), each);
  return [...found.values()];
}

/** { times (s), panels, signals, lots, notes, steps, changes, changeovers, learnt (s) }; `words(step)`: of a step. */
export function modelOf(data, before, words) {
  const past = before?.past ?? null;
  const same = past !== null && (!data.chart || data.chart.key === past.key);
  const older = same ? before : null;
  const made = panels(older?.past ?? NONE, data.chart ?? NONE);
  const signals = joined(older, data, "signals", (each) => each.time).sort((a, b) => a.time_ms - b.time_ms);
  const changes = new Map(signals.filter((each) => each.change).map((each) => [each.change.at_ms, each.change]));
  return {
    ...made, signals, changes: [...changes.values()],
    /** The change that the signal at a sample, or the newest before it, has told of. */
    changeOf(index) {
      const ms = index === null ? -Infinity : made.times[index] * 1000 + 1;
      const signal = signals.findLast((each) => each.time_ms <= ms && each.change);
      return signal ? changes.get(signal.change.at_ms) : null;
    },
    lots: joined(older, data, "lots", (each) => `${each.lot} ${each.role} ${each.from_ms}`).filter((lot) => lot.role === "product").sort((a, b) => a.from_ms - b.from_ms),
    notes: joined(older, data, "notes", (each) => `${each.time_ms} ${each.written}`),
    steps: joined(older, data, "steps", (each) => `${each.time_ms} ${each.is}`).map((step) => ({ ...step, words: words(step) })),
    changeovers: older?.changeovers ?? [], learnt: (older?.past.learnt_ms ?? 0) / 1000,
  };
}

/** Index of the sample that is nearest to a time, in milliseconds (Infinity: the newest); null where there is none. */
export function nearest(model, ms) {
  if (ms === Infinity) return model.times.length ? model.times.length - 1 : null;
  let best = null;
  for (let i = 0; i < model.times.length; i++) if (best === null || Math.abs(model.times[i] * 1000 - ms) < Math.abs(model.times[best] * 1000 - ms)) best = i;
  return best;
}

const LENGTHS = { WE2: 3, WE3: 5, WE4: 8, N2: 9, N3: 6, N4: 14, N5: 3, N6: 5, N7: 15, N8: 8, AIAG2: 7 }; // other AIAG as N
/** Values of the samples that a run rule looks at, up to this one; none for a rule of one sample. */
export function run(panel, index, rule) {
  const values = [];
  const most = LENGTHS[rule] ?? LENGTHS[rule.replace("AIAG", "N")] ?? 0;
  for (let i = index; i >= 0 && values.length < most; i--) if (panel.value[i] !== null) values.unshift(panel.value[i]);
  return values;
}

const OF_TAG = new Set(["i", "xbar", "mr", "r", "s", "ewma"]);
/** Unit of what a panel draws: the tag's, sigma of a sum, or none. */
export function unitOf(data, panel) {
  if (panel === "upper" || panel === "lower" || data.method === "short-run") return "σ";
  return OF_TAG.has(panel) ? data.uom : "";
}
