/** Questions to the user, as modal dialogs: Escape answers nothing. */

import { h } from "./dom.ts";

export interface Choice {
  value: string;
  label: string;
  tone?: "main" | "danger";
}

/** Ask with buttons; returns the value of the one that was pressed, or null. */
export function choose(title: string, text: string, choices: readonly Choice[]): Promise<string | null> {
  const buttons = choices.map((choice) =>
    h("button", { type: "submit", value: choice.value, class: `button ${choice.tone ?? ""}` }, choice.label),
  );
  return shown(title, [h("p", {}, text)], buttons, () => true).then((dialog) => dialog.returnValue || null);
}

/** Ask for a text; `wrong` says what is wrong with it, or nothing. */
export async function askText(
  title: string,
  label: string,
  value: string,
  wrong: (text: string) => string,
): Promise<string | null> {
  const input = h("input", { id: "dialog-text", value, autocomplete: "off", spellcheck: "false", "aria-describedby": "dialog-wrong" });
  const message = h("p", { id: "dialog-wrong", class: "wrong", role: "alert" });
  const ok = h("button", { type: "submit", value: "ok", class: "button main" }, "OK");
  const body = [h("label", { for: "dialog-text" }, label), input, message];
  const dialog = await shown(title, body, [ok], () => {
    message.textContent = wrong(input.value.trim());
    input.setAttribute("aria-invalid", String(Boolean(message.textContent)));
    return !message.textContent;
  }, () => {
    input.focus();
    const dot = value.lastIndexOf(".");
    input.setSelectionRange(0, dot > 0 ? dot : value.length);
  });
  return dialog.returnValue === "ok" ? input.value.trim() : null;
}

function shown(
  title: string,
  body: readonly Node[],
  buttons: readonly HTMLButtonElement[],
  may: () => boolean,
  begin?: () => void,
): Promise<HTMLDialogElement> {
  const cancel = h("button", { type: "button", class: "button", onclick: () => dialog.close("") }, "Cancel");
  const form = h(
    "form",
    { method: "dialog", onsubmit: (event) => { if (!may()) event.preventDefault(); } },
    h("h2", { id: "dialog-title" }, title), ...body, h("div", { class: "row" }, cancel, ...buttons),
  );
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog);
    });
    dialog.addEventListener("cancel", () => { dialog.returnValue = ""; });
    dialog.showModal();
    if (begin) begin();
    else (buttons.find((button) => !button.classList.contains("danger")) ?? cancel).focus();
  });
}
