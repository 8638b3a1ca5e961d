// TV: goes round by itself on a screen that nobody touches; after a break it begins again with what the box has then.
import { html, useEffect, useRef, useState } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { Plot } from "../drawn.js";
import { moment, number } from "../format.js";
import { listen } from "../live.js";
import { lang, t } from "../words.js";
import Board from "./board.js";
import Now from "./now.js";

const given = new URLSearchParams(location.search);
const EACH_S = Math.min(Math.max(Number(given.get("seconds")) || 20, 5), 600);
const DAY_MS = 86_400_000;

function Chart({ id }) {
  const { data, error } = usePage(`/chart.json?${new URLSearchParams({ id, lean: "1" })}`, (event) => event.is === "signal");
  const panel = data?.chart?.panels[0];
  if (error) return html`<p class="trouble" role="alert">${error.message}</p>`;
  if (!data) return html`<p class="waiting">${t("loading")}</p>`;
  const last = panel?.value.findLast((value) => value !== null);
  return html`<h1>${data.id} <small>${data.tag}</small></h1>
    ${panel ? html`<p class="wallvalue">${number(last, 5)} ${data.uom}</p><${Plot} panel=${panel} label=${data.id} />
      <p class=${data.signals?.length ? "mark s2" : "dim"}>${data.signals?.length ? t("tv.signals", { n: data.signals.length, time: moment(data.signals.at(-1).time) }) : t("tv.nosignal")}</p>` : html`<p class="card">${t("chart.nothing")}</p>`}`;
}

/** Loads the page anew once the box answers: after a restart or an upgrade, and once a day. Never into an error page. */
function useFresh() {
  const lost = useRef(false);
  useEffect(() => {
    const again = async () => {
      const answer = await fetch("/me.json").catch(() => null);
      if (answer?.ok) location.reload();
    };
    const stop = listen((kind) => {
      if (kind === "lost") lost.current = true;
      else if (kind === "open" && lost.current) again();
    });
    const daily = setInterval(again, DAY_MS);
    return () => { stop(); clearInterval(daily); };
  }, []);
}

export default function Tv({ me }) {
  const { data, error } = usePage("/tv.json", () => false);
  const [at, setAt] = useState(0);
  const [clock, setClock] = useState(new Date());
  const [live, setLive] = useState(true);
  useFresh();
  const charts = data?.live ? data.charts : [];
  const stops = [() => html`<${Now} me=${{ ...me, may: [] }} quiet=${true} />`, () => html`<${Board} />`, ...charts.map((id) => () => html`<${Chart} key=${id} id=${id} />`)];
  useEffect(() => {
    const turning = setInterval(() => setAt((old) => old + 1), EACH_S * 1000);
    const ticking = setInterval(() => setClock(new Date()), 1000);
    const stop = listen((kind) => setLive(kind !== "lost"));
    return () => { clearInterval(turning); clearInterval(ticking); stop(); };
  }, []);
  return html`<div class="wall"><p class="wallbar"><b>lotwatch</b> <time>${clock.toLocaleTimeString(lang === "zh" ? "zh-CN" : "en-GB")}</time>
      <span class="live ${live ? "on" : "off"}" role="status">${t(live ? "live.on" : "live.off")}</span> <span class="dim">${(at % stops.length) + 1}/${stops.length}</span></p>
    ${error && !data ? html`<p class="trouble" role="alert">${t("offline")}</p>` : null}${stops[at % stops.length]()}</div>`;
}
