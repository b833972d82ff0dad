// Text with line numbers and the problems of each line; what is typed goes to the server after a short rest.

import { el, themeOf } from "./dom.js";

const REST = 450;

export function mount(root) {
  return new Editor(root);
}

class Editor {
  constructor(root) {
    this.root = root;
    this.gutter = el("div", { class: "cq-gutter", "aria-hidden": true });
    this.area = el("textarea", { class: "cq-code", spellcheck: "false", wrap: "off", autocapitalize: "off", autocomplete: "off" });
    this.list = el("ul", { class: "cq-problems", "aria-live": "polite" });
    this.state = el("span", { class: "cq-editor-state", role: "status" });
    this.hint = el("span", { class: "cq-editor-hint" });
    this.frame = el(
      "div",
      { class: "cq-list cq-editor" },
      el("div", { class: "cq-editor-box" }, this.gutter, this.area),
      el("div", { class: "cq-editor-foot" }, this.state, this.hint),
      this.list,
    );
    (root.querySelector(".cq-editor-room") ?? root).appendChild(this.frame);
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("blur", () => this.send());
    this.area.addEventListener("scroll", () => (this.gutter.scrollTop = this.area.scrollTop));
    this.area.addEventListener("keydown", (event) => this.key(event));
  }

  update(component) {
    this.component = component;
    this.data = component.data;
    this.frame.dataset.theme = themeOf(this.root);
    this.area.setAttribute("aria-label", this.data.texts.label);
    this.area.readOnly = Boolean(this.data.readonly);
    this.hint.textContent = this.data.texts.hint;
    if (this.file !== this.data.key) this.open();
    else if (this.overtaken()) this.take();
    this.say();
    this.number();
    this.list.replaceChildren(...this.data.problems.map((problem) => this.problem(problem)));
  }

  open() {
    Object.assign(this, { file: this.data.key, turn: this.data.turn ?? 0 });
    this.area.value = this.sent = this.data.text;
    this.area.scrollTop = 0;
  }

  /** The text was changed elsewhere on the page, and nothing typed here is on its way. */
  overtaken() {
    const idle = this.area.value === this.sent && (this.data.turn ?? 0) >= this.turn;
    return idle && this.data.text !== this.area.value;
  }

  take() {
    const { selectionStart, selectionEnd, scrollTop } = this.area;
    this.area.value = this.sent = this.data.text;
    this.area.setSelectionRange(selectionStart, selectionEnd);
    this.area.scrollTop = scrollTop;
  }

  problem({ line, where, message, here }) {
    const go = () => this.goTo(line);
    const place = here
      ? el("button", { type: "button", class: "cq-place", text: where, on: { click: go } })
      : el("b", { class: "cq-place", text: where });
    return el("li", {}, place, el("span", { text: message }));
  }

  goTo(line) {
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    this.area.scrollTop = Math.max(0, (line - 4) * this.lineHeight());
  }

  lineHeight() {
    return parseFloat(getComputedStyle(this.area).lineHeight) || 20;
  }

  number() {
    const wrong = new Set(this.data.problems.filter((p) => p.here).map((p) => p.line));
    const count = this.area.value.split("\n").length;
    if (this.gutter.childElementCount === count && this.wrong === [...wrong].join()) return;
    this.wrong = [...wrong].join();
    const lines = Array.from({ length: count }, (_, i) => el("span", { text: i + 1, class: wrong.has(i + 1) ? "cq-wrong" : null }));
    this.gutter.replaceChildren(...lines);
    this.gutter.scrollTop = this.area.scrollTop;
  }

  typed() {
    this.number();
    this.say();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), REST);
  }

  send() {
    clearTimeout(this.timer);
    if (this.area.value === this.sent || this.area.readOnly) return;
    this.sent = this.area.value;
    this.turn += 1;
    this.component.setStateValue("text", { key: this.data.key, text: this.area.value, turn: this.turn });
  }

  say() {
    const { texts, saved } = this.data;
    const waiting = this.area.value !== saved;
    this.state.textContent = waiting ? texts.saving : texts.saved;
    this.state.classList.toggle("cq-waiting", waiting);
  }

  key(event) {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      this.leave = true; // the next Tab moves on, so that the keyboard is never caught here
    } else if (event.key === "Tab" && !event.shiftKey && !this.leave && !this.area.readOnly) {
      event.preventDefault();
      document.execCommand("insertText", false, "  ");
    } else {
      this.leave = false;
    }
  }

  destroy() {
    this.send();
    this.frame.remove();
  }
}
