// Setup: the first run, step by step. Each step says how it stands and what to do next; none is ever empty.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { ago } from "../format.js";
import { coded, Coming, Trouble } from "../parts.js";
import { t } from "../words.js";

const SHAPES = { done: "✓", todo: "▲", waiting: "…", choice: "○" };

function Step({ row }) {
  const word = row.word ?? row.state;
  const hole = { n: row.n ?? 0, names: (row.names ?? []).join(", "), ago: ago(row.age_s ?? null) };
  const said = t(`first.${row.step}.${word}`, hole);
  return html`<li class="card step ${row.state}"><h2><span class="mark ${row.state === "todo" ? "s1" : "s0"}" aria-hidden="true">${SHAPES[row.state]}</span> ${t(`first.${row.step}`)} <small>${t(`first.state.${row.state}`)}</small></h2><p>${coded(said)}</p></li>`;
}

export default function Setup({ me }) {
  const { data, error } = usePage("/setup.json");
  if (!data) return html`<${Coming} error=${error} />`;
  const account = { step: "account", state: me.signed_in ? "done" : "todo", names: me.signed_in ? [me.name] : [] };
  const rows = [account, ...data.steps];
  const left = rows.filter((row) => row.state === "todo").length;
  return html`<${Trouble} error=${error} /><h1>${t("page.setup")}</h1>
    <p>${left ? t("first.left", { n: left }) : t("first.ready")} ${left ? null : html`<a href="/now">${t("page.now")}</a>`}</p>
    <ol class="steps">${rows.map((row) => html`<${Step} key=${row.step} row=${row} />`)}</ol>`;
}
