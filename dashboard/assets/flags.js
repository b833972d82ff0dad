// Flags as cards, each with its verdict buttons and comment.

import { button, clock, el } from "./dom.js";

export const VERDICTS = [
  { value: "confirmed", key: "1" },
  { value: "false_alarm", key: "2" },
  { value: "unsure", key: "3" },
];
/** One key gives verdict and reason at once; the reasons stand in the order of texts.reasons. */
export const REASON_KEYS = ["4", "5", "6", "7", "8", "9"];
export const verdictOf = (reason) => (reason === "unclear" ? "unsure" : "false_alarm");

/** So much of a quote stands on its card; all of it is underlined in the transcript. */
const QUOTE = 120;
const short = (quote) => (quote.length > QUOTE ? `${quote.slice(0, QUOTE)}…` : quote);

export class FlagCards {
  constructor(panel, events) {
    Object.assign(this, { panel, events, cards: new Map() });
  }

  load(flags, texts) {
    this.texts = texts;
    this.cards = new Map(flags.map((flag) => [flag.id, this.card(flag)]));
    this.panel.replaceChildren(...[...this.cards.values()].map((card) => card.node));
    this.panel.scrollTop = 0;
  }

  card(flag) {
    return flag.added ? this.addedCard(flag) : this.ruleCard(flag);
  }

  /** A flag that a reviewer added is no question any more: it shows who did, and can be withdrawn. */
  addedCard(flag) {
    const { texts } = this;
    const replay = button(texts.replay, { key: "R", className: "cq-quiet", onClick: () => this.events.replay(flag.id) });
    const withdraw = button(texts.withdraw, { className: "cq-quiet cq-withdraw", onClick: () => this.events.withdraw(flag.id) });
    const by = texts.added_by.replace("{by}", flag.added.by).replace("{at}", flag.added.at);
    const node = el(
      "article",
      { class: `cq-card cq-added cq-${flag.severity}`, data: { flag: flag.id }, on: { click: (event) => this.pick(event, flag.id) } },
      this.head(flag),
      el("blockquote", { text: short(flag.quote), title: flag.quote }),
      flag.why ? el("p", { class: "cq-added-comment", text: flag.why }) : null,
      el("div", { class: "cq-verdicts" }, el("span", { class: "cq-verdict-status", text: by }), replay, withdraw),
    );
    return { node, flag, verdicts: new Map(), reasons: new Map() };
  }

  ruleCard(flag) {
    const texts = this.texts;
    const reasons = new Map(
      texts.reasons.map(([reason, label], index) => [
        reason,
        button(label, { key: REASON_KEYS[index], className: "cq-reason", onClick: () => this.events.verdict(flag.id, verdictOf(reason), reason) }),
      ]),
    );
    const verdicts = new Map(
      VERDICTS.map(({ value, key }) => [
        value,
        button(texts[value], { key, className: `cq-verdict cq-${value}`, onClick: () => this.events.verdict(flag.id, value) }),
      ]),
    );
    const replay = button(texts.replay, { key: "R", className: "cq-quiet", onClick: () => this.events.replay(flag.id) });
    const lead = flag.lead
      ? button(texts[`lead_${flag.lead}`], { className: "cq-quiet cq-lead", onClick: () => this.events.lead(flag.id) })
      : null;
    const comment = this.comment(flag);
    const status = el("span", { class: "cq-verdict-status", "aria-live": "polite" });
    const node = el(
      "article",
      { class: `cq-card cq-${flag.severity}`, data: { flag: flag.id }, on: { click: (event) => this.pick(event, flag.id) } },
      this.head(flag),
      flag.quote ? el("blockquote", { class: flag.spot ? "" : "cq-searched", text: short(flag.quote), title: flag.quote }) : null,
      el(
        "details",
        { class: "cq-why" },
        el("summary", {}, flag.message ? el("span", { class: "cq-message", text: flag.message }) : null, `${texts.why} · ${flag.match_label}`),
        el("p", { text: flag.why }),
      ),
      el("div", { class: "cq-verdicts", role: "group", "aria-label": texts.verdict }, ...verdicts.values(), replay, lead),
      el("div", { class: "cq-reasons", role: "group", "aria-label": texts.reason }, el("span", { text: texts.reason }), ...reasons.values()),
      el("div", { class: "cq-comment-row" }, comment, status, el("kbd", { text: "C" })),
    );
    return { node, verdicts, reasons, comment, status, flag };
  }

  head(flag) {
    const facts = [`${clock(flag.start)}–${clock(flag.end)}`, flag.role_label, flag.points ? this.texts.points.replace("{n}", flag.points) : null];
    return el(
      "header",
      {},
      el("span", { class: `cq-chip cq-${flag.severity}`, text: flag.n }),
      el("strong", { text: flag.title, title: `${flag.rule} v${flag.rule_version}` }),
      el("span", { class: `cq-level cq-${flag.severity}`, text: flag.severity_label }),
      flag.added ? el("span", { class: "cq-by-hand", text: this.texts.added }) : null,
      flag.doubtful ? el("span", { class: "cq-doubt-note", text: this.texts.doubtful_flag, title: this.texts.doubtful_flag_help }) : null,
      el("span", { class: "cq-facts", text: facts.filter(Boolean).join(" · ") }),
    );
  }

  comment(flag) {
    const box = el("textarea", { rows: "1", class: "cq-comment", placeholder: this.texts.comment_hint, "aria-label": this.texts.comment });
    const save = () => this.events.comment(flag.id, box.value.trim());
    box.addEventListener("focus", () => this.events.select(flag.id, { quiet: true }));
    box.addEventListener("blur", save);
    box.addEventListener("input", () => this.events.draft(flag.id, box.value));
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
        event.preventDefault();
        event.stopPropagation();
        box.blur();
      }
    });
    return box;
  }

  pick(event, id) {
    if (event.target.closest("button, textarea, summary")) return;
    this.events.select(id, { play: true });
  }

  select(id) {
    for (const [flagId, { node }] of this.cards) node.classList.toggle("cq-active", flagId === id);
    const node = this.cards.get(id)?.node;
    if (!node) return;
    const top = node.offsetTop - 8;
    const bottom = node.offsetTop + node.offsetHeight + 8;
    if (top < this.panel.scrollTop) this.panel.scrollTo({ top, behavior: "smooth" });
    else if (bottom > this.panel.scrollTop + this.panel.clientHeight)
      this.panel.scrollTo({ top: bottom - this.panel.clientHeight, behavior: "smooth" });
  }

  /** `verdict` is {value, comment, by, at, pending} or null; a text being typed is never replaced. */
  show(id, verdict, draft) {
    const card = this.cards.get(id);
    if (!card?.comment) return;
    card.node.classList.toggle("cq-done", Boolean(verdict));
    for (const [value, node] of card.verdicts) {
      const chosen = verdict?.value === value;
      node.classList.toggle("cq-chosen", chosen);
      node.setAttribute("aria-pressed", String(chosen));
    }
    for (const [reason, node] of card.reasons) {
      node.classList.toggle("cq-chosen", verdict?.reason === reason);
      node.setAttribute("aria-pressed", String(verdict?.reason === reason));
    }
    const box = card.comment;
    const focused = box.getRootNode().activeElement === box;
    if (!focused) box.value = draft ?? verdict?.comment ?? "";
    card.status.textContent = this.statusOf(verdict);
  }

  statusOf(verdict) {
    if (!verdict) return "";
    if (verdict.pending) return this.texts.saving;
    return this.texts.saved_by.replace("{by}", verdict.by).replace("{at}", verdict.at);
  }

  focusComment(id) {
    this.cards.get(id)?.comment?.focus();
  }

  /** Who may not judge sees every verdict and can give none. */
  allow(judge) {
    for (const { node } of this.cards.values())
      for (const control of node.querySelectorAll(".cq-verdict, .cq-reason, .cq-comment, .cq-withdraw")) control.disabled = !judge;
  }
}
