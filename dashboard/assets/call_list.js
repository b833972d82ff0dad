// The list of calls: a table to click or to walk with the keyboard.

import { button, el, themeOf } from "./dom.js";
import { Keys } from "./keys.js";

export function mount(root) {
  return new CallList(root);
}

class CallList {
  constructor(root) {
    this.root = root;
    this.selected = 0;
    this.body = el("tbody");
    this.headRow = el("tr");
    this.empty = el("div", { class: "cq-empty" });
    this.table = el("table", { class: "cq-table" }, el("thead", {}, this.headRow), this.body);
    this.rows = el("div", { class: "cq-rows" }, this.table, this.empty);
    this.footer = el("footer", { class: "cq-footer" });
    this.frame = el("div", { class: "cq-list" }, this.rows, this.footer);
    (root.querySelector(".cq-list-room") ?? root).appendChild(this.frame);
    this.keys = new Keys({
      arrowdown: { run: () => this.move(1), repeats: true },
      arrowup: { run: () => this.move(-1), repeats: true },
      j: { run: () => this.move(1), repeats: true },
      k: { run: () => this.move(-1), repeats: true },
      enter: { run: () => this.open(this.data.rows[this.selected]?.id) },
      n: { run: () => this.page("next") },
      p: { run: () => this.page("previous") },
    });
  }

  update(component) {
    const before = this.data;
    this.component = component;
    this.data = component.data;
    this.frame.dataset.theme = themeOf(this.root);
    if (before && before.key !== this.data.key) {
      this.selected = 0;
      this.rows.scrollTop = 0;
    }
    this.headRow.replaceChildren(...this.data.columns.map((column) => el("th", { text: column.label, class: `cq-${column.name}`, scope: "col" })));
    this.body.replaceChildren(...this.data.rows.map((row, index) => this.row(row, index)));
    this.table.hidden = !this.data.rows.length;
    this.empty.hidden = Boolean(this.data.rows.length);
    this.empty.textContent = this.data.empty;
    this.footer.replaceChildren(...this.foot());
    this.mark();
  }

  foot() {
    const { texts, previous, next } = this.data;
    return [
      el("span", { class: "cq-range", text: texts.range }),
      el("span", { class: "cq-hint", text: texts.hint }),
      button(texts.previous, { key: "P", disabled: !previous, onClick: () => this.page("previous") }),
      button(texts.next, { key: "N", disabled: !next, onClick: () => this.page("next") }),
    ];
  }

  row(row, index) {
    const open = () => this.open(row.id);
    const cells = this.data.columns.map((column) => el("td", { class: `cq-${column.name}` }, ...this.cell(column.name, row[column.name])));
    const pick = () => {
      this.selected = index;
      this.mark();
    };
    const onKey = (event) => {
      if (event.key === "Enter") open();
    };
    return el("tr", { tabindex: "0", data: { call: row.id }, on: { click: open, focus: pick, keydown: onKey } }, ...cells);
  }

  cell(name, value) {
    if (value === null || value === undefined || value === "") return [el("span", { class: "cq-none", text: "–" })];
    if (name === "score") return [el("span", { class: `cq-score cq-score-${value.band}`, text: value.value })];
    if (name === "status") return [el("span", { class: `cq-status cq-status-${value.name}`, text: value.label, title: value.help })];
    if (name === "flags" && !value.length) return [el("span", { class: "cq-none", text: "–" })];
    if (name === "flags") return value.map((flag) => el("span", { class: `cq-tag cq-${flag.severity}`, text: flag.label, title: flag.title }));
    if (name === "progress") return [this.progress(value)];
    return [el("span", { text: value, title: value })];
  }

  progress({ done, total, label }) {
    const bar = el("i", { style: { width: `${total ? (100 * done) / total : 0}%` } });
    return el("span", { class: `cq-progress${done === total ? " cq-finished" : ""}`, title: label }, el("b", {}, bar), `${done}/${total}`);
  }

  move(step) {
    const last = this.data.rows.length - 1;
    this.selected = Math.min(Math.max(0, this.selected + step), last);
    this.mark();
    this.body.children[this.selected]?.scrollIntoView({ block: "nearest" });
  }

  mark() {
    [...this.body.children].forEach((row, index) => row.classList.toggle("cq-active", index === this.selected));
  }

  open(id) {
    if (id) this.component.setTriggerValue("open", id);
  }

  page(direction) {
    if (this.data[direction]) this.component.setTriggerValue("page", this.data[direction]);
  }

  destroy() {
    this.keys.close();
    this.frame.remove();
  }
}
