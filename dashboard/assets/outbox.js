// Reviewer's actions on their way to the server. They stay in the browser's storage until the server
// has confirmed them, so that a lost connection, a reload or a crash loses none.

const STORAGE = "callqa.outbox";

function load() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

/** Change what is stored; another tab may have stored actions of its own. */
function store(change) {
  try {
    localStorage.setItem(STORAGE, JSON.stringify(change(load())));
  } catch {
    // Storage is full or forbidden: the actions still live in this page.
  }
}

export class Outbox {
  /** `send(actions)` hands all unconfirmed actions over; it may be called again with the same ones. */
  constructor(send, onChange) {
    this.send = send;
    this.onChange = onChange;
    this.actions = load();
    this.retry = null;
  }

  add(action) {
    const made = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, at: Date.now(), ...action };
    this.actions.push(made);
    store((stored) => [...stored, made]);
    this.flush();
    return made;
  }

  flush() {
    if (this.actions.length) this.send(this.actions);
    clearTimeout(this.retry);
    if (this.actions.length) this.retry = setTimeout(() => this.flush(), 4000);
    this.onChange();
  }

  /** Forget what the server has answered for, whether stored or refused. */
  settle(ids) {
    const settled = new Set(ids);
    const before = this.actions.length;
    this.actions = this.actions.filter((action) => !settled.has(action.id));
    if (this.actions.length === before) return;
    store((stored) => stored.filter((action) => !settled.has(action.id)));
    if (!this.actions.length) clearTimeout(this.retry);
    this.onChange();
  }

  /** The newest unconfirmed verdict on a flag. */
  pending(flag) {
    return this.actions.findLast((action) => action.flag === flag && action.kind === "verdict");
  }

  get oldestAge() {
    return this.actions.length ? Date.now() - this.actions[0].at : 0;
  }

  close() {
    clearTimeout(this.retry);
  }
}
