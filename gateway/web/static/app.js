// The frame around every view: navigation, who is signed in, whether the page is live, and scans from anywhere.
import { html, render, useEffect, useState } from "/vendor/preact.js";
import { post, setSeal, signInHere } from "./act.js";
import { read } from "./data.js";
import { connect, listen } from "./live.js";
import { bare, watchScans } from "./scan.js";
import { Sent } from "./sent.js";
import { SetUp, SignIn } from "./signin.js";
import { lang, loadWords, otherLanguage, t } from "./words.js";

const PAGES = ["now", "chart", "alarms", "lot", "board", "due", "shift", "balance", "score", "box", "audit", "setup"];
const page = document.documentElement.dataset.page;

const findLot = (code) => location.assign(`/lot?code=${encodeURIComponent(bare(code))}`);

function Search() {
  const go = (event) => {
    event.preventDefault();
    const code = new FormData(event.target).get("code").trim();
    if (code) findLot(code);
  };
  return html`<form class="search" role="search" onSubmit=${go}><input name="code" type="search" aria-label=${t("search")} placeholder=${t("search")} /></form>`;
}

function Who({ me }) {
  const leave = async () => { await post("/sign-out", {}); location.reload(); };
  if (me.signed_in) return html`<span class="who">${me.name} (${t(`role.${me.role}`)}) <button onClick=${leave}>${t("signout")}</button></span>`;
  return html`<a class="who" href=${signInHere()}>${t(me.first ? "setup.open" : "signin.open")}</a>`;
}

function Frame({ me, View }) {
  const [live, setLive] = useState(false);
  useEffect(() => listen((kind) => setLive(kind !== "lost")), []);
  const asks = !me.signed_in && (new URLSearchParams(location.search).has("signin") || (me.first && page === "setup"));
  const locked = !me.signed_in && !me.open;
  const inside = asks || locked ? (me.first ? html`<${SetUp} />` : html`<${SignIn} />`) : html`<${View} me=${me} />`;
  if (page === "tv") return html`<main id="main" class="tv">${inside}</main>`;
  return html`<header>
      <a class="name" href="/now">lotwatch</a>
      <nav aria-label=${t("pages")}>${PAGES.map((each) => html`<a href=${`/${each}`} aria-current=${each === page ? "page" : null}>${t(`page.${each}`)}</a>`)}</nav>
      <${Search} />
      <span class="live ${live ? "on" : "off"}" role="status">${t(live ? "live.on" : "live.off")}</span>
      <button class="lang" onClick=${otherLanguage} lang=${lang === "zh" ? "en" : "zh-CN"}>${lang === "zh" ? "English" : "中文"}</button>
      <${Who} me=${me} />
    </header>
    ${me.away ? html`<${Sent} />` : null}
    <main id="main">${inside}</main>`;
}

async function start() {
  const [me, view] = await Promise.all([read("/me.json"), import(`./views/${page}.js`), loadWords()]);
  document.title = `${t(`page.${page}`)} - lotwatch`;
  setSeal(me.seal);
  const address = new URL(location.href);
  if (me.signed_in && address.searchParams.has("signin")) {
    address.searchParams.delete("signin");
    history.replaceState(null, "", address);
  }
  render(html`<${Frame} me=${me} View=${view.default} />`, document.body);
  watchScans(findLot);
  if (me.signed_in || me.open) connect();
}

start();
