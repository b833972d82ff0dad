// The two bars of the review desk: the call above the waveform, the controls below it.

import { claimChip } from "./claim.js";
import { button, clock, el } from "./dom.js";

export const SKIP = 3;

/** Which call this is, where it stands in the list, and what is left to do. */
export function showHeader(desk) {
  const { call, queue, texts } = desk.data;
  const facts = call.facts.map(([label, value]) => el("span", { title: label }, el("i", { text: label }), value));
  const score = call.score === null ? null : el("span", { class: `cq-score cq-score-${call.score_band}`, text: call.score, title: texts.score });
  const place = queue.position ? texts.place.replace("{n}", queue.position).replace("{total}", queue.total) : "";
  const done = queue.flagged ? texts.progress.replace("{n}", queue.done).replace("{total}", queue.flagged) : "";
  desk.saving = el("span", { class: "cq-saving" });
  const parts = [
    button(texts.back, { className: "cq-quiet cq-back", onClick: () => desk.component.setTriggerValue("go", "list") }),
    score,
    el("h1", { text: call.title, title: `${call.title}\n${call.details}` }),
    el("div", { class: "cq-call-facts" }, ...facts),
    claimChip(desk.data.claim, texts, () => desk.takeOver()),
    desk.saving,
    el("span", { class: "cq-place", title: texts.progress_help }, place, done ? el("b", { text: done }) : null),
    button(texts.previous_call, { key: "P", className: "cq-quiet", disabled: !queue.previous, onClick: () => desk.go("previous") }),
    button(texts.next_call, { key: "N", className: "cq-strong", disabled: !queue.next, onClick: () => desk.go("next") }),
  ];
  desk.header.replaceChildren(...parts.filter(Boolean));
  desk.showSaving();
}

/** Sound, flags and settings, each button with its key. */
export function showControls(desk) {
  const { texts, lanes } = desk.data;
  desk.playButton = button(texts.play, { key: texts.space, shortcut: "Space", className: "cq-strong cq-play", onClick: () => desk.player.toggle() });
  desk.clockNode = el("output", { class: "cq-clock", text: `${clock(0)} / ${clock(desk.data.call.duration)}` });
  desk.rateNode = el("output", { class: "cq-rate", text: `${desk.preferences.rate}×` });
  const advance = el("input", { type: "checkbox", on: { change: (event) => desk.setAdvance(event.target.checked) } });
  advance.checked = desk.preferences.advance;
  desk.controls.replaceChildren(
    button(texts.back3, { key: "←", shortcut: "ArrowLeft", onClick: () => desk.player.skip(-SKIP) }),
    desk.playButton,
    button(texts.forward3, { key: "→", shortcut: "ArrowRight", onClick: () => desk.player.skip(SKIP) }),
    desk.clockNode,
    el(
      "span",
      { class: "cq-group", role: "group", "aria-label": texts.speed },
      button("−", { key: "[", title: texts.slower, onClick: () => desk.changeRate(-1) }),
      desk.rateNode,
      button("+", { key: "]", title: texts.faster, onClick: () => desk.changeRate(1) }),
    ),
    el("span", { class: "cq-legend" }, ...lanes.map((lane) => el("span", { class: `cq-role-${lane.role}`, text: lane.label }))),
    el("span", { class: "cq-spring" }),
    button(texts.previous_flag, { key: "↑", shortcut: "ArrowUp", onClick: () => desk.step(-1) }),
    button(texts.next_flag, { key: "↓", shortcut: "ArrowDown", onClick: () => desk.step(1) }),
    button(texts.undo, { key: "U", onClick: () => desk.verdicts.undo() }),
    el("label", { class: "cq-advance", title: texts.advance_help }, advance, texts.advance),
    button(texts.keys, { key: "?", className: "cq-quiet", onClick: () => desk.toggleHelp() }),
  );
}
