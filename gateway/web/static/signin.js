// Signing in, and the first account of a new box.
import { html, useState } from "/vendor/preact.js";
import { post } from "./act.js";
import { Trouble } from "./parts.js";
import { t } from "./words.js";

function Form({ path, title, about, send, children }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await post(path, Object.fromEntries(new FormData(event.target)));
      const here = new URL(location.href);
      if (!here.searchParams.has("signin")) return location.reload();
      here.searchParams.delete("signin");
      location.replace(here);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`<section class="card narrow"><h1>${title}</h1><p>${about}</p>
    <form onSubmit=${submit}>${children}<${Trouble} error=${error} /><p class="buttons"><button class="main" disabled=${busy}>${send}</button></p></form>
  </section>`;
}

export function SignIn() {
  return html`<${Form} path="/sign-in" title=${t("signin.title")} about=${t("signin.about")} send=${t("signin.send")}>
    <label>${t("signin.name")}<input name="name" autocomplete="username" required autofocus /></label>
    <label>${t("signin.password")}<input name="password" type="password" autocomplete="current-password" required /></label>
  <//>`;
}

export function SetUp() {
  return html`<${Form} path="/set-up" title=${t("setup.title")} about=${t("setup.about")} send=${t("setup.send")}>
    <label>${t("setup.code")}<input name="code" autocomplete="one-time-code" required autofocus placeholder="XXXX-XXXX" /></label>
    <label>${t("signin.name")}<input name="name" autocomplete="username" required /></label>
    <label>${t("setup.operator")}<input name="operator" inputmode="numeric" pattern="[0-9]{1,12}" required /></label>
    <label>${t("signin.password")}<input name="password" type="password" autocomplete="new-password" minlength="12" required /></label>
  <//>`;
}
