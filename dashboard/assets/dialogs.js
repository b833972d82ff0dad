// The two questions of the desk: under which rule to add a flag, and what a word should read.

import { button, el } from "./dom.js";

const SHOWN = 8;

class Question {
  constructor(host) {
    this.node = el("dialog", { class: "cq-dialog" });
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    host.append(this.node);
  }

  get open() {
    return this.node.open;
  }

  /** Enter answers, Escape (the browser's own) closes; nothing reaches the desk behind. */
  onKey(event) {
    event.stopPropagation();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.matches("button")) return;
    event.preventDefault();
    this.answer();
  }

  show(title, quote, texts, ...fields) {
    this.node.setAttribute("aria-label", title);
    this.node.replaceChildren(
      el("h2", { text: title }),
      el("blockquote", { text: quote }),
      ...fields,
      el(
        "footer",
        {},
        button(texts.save, { key: "Enter", className: "cq-strong", onClick: () => this.answer() }),
        button(texts.cancel, { key: "Esc", onClick: () => this.node.close() }),
      ),
    );
    this.node.showModal();
  }
}

export class AddFlag extends Question {
  ask(chosen, rules, texts, done) {
    Object.assign(this, { rules, done });
    this.find = el("input", { type: "search", placeholder: texts.find_rule, "aria-label": texts.find_rule });
    this.list = el("select", { size: SHOWN, "aria-label": texts.which_rule });
    this.comment = el("input", { type: "text", maxlength: 2000, placeholder: texts.comment, "aria-label": texts.comment });
    this.find.addEventListener("input", () => this.narrow());
    this.find.addEventListener("keydown", (event) => this.walk(event));
    this.narrow();
    this.show(texts.add_flag, chosen.text, texts, this.find, this.list, this.comment);
    this.find.focus();
  }

  narrow() {
    const wanted = this.find.value.trim().toLowerCase();
    const fits = this.rules.filter(([id, title]) => `${title} ${id}`.toLowerCase().includes(wanted));
    this.list.replaceChildren(...fits.map(([id, title, , level]) => el("option", { value: id, text: `${title} · ${level}` })));
    this.list.selectedIndex = fits.length ? 0 : -1;
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.list.selectedIndex = Math.min(this.list.options.length - 1, Math.max(0, this.list.selectedIndex + step));
  }

  answer() {
    if (!this.list.value) return;
    this.node.close();
    this.done(this.list.value, this.comment.value.trim());
  }
}

export class CorrectWord extends Question {
  ask(chosen, texts, done) {
    this.done = done;
    this.before = chosen.text;
    this.box = el("input", { type: "text", maxlength: 500, value: chosen.text, "aria-label": texts.correct_to });
    this.show(texts.correct, chosen.text, texts, el("label", { text: texts.correct_to }), this.box);
    this.box.focus();
    this.box.select();
  }

  answer() {
    this.node.close();
    if (this.box.value !== this.before) this.done(this.box.value);
  }
}
