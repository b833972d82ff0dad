// Keyboard: one table of key → action, never while somebody types.

import { isTyping } from "./dom.js";

export class Keys {
  constructor(bindings) {
    this.bindings = new Map(Object.entries(bindings));
    this.listener = (event) => this.handle(event);
    // On the window and early, so that Streamlit's own shortcuts do not also fire.
    window.addEventListener("keydown", this.listener, true);
  }

  handle(event) {
    if (event.defaultPrevented || event.isComposing || isTyping(event)) return;
    if (event.altKey || event.metaKey) return;
    const name = (event.ctrlKey ? "ctrl+" : "") + (event.key === " " ? "space" : event.key.toLowerCase());
    const action = this.bindings.get(name);
    if (!action || this.isPress(event, name)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || action.repeats) action.run();
  }

  // Enter on a focused control belongs to the control.
  isPress(event, name) {
    return name === "enter" && event.composedPath()[0]?.matches?.("button, a, summary, [role=button]");
  }

  close() {
    window.removeEventListener("keydown", this.listener, true);
  }
}
