// Stretches of calls to hear in place: a line each, played from a little before to the end.

import { button, clock, el, themeOf } from "./dom.js";

const LEAD_IN = 2;
const LEAD_OUT = 0.4;

export function mount(root) {
  return new Clips(root);
}

class Clips {
  constructor(root) {
    this.root = root;
    this.media = el("audio", { preload: "none" });
    this.list = el("ol", { class: "cq-clip-list" });
    this.frame = el("div", { class: "cq-list cq-clips" }, this.list, this.media);
    (root.querySelector(".cq-clips-room") ?? root).appendChild(this.frame);
    this.media.addEventListener("timeupdate", () => this.tick());
    for (const name of ["play", "pause", "ended"]) this.media.addEventListener(name, () => this.mark());
    this.media.addEventListener("error", () => this.failed());
  }

  update(component) {
    this.component = component;
    this.frame.dataset.theme = themeOf(this.root);
    if (this.data?.key === component.data.key && this.data?.texts.play === component.data.texts.play) return;
    this.media.pause();
    this.data = component.data;
    this.playing = null;
    this.list.replaceChildren(...this.data.rows.map((row) => this.row(row)));
  }

  row(row) {
    const { texts } = this.data;
    const play = button(texts.play, { className: "cq-clip-play", disabled: !row.sound, onClick: () => this.toggle(row) });
    play.setAttribute("aria-label", `${texts.play} ${row.title} ${clock(row.start)}`);
    const open = button(texts.open, { className: "cq-quiet", onClick: () => this.component.setTriggerValue("open", row.id) });
    open.setAttribute("aria-label", `${texts.open} ${row.title}`);
    const bar = el("i");
    row.nodes = { play, bar };
    return el(
      "li",
      { class: "cq-clip" },
      play,
      el("span", { class: "cq-clip-time", text: clock(row.start) }),
      row.tag ? el("span", { class: `cq-tag cq-${row.severity}`, text: row.tag }) : null,
      el("span", { class: "cq-clip-words" }, row.quote ? el("q", { text: row.quote }) : null, el("small", { text: row.about })),
      el("span", { class: "cq-clip-bar", "aria-hidden": true }, bar),
      open,
    );
  }

  async toggle(row) {
    if (this.playing === row && !this.media.paused) return this.media.pause();
    if (this.playing !== row) {
      this.playing = row;
      this.media.src = new URL(row.sound, location.origin + (this.component.data.base || "/")).href;
    }
    const at = Math.max(0, row.start - LEAD_IN);
    try {
      if (this.media.readyState === 0) await this.loaded();
      this.media.currentTime = at;
      await this.media.play();
    } catch (error) {
      if (error?.name !== "NotAllowedError" && error?.name !== "AbortError") this.failed();
    }
    return undefined;
  }

  loaded() {
    return new Promise((done, fail) => {
      this.media.addEventListener("loadedmetadata", done, { once: true });
      this.media.addEventListener("error", fail, { once: true });
      this.media.load();
    });
  }

  tick() {
    const row = this.playing;
    if (!row) return;
    const first = Math.max(0, row.start - LEAD_IN);
    const last = row.end + LEAD_OUT;
    row.nodes.bar.style.width = `${Math.min(100, (100 * (this.media.currentTime - first)) / (last - first))}%`;
    if (this.media.currentTime >= last) this.media.pause();
  }

  mark() {
    for (const row of this.data.rows) {
      const sounds = row === this.playing && !this.media.paused;
      row.nodes.play.classList.toggle("cq-strong", sounds);
      row.nodes.play.querySelector(".cq-button-label").textContent = sounds ? this.data.texts.pause : this.data.texts.play;
    }
  }

  failed() {
    if (!this.playing) return;
    this.playing.nodes.play.disabled = true;
    this.playing.nodes.play.title = this.data.texts.gone;
  }

  destroy() {
    this.media.pause();
    this.frame.remove();
  }
}
