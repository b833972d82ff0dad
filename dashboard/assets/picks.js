// Choosing words of one line, by dragging over them or with the keyboard.

export class Picks {
  /** `lines` gives the lines, each with `u` and its `pieces` (nodes); `changed` hears of every change. */
  constructor(lines, changed) {
    Object.assign(this, { lines, changed, at: null, drag: null });
    window.addEventListener("pointerup", (this.up = () => setTimeout(() => (this.drag = null))));
  }

  get picking() {
    return this.at !== null;
  }

  /** Begin at a word of a line; the keyboard goes on from there. */
  start(line, piece = 0) {
    if (!this.lines()[line]?.pieces.length) return;
    this.set(line, piece, piece);
  }

  set(line, anchor, head) {
    this.at = { line, anchor, head };
    this.mark();
  }

  stop() {
    if (!this.at) return;
    this.at = null;
    this.mark();
  }

  move(step, extend) {
    const { line, anchor, head } = this.at;
    const last = this.lines()[line].pieces.length - 1;
    const to = Math.min(last, Math.max(0, head + step));
    this.set(line, extend ? anchor : to, to);
  }

  moveLine(step) {
    const lines = this.lines();
    let line = this.at.line + step;
    while (lines[line] && !lines[line].pieces.length) line += step;
    if (lines[line]) this.start(line, Math.min(this.at.head, lines[line].pieces.length - 1));
  }

  /** Line, characters and words that are chosen; null when nothing is. */
  get chosen() {
    if (!this.at) return null;
    const { line, anchor, head } = this.at;
    const { u } = this.lines()[line];
    const pieces = u.pieces.slice(Math.min(anchor, head), Math.max(anchor, head) + 1);
    return {
      line: u.i,
      edit: u.edit,
      first: pieces[0][4],
      last: pieces.at(-1)[5],
      start: pieces[0][1],
      text: pieces.map((piece) => piece[0]).join(""),
      hidden: pieces.some((piece) => piece[6] === 1),
    };
  }

  mark() {
    const { line, anchor, head } = this.at ?? {};
    this.lines().forEach(({ pieces, node }, index) => {
      const here = this.at !== null && index === line;
      pieces.forEach((piece, n) => piece.classList.toggle("cq-picked", here && n >= Math.min(anchor, head) && n <= Math.max(anchor, head)));
      if (here) node.scrollIntoView({ block: "nearest" });
    });
    this.changed(this.chosen);
  }

  listen(node, line, piece) {
    node.addEventListener("pointerdown", () => (this.drag = { line, piece, moved: false }));
    node.addEventListener("pointerenter", (event) => {
      if (!this.drag || !(event.buttons & 1) || this.drag.line !== line) return;
      if (piece === this.drag.piece && !this.drag.moved) return;
      this.drag.moved = true;
      this.set(line, this.drag.piece, piece);
    });
    node.addEventListener("dblclick", () => this.start(line, piece));
  }

  get dragged() {
    return Boolean(this.drag?.moved);
  }

  close() {
    window.removeEventListener("pointerup", this.up);
  }
}
