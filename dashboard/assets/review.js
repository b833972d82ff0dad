// The review desk: one call to hear, read and judge, by keyboard.

import { SKIP, showControls, showHeader } from "./bars.js";
import { ClaimKeeper } from "./claim.js";
import { button, clock, el, themeOf } from "./dom.js";
import { FlagCards, REASON_KEYS, VERDICTS } from "./flags.js";
import { Editing } from "./editing.js";
import { Keys } from "./keys.js";
import { remember, remembered } from "./memory.js";
import { Player } from "./player.js";
import { Transcript } from "./transcript.js";
import { Verdicts } from "./verdicts.js";

const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2];
const LEAVING_MS = 3000;
const PREFERENCES = "callqa.preferences";

export function mount(root) {
  return new Desk(root);
}

class Desk {
  constructor(root) {
    this.root = root;
    this.host = root.host ?? root;
    this.preferences = { rate: 1, advance: true, ...remembered(PREFERENCES) };
    this.selected = null;
    this.leavingUntil = 0;
    this.media = el("audio", { class: "cq-sound", preload: "auto", "aria-hidden": true });
    this.frame();
    this.player = new Player(this.playerFrame, this.desk, this.media, {
      time: (time) => this.tick(time),
      playing: (playing) => this.showPlaying(playing),
      ready: () => this.ready(),
      failed: () => this.note(this.data.texts.no_sound, "error"),
      flag: (id) => this.select(id, { play: true }),
    });
    this.transcript = new Transcript(this.transcriptPanel, {
      play: (time) => this.player.playFrom(time),
      flag: (id) => this.select(id, { play: true }),
      pick: () => this.editing.pick(),
      add: () => this.editing.addFlag(),
      correct: () => this.editing.correct(),
      swap: () => this.editing.swap(),
    });
    this.cards = new FlagCards(this.flagPanel, {
      verdict: (id, value, reason) => this.verdicts.give(id, value, reason),
      withdraw: (id) => this.allowed("judge") && this.verdicts.act({ kind: "withdraw", added: -id }),
      replay: (id) => this.select(id, { play: true }),
      select: (id, options) => this.select(id, options),
      comment: (id, text) => this.verdicts.comment(id, text),
      draft: (id, text) => this.verdicts.draft(id, text),
      lead: (id) => this.component.setTriggerValue("go", { call: this.data.call.id, flag: id }),
    });
    this.verdicts = new Verdicts(this, {
      send: (actions) => this.send({ actions }),
      changed: () => this.data && this.showVerdicts(),
    });
    this.keys = new Keys(this.bindings(), (key) => this.editing.asking || (this.help.open && key !== "?"));
    this.claim = new ClaimKeeper({ lost: () => this.beat(), ask: () => this.beat(), busy: () => this.player.wave?.isPlaying() });
    this.saveWatch = setInterval(() => this.showSaving(), 1000);
  }

  frame() {
    this.header = el("header", { class: "cq-head" });
    this.playerFrame = el("div", { class: "cq-player" });
    this.controls = el("div", { class: "cq-controls" });
    this.transcriptPanel = el("section", { class: "cq-transcript", tabindex: "-1" });
    this.flagPanel = el("section", { class: "cq-flags", tabindex: "-1" });
    this.notes = el("div", { class: "cq-notes", role: "status", "aria-live": "polite" });
    this.help = el("dialog", { class: "cq-help" });
    this.desk = el(
      "div",
      { class: "cq-desk" },
      this.header,
      this.playerFrame,
      this.controls,
      el("div", { class: "cq-columns" }, this.transcriptPanel, this.flagPanel),
      this.notes,
      this.help,
      this.media,
    );
    this.editing = new Editing(this);
    (this.root.querySelector(".cq-desk-room") ?? this.root).appendChild(this.desk);
  }

  bindings() {
    const run = (action, repeats = false) => ({ run: action, repeats });
    const verdicts = VERDICTS.map(({ value, key }) => [key, run(() => this.verdicts.give(this.selected, value))]);
    const reasons = REASON_KEYS.map((key, index) => [key, run(() => this.verdicts.giveReason(this.selected, index))]);
    const across = (step) => run((event) => (this.picks.picking ? this.picks.move(step, event.shiftKey) : this.player.skip(step * SKIP)), true);
    const along = (step) => run(() => (this.picks.picking ? this.picks.moveLine(step) : this.step(step)), true);
    return {
      space: run(() => this.player.toggle()),
      arrowleft: across(-1),
      arrowright: across(1),
      arrowdown: along(1),
      arrowup: along(-1),
      s: run(() => this.editing.pick()),
      a: run(() => this.editing.addFlag()),
      e: run(() => this.editing.correct()),
      x: run(() => this.editing.swap()),
      t: run(() => this.takeOver()),
      escape: run(() => this.picks.stop()),
      j: run(() => this.step(1), true),
      k: run(() => this.step(-1), true),
      r: run(() => this.select(this.selected, { play: true })),
      c: run(() => this.cards.focusComment(this.selected)),
      u: run(() => this.verdicts.undo()),
      "ctrl+z": run(() => this.verdicts.undo()),
      n: run(() => this.go("next")),
      p: run(() => this.go("previous")),
      "[": run(() => this.changeRate(-1)),
      "]": run(() => this.changeRate(1)),
      "+": run(() => this.player.zoom(1.6)),
      "=": run(() => this.player.zoom(1.6)),
      "-": run(() => this.player.zoom(1 / 1.6)),
      "?": run(() => this.toggleHelp()),
      ...Object.fromEntries([...verdicts, ...reasons]),
    };
  }

  update(component) {
    const before = this.data;
    this.component = component;
    const data = this.whole(component.data);
    if (!data) return;
    this.data = data;
    const arrived = before && before.call.id !== data.call.id && this.leavingUntil;
    if (arrived) this.leavingUntil = 0;
    this.desk.dataset.theme = themeOf(this.root);
    const fresh = before?.call.signature !== this.data.call.signature || before?.lang !== this.data.lang;
    const repainted = this.theme !== this.desk.dataset.theme;
    this.theme = this.desk.dataset.theme;
    const another = !before || before.call.id !== this.data.call.id;
    if (another || repainted) this.open(another);
    else if (fresh) this.refresh(before);
    this.flags = this.data.flags;
    this.claim.take(this.data.claim, new URL(this.data.base || "/", location.origin).href);
    this.verdicts.settle();
    showHeader(this);
    this.showVerdicts();
    this.cards.allow(this.data.claim.judge);
    this.transcript.allow(this.data.claim);
    if (!before || arrived) this.verdicts.outbox.flush(); // what the page or call before could not deliver
  }

  /** The server leaves out transcript and waveform when this page has said that it has them. */
  whole(data) {
    const key = `${data.call.signature}|${data.lang}`;
    if (data.utterances) {
      this.kept = { key, bulk: { lanes: data.lanes, utterances: data.utterances, texts: data.texts, rules: data.rules } };
      this.have = key;
      return data;
    }
    if (this.kept?.key === key) return { ...data, ...this.kept.bulk };
    this.have = "";
    this.component.setStateValue("outbox", { have: "", actions: this.verdicts.outbox.actions });
    return null;
  }

  /** The same call with other flags or words: what plays goes on playing. */
  refresh(before) {
    const { flags, utterances, texts, lanes } = this.data;
    const kept = before.flags.find((flag) => flag.id === this.selected);
    const same = (flag) => kept && flag.rule === kept.rule && Math.abs(flag.start - kept.start) < 0.3;
    this.flags = flags;
    this.cards.load(flags, texts);
    if (!flags.length) this.flagPanel.replaceChildren(this.noFlags());
    this.transcript.load(utterances, flags, texts, true);
    showControls(this);
    if (before.swap === this.data.swap) this.player.redraw(lanes, utterances, flags);
    else this.player.load(this.data);
    const shown = flags.find((flag) => flag.id === this.selected) ?? flags.find(same) ?? flags[0];
    this.selected = shown?.id ?? null;
    if (shown) this.cards.select(shown.id);
  }

  open(another) {
    const { flags, utterances, texts } = this.data;
    if (another) this.verdicts.history = [];
    this.flags = flags;
    this.cards.load(flags, texts);
    if (!flags.length) this.flagPanel.replaceChildren(this.noFlags());
    this.transcript.load(utterances, flags, texts);
    showControls(this);
    this.playerFrame.querySelector(".cq-no-sound")?.remove();
    this.player.load(this.data);
    this.player.setRate(this.preferences.rate);
    this.notes.replaceChildren();
    const { notice } = this.data.call;
    if (notice && this.data.lanes.length) this.note(notice, "warning");
    else if (notice) this.playerFrame.append(el("p", { class: "cq-no-sound", text: notice }));
    if (another) this.selected = null;
    const kept = this.flag(this.selected);
    const first = kept ?? flags.find((flag) => !this.verdicts.of(flag)) ?? flags[0];
    if (first) this.select(first.id, { quiet: true });
    this.begin = another ? this.data.at : null;
    this.playWhenReady = another && this.moved ? first : null;
    this.moved = false;
  }

  noFlags() {
    const { texts, call } = this.data;
    const text = call.status === "inspected" ? texts.no_flags : texts.not_inspected;
    return el("p", { class: "cq-empty", text });
  }

  ready() {
    this.player.setRate(this.preferences.rate);
    this.warmNext();
    const flag = this.playWhenReady;
    this.playWhenReady = null;
    if (this.begin !== null && this.begin !== undefined) return this.player.seek(Math.max(0, this.begin - 2));
    if (flag && this.preferences.advance) this.player.playStretch(flag.start, flag.end);
    else if (flag === null && this.flags.length) this.player.seek(Math.max(0, this.flag(this.selected)?.start - 2 || 0));
    return undefined;
  }

  /** The server makes the next call playable while this one is heard. */
  warmNext() {
    clearTimeout(this.warming);
    const url = this.data.queue.next_sound;
    if (!url) return;
    this.warming = setTimeout(() => fetch(url, { headers: { Range: "bytes=0-1" } }).catch(() => {}), 1500);
  }

  // -- header and controls ------------------------------------------------------------------------------

  showPlaying(playing) {
    if (!this.playButton) return;
    this.playButton.querySelector("span").textContent = playing ? this.data.texts.pause : this.data.texts.play;
    this.desk.dataset.playing = String(playing);
  }

  tick(time) {
    this.clockNode.textContent = `${clock(time)} / ${clock(this.data.call.duration)}`;
    this.transcript.follow(time, this.player.wave?.isPlaying());
  }

  changeRate(step) {
    const index = RATES.indexOf(this.preferences.rate);
    this.preferences.rate = RATES[Math.min(RATES.length - 1, Math.max(0, index + step))];
    remember(PREFERENCES, this.preferences);
    this.player.setRate(this.preferences.rate);
    this.rateNode.textContent = `${this.preferences.rate}×`;
  }

  setAdvance(on) {
    this.preferences.advance = on;
    remember(PREFERENCES, this.preferences);
  }

  toggleHelp() {
    if (this.help.open) return this.help.close();
    const rows = this.data.texts.key_list.map(([keys, what]) => el("tr", {}, el("td", {}, el("kbd", { text: keys })), el("td", { text: what })));
    this.help.replaceChildren(
      el("h2", { text: this.data.texts.keys }),
      el("table", {}, ...rows),
      button(this.data.texts.close, { key: "?", onClick: () => this.help.close() }),
    );
    return this.help.showModal();
  }

  note(text, kind) {
    this.notes.replaceChildren(
      el("div", { class: `cq-note cq-note-${kind}` }, el("span", { text }), button("×", { className: "cq-quiet", title: this.data.texts.close, onClick: () => this.notes.replaceChildren() })),
    );
  }

  // -- flags and verdicts ---------------------------------------------------------------------------------

  flag(id) {
    return this.flags.find((flag) => flag.id === id) ?? null;
  }

  select(id, { play = false, quiet = false } = {}) {
    const flag = this.flag(id);
    if (!flag) return;
    this.selected = id;
    this.cards.select(id);
    this.transcript.showFlag(flag);
    if (play) this.player.playStretch(flag.start, flag.end);
    else if (!quiet) this.player.seek(Math.max(0, flag.start - 2));
  }

  step(direction) {
    const index = this.flags.findIndex((flag) => flag.id === this.selected);
    const target = this.flags[index + direction];
    if (target) this.select(target.id, { play: true });
  }

  advance(id) {
    if (!this.preferences.advance) return;
    const after = this.flags.slice(this.flags.findIndex((flag) => flag.id === id) + 1);
    const target = after.find((flag) => !this.verdicts.of(flag)) ?? this.flags.find((flag) => !this.verdicts.of(flag));
    if (target && target.id !== id) this.select(target.id, { play: true });
    else if (!target) this.header.querySelector(".cq-strong")?.classList.add("cq-beckon");
  }

  showVerdicts() {
    for (const flag of this.flags) this.cards.show(flag.id, this.verdicts.of(flag), this.verdicts.drafts[flag.id]);
    this.showSaving();
  }

  showSaving() {
    if (!this.saving || !this.data) return;
    const { texts, flags } = this.data;
    const asked = flags.filter((flag) => !flag.added);
    const open = asked.filter((flag) => !this.verdicts.of(flag)).length;
    const waiting = this.verdicts.outbox.actions.length;
    const late = this.verdicts.outbox.oldestAge > 3000;
    this.saving.dataset.state = waiting ? (late ? "late" : "saving") : "saved";
    const left = asked.length ? texts.open_flags.replace("{n}", open).replace("{total}", asked.length) : "";
    this.saving.textContent = waiting ? (late ? texts.not_connected : texts.saving) : left;
  }

  go(direction) {
    const target = this.data.queue[direction];
    if (!target) return this.note(direction === "next" ? this.data.texts.no_next : this.data.texts.no_previous, "info");
    this.player.pause();
    this.moved = true;
    this.leavingUntil = Date.now() + LEAVING_MS;
    return this.component.setTriggerValue("go", { from: this.data.call.id, to: direction });
  }

  // -- who may do what ----------------------------------------------------------------------------------

  /** Whether the reviewer may judge or correct here; says why not. */
  allowed(what) {
    const { claim, texts } = this.data;
    if (claim[what]) return true;
    this.note(claim.by ? texts.held_by.replace("{by}", claim.by) : texts.not_allowed, "info");
    return false;
  }

  /** Ask the server how things are. */
  beat() {
    this.send({ actions: this.verdicts.outbox.actions, beat: Date.now() });
  }

  /** A message sent while the next call is on its way would name the call before, and lead back to it. */
  send(message) {
    if (Date.now() < this.leavingUntil) return;
    this.component?.setStateValue("outbox", { have: this.have, ...message });
  }

  takeOver() {
    if (this.data.claim.take_over) this.component.setTriggerValue("claim", this.data.call.id);
  }

  get picks() {
    return this.transcript.picks;
  }

  destroy() {
    this.keys.close();
    this.claim.close();
    this.picks.close();
    this.verdicts.outbox.close();
    clearInterval(this.saveWatch);
    clearTimeout(this.warming);
    this.player.destroy();
    this.desk.remove();
  }
}
