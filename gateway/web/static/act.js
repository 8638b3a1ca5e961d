// What people do: an entry in the journal, answered after its commit.
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

export const act = (kind, body) => post(`/act/${kind}`, body);
