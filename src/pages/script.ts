/**
 * The one script of the pages. It only adds: every page is complete without it.
 * Plain JavaScript in a string, since it is inlined and allowed by its hash.
 */
import { passkeyScript } from "./script_passkey.ts";

const source = `"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  for (const box of all("[data-show]")) {
    const input = box.querySelector("input");
    const { show, hide, showLabel, hideLabel } = box.dataset;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? hide : show;
      button.setAttribute("aria-label", shown ? hideLabel : showLabel);
    };
    set(false);
    button.addEventListener("click", () => {
      set(input.type === "password");
      input.focus({ preventScroll: true });
    });
    input.form.addEventListener("submit", () => set(false));
    box.append(button);
  }

  for (const box of all("[data-least]")) {
    const input = box.querySelector("input");
    const { least, counted, enough } = box.dataset;
    const line = document.createElement("p");
    line.className = "hint";
    line.setAttribute("role", "status");
    box.after(line);
    input.addEventListener("input", () => {
      // The server counts characters, not UTF-16 units.
      const count = Array.from(input.value).length;
      const reached = count >= least;
      line.classList.toggle("reached", reached);
      // A count that changes with every key would be read aloud each time.
      line.setAttribute("aria-live", reached ? "polite" : "off");
      line.textContent = count === 0 ? "" : reached ? enough : counted.replace("{count}", count);
    });
  }

  // Values that the browser restores count as changes, too.
  for (const form of all("[data-wakes]")) {
    const save = form.querySelector("button.main");
    const changed = (field) => "defaultValue" in field &&
      (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
    const wake = () => { save.disabled = !Array.from(form.elements).some(changed); };
    form.addEventListener("input", wake);
    addEventListener("pageshow", wake);
    wake();
  }

  if (navigator.clipboard) {
    for (const button of all("[data-copy]")) {
      const label = button.textContent;
      button.hidden = false;
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = button.dataset.copied;
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  }

  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  const wrong = document.querySelector("[aria-invalid=true]:not([type=hidden])");
  if (wrong && !document.querySelector("[autofocus]")) wrong.focus();

  for (const form of all("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent || event.submitter?.formMethod === "dialog") return event.preventDefault();
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    });
  }
  addEventListener("pageshow", () => { for (const form of all("form")) delete form.dataset.sent; });

${passkeyScript}
  const own = document.querySelector("form[data-auto-submit]");
  if (own) own.submit();
})();`;

/** Without indentation and comments, since every page carries it. */
export const script = source
  .split("\n")
  .map((line) => line.trim())
  .filter((line) => line !== "" && !line.startsWith("//"))
  .join("\n");
