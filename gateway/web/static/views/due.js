// Due: checks and duties of the control plans, what runs, planned stops.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { Coming, Trouble } from "../parts.js";
import { Due, Machines, Stops } from "../sheet.js";
import { t } from "../words.js";

export default function Page() {
  const { data, error } = usePage("/due.json", (event) => event.is.startsWith("check_") || event.is.startsWith("planned_"));
  if (!data) return html`<${Coming} error=${error} />`;
  return html`<${Trouble} error=${error} /><h1>${t("page.due")}</h1><p class="buttons"><a href="/due.csv">CSV</a> <a href="/due.csv?table=machines">CSV: ${t("now.running")}</a> <a href="/due.csv?table=stops">CSV: ${t("due.stops")}</a></p>
    <section class="card"><h2>${t("now.due")}</h2><${Due} rows=${data.due} /></section>
    <section class="card"><h2>${t("now.running")}</h2><${Machines} rows=${data.machines} /><${Stops} rows=${data.stops} /></section>`;
}
