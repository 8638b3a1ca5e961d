// The one stream of this browser: hands every frame to all its pages.
const ports = new Set();
let source = null;
let state = "lost";

function tell(kind, body) {
  if (kind === "open" || kind === "lost") state = kind;
  for (const port of ports) port.postMessage({ kind, body });
}

function begin() {
  source = new EventSource("/live");
  source.addEventListener("hello", () => tell("open"));
  source.addEventListener("reset", () => tell("reset"));
  source.onmessage = (message) => tell("frame", JSON.parse(message.data));
  source.onerror = () => {
    tell("lost");
    if (source.readyState === EventSource.CLOSED) setTimeout(begin, 3000); // refused: the session may have ended
  };
}

onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    if (ports.size === 0 && source) {
      source.close();
      source = null;
    }
  };
  if (source === null) begin();
  else port.postMessage({ kind: state });
};
