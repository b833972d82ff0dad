// Stretches of calls to hear in place: a line each, with a bar to go back and forth in.

import { button, clock, el, themeOf } from "./dom.js";
import { Stretches } from "./stretch.js";

export function mount(root) {
  return new Clips(root);
}

class Clips {
  constructor(root) {
    this.root = root;
    this.sound = new Stretches({ changed: () => this.mark(), failed: (row) => this.failed(row) });
    this.list = el("ol", { class: "cq-clip-list" });
    this.frame = el("div", { class: "cq-list cq-clips" }, this.list, this.sound.media);
    (root.querySelector(".cq-clips-room") ?? root).appendChild(this.frame);
  }

  update(component) {
    this.component = component;
    this.frame.dataset.theme = themeOf(this.root);
    if (this.data?.key === component.data.key && this.data?.texts.play === component.data.texts.play) return;
    this.sound.clear();
    this.data = component.data;
    this.list.replaceChildren(...this.data.rows.map((row) => this.row(row)));
    this.mark();
  }

  row(row) {
    const { texts } = this.data;
    const play = button(texts.play, { className: "cq-clip-play", disabled: !row.sound, onClick: () => this.sound.toggle(row, this.data.base) });
    const time = el("span", { class: "cq-clip-time" });
    const bar = el("input", { type: "range", class: "cq-clip-bar", step: "0.1", disabled: !row.sound, "aria-label": `${texts.place} ${row.title}` });
    bar.addEventListener("input", () => this.sound.play(row, this.data.base, Number(bar.value)));
    row.nodes = { play, time, bar };
    return el("li", { class: row.about || row.quote ? "cq-clip" : "cq-clip cq-clip-bare" }, play, time, ...this.words(row), bar, this.open(row));
  }

  words(row) {
    if (!row.about && !row.quote) return [];
    const tag = row.tag ? el("span", { class: `cq-tag cq-${row.severity}`, text: row.tag }) : null;
    const words = el("span", { class: "cq-clip-words" }, row.quote ? el("q", { text: row.quote, title: row.quote }) : null, el("small", { text: row.about, title: row.about }));
    return [tag, words];
  }

  open(row) {
    const { texts } = this.data;
    if (!row.opens) return null;
    const open = button(texts.open, { className: "cq-quiet", onClick: () => this.component.setTriggerValue("open", row.id) });
    open.setAttribute("aria-label", `${texts.open} ${row.title}`);
    return open;
  }

  mark() {
    for (const row of this.data.rows) {
      const { play, time, bar } = row.nodes;
      const sounds = this.sound.plays(row);
      const at = this.sound.at(row);
      const last = this.sound.last(row);
      play.classList.toggle("cq-strong", sounds);
      const does = sounds ? this.data.texts.pause : this.data.texts.play;
      play.querySelector(".cq-button-label").textContent = does;
      play.setAttribute("aria-label", `${does} ${row.title} ${clock(row.start)}`);
      time.textContent = this.sound.row === row ? clock(at) : clock(row.start);
      Object.assign(bar, { min: this.sound.first(row), max: last, value: at });
      bar.disabled = !row.sound || !last;
    }
  }

  failed(row) {
    row.nodes.play.disabled = true;
    row.nodes.bar.disabled = true;
    row.nodes.play.title = this.data.texts.gone;
  }

  destroy() {
    this.sound.close();
    this.frame.remove();
  }
}
