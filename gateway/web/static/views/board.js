// Board: the lots of each order, step by step; what is held, late, or too much at a step.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { sameDay } from "../format.js";
import { coded, Coming, lotLink, Trouble } from "../parts.js";
import { lang, t } from "../words.js";

const flags = (card) => [card.held ? t("board.held") : "", card.late ? t("board.late") : ""].filter(Boolean);

const MOST = 20;
const worst = (card) => (card.late ? 2 : 0) + (card.held ? 1 : 0);

function Step({ step, said }) {
  const shipped = step.step === "shipped"; // what left is told with the newest first, what is here with the oldest
  const lots = [...step.lots].sort((one, other) => (shipped ? other.since.localeCompare(one.since) : worst(other) - worst(one) || one.since.localeCompare(other.since)));
  return html`<section class="card step"><h2>${said[step.step]?.[lang] ?? step.step} <small class=${step.over ? "mark s2" : ""}>${step.lots.length}${step.most ? ` / ${step.most}` : ""}${step.over ? ` ${t("board.over")}` : ""}</small></h2>
    <ul class="list">${lots.slice(0, MOST).map((card) => html`<li class="lotcard">${lotLink(card.lot)}
      ${flags(card).map((flag) => html` <span class="state active">${flag}</span>`)}
      <br /><span class="dim">${card.order ? `${card.order}${card.assumed ? "?" : ""}, ` : ""}${card.due ? `${t("board.due", { time: sameDay(card.due) })}, ` : ""}${sameDay(card.since)}</span></li>`)}</ul>
    ${lots.length > MOST ? html`<p class="dim">${t("more", { n: lots.length - MOST })}</p>` : null}</section>`;
}

export default function Board() {
  const { data, error } = usePage("/board.json", (event) => event.is === "lot" || event.is.startsWith("lot_"));
  if (!data) return html`<${Coming} error=${error} />`;
  return html`<${Trouble} error=${error} /><h1>${t("page.board")}</h1><p class="buttons"><a href="/board.csv">CSV</a></p>
    ${data.boards.map((board) => html`${data.boards.length > 1 ? html`<h2>${board.site}</h2>` : null}
      <div class="board">${board.steps.map((step) => html`<${Step} step=${step} said=${data.said} />`)}</div>
      ${board.waiting.length ? html`<section class="card"><h2>${t("board.waiting")}</h2><ul class="list">${board.waiting.map((each) => html`<li>${each.order}: ${each.part} × ${each.quantity}, ${t("board.due", { time: sameDay(each.due) })}</li>`)}</ul></section>` : null}`)}
    ${data.boards.length ? null : html`<p class="card">${coded(t("board.none"))}</p>`}`;
}
