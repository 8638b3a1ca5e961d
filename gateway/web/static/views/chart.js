// Chart: the control chart as the fold draws it, why each mark is there, how capable the process is.
import { html, useEffect, useRef, useState } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { moment, number } from "../format.js";
import { Lots, Trouble } from "../parts.js";
import { panelIn } from "../plot.js";
import { t } from "../words.js";

const given = new URLSearchParams(location.search);
const id = given.get("id") ?? "";

function Choose({ rows }) {
  return html`<h1>${t("page.chart")}</h1><ul class="list">${rows.map((row) => html`<li class="card"><a href=${`/chart?id=${encodeURIComponent(row.id)}`}><b>${row.id}</b></a> ${row.tag} <span class="dim">${row.method}</span></li>`)}</ul>`;
}

function Panel({ data, panel, first }) {
  const place = useRef(null);
  const plot = useRef(null);
  const [at, setAt] = useState(null);
  const { chart, signals } = data;
  useEffect(() => {
    const spec = first && panel.name === "i" ? [["USL", data.usl], ["LSL", data.lsl]].filter(([, value]) => value !== null).map(([label, value]) => ({ label, value })) : [];
    plot.current = panelIn(place.current, { names: { value: panel.name, center: "CL", ucl: "UCL", lcl: "LCL" }, spec, pick: setAt });
    return () => plot.current.close();
  }, []);
  useEffect(() => plot.current?.show(chart.times, panel, first ? signals : []));
  const rules = at === null || at === undefined ? null : panel.rules[at];
  return html`<div class="plot"><h2>${t("chart.panel", { name: panel.name })}</h2><div ref=${place}></div>
    <p class="why" role="status">${rules ? html`<b>${rules.join(", ")}</b>: ${rules.map((rule) => t(`rule.${rule}`)).join(" ")}` : t("chart.point")}</p></div>`;
}

function Capability({ found }) {
  const rows = ["cp", "cpk", "pp", "ppk", "cpm"].filter((name) => found[name].value !== null);
  return html`<section class="card"><h2>${t("chart.capability")}</h2>
    ${found.in_control ? null : html`<p class="trouble">${t("chart.notincontrol")}</p>`}
    <dl>${rows.map((name) => html`<dt>${name[0].toUpperCase()}${name.slice(1)}</dt><dd>${number(found[name].value, 3)} <span class="dim">${t("chart.interval", { low: number(found[name].low, 3), high: number(found[name].high, 3) })}</span></dd>`)}
      <dt>ppm</dt><dd>${found.ppm !== null && found.ppm < 0.001 ? `< ${number(0.001)}` : number(found.ppm, 3)}</dd><dt>n</dt><dd>${found.n}</dd></dl></section>`;
}

function Histogram({ found, usl, lsl }) {
  const { counts, edges } = found;
  const [low, high] = [Math.min(edges[0], lsl ?? edges[0]), Math.max(edges.at(-1), usl ?? edges.at(-1))];
  const x = (value) => (100 * (value - low)) / (high - low);
  const most = Math.max(...counts);
  return html`<section class="card"><h2>${t("chart.histogram")}</h2><svg class="histogram" viewBox="-2 0 104 60" preserveAspectRatio="none" role="img" aria-label=${t("chart.histogram")}>
    ${counts.map((count, i) => html`<rect x=${x(edges[i])} width=${Math.max(x(edges[i + 1]) - x(edges[i]) - 0.3, 0.3)} y=${58 - (56 * count) / most} height=${(56 * count) / most} />`)}
    ${[lsl, usl].map((value) => (value === null ? null : html`<line x1=${x(value)} x2=${x(value)} y1="0" y2="58" />`))}</svg>
    <p class="dim">${number(low)} .. ${number(high)}</p></section>`;
}

export default function Chart() {
  const query = new URLSearchParams(given);
  query.delete("lang");
  const { data, error } = usePage(`/chart.json?${query}`, () => true);
  if (!data) return html`<${Trouble} error=${error} />${error ? null : html`<p class="waiting">${t("loading")}</p>`}`;
  if (data.id === null) return html`<${Choose} rows=${data.characteristics} />`;
  const { chart } = data;
  return html`<${Trouble} error=${error} />
    <h1>${data.id} <small>${data.tag}${data.uom ? ` (${data.uom})` : ""}, ${data.method}</small></h1>
    ${data.keys.length > 1 ? html`<p class="filters">${data.keys.map((each) => html`<a aria-current=${chart?.key === each.key ? "true" : null} href=${`/chart?id=${encodeURIComponent(id)}&key=${encodeURIComponent(each.key)}`}>${each.key || t("none")}${each.active ? ` (${t("chart.now")})` : ""}</a>`)}</p>` : null}
    ${!data.live ? html`<p class="card">${t("chart.replica")}</p>` : null}
    ${chart === null ? (data.live ? html`<p class="card">${t("chart.nothing")}</p>` : null) : chart.learning ? html`<p class="card">${t("chart.learning", { n: chart.learning })}</p>` : html`
      <section class="card">${chart.panels.map((panel, i) => html`<${Panel} key=${panel.name} data=${data} panel=${panel} first=${i === 0} />`)}
        <p class="dim">${chart.limits.arl0 ? t("chart.arl0", { n: number(chart.limits.arl0) }) : t("chart.undesigned")} ${chart.limits.version ? t("chart.version", { n: chart.limits.version }) : ""} ${chart.limits.samples ? t("chart.from", { n: chart.limits.samples }) : ""}</p></section>
      <section class="card"><h2>${t("chart.signals")}</h2>${data.signals.length ? html`<ul class="list">${data.signals.toReversed().map((each) => html`<li><span class="dim">${moment(each.time)}</span> <b>${each.rules.join(", ")}</b> ${number(each.value)} (${number(each.size_sigma, 3)} σ) <${Lots} lots=${each.lots} most=${4} /></li>`)}</ul>` : html`<p>${t("none")}</p>`}</section>
      <div class="pair">${data.histogram ? html`<${Histogram} found=${data.histogram} usl=${data.usl} lsl=${data.lsl} />` : null}${data.capability ? html`<${Capability} found=${data.capability} />` : null}</div>`}
    <section class="card"><h2>${t("story.do")}</h2><p>${data.reaction}</p></section>`;
}
