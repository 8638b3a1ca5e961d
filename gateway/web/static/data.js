// A page's data: read at once, again when something was committed that may be about it, and again after a break.
import { useEffect, useLayoutEffect, useRef, useState } from "/vendor/preact.js";
import { listen, up, want } from "./live.js";

const SOON_MS = 300; // several commits, one reading
const SLOWLY_MS = 5000; // where nothing is told live, and while the stream is lost

export async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.detail), { status: answer.status });
  return body;
}

/** { data, error, live }: the page's data by its path; `about(event)` says whether an event may change it, and so may new
 * values of `tags`. */
export function usePage(path, about = () => true, tags = []) {
  const followed = useRef(tags);
  followed.current = tags;
  useEffect(() => want(tags), [tags.join()]);
  const [found, setFound] = useState({ data: null, error: null, live: up });
  const again = useRef(null);
  useLayoutEffect(() => { // it asks before the browser paints that nothing is there yet
    let gone = false;
    let busy = false;
    let live = up;
    let due = null;
    const load = async () => {
      due = null;
      if (busy) return soon();
      busy = true;
      try {
        const data = await read(path);
        if (!gone) setFound({ data, error: null, live });
      } catch (error) {
        if (!gone) setFound((old) => ({ ...old, error, live }));
      }
      busy = false;
    };
    const soon = () => { due ??= setTimeout(load, SOON_MS); };
    again.current = load;
    load();
    const stop = listen((kind, body) => {
      live = kind !== "lost";
      setFound((old) => (old.live === live ? old : { ...old, live }));
      if (kind === "reset" || kind === "open" || (kind === "frame" && (body.events.some(about) || followed.current.some((tag) => tag in body.values)))) soon();
    });
    const slowly = setInterval(() => { if (!live) soon(); }, SLOWLY_MS);
    return () => { gone = true; stop(); clearInterval(slowly); clearTimeout(due); };
  }, [path]);
  return { ...found, reload: () => again.current?.() };
}
