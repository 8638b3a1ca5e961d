// Chart: the control chart as the fold draws it, what was before it, why each mark is there, how capable the process is.
import { html, useEffect, useMemo, useRef, useState } from "/vendor/preact.js";
import { act } from "../act.js";
import { modelOf, nearest, run, unitOf } from "../chartmodel.js";
import { read, usePage } from "../data.js";
import { apart, moment, number } from "../format.js";
import { Ask, Coming, Do, Lots, state, time, Trouble, Wide } from "../parts.js";
import { corners, families, family, panelIn } from "../plot.js";
import { t } from "../words.js";

const given = new URLSearchParams(location.search);
const id = given.get("id") ?? "";
const iso = (ms) => new Date(ms).toISOString();
const link = (row) => `/chart?${new URLSearchParams({ id: row.id, ...(row.site ? { site: row.site } : {}) })}`;
const query = (more) => {
  const asked = new URLSearchParams();
  for (const name of ["id", "key", "site"]) if (given.has(name)) asked.set(name, given.get(name));
  for (const [name, value] of Object.entries(more)) asked.set(name, value);
  return asked;
};

function Choose({ rows }) {
  const [wanted, setWanted] = useState("");
  const shown = rows.filter((row) => `${row.id} ${row.tag} ${row.method} ${method(row)} ${row.about}`.toLowerCase().includes(wanted.toLowerCase()));
  return html`<h1>${t("page.chart")}</h1>
    ${rows.length > 8 ? html`<label>${t("chart.find")}<input type="search" value=${wanted} onInput=${(event) => setWanted(event.target.value)} /></label>` : null}
    ${rows.length ? html`<ul class="list cards">${shown.map((row) => html`<li class="card"><a href=${link(row)}><b>${row.id}</b></a> ${row.state ? state(row) : null} ${row.about}<br /><span class="dim">${row.tag}, ${method(row)}</span></li>`)}</ul>` : html`<p class="card">${t("chart.norows")}</p>`}`;
}

const Mark = ({ of }) => html`<svg class="rule ${of}" viewBox="0 0 10 10" aria-hidden="true"><polygon points=${corners(of)} /></svg>`;

function Legend({ panels }) {
  const seen = new Set(panels.flatMap((panel) => [...panel.rules.values()].flat().map(family)));
  return seen.size ? html`<p class="legend">${families.filter((each) => seen.has(each)).map((each) => html`<span><${Mark} of=${each} /> ${t(`family.${each}`)}</span>`)}</p>` : null;
}

function Panel({ model, panel, first, spec, zoom, picked, onPick, onZoom, uom }) {
  const place = useRef(null);
  const plot = useRef(null);
  const handed = useRef({});
  handed.current = { onPick, onZoom };
  useEffect(() => {
    plot.current = panelIn(place.current, { first, onPick: (index) => handed.current.onPick(index), onZoom: (from, to) => handed.current.onZoom(from, to) });
    return () => plot.current.close();
  }, []);
  useEffect(() => plot.current?.show(model, panel, spec, zoom, picked), [model, panel, zoom, picked]);
  return html`<div class="panel"><h3>${t(`panel.${panel.name}`) === `panel.${panel.name}` ? panel.name : t(`panel.${panel.name}`)}${uom ? ` (${uom})` : ""}</h3><div class="plot" id=${`plot-${panel.name}`} ref=${place}></div></div>`;
}

/** Why the marks of a sample are there: the rules in words, with the numbers that they went by. */
function Why({ model, panel, index, uom }) {
  const rules = panel.rules.get(index) ?? [];
  const [value, center, lcl, ucl] = [panel.value, panel.center, panel.lcl, panel.ucl].map((line) => line[index]);
  if (value === null) return null;
  const signal = model.signals.find((each) => Math.abs(each.time_ms - model.times[index] * 1000) < 1);
  const says = [t("why.value", { value: `${number(value)} ${uom}`.trim() }), center === null ? "" : t("why.center", { center: number(center) }), ucl === null ? "" : lcl === null ? t("why.upper", { ucl: number(ucl) }) : t("why.limits", { lcl: number(lcl), ucl: number(ucl) }), signal?.size_sigma && rules.length ? t(signal.size_sigma < 0 ? "why.below" : "why.above", { size: number(Math.abs(signal.size_sigma), 3) }) : ""];
  return html`<div>${rules.map((rule) => html`<p><${Mark} of=${family(rule)} /> <b>${rule}</b> ${t(`rule.${rule}`)} ${run(panel, index, rule).length > 1 ? t("why.run", { values: run(panel, index, rule).map((each) => number(each)).join(", ") }) : ""}</p>`)}
    <p>${says.filter(Boolean).join(" ")}</p></div>`;
}

function Picked({ data, model, index, me, onNote }) {
  const ms = model.times[index] * 1000;
  const signal = model.signals.find((each) => Math.abs(each.time_ms - ms) < 1);
  const lots = model.lots.filter((lot) => lot.from_ms <= ms && (lot.to_ms === null || ms < lot.to_ms)).map((lot) => lot.lot);
  const notes = model.notes.filter((note) => Math.abs(note.time_ms - ms) <= 1);
  const parts = Object.entries(signal?.contributions ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 5);
  return html`<p>${time(iso(ms))} ${lots.length ? html`<span class="dim">${t("story.lots")}</span> <${Lots} lots=${lots} most=${3} />` : null}</p>
    ${model.panels.map((panel) => html`<${Why} key=${panel.name} model=${model} panel=${panel} index=${index} uom=${unitOf(data, panel.name)} />`)}
    ${signal?.change ? html`<p>${t("why.change", { at: moment(iso(signal.change.at_ms)), from: moment(iso(signal.change.from_ms)), to: moment(iso(signal.change.to_ms)), size: signal.change.size === null ? `${number(signal.change.size_sigma, 3)} σ` : apart(signal.change.size, unitOf(data, model.panels[0].name) && data.uom) })}</p>` : null}
    ${parts.length ? html`<p>${t("why.parts")} ${parts.map(([tag, part]) => `${tag}: ${number(part, 3)}`).join("; ")}</p>` : null}
    ${signal?.alarm ? html`<p><a href=${`/alarms?all=1#${encodeURIComponent(signal.alarm)}`}>${t("chart.toalarm")}</a></p>` : null}
    ${notes.map((note) => html`<p class="note">${note.text} <span class="dim">${t("by", { who: note.operator })}, ${moment(note.written)}</span></p>`)}
    ${me.may.includes("note") ? html`<p class="buttons"><button onClick=${() => onNote(ms)}>${t("note.open")}</button></p>` : null}`;
}

function Note({ data, ms, onClose }) {
  const send = ({ text }) => act("note", { characteristic: data.id, key: data.chart?.key ?? data.key ?? "", time_ns: Math.round(ms) * 1e6 + 5e5, text }, data.site);
  return html`<${Ask} title=${t("note.title")} send=${t("note.send")} onSend=${send} onClose=${onClose}>
    <p class="dim">${moment(iso(ms))}</p><label>${t("note.text")}<textarea name="text" required maxlength="500" rows="3" autofocus></textarea></label><p class="dim">${t("note.kept")}</p><//>`;
}

function Signals({ data, model, onGo }) {
  const csv = `/chart.csv?${query({})}`;
  return html`<section class="card"><h2>${t("chart.signals")} <small><a href=${csv}>CSV</a></small></h2>${model.signals.length ? html`<${Wide} label=${t("chart.signals")} tall="tall"><table><thead><tr><th>${t("time")}</th><th>${t("chart.rule")}</th><th class="n">${t("chart.value")}</th><th class="n">σ</th><th>${t("story.since")}</th><th>${t("story.lots")}</th><th></th></tr></thead>
    <tbody>${model.signals.toReversed().slice(0, 100).map((each) => html`<tr><td><button class="link nobreak" onClick=${() => onGo(each.time_ms)}>${moment(each.time)}</button></td><td>${each.rules.map((rule) => html`<span class="nobreak"><${Mark} of=${family(rule)} /> ${rule}</span> `)}</td><td class="n">${number(each.value)} ${unitOf(data, model.panels[0]?.name)}</td><td class="n">${number(each.size_sigma, 3)}</td><td class="nobreak">${each.change ? moment(iso(each.change.at_ms)) : ""}</td><td><${Lots} lots=${each.lots} most=${3} /></td><td>${each.alarm ? html`<a href=${`/alarms?all=1#${encodeURIComponent(each.alarm)}`}>${t("event.alarm")}</a>` : ""}</td></tr>`)}</tbody></table><//>` : html`<p>${t("none")}</p>`}</section>`;
}

function Capability({ found }) {
  const rows = ["cp", "cpk", "pp", "ppk", "cpm"].filter((name) => found[name].value !== null);
  const ppm = (value) => (value !== null && value < 0.001 ? `< ${number(0.001)}` : number(value, 3));
  return html`<section class="card"><h2>${t("chart.capability")}</h2>
    ${found.in_control ? null : html`<p class="trouble">${t("chart.notincontrol")}</p>`}
    ${found.normal ? null : html`<p class="trouble">${t("chart.notnormal")}</p>`}
    <table class="narrowtable"><thead><tr><th></th><th class="n">${t("chart.value")}</th><th class="n">${t("chart.interval")}</th></tr></thead><tbody>
      ${rows.map((name) => html`<tr><td>${name[0].toUpperCase()}${name.slice(1)}</td><td class="n"><b>${number(found[name].value, 3)}</b></td><td class="n">${number(found[name].low, 3)} .. ${number(found[name].high, 3)}</td></tr>`)}</tbody></table>
    <p class="dim">${t("chart.outside", { expected: ppm(found.ppm), observed: number(found.observed_ppm, 3), n: found.n })}</p></section>`;
}

function Histogram({ found, usl, lsl, target }) {
  const { counts, edges } = found;
  const ends = [edges[0], edges.at(-1), ...[lsl, usl].filter((each) => each !== null)];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (value) => (100 * (value - low)) / (high - low);
  const most = Math.max(...counts);
  const lines = [["LSL", lsl, "spec"], ["USL", usl, "spec"], [t("chart.target"), target, "aim"]].filter(([, value]) => value !== null && value >= low && value <= high);
  return html`<section class="card"><h2>${t("chart.histogram")}</h2><svg class="histogram" viewBox="-1 0 102 60" preserveAspectRatio="none" role="img" aria-label=${`${t("chart.histogram")}: ${number(edges[0])} .. ${number(edges.at(-1))}`}>
    ${counts.map((count, i) => html`<rect x=${x(edges[i])} width=${Math.max(x(edges[i + 1]) - x(edges[i]) - 0.3, 0.3)} y=${58 - (56 * count) / most} height=${(56 * count) / most} />`)}
    ${lines.map(([, value, kind]) => html`<line class=${kind} x1=${x(value)} x2=${x(value)} y1="0" y2="58" />`)}</svg>
    <p class="legend"><span>${number(low)} .. ${number(high)}</span>${lines.map(([name, value, kind]) => html`<span class=${kind}>${name} ${number(value)}</span>`)}</p></section>`;
}

const zoomGiven = () => {
  const [from, to] = [Number(given.get("from")), Number(given.get("to"))];
  if (from && to > from) return [from / 1000, to / 1000];
  const at = Number(given.get("at"));
  return at ? [at / 1000 - 1800, at / 1000 + 600] : null;
};

/** What a chart showed before: read when it is wanted, and again where somebody looks further back. */
function usePast(data, zoom) {
  const [past, setPast] = useState({ found: null, error: null, busy: false });
  const first = data?.chart?.times?.[0] ?? null;
  const from = zoom ? Math.floor(zoom[0] * 1000) : null;
  const held = useRef(null); // [from, to) that was read
  useEffect(() => {
    if (!data || data.id === null) return;
    const to = zoom ? Math.ceil(zoom[1] * 1000) : null;
    const want = from !== null && first !== null && from >= first ? null : from; // what is there now begins before it
    if (held.current && held.current.first === first && (want === null || want >= held.current.from) && (to === null || to <= held.current.to)) return;
    held.current = { first, from: want ?? -Infinity, to: to ?? Infinity };
    const asked = query({ past: "1", ...(data.chart ? { key: data.chart.key } : {}), ...(want === null ? {} : { from: want - 60000 }), ...(to === null ? {} : { to }) });
    setPast((old) => ({ ...old, busy: true }));
    read(`/chart.json?${asked}`).then((found) => setPast({ found, error: null, busy: false }), (error) => setPast((old) => ({ ...old, error, busy: false })));
  }, [data?.id, first, from, zoom?.[1]]);
  return past;
}

/** Of which process a chart is: the values of its key, each with the name of its tag. */
const named = (key, names) => key.split("|").map((value, i) => `${names?.[i] ?? ""} ${value}`).join(", ");
const method = (row) => t(`method.${row.method}`);

const STEP = { words: (step) => (step.is === "plan_in_force" ? step.what : step.is === "limits_in_force" ? t("step.version", { n: step.what }) : t(`step.${step.is}`)) };

export default function Chart({ me }) {
  const [slow, setSlow] = useState(null); // capability and histogram, which change slowly
  const [tags, setTags] = useState([]);
  const { data, error, reload } = usePage(`/chart.json?${query(slow?.fresh ? { lean: "1" } : {})}`, () => true, tags);
  const [zoom, setZoom] = useState(zoomGiven);
  const [pickedMs, setPickedMs] = useState(Number(given.get("at")) || null);
  const [noting, setNoting] = useState(null);
  useEffect(() => { if (data?.histogram) setSlow({ ...data, fresh: true }); }, [data]); // a young chart has none yet
  useEffect(() => { const timer = setInterval(() => setSlow((old) => old && { ...old, fresh: false }), 60000); return () => clearInterval(timer); }, []);
  useEffect(() => { if (data?.live) setTags(data.listen); }, [data?.id]);
  const past = usePast(data, zoom);
  const fresh = useMemo(() => (data && data.id !== null ? modelOf(data, past.found, STEP.words) : null), [data, past.found]);
  const kept = useRef(null); // a chart that begins anew is empty until its past is read: what was shown stays so long
  if (fresh?.times.length || !past.busy) kept.current = fresh;
  const model = kept.current ?? fresh;
  const go = (next) => {
    setZoom(next);
    const address = new URL(location.href);
    for (const name of ["from", "to", "at"]) address.searchParams.delete(name);
    if (next) { address.searchParams.set("from", Math.round(next[0] * 1000)); address.searchParams.set("to", Math.round(next[1] * 1000)); }
    history.replaceState(null, "", address);
  };
  if (!data) return html`<${Coming} error=${error} />`;
  if (data.id === null) return html`<${Choose} rows=${data.characteristics} />`;
  const { chart } = data;
  const pointed = pickedMs ?? model.signals.at(-1)?.time_ms ?? null; // nobody has pointed yet: the newest signal tells its story
  const picked = pointed === null || !model.times.length ? null : nearest(model, pointed);
  const pick = (index) => { if (index !== null && index !== undefined && model.times[index] !== undefined) setPickedMs(model.times[index] * 1000); };
  const seen = zoom ?? (model.times.length ? [model.times[0], model.times.at(-1)] : [0, 1]);
  const wide = seen[1] - seen[0];
  const moves = {
    earlier: () => go([seen[0] - wide / 2, seen[1] - wide / 2]), later: () => go([seen[0] + wide / 2, seen[1] + wide / 2]),
    in: () => { const mid = picked === null ? (seen[0] + seen[1]) / 2 : model.times[picked]; go([mid - wide / 4, mid + wide / 4]); },
    out: () => go([seen[0] - wide / 2, seen[1] + wide / 2]), all: () => go(null),
  };
  const walk = (by) => pick(Math.min(Math.max((picked ?? model.times.length - 1) + by, 0), model.times.length - 1));
  const keys = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const does = { ArrowLeft: () => walk(-1), ArrowRight: () => walk(1), PageUp: () => walk(-20), PageDown: () => walk(20), Home: () => pick(0), End: () => setPickedMs(Infinity), // and on to whatever comes
      "+": moves.in, "=": moves.in, "-": moves.out, "[": moves.earlier, "]": moves.later, 0: moves.all, Escape: moves.all,
      n: () => me.may.includes("note") && picked !== null && setNoting(model.times[picked] * 1000),
      m: () => { const next = model.signals.find((each) => each.time_ms > (pickedMs ?? 0) + 1) ?? model.signals[0]; if (next) setPickedMs(next.time_ms); } }[event.key];
    if (does) { event.preventDefault(); does(); }
  };
  const limits = chart?.limits;
  const spec = data.singles ? [["USL", data.usl], ["LSL", data.lsl]].filter(([, value]) => value !== null).map(([label, value]) => ({ label, value })) : [];
  const stats = (past.found?.capability?.n ?? -1) > (slow?.capability?.n ?? -2) || !slow?.histogram ? past.found ?? slow ?? data : slow; // of the more samples
  const empty = !model.times.length;
  return html`<${Trouble} error=${error ?? past.error} />
    <h1>${data.id} <small>${data.about ? `${data.about}, ` : ""}${data.tag}${data.uom ? ` (${data.uom})` : ""}, ${method(data)}${data.revision ? `, ${data.plan} ${data.revision}` : ""}</small></h1>
    ${data.keys?.length > 1 ? html`<p class="filters">${data.keys.map((each) => html`<a aria-current=${chart?.key === each.key ? "true" : null} href=${`${link({ id, site: data.site })}&key=${encodeURIComponent(each.key)}`}>${each.key ? named(each.key, data.key_names) : t("none")}${each.active ? ` (${t("chart.now")})` : ""}</a>`)}</p>` : null}
    ${!data.live ? html`<p class="dim">${t("chart.replica")}</p>` : null}
    ${chart?.learning ? html`<p class="card">${t("chart.learning", { n: chart.learning })}</p>` : null}
    ${empty ? html`<p class="card">${past.busy ? t("loading") : chart?.learning ? t("chart.nobefore") : t("chart.nothing")}</p>` : html`
      <section class="card chartcard" tabindex="0" role="group" aria-label=${`${data.id}: ${t("chart.keys")}`} onKeyDown=${keys}>
        <p class="buttons tools">${[["earlier", "◀"], ["in", "+"], ["out", "−"], ["later", "▶"], ["all", "⤢"]].map(([name, sign]) => html`<button onClick=${moves[name]} aria-label=${t(`chart.zoom.${name}`)} title=${t(`chart.zoom.${name}`)}>${sign}</button>`)}<span class="dim">${past.busy ? t("loading") : ""} ${moment(iso(seen[0] * 1000))} .. ${moment(iso(seen[1] * 1000))}</span></p>
        ${model.panels.map((panel, i) => html`<${Panel} key=${panel.name} model=${model} panel=${panel} first=${i === 0} spec=${i === 0 && panel.name === "i" ? spec : []} zoom=${zoom} picked=${picked} onPick=${pick} onZoom=${(from, to) => go([from, to])} uom=${unitOf(data, panel.name)} />`)}
        <${Legend} panels=${model.panels} />
        <div class="why" role="status">${picked === null ? html`<p class="dim">${t("chart.point")}</p>` : html`<${Picked} data=${data} model=${model} index=${picked} me=${me} onNote=${setNoting} />`}</div>
        <p class="dim">${limits ? html`${limits.arl0 ? t("chart.arl0", { n: number(limits.arl0) }) : t("chart.undesigned")} ${limits.version ? t("chart.version", { n: limits.version }) : ""} ${limits.samples ? t("chart.from", { n: limits.samples }) : ""}` : ""} <a href=${`/chart.csv?${query({ table: "points" })}`}>${t("chart.points")}</a></p></section>
      <section class="card"><h2>${t("story.do")}</h2><p><${Do} row=${data} /></p></section>
      <${Signals} data=${data} model=${model} onGo=${(ms) => { setPickedMs(ms); document.querySelector(".chartcard").focus(); }} />
      ${model.notes.length ? html`<section class="card"><h2>${t("note.all")}</h2><ul class="list">${model.notes.map((note) => html`<li><button class="link" onClick=${() => setPickedMs(note.time_ms)}>${moment(iso(note.time_ms))}</button> ${note.text} <span class="dim">${t("by", { who: note.operator })}</span></li>`)}</ul></section>` : null}
      <div class="pair">${stats.histogram ? html`<${Histogram} found=${stats.histogram} usl=${data.usl} lsl=${data.lsl} target=${data.target} />` : null}${stats.capability ? html`<${Capability} found=${stats.capability} />` : null}</div>`}
    ${noting === null ? null : html`<${Note} data=${{ ...data, key: past.found?.past?.key }} ms=${noting} onClose=${() => { setNoting(null); reload(); }} />`}`;
}
