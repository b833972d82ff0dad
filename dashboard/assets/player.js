// The sound of one call: two lanes, who speaks when, flags on top, timeline and minimap.

import WaveSurfer from "./wavesurfer/wavesurfer.esm.js";
import Minimap from "./wavesurfer/plugins/minimap.esm.js";
import Regions from "./wavesurfer/plugins/regions.esm.js";
import Timeline from "./wavesurfer/plugins/timeline.esm.js";
import { clock, el } from "./dom.js";

export const LEAD_IN = 2;
const LEAD_OUT = 0.4;
const LANE_HEIGHT = 52;
const FITS = 150;
const LONG_CALL_PX_PER_SECOND = 9;

const colour = (host, name) => getComputedStyle(host).getPropertyValue(name).trim();
const fade = (host, name, percent) => `color-mix(in srgb, ${colour(host, name)} ${percent}%, transparent)`;

export class Player {
  constructor(frame, host, media, events) {
    Object.assign(this, { frame, host, media, events, stopAt: null, wave: null, timers: [] });
    this.lanes = el("div", { class: "cq-wave" });
    this.labels = el("div", { class: "cq-lane-labels", "aria-hidden": true });
    this.overview = el("div", { class: "cq-minimap" });
    this.marks = el("div", { class: "cq-minimap-marks" });
    frame.replaceChildren(
      el("div", { class: "cq-overview" }, this.overview, this.marks),
      el("div", { class: "cq-lanes" }, this.labels, this.lanes),
    );
  }

  load({ call, lanes, utterances, flags }) {
    this.wave?.destroy();
    this.stopAt = null;
    this.call = call;
    this.labels.replaceChildren(...lanes.map((lane) => el("span", { class: `cq-role-${lane.role}`, text: lane.label })));
    if (!lanes.length || !call.duration) return this.empty();
    this.regions = Regions.create();
    this.wave = WaveSurfer.create(this.options(call, lanes));
    this.wave.on("timeupdate", (time) => this.tick(time));
    for (const name of ["play", "pause", "finish"]) this.wave.on(name, () => this.events.playing(this.wave.isPlaying()));
    this.wave.on("interaction", () => (this.stopAt = null));
    this.wave.on("error", () => this.events.failed());
    this.regions.on("region-clicked", (region, event) => this.clicked(region, event));
    this.wave.once("ready", () => this.draw(lanes, utterances, flags));
    return undefined;
  }

  empty() {
    this.wave = null;
    this.overview.replaceChildren();
    this.marks.replaceChildren();
    this.lanes.replaceChildren();
  }

  options(call, lanes) {
    return {
      container: this.lanes,
      media: this.media,
      url: call.audio ?? undefined,
      peaks: lanes.map((lane) => Float32Array.from(lane.peaks, (peak) => peak / 255)),
      duration: call.duration,
      height: LANE_HEIGHT,
      splitChannels: lanes.map((lane) => ({
        waveColor: fade(this.host, `--cq-${lane.role}`, 55),
        progressColor: colour(this.host, `--cq-${lane.role}`),
      })),
      normalize: true,
      cursorColor: colour(this.host, "--cq-cursor"),
      cursorWidth: 2,
      minPxPerSec: call.duration > FITS ? LONG_CALL_PX_PER_SECOND : 0,
      dragToSeek: true,
      autoScroll: true,
      autoCenter: false,
      plugins: [
        this.regions,
        Timeline.create({ height: 16, formatTimeCallback: clock, secondaryLabelOpacity: 0.75, style: { color: colour(this.host, "--cq-muted"), fontSize: "11px" } }),
        Minimap.create({
          container: this.overview,
          height: 18,
          waveColor: fade(this.host, "--cq-muted", 60),
          progressColor: colour(this.host, "--cq-muted"),
          overlayColor: fade(this.host, "--cq-accent", 14),
        }),
      ],
    };
  }

  /** The same sound with other flags: nothing is loaded anew, and what plays goes on. */
  redraw(lanes, utterances, flags) {
    if (!this.wave) return;
    this.regions.clearRegions();
    this.drawAll(lanes, utterances, flags);
  }

  draw(lanes, utterances, flags) {
    this.drawAll(lanes, utterances, flags);
    this.events.ready();
  }

  drawAll(lanes, utterances, flags) {
    const lane = Object.fromEntries(lanes.map((l, index) => [l.role, index]));
    for (const u of utterances) {
      if (lane[u.role] === undefined) continue;
      const color = fade(this.host, `--cq-${u.role}`, 12);
      this.regions.addRegion({ id: `u-${u.i}`, start: u.start, end: u.end, channelIdx: lane[u.role], color, drag: false, resize: false });
    }
    for (const flag of flags) this.drawFlag(flag);
    this.marks.replaceChildren(...flags.map((flag) => this.mark(flag)));
  }

  drawFlag(flag) {
    // The waveform has a shadow tree of its own, which our style sheet does not reach.
    const style = {
      display: "inline-block", padding: "2px 6px", margin: "2px", "border-radius": "9px", cursor: "pointer",
      font: "700 11px/14px system-ui, sans-serif", color: colour(this.host, "--cq-on-colour"),
      background: colour(this.host, `--cq-${flag.severity}`),
    };
    const chip = el("span", { style, text: flag.n, title: flag.title });
    const color = fade(this.host, `--cq-${flag.severity}`, 22);
    const end = Math.max(flag.end, flag.start + 0.2);
    const region = this.regions.addRegion({ id: `flag-${flag.id}`, start: flag.start, end, color, content: chip, drag: false, resize: false });
    const bar = `3px solid ${colour(this.host, `--cq-${flag.severity}`)}`;
    region.element.style.borderTop = bar;
    // What was searched in vain is no spot to look at: it gets the bar, not the shade.
    if (!flag.spot) region.element.style.background = "none";
    region.element.style.zIndex = flag.spot ? "3" : "2";
  }

  mark(flag) {
    const left = `${(100 * flag.start) / this.call.duration}%`;
    const width = `max(3px, ${(100 * (flag.end - flag.start)) / this.call.duration}%)`;
    const select = () => this.events.flag(flag.id);
    return el("i", { class: `cq-${flag.severity}${flag.spot ? "" : " cq-wide"}`, title: flag.title, style: { left, width }, on: { click: select } });
  }

  clicked(region, event) {
    if (!region.id.startsWith("flag-")) return;
    event.stopPropagation();
    this.events.flag(Number(region.id.slice(5)));
  }

  /** A little before the stretch, to its end, and no further. */
  playStretch(start, end) {
    this.seek(Math.max(0, start - LEAD_IN));
    this.stopAt = Math.min(end + LEAD_OUT, this.call.duration);
    return this.start();
  }

  playFrom(time) {
    this.seek(time);
    return this.start();
  }

  async start() {
    try {
      await this.wave?.play();
    } catch (error) {
      // Browsers refuse sound before the first key or click; the reviewer simply presses play.
      if (error.name !== "NotAllowedError" && error.name !== "AbortError") this.events.failed();
    }
  }

  toggle() {
    this.stopAt = null;
    if (this.wave?.isPlaying()) this.wave.pause();
    else this.start();
  }

  pause() {
    this.wave?.pause();
  }

  seek(time) {
    this.stopAt = null;
    if (!this.wave) return;
    const target = Math.min(Math.max(0, time), this.call.duration);
    this.wave.setTime(target);
    // wavesurfer drops a seek that comes while another is under way; the element itself does not.
    if (this.media.readyState > 0) this.media.currentTime = target;
  }

  skip(seconds) {
    this.seek(this.time + seconds);
  }

  setRate(rate) {
    this.media.preservesPitch = true;
    this.media.defaultPlaybackRate = rate;
    this.media.playbackRate = rate;
  }

  zoom(factor) {
    if (!this.wave) return;
    const fit = this.lanes.clientWidth / this.call.duration;
    const current = Math.max(this.wave.options.minPxPerSec || 0, fit);
    this.wave.zoom(Math.min(300, Math.max(fit, current * factor)));
  }

  get time() {
    return this.media.readyState > 0 ? this.media.currentTime : (this.wave?.getCurrentTime() ?? 0);
  }

  tick(time) {
    if (this.stopAt !== null && time >= this.stopAt) {
      this.stopAt = null;
      this.wave.pause();
    }
    this.events.time(time);
  }

  destroy() {
    this.wave?.destroy();
    this.wave = null;
  }
}
