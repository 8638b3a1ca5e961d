// One stream of what is committed for all open pages of this browser, where it has shared workers; else one for this page.
// A browser opens at most six connections to a server of HTTP/1.1: the seventh page would wait for ever.
const listeners = new Set();
const tell = (kind, body) => listeners.forEach((listener) => listener(kind, body));

/** Calls listener(kind, body): "open", "lost", "frame" with {events, values}, "reset". */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function alone() {
  const source = new EventSource("/live");
  source.addEventListener("hello", () => tell("open"));
  source.addEventListener("reset", () => tell("reset"));
  source.onmessage = (message) => tell("frame", JSON.parse(message.data));
  source.onerror = () => tell("lost");
}

function shared() {
  const frame = document.createElement("iframe"); // Trusted Types `none` lets no page make a worker: the frame does
  frame.src = "/live-frame";
  frame.hidden = true;
  frame.title = "live";
  addEventListener("message", ({ origin, source, data }) => {
    if (origin === location.origin && source === frame.contentWindow) tell(data.kind, data.body);
  });
  document.body.append(frame);
}

export function connect() {
  if ("SharedWorker" in self) shared();
  else alone();
}
