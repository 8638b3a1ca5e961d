// The one stream of this browser: hands every frame to all its pages. It asks for the tags that any of them wants.
const ports = new Map(); // to the tags that its page wants
let source = null;
let state = "lost";
let asked = "";

function tell(kind, body) {
  if (kind === "open" || kind === "lost") state = kind;
  for (const port of ports.keys()) port.postMessage({ kind, body });
}

const tags = () => [...new Set([...ports.values()].flat())].sort().join(",");

function begin() {
  source?.close();
  asked = tags();
  const mine = (source = new EventSource(`/live?${new URLSearchParams({ tags: asked })}`));
  mine.addEventListener("hello", () => tell("open"));
  mine.addEventListener("reset", () => tell("reset"));
  mine.onmessage = (message) => tell("frame", JSON.parse(message.data));
  mine.onerror = () => {
    tell("lost");
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (source === mine) begin(); }, 3000); // refused: the session may have ended
  };
}

onconnect = ({ ports: [port] }) => {
  ports.set(port, []);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    else if (Array.isArray(data.want)) {
      ports.set(port, data.want);
      const had = new Set(asked.split(","));
      if (data.want.some((tag) => !had.has(tag))) begin();
    }
    if (ports.size === 0 && source) {
      source.close();
      source = null;
    }
  };
  if (source === null) begin();
  else port.postMessage({ kind: state });
};
