// What the reviewer does to a call: what was decided, what is on its way, and the way back.

import { verdictOf } from "./flags.js";
import { remember, remembered } from "./memory.js";
import { Outbox } from "./outbox.js";

const DRAFTS = "callqa.drafts";
/** What is stored under which name, and how it is taken back. */
const BACK = {
  verdict: (id) => ({ kind: "undo", verdict: id }),
  edit: (id) => ({ kind: "restore", edit: id }),
  added: (id) => ({ kind: "withdraw", added: id }),
};
const YIELDS = { verdict: "verdict", correct: "edit", swap: "edit", add: "added" };

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
    if (flag.added) return { value: "added" };
    const pending = this.outbox.pending(flag.id);
    return pending ? { value: pending.value, comment: pending.comment, reason: pending.reason, pending: true } : flag.verdict;
  }

  give(id, value, reason) {
    const flag = this.desk.flag(id);
    if (!flag || flag.added || !this.desk.allowed("judge")) return;
    const before = this.of(flag);
    const why = reason ?? (before?.value === value ? before.reason : "") ?? "";
    const comment = this.drafts[id] ?? before?.comment ?? "";
    if (before?.value !== value || before.comment !== comment || (before.reason ?? "") !== why) this.send(flag, value, comment, why);
    this.desk.advance(id);
  }

  giveReason(id, index) {
    const reason = this.desk.data.texts.reasons[index][0];
    this.give(id, verdictOf(reason), reason);
  }

  send(flag, value, comment, reason) {
    const { rule, start, end } = flag;
    this.act({ kind: "verdict", flag: flag.id, rule, start, end, value, comment, reason, seen: flag.verdict?.id ?? null }, flag.id);
    this.draft(flag.id, null);
  }

  /** Hand an action over and remember it for an undo. */
  act(action, flag) {
    const made = this.outbox.add({ ...action, call: this.desk.data.call.id });
    const yields = YIELDS[action.kind];
    if (yields) this.history.push({ action: made.id, kind: yields, id: null, flag });
    return made;
  }

  /** A comment needs a verdict to belong to; until there is one it waits as a draft. */
  comment(id, text) {
    const flag = this.desk.flag(id);
    const verdict = flag && !flag.added && this.of(flag);
    if (!verdict || verdict.comment === text || !this.desk.allowed("judge")) return;
    this.send(flag, verdict.value, text, verdict.reason ?? "");
  }

  draft(id, text) {
    if (text === null || text === "") delete this.drafts[id];
    else this.drafts[id] = text;
    remember(DRAFTS, this.drafts);
  }

  undo() {
    const { data, flags } = this.desk;
    const mine = this.history.pop();
    if (mine && mine.id === null) return this.undoLater.push(mine);
    const last = mine ?? data.last;
    if (!last) return this.desk.note(data.texts.nothing_to_undo, "info");
    return this.takeBack(last, mine?.flag ?? flags.find((flag) => last.kind === "verdict" && flag.verdict?.id === last.id)?.id);
  }

  takeBack({ kind, id }, flag) {
    this.undone = flag;
    return this.act(BACK[kind](id));
  }

  /** Take in what the server says has become of the actions. */
  settle() {
    const { saved, refused } = this.desk.data;
    this.outbox.settle([...Object.keys(saved), ...Object.keys(refused)]);
    this.history = this.history.filter((entry) => !refused[entry.action]);
    for (const entry of this.history) if (saved[entry.action]) entry.id = saved[entry.action];
    const late = this.undoLater.filter((entry) => saved[entry.action]);
    this.undoLater = this.undoLater.filter((entry) => !saved[entry.action] && !refused[entry.action]);
    for (const entry of late) this.takeBack({ kind: entry.kind, id: saved[entry.action] }, entry.flag);
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
