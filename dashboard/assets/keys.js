// Keyboard: one table of key → action, never while somebody types.

import { isTyping } from "./dom.js";

export class Keys {
  /** While `busy(key)` says so, for example because a dialog is open, keys do nothing. */
  constructor(bindings, busy = () => false) {
    this.busy = busy;
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
    if (!action || this.isPress(event, name) || this.busy(name)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || action.repeats) action.run(event);
  }

  // Enter, and Space for who walks by Tab, belong to the control that has the focus.
  isPress(event, name) {
    const target = event.composedPath()[0];
    if (!target?.matches?.("button, a, summary, [role=button], [role=radio], [role=tab]")) return false;
    return name === "enter" || (name === "space" && target.matches(":focus-visible"));
  }

  close() {
    window.removeEventListener("keydown", this.listener, true);
  }
}
