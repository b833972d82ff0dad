// What a search found: lines to hear in place, walked with the keyboard, page by page without end.

import { button, clock, el, themeOf } from "./dom.js";
import { Keys } from "./keys.js";
import { Stretches } from "./stretch.js";

export function mount(root) {
  return new Results(root);
}

class Results {
  constructor(root) {
    Object.assign(this, { root, selected: 0 });
    this.sound = new Stretches({ changed: () => this.mark(), failed: (row) => this.failed(row) });
    this.list = el("ol", { class: "cq-found" });
    this.empty = el("div", { class: "cq-empty" });
    this.scroll = el("div", { class: "cq-rows", tabindex: "-1" }, this.list, this.empty);
    this.footer = el("footer", { class: "cq-footer" });
    this.frame = el("div", { class: "cq-list cq-search" }, this.scroll, this.footer, this.sound.media);
    (root.querySelector(".cq-search-room") ?? root).appendChild(this.frame);
    this.keys = new Keys({
      arrowdown: { run: () => this.move(1), repeats: true },
      arrowup: { run: () => this.move(-1), repeats: true },
      j: { run: () => this.move(1), repeats: true },
      k: { run: () => this.move(-1), repeats: true },
      space: { run: () => this.toggle(this.selected) },
      enter: { run: () => this.open(this.selected) },
      n: { run: () => this.turn("next") },
      p: { run: () => this.turn("previous") },
    });
  }

  update(component) {
    const before = this.data;
    this.component = component;
    this.data = component.data;
    this.frame.dataset.theme = themeOf(this.root);
    const another = before?.key !== this.data.key;
    if (another) {
      this.sound.clear();
      this.selected = 0;
      this.scroll.scrollTop = 0;
    } else if (this.sound.row) this.sound.row = this.data.rows[before.rows.indexOf(this.sound.row)] ?? null;
    if (another || before.rows.length !== this.data.rows.length || before.texts.play !== this.data.texts.play) this.draw();
    this.empty.textContent = this.data.empty;
    this.empty.hidden = !this.data.empty;
    this.footer.replaceChildren(...this.foot());
    this.mark();
    if (this.data.more) setTimeout(() => this.component.setTriggerValue("more", this.data.rows.length + 1));
  }

  draw() {
    this.list.setAttribute("aria-label", this.data.texts.label);
    this.list.start = this.data.first;
    this.list.replaceChildren(...this.data.rows.map((row, index) => this.row(row, index)));
  }

  row(row, index) {
    const { texts } = this.data;
    const play = button(texts.play, { className: "cq-found-play", disabled: !row.sound, onClick: () => this.toggle(index) });
    play.setAttribute("aria-label", `${texts.play} ${row.title} ${clock(row.start)}`);
    const words = el("span", { class: "cq-found-words" }, ...row.pieces.map(([text, marked]) => el(marked ? "mark" : "span", { text })));
    const open = button(row.title, { className: "cq-quiet cq-found-title", title: texts.open, onClick: () => this.open(index) });
    return el(
      "li",
      { data: { call: row.id }, on: { click: () => this.choose(index) } },
      play,
      el("span", { class: `cq-found-role cq-role-${row.role}`, text: row.role_label }),
      words,
      el("span", { class: "cq-found-about" }, el("time", { text: clock(row.start) }), row.about),
      open,
    );
  }

  foot() {
    const { texts, previous, next, note, more } = this.data;
    return [
      el("span", { class: "cq-range", "aria-live": "polite", text: more ? `${note} · ${texts.going_on}` : note }),
      el("span", { class: "cq-hint" }, texts.hint, " ", el("kbd", { text: texts.space }), ` ${texts.play} `, el("kbd", { text: texts.enter }), ` ${texts.open}`),
      button(texts.previous, { key: "P", disabled: !previous, onClick: () => this.turn("previous") }),
      button(texts.next, { key: "N", disabled: !next, onClick: () => this.turn("next") }),
    ];
  }

  choose(index) {
    this.selected = Math.min(Math.max(0, index), Math.max(0, this.data.rows.length - 1));
    this.mark();
  }

  move(step) {
    this.choose(this.selected + step);
    this.list.children[this.selected]?.scrollIntoView({ block: "nearest" });
  }

  mark() {
    [...this.list.children].forEach((node, index) => {
      const sounds = this.sound.plays(this.data.rows[index]);
      node.classList.toggle("cq-active", index === this.selected);
      node.classList.toggle("cq-sounding", sounds);
      node.querySelector(".cq-button-label").textContent = sounds ? this.data.texts.pause : this.data.texts.play;
    });
  }

  toggle(index) {
    this.choose(index);
    const row = this.data.rows[this.selected];
    if (row?.sound) this.sound.toggle(row, this.data.base);
  }

  failed(row) {
    const play = this.list.children[this.data.rows.indexOf(row)]?.querySelector(".cq-found-play");
    if (!play) return;
    play.disabled = true;
    play.title = this.data.texts.gone;
  }

  open(index) {
    const row = this.data.rows[index];
    if (row) this.component.setTriggerValue("open", { id: row.id, start: row.start });
  }

  turn(direction) {
    if (this.data[direction]) this.component.setTriggerValue("page", direction);
  }

  destroy() {
    this.keys.close();
    this.sound.close();
    this.frame.remove();
  }
}
