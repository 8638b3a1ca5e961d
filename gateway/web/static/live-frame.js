// Inside the one frame that may make a worker (docs/decisions/0092): passes frames of the stream to the page around it.
const worker = new SharedWorker("/static/live-worker.js");
worker.port.onmessage = ({ data }) => parent.postMessage(data, location.origin);
worker.port.start();
addEventListener("message", ({ origin, source, data }) => { if (origin === location.origin && source === parent) worker.port.postMessage(data); });
addEventListener("pagehide", () => worker.port.postMessage("bye"));
