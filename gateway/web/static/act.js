// What people do: an entry in the journal, answered after its commit.
import { outcome } from "./sent.js";

let seal = "";
export const setSeal = (given) => { seal = given ?? ""; };

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Lotwatch-Seal": seal },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.detail), { status: answer.status });
  return said;
}

/** Enters it; throws what the box said against it. `site`: whose, where pages show several. */
export async function act(kind, body, site = "") {
  const said = await post(`/act/${kind}${site ? `?site=${encodeURIComponent(site)}` : ""}`, body);
  if (said.pending) return outcome(said.pending);
  const refused = said.events?.find((event) => event.is === "Noted" && event.kind.endsWith("_refused"));
  if (refused) throw new Error(refused.facts.reason);
  return said;
}
