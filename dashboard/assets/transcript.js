// The transcript as bubbles: click to play, the current line is lit and followed, quotes carry their flag.

import { clock, el } from "./dom.js";

const HANDS_OFF_MS = 4000;

export class Transcript {
  constructor(panel, events) {
    Object.assign(this, { panel, events, lines: [], current: null, heldUntil: 0 });
    for (const gesture of ["wheel", "touchmove", "pointerdown"])
      panel.addEventListener(gesture, () => (this.heldUntil = Date.now() + HANDS_OFF_MS), { passive: true });
  }

  load(utterances, flags, texts) {
    this.current = null;
    this.heldUntil = 0;
    this.flags = new Map(flags.map((flag) => [flag.id, flag]));
    this.lines = utterances.map((u) => ({ u, node: this.line(u, texts) }));
    const empty = el("p", { class: "cq-empty", text: texts.no_transcript });
    this.panel.replaceChildren(...(this.lines.length ? this.lines.map((line) => line.node) : [empty]));
    this.panel.scrollTop = 0;
  }

  line(u, texts) {
    const doubts = u.doubts.length
      ? el("span", { class: "cq-doubt-note", text: texts.doubtful, title: u.doubts.join(" · ") })
      : null;
    const chips = u.flags.map((id) => this.chip(id)).filter(Boolean);
    const meta = el("span", { class: "cq-line-meta" }, el("b", { text: u.label }), el("time", { text: clock(u.start) }), ...chips, doubts);
    const words = el("span", { class: "cq-words" }, ...u.pieces.map((piece) => this.piece(piece)));
    const classes = `cq-line cq-role-${u.role}${u.doubts.length ? " cq-doubtful" : ""}`;
    const play = (event) => this.events.play(Number(event.target.dataset?.start ?? u.start));
    const onKey = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      play(event);
    };
    return el(
      "div",
      { class: classes, role: "button", tabindex: "0", data: { index: u.i }, on: { click: play, keydown: onKey } },
      meta,
      words,
    );
  }

  chip(id) {
    const flag = this.flags.get(id);
    if (!flag) return null;
    const select = (event) => {
      event.stopPropagation();
      this.events.flag(id);
    };
    return el("span", { class: `cq-chip cq-small cq-${flag.severity}`, text: flag.n, title: flag.title, on: { click: select } });
  }

  piece([text, start, doubtful, flagIds]) {
    const classes = ["cq-word"];
    if (doubtful) classes.push("cq-unsure");
    const flagged = flagIds.map((id) => this.flags.get(id)).filter(Boolean);
    if (flagged.length) classes.push("cq-quote", `cq-${flagged[0].severity}`);
    const title = flagged.length ? flagged.map((flag) => `${flag.n} ${flag.title}: ${flag.message}`).join("\n") : undefined;
    return el("span", { class: classes.join(" "), title, data: { start, ...(flagged.length && { flag: flagged[0].id }) }, text });
  }

  /** Light the line that is spoken at `time`. */
  follow(time, playing) {
    const found = this.lines.findLast(({ u }) => u.start <= time + 0.05 && time < u.end + 0.3) ?? null;
    if (found === this.current) return;
    this.current?.node.classList.remove("cq-current");
    this.current = found;
    if (!found) return;
    found.node.classList.add("cq-current");
    if (playing && Date.now() > this.heldUntil) this.show(found.node);
  }

  showFlag(flag) {
    for (const marked of this.panel.querySelectorAll(".cq-selected")) marked.classList.remove("cq-selected");
    for (const word of this.panel.querySelectorAll(`[data-flag="${flag.id}"]`)) word.classList.add("cq-selected");
    const line = this.lines.find(({ u }) => u.i === flag.utterance) ?? this.lines.findLast(({ u }) => u.start <= flag.start);
    this.heldUntil = 0;
    if (line) this.show(line.node);
  }

  show(node) {
    const top = node.offsetTop - this.panel.clientHeight * 0.38 + node.offsetHeight / 2;
    this.panel.scrollTo({ top, behavior: "smooth" });
  }
}
