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

/** Whoever signs in goes on where they are: the page keeps what was typed. */
export async function signIn(name, password) {
  setSeal((await post("/sign-in", { name, password })).seal);
}

/** This very page with the form to sign in: its lot, week or span stays in the address. */
export function signInHere() {
  const here = new URL(location.href);
  here.searchParams.set("signin", "1");
  return here.pathname + here.search;
}

/** Enters it; throws what the box said against it. `site`: whose, where pages show several. */
export async function act(kind, body, site = "") {
  const said = await post(`/act/${kind}${site ? `?site=${encodeURIComponent(site)}` : ""}`, body);
  if (said.pending) return outcome(said.pending);
  const refused = said.events?.find((event) => event.is === "Noted" && event.kind.endsWith("_refused"));
  if (refused) throw new Error(refused.facts.reason);
  return said;
}
