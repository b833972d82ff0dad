// The transcript as bubbles: click to play, the current line is lit and followed, quotes carry their flag.

import { button, clock, el } from "./dom.js";
import { Picks } from "./picks.js";

const HANDS_OFF_MS = 4000;

export class Transcript {
  constructor(panel, events) {
    Object.assign(this, { panel, events, lines: [], current: null, heldUntil: 0 });
    this.picks = new Picks(() => this.lines, (chosen) => this.showTools(chosen));
    for (const gesture of ["wheel", "touchmove", "pointerdown"])
      panel.addEventListener(gesture, () => (this.heldUntil = Date.now() + HANDS_OFF_MS), { passive: true });
  }

  /** `stay`: the same call with other words or flags, so the place on the screen is kept. */
  load(utterances, flags, texts, stay = false) {
    const { scrollTop } = this.panel;
    this.current = null;
    this.heldUntil = 0;
    this.texts = texts;
    this.picks.at = null;
    this.flags = new Map(flags.map((flag) => [flag.id, flag]));
    this.lines = utterances.map((u, index) => this.line(u, index, texts));
    const empty = el("p", { class: "cq-empty", text: texts.no_transcript });
    this.panel.replaceChildren(...(this.lines.length ? [this.tools(texts), ...this.lines.map((line) => line.node)] : [empty]));
    this.panel.scrollTop = stay ? scrollTop : 0;
  }

  /** What can be done with words that are chosen. */
  tools(texts) {
    const tool = (label, key, run, needs) => button(label, { key, title: texts[`${needs}_help`], className: `cq-quiet cq-tool-${needs}`, onClick: run });
    this.bar = el(
      "div",
      { class: "cq-tools", role: "toolbar", "aria-label": texts.tools },
      tool(texts.pick, "S", () => this.events.pick(), "pick"),
      tool(texts.add_flag, "A", () => this.events.add(), "add"),
      tool(texts.correct, "E", () => this.events.correct(), "correct"),
      el("span", { class: "cq-spring" }),
      tool(texts.swap, "X", () => this.events.swap(), "swap"),
    );
    return this.bar;
  }

  showTools(chosen) {
    this.bar?.classList.toggle("cq-has-pick", Boolean(chosen));
  }

  allow({ judge, correct }) {
    for (const [name, allowed] of [["pick", judge || correct], ["add", judge], ["correct", correct], ["swap", correct]]) {
      const tool = this.bar?.querySelector(`.cq-tool-${name}`);
      if (tool) tool.disabled = !allowed;
    }
  }

  /** Begin choosing where the sound is while it plays, else at what the flag quotes. */
  startPicking(flag, playing) {
    const spoken = playing && this.current ? this.lines.indexOf(this.current) : -1;
    const line = spoken >= 0 ? spoken : this.lines.findIndex(({ u }) => u.i === flag?.utterance);
    const quoted = this.lines[line]?.u.pieces.findIndex((piece) => piece[3].includes(flag?.id)) ?? 0;
    this.picks.start(Math.max(0, line), Math.max(0, quoted));
  }

  line(u, index, texts) {
    const doubts = u.doubts.length
      ? el("span", { class: "cq-doubt-note", text: texts.doubtful, title: u.doubts.join(" · ") })
      : null;
    const chips = u.flags.map((id) => this.chip(id)).filter(Boolean);
    const meta = el("span", { class: "cq-line-meta" }, el("b", { text: u.label }), el("time", { text: clock(u.start) }), ...chips, doubts);
    const corrected = u.was !== null && u.was !== undefined ? el("span", { class: "cq-fixed-note", text: texts.corrected, title: texts.was.replace("{text}", u.was) }) : null;
    if (corrected) meta.append(corrected);
    const pieces = u.pieces.map((piece, n) => this.piece(piece, index, n));
    const words = el("span", { class: "cq-words" }, ...pieces);
    const classes = `cq-line cq-role-${u.role}${u.doubts.length ? " cq-doubtful" : ""}`;
    const play = (event) => this.picks.dragged || this.events.play(Number(event.target.dataset?.start ?? u.start));
    const onKey = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      play(event);
    };
    const node = el("div", { class: classes, role: "button", tabindex: "0", data: { index: u.i }, on: { click: play, keydown: onKey } }, meta, words);
    return { u, node, pieces };
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

  piece([text, start, doubtful, flagIds, , , mark], line, n) {
    const classes = ["cq-word"];
    if (doubtful) classes.push("cq-unsure");
    if (mark === 2) classes.push("cq-fixed");
    const flagged = flagIds.map((id) => this.flags.get(id)).filter(Boolean);
    if (flagged.length) classes.push("cq-quote", `cq-${flagged[0].severity}`);
    const title = flagged.length ? flagged.map((flag) => `${flag.n} ${flag.title}: ${flag.message}`).join("\n") : undefined;
    const node = el("span", { class: classes.join(" "), title, data: { start, ...(flagged.length && { flag: flagged[0].id }) }, text });
    this.picks.listen(node, line, n);
    return node;
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
