// Plays stretches of recordings, from a little before each to its end: one at a time on the whole page.

import { el } from "./dom.js";

const LEAD_IN = 2;
const LEAD_OUT = 0.5;
let sounding = null;

export class Stretches {
  /** `changed` hears of every start, stop and step of `row`; `failed` of a row that cannot be played. */
  constructor({ changed, failed }) {
    Object.assign(this, { changed, failed, row: null });
    this.media = el("audio", { preload: "none", class: "cq-sound" });
    for (const name of ["play", "pause", "ended", "timeupdate", "loadedmetadata"]) this.media.addEventListener(name, () => this.tick());
    this.media.addEventListener("error", () => this.row && this.failed(this.row));
  }

  /** `row` has `sound` (an address below `base`), `start` and `end` in seconds; no end is the recording's. */
  async toggle(row, base) {
    if (this.plays(row)) return this.media.pause();
    await this.play(row, base, this.first(row));
    return undefined;
  }

  async play(row, base, at) {
    if (sounding !== this) sounding?.media.pause();
    sounding = this;
    if (this.row !== row) {
      this.row = row;
      this.media.src = new URL((base || "/") + row.sound, location.origin).href;
    }
    try {
      if (this.media.readyState === 0) await this.loaded();
      if (this.row !== row) return;
      this.media.currentTime = at;
      await this.media.play();
    } catch (error) {
      // Browsers refuse sound before the first key or click; another press may come while one waits.
      if (this.row === row && error?.name !== "NotAllowedError" && error?.name !== "AbortError") this.failed(row);
    }
  }

  loaded() {
    return new Promise((done, fail) => {
      this.media.addEventListener("loadedmetadata", done, { once: true });
      this.media.addEventListener("error", fail, { once: true });
      this.media.load();
    });
  }

  tick() {
    if (!this.row) return;
    if (!this.media.paused && this.media.currentTime >= this.last(this.row)) this.media.pause();
    this.changed(this.row);
  }

  plays(row) {
    return this.row === row && !this.media.paused;
  }

  first(row) {
    return Math.max(0, row.start - LEAD_IN);
  }

  /** Where it stops; 0 while a recording's length is not known yet. */
  last(row) {
    const whole = this.row === row && Number.isFinite(this.media.duration) ? this.media.duration : null;
    const end = row.end === null ? (whole ?? 0) : row.end + LEAD_OUT;
    return whole === null ? end : Math.min(end, whole);
  }

  /** Where the sound of that row is. */
  at(row) {
    return this.row === row && this.media.readyState > 0 ? this.media.currentTime : this.first(row);
  }

  /** Forget the row: others are shown now. */
  clear() {
    this.media.pause();
    this.row = null;
  }

  close() {
    this.clear();
    if (sounding === this) sounding = null;
    this.media.removeAttribute("src");
  }
}
