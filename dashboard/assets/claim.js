// Holding the call while its page is open, so that no second reviewer works on it.

import { button, el } from "./dom.js";

const RENEW_MS = 45_000;
const ASK_AGAIN_MS = 15_000;
/** A page that nobody has touched for so long gives its call back. */
const IDLE_MS = 20 * 60_000;

export class ClaimKeeper {
  /** `lost` is called when the call is somebody else's by now, `ask` to hear whether it is free again. */
  constructor({ lost, ask, busy }) {
    Object.assign(this, { lost, ask, busy, url: null, touched: Date.now() });
    this.touch = () => (this.touched = Date.now());
    this.leave = () => this.end();
    for (const gesture of ["keydown", "pointerdown", "wheel"]) window.addEventListener(gesture, this.touch, { passive: true, capture: true });
    window.addEventListener("pagehide", this.leave);
    this.timer = setInterval(() => this.renew(), RENEW_MS);
    this.asking = setInterval(() => this.heldBy && this.ask(), ASK_AGAIN_MS);
  }

  /** The server's word on who has the call. */
  take(claim, base) {
    this.url = claim.renew ? base + claim.renew : null;
    this.heldBy = claim.by;
  }

  async renew() {
    const url = this.url;
    if (!url) return;
    if (this.busy()) this.touch();
    if (Date.now() - this.touched > IDLE_MS) return;
    try {
      const answer = await (await fetch(url, { method: "POST" })).json();
      if (!answer.mine && url === this.url) this.lost();
    } catch {
      // No connection: the claim runs out by itself, and verdicts wait in the outbox.
    }
  }

  end() {
    if (this.url) navigator.sendBeacon?.(`${this.url}&end=1`);
  }

  close() {
    this.end();
    clearInterval(this.timer);
    clearInterval(this.asking);
    window.removeEventListener("pagehide", this.leave);
    for (const gesture of ["keydown", "pointerdown", "wheel"]) window.removeEventListener(gesture, this.touch, { capture: true });
  }
}

/** Who has the call, for the header; nothing when it is one's own. */
export function claimChip(claim, texts, takeOver) {
  if (!claim.by) return null;
  return el(
    "span",
    { class: "cq-held", role: "status" },
    texts.held_by.replace("{by}", claim.by),
    claim.take_over ? button(texts.take_over, { key: "T", onClick: takeOver }) : null,
  );
}
