// Giving verdicts: what the reviewer decided, what is on its way, and the way back.

import { remember, remembered } from "./memory.js";
import { Outbox } from "./outbox.js";

const DRAFTS = "callqa.drafts";

export class Verdicts {
  constructor(desk, { send, changed }) {
    this.desk = desk;
    this.drafts = remembered(DRAFTS);
    this.history = [];
    this.undoLater = [];
    this.told = new Set();
    this.outbox = new Outbox(send, changed);
  }

  /** What counts for a flag as far as this page knows: the newest answer still on its way, else the stored one. */
  of(flag) {
    const pending = this.outbox.pending(flag.id);
    return pending ? { value: pending.value, comment: pending.comment, pending: true } : flag.verdict;
  }

  give(id, value) {
    const flag = this.desk.flag(id);
    if (!flag) return;
    const before = this.of(flag);
    const comment = this.drafts[id] ?? before?.comment ?? "";
    if (before?.value !== value || before.comment !== comment) this.send(flag, value, comment);
    this.desk.advance(id);
  }

  send(flag, value, comment) {
    const seen = flag.verdict?.id ?? null;
    const action = this.outbox.add({ kind: "verdict", call: this.desk.data.call.id, flag: flag.id, value, comment, seen });
    this.history.push({ action: action.id, flag: flag.id, verdict: null });
    this.draft(flag.id, null);
  }

  /** A comment needs a verdict to belong to; until there is one it waits as a draft. */
  comment(id, text) {
    const flag = this.desk.flag(id);
    const verdict = flag && this.of(flag);
    if (!verdict || verdict.comment === text) return;
    this.send(flag, verdict.value, text);
  }

  draft(id, text) {
    if (text === null || text === "") delete this.drafts[id];
    else this.drafts[id] = text;
    remember(DRAFTS, this.drafts);
  }

  undo() {
    const { data, flags } = this.desk;
    const last = this.history.pop();
    if (last && last.verdict === null) return this.undoLater.push(last);
    const verdict = last?.verdict ?? data.last_verdict;
    if (!verdict) return this.desk.note(data.texts.nothing_to_undo, "info");
    return this.takeBack(verdict, last?.flag ?? flags.find((flag) => flag.verdict?.id === verdict)?.id);
  }

  takeBack(verdict, flag) {
    this.undone = flag;
    return this.outbox.add({ kind: "undo", call: this.desk.data.call.id, verdict });
  }

  /** Take in what the server says has become of the actions. */
  settle() {
    const { saved, refused } = this.desk.data;
    this.outbox.settle([...Object.keys(saved), ...Object.keys(refused)]);
    this.history = this.history.filter((entry) => !refused[entry.action]);
    for (const entry of this.history) if (saved[entry.action]) entry.verdict = saved[entry.action];
    const late = this.undoLater.filter((entry) => saved[entry.action]);
    this.undoLater = this.undoLater.filter((entry) => !saved[entry.action] && !refused[entry.action]);
    for (const entry of late) this.takeBack(saved[entry.action], entry.flag);
    this.showUndone();
    this.tell(refused);
  }

  showUndone() {
    if (!this.undone || this.outbox.actions.length) return;
    this.desk.select(this.undone, { quiet: true });
    this.undone = null;
  }

  tell(refused) {
    const reasons = Object.entries(refused).filter(([id]) => !this.told.has(id));
    if (reasons.length) this.desk.note(reasons.map(([, reason]) => reason).join(" "), "error");
    this.told = new Set(Object.keys(refused));
  }
}
