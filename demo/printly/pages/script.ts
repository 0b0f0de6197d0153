/** The only script of Printly: shows the buttons that are of no use without one. */
export const script = `for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}`;
