// The frame around every view: navigation, who is signed in, whether the page is live, and scans from anywhere.
import { html, render, useEffect, useState } from "/vendor/preact.js";
import { post, setSeal, signInHere } from "./act.js";
import { read } from "./data.js";
import { connect, forget, listen } from "./live.js";
import { bare, watchScans } from "./scan.js";
import { Sent } from "./sent.js";
import { SetUp, SignIn } from "./signin.js";
import { lang, loadWords, otherLanguage, t } from "./words.js";

const PAGES = ["now", "chart", "alarms", "lot", "board", "due", "shift", "balance", "score", "box", "audit", "setup"];
let me = null;
let page = document.documentElement.dataset.page;
let views = 0;
let broken = false; // the stream, since this document came: the box may have been started with other scripts
listen((kind) => { broken ||= kind === "lost"; });

function show(View) {
  document.title = `${t(`page.${page}`)} - lotwatch`;
  render(html`<${Frame} View=${View} at=${++views} />`, document.body);
}

/** Of an address, what tells a view from another one: what a view itself writes there does not. */
const shownAt = () => location.pathname + new URLSearchParams(location.search).get("code");
let shown = shownAt();
addEventListener("popstate", () => { if (shownAt() !== shown) location.reload(); });

/** A lot within this document: another one takes a browser longer than the box takes for all it knows of the lot. */
async function findLot(code) {
  const address = `/lot?code=${encodeURIComponent(bare(code))}`;
  const view = broken ? null : await import("./views/lot.js").catch(() => null);
  if (!view) return location.assign(address);
  history.pushState(null, "", address);
  shown = shownAt();
  page = "lot";
  forget();
  show(view.default);
  scrollTo(0, 0);
}

function Search() {
  const go = (event) => {
    event.preventDefault();
    const code = new FormData(event.target).get("code").trim();
    event.target.reset();
    if (code) findLot(code);
  };
  return html`<form class="search" role="search" onSubmit=${go}><input name="code" type="search" aria-label=${t("search")} placeholder=${t("search")} /></form>`;
}

function Who() {
  const leave = async () => { await post("/sign-out", {}); location.reload(); };
  if (me.signed_in) return html`<span class="who">${me.name} (${t(`role.${me.role}`)}) <button onClick=${leave}>${t("signout")}</button></span>`;
  return html`<a class="who" href=${signInHere()}>${t(me.first ? "setup.open" : "signin.open")}</a>`;
}

function Frame({ View, at }) {
  const [live, setLive] = useState(false);
  useEffect(() => listen((kind) => setLive(kind !== "lost")), []);
  const asks = !me.signed_in && (new URLSearchParams(location.search).has("signin") || (me.first && page === "setup"));
  const locked = !me.signed_in && !me.open;
  const inside = asks || locked ? (me.first ? html`<${SetUp} />` : html`<${SignIn} />`) : html`<${View} key=${at} me=${me} />`;
  if (page === "tv") return html`<main id="main" class="tv">${inside}</main>`;
  return html`<header>
      <a class="name" href="/now">lotwatch</a>
      <nav aria-label=${t("pages")}>${PAGES.map((each) => html`<a href=${`/${each}`} aria-current=${each === page ? "page" : null}>${t(`page.${each}`)}</a>`)}</nav>
      <${Search} />
      <span class="live ${live ? "on" : "off"}" role="status">${t(live ? "live.on" : "live.off")}</span>
      <button class="lang" onClick=${otherLanguage} lang=${lang === "zh" ? "en" : "zh-CN"}>${lang === "zh" ? "English" : "中文"}</button>
      <${Who} />
    </header>
    ${me.away ? html`<${Sent} />` : null}
    <main id="main">${inside}</main>`;
}

async function start() {
  const [who, view] = await Promise.all([read("/me.json"), import(`./views/${page}.js`), loadWords()]);
  me = who;
  setSeal(me.seal);
  const address = new URL(location.href);
  if (me.signed_in && address.searchParams.has("signin")) {
    address.searchParams.delete("signin");
    history.replaceState(null, "", address);
  }
  show(view.default);
  watchScans(findLot);
  if (me.signed_in || me.open) connect();
  import("./views/lot.js").catch(() => null); // for the first scan
}

start();
