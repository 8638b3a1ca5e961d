// Times, masses and shares as people of this language read them. Times are the browser's own; data has UTC.
import { locale, t } from "./words.js";

const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const clocks = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

export const date = (text) => new Date(text.replace(/\.(\d{3})\d*Z$/, ".$1Z"));
export const moment = (text) => (text ? moments.format(date(text)) : "");
export const sameDay = (text) => (date(text).toDateString() === new Date().toDateString() ? clocks : moments).format(date(text));

/** Nanoseconds, as data has them, to a time; a number of JavaScript has them to a microsecond, which is enough to show. */
export const iso = (ns) => new Date(Number(ns) / 1e6).toISOString();
export const clock = (ns) => clocks.format(new Date(Number(ns) / 1e6));

/** How long ago, in the largest unit that says something. */
export function ago(seconds) {
  if (seconds === null || seconds === undefined) return t("ago.never");
  const [value, unit] = seconds < 90 ? [seconds, "s"] : seconds < 5400 ? [seconds / 60, "min"] : seconds < 129600 ? [seconds / 3600, "h"] : [seconds / 86400, "d"];
  return t(`ago.${unit}`, { n: Math.max(0, Math.round(value)) });
}

const forms = {};
/** A way to write numbers, made once: making one takes as long as writing hundreds. */
const form = (name, how) => (forms[name] ??= new Intl.NumberFormat(locale, how));

/** Far from one, by powers of ten: nobody counts noughts. */
const far = (value) => value !== 0 && (Math.abs(value) < 1e-5 || Math.abs(value) >= 1e15);
export const number = (value, digits = 4) => (value === null || value === undefined ? "" : Number.isFinite(value) && far(value) ? Number(value.toPrecision(digits)).toExponential() : form(digits, { maximumSignificantDigits: digits }).format(value));

/** How far two values are apart: of percentages in points, for 26 % is not 1 % more than 25 %. */
export const apart = (value, uom, digits = 3) => (uom === "%" ? t("points", { n: number(value, digits) }) : `${number(value, digits)} ${uom ?? ""}`.trim());
const fixed = (value, digits) => form(`.${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** A mass with its interval and its standard uncertainty, to the gram. */
export function kilograms({ low, high, sigma = 0 }) {
  const interval = high - low >= 5e-4 ? `${fixed(low, 3)} .. ` : "";
  return `${interval}${fixed(high, 3)} kg${sigma >= 5e-4 ? ` ± ${fixed(sigma, 3)}` : ""}`;
}

/** A share likewise, in per cent. */
export function percent({ low, high, sigma = 0 }, digits = 2) {
  const least = 0.5 * 10 ** -digits;
  const interval = (high - low) * 100 >= least ? `${fixed(low * 100, digits)} .. ` : "";
  return `${interval}${fixed(high * 100, digits)} %${sigma * 100 >= least ? ` ± ${fixed(sigma * 100, digits)}` : ""}`;
}
