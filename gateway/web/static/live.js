// One stream of what is committed for all open pages of this browser, where it has shared workers; else one for this page.
// A browser opens at most six connections to a server of HTTP/1.1: the seventh page would wait for ever.
const listeners = new Set();
/** Whether the stream stands: a view that comes later is not told of it. */
export let up = false;
const tell = (kind, body) => {
  up = kind !== "lost";
  listeners.forEach((listener) => listener(kind, body));
};

/** Calls listener(kind, body): "open", "lost", "frame" with {events, values}, "reset". */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const wanted = new Set(); // tags whose values frames should have
let ask = () => {}; // tells whoever has the stream

/** From now on frames have the values of these tags too, for as long as this view is open. */
export function want(tags) {
  const before = wanted.size;
  for (const tag of tags) wanted.add(tag);
  if (wanted.size > before) ask();
}

/** Another view comes, which wants its own. */
export const forget = () => wanted.clear();

function alone() {
  let source = null;
  ask = () => {
    source?.close();
    source = new EventSource(`/live?${new URLSearchParams({ tags: [...wanted].join(",") })}`);
    source.addEventListener("hello", () => tell("open"));
    source.addEventListener("reset", () => tell("reset"));
    source.onmessage = (message) => tell("frame", JSON.parse(message.data));
    source.onerror = () => tell("lost");
  };
  ask();
}

function shared() {
  const frame = document.createElement("iframe"); // Trusted Types `none` lets no page make a worker: the frame does
  frame.src = "/live-frame";
  frame.hidden = true;
  frame.title = "live";
  addEventListener("message", ({ origin, source, data }) => {
    if (origin === location.origin && source === frame.contentWindow) tell(data.kind, data.body);
  });
  let ready = false;
  ask = () => { if (ready && wanted.size) frame.contentWindow.postMessage({ want: [...wanted] }, location.origin); };
  frame.addEventListener("load", () => { ready = true; ask(); });
  document.body.append(frame);
}

export function connect() {
  if ("SharedWorker" in self) shared();
  else alone();
}
