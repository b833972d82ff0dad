// Changing the call itself: choosing words, adding a flag, correcting a word, swapping the sides.

import { AddFlag, CorrectWord } from "./dialogs.js";

export class Editing {
  constructor(desk) {
    this.desk = desk;
    this.adding = new AddFlag(desk.desk);
    this.correcting = new CorrectWord(desk.desk);
  }

  get asking() {
    return this.adding.open || this.correcting.open;
  }

  get picks() {
    return this.desk.transcript.picks;
  }

  pick() {
    if (this.picks.picking) this.picks.stop();
    else this.desk.transcript.startPicking(this.desk.flag(this.desk.selected), this.desk.player.wave?.isPlaying());
  }

  addFlag() {
    const { desk } = this;
    if (!desk.allowed("judge")) return;
    const { chosen } = this.picks;
    if (!chosen) return desk.note(desk.data.texts.pick_first, "info");
    const { line, first, last } = chosen;
    return this.adding.ask(chosen, desk.data.rules, desk.data.texts, (rule, comment) => {
      this.picks.stop();
      desk.verdicts.act({ kind: "add", rule, line, first, last, comment });
    });
  }

  correct() {
    const { desk } = this;
    if (!desk.allowed("correct")) return;
    const { chosen } = this.picks;
    const { texts } = desk.data;
    if (!chosen || chosen.hidden) return desk.note(chosen ? texts.hidden_words : texts.pick_first, "info");
    const { line, first, last, edit } = chosen;
    return this.correcting.ask(chosen, texts, (text) => {
      this.picks.stop();
      desk.verdicts.act({ kind: "correct", line, first, last, text, seen: edit ?? null });
    });
  }

  swap() {
    const { desk } = this;
    if (!desk.allowed("correct")) return;
    desk.verdicts.act({ kind: "swap", seen: desk.data.swap ?? null });
    desk.note(desk.data.texts.swapped, "info");
  }
}
