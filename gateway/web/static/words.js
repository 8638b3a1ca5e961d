// Words of the page in the person's language; every key is in words/en.json and words/zh.json.
const chosen = new URLSearchParams(location.search).get("lang");
const LANGUAGES = ["en", "zh"];
const stored = (() => { try { return localStorage.getItem("lang"); } catch { return null; } })();
export const lang = [chosen, stored, document.documentElement.lang.slice(0, 2)].find((each) => LANGUAGES.includes(each)) ?? "en";
export const locale = lang === "zh" ? "zh-CN" : "en-GB";
document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";

let words = {};

export async function loadWords() {
  const answer = await fetch(`/words/${lang}.json`);
  words = await answer.json();
}

/** The words of a key, with {names} filled in. */
export function t(key, filled = {}) {
  const text = words[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(filled[name] ?? ""));
}

export function otherLanguage() {
  const other = lang === "zh" ? "en" : "zh";
  try { localStorage.setItem("lang", other); } catch { /* a browser that keeps nothing goes by the address */ }
  const address = new URL(location.href);
  address.searchParams.set("lang", other);
  location.assign(address);
}
