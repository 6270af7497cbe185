// What the network says: in words, and as the share of each class beside that for the untouched
// sound.

const MOST_ROWS = 10; // that are seen without scrolling

class VerdictPanel {
  constructor(classes) {
    this.classes = classes;
    this.said = element("output", { class: "avt-said", "aria-live": "polite" });
    this.rows = classes.map((name) => {
      const row = {
        bar: element("span", { class: "avt-bar" }),
        before: element("span", { class: "avt-before" }),
        share: element("span", { class: "avt-share", role: "cell" }),
        logit: element("span", { class: "avt-logit", role: "cell" }),
      };
      row.node = element("div", { class: "avt-row", role: "row" },
        element("span", { class: "avt-class", role: "rowheader", text: name, title: name }),
        element("span", { class: "avt-track", "aria-hidden": "true" }, row.bar, row.before),
        row.share, row.logit);
      return row;
    });
    this.table = element("div", { class: "avt-shares", role: "table", tabindex: "0", "aria-label": "Share of each class" },
      element("div", { class: "avt-row avt-head", role: "row" },
        element("span", { class: "avt-class", role: "columnheader", text: "class" }),
        element("span", { class: "avt-track-head", text: "▏untouched", "aria-hidden": "true" }),
        element("span", { class: "avt-share", role: "columnheader", text: "share" }),
        element("span", { class: "avt-logit", role: "columnheader", text: "logit" })),
      ...this.rows.map(({ node }) => node));
    const longest = Math.max(5, ...classes.map((name) => name.length));
    this.table.style.setProperty("--avt-class", `${Math.min(longest, 12)}ch`);
    this.logits = new Switch({
      label: "show logits", value: false, hint: "The numbers before the softmax",
      onInput: (shown) => this.table.classList.toggle("avt-with-logits", shown),
    });
    this.node = element("div", { class: "avt-panel" }, this.said, this.table,
      element("div", { class: "avt-under" },
        element("span", { class: "avt-note", text: "the softmax of the logits: shares add up to 1" }),
        this.logits.node));
  }

  // The answer to the untouched sound: { logits, shares, best }.
  setBefore(before) {
    this.before = before;
    this.rows.forEach((row, c) => {
      row.before.style.left = `${(100 * before.shares[c]).toFixed(2)}%`;
    });
  }

  show({ logits, shares, best }, altered) {
    const changed = best !== this.before.best;
    if (best !== this.best && this.classes.length > MOST_ROWS) { // bring it into view
      this.table.scrollTop = this.rows[best].node.offsetTop - this.table.clientHeight / 2;
    }
    this.best = best;
    this.rows.forEach((row, c) => {
      row.bar.style.transform = `scaleX(${shares[c].toFixed(4)})`;
      row.share.textContent = shares[c].toFixed(2);
      row.logit.textContent = minus(logits[c].toFixed(2));
      row.node.classList.toggle("avt-best", c === best);
      row.node.classList.toggle("avt-was", changed && c === this.before.best);
    });
    this.table.classList.toggle("avt-changed", changed);
    this.say(changed ? ["said ", this.before.best, ", now says ", best]
      : [altered ? "still says " : "says ", best]);
  }

  // Numbers stand for the names of classes.
  say(parts) {
    const text = parts.join("");
    if (this.said.dataset.text === text) return; // a screen reader hears what is new
    this.said.dataset.text = text;
    this.said.replaceChildren(...parts.map((part) => (
      typeof part === "number" ? element("b", { text: this.classes[part] }) : part)));
  }
}
