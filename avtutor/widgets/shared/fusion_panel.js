// What every net says: a row each, with a small bar for every class, the class that it says, its
// share, and who is right.

// Who is right, in words. seen, heard: class numbers, or null where that sense is missing.
function sideOf(best, seen, heard) {
  if (best === null) return "no answer";
  if (seen === null || heard === null || seen === heard) {
    return best === (seen ?? heard) ? "right" : "wrong";
  }
  return best === seen ? "as seen" : best === heard ? "as heard" : "neither";
}

const SIDE_CLASS = {
  "right": "avt-right", "wrong": "avt-wrong", "as seen": "avt-as-seen", "as heard": "avt-as-heard",
  "neither": "avt-wrong", "no answer": "avt-none",
};

// What is seen and heard, and how many nets are right or side with which sense.
function fusionInWords(bests, seen, heard, classes) {
  const sides = bests.map((best) => sideOf(best, seen, heard)).filter((side) => side !== "no answer");
  const count = (wanted) => sides.filter((side) => side === wanted).length;
  const all = sides.length;
  const seenWords = seen === null ? "nothing seen" : `seen: ${classes[seen]}`;
  const heardWords = heard === null ? "nothing heard" : `heard: ${classes[heard]}`;
  const together = seen !== null && seen === heard;
  const given = together ? `seen and heard: ${classes[seen]}` : `${seenWords}, ${heardWords}`;
  if (!all) return `${given} · no net can answer`;
  if (together || seen === null || heard === null) {
    const right = count("right");
    return `${given} · ${right} of ${all} ${right === 1 ? "is" : "are"} right`;
  }
  const eye = count("as seen");
  return `${given} · ${eye} of ${all} ${eye === 1 ? "goes" : "go"} with the picture, `
    + `${count("as heard")} with the sound, ${count("neither")} with neither`;
}

class FusionPanel {
  constructor(names, classes) {
    this.classes = classes;
    this.said = element("output", { class: "avt-said", "aria-live": "polite" });
    this.columns = classes.map((name) => element("span", { class: "avt-column", text: name }));
    this.rows = names.map((name) => {
      const row = {
        bars: classes.map(() => element("span", { class: "avt-tall" })),
        says: element("span", { class: "avt-says", role: "cell" }),
        share: element("span", { class: "avt-share", role: "cell" }),
        side: element("span", { class: "avt-side", role: "cell" }),
      };
      row.cells = row.bars.map((bar) => element("span", { class: "avt-column" }, bar));
      row.node = element("div", { class: "avt-net", role: "row" },
        element("span", { class: "avt-class", role: "rowheader", text: name, title: name }),
        element("span", { class: "avt-bars", "aria-hidden": "true" }, ...row.cells),
        row.says, row.share, row.side);
      return row;
    });
    const head = (className, text) => element("span", { class: className, role: "columnheader", text });
    this.table = element("div", { class: "avt-nets", role: "table", "aria-label": "What each net says" },
      element("div", { class: "avt-net avt-head", role: "row" }, head("avt-class", "net"),
        element("span", { class: "avt-bars", "aria-hidden": "true" }, ...this.columns),
        head("avt-says", "says"), head("avt-share", "share"), element("span", { class: "avt-side", role: "columnheader", "aria-label": "who is right" })),
      ...this.rows.map(({ node }) => node));
    const longest = Math.max(3, ...names.map((name) => name.length));
    this.table.style.setProperty("--avt-class", `${Math.min(longest, 18)}ch`);
    this.node = element("div", { class: "avt-panel" }, this.said, this.table,
      element("div", { class: "avt-note", text: "bars: the share of each class, full height is 1" }));
  }

  // Mark what is seen and what is heard; null where that sense is missing.
  setTruth(seen, heard) {
    [this.seen, this.heard] = [seen, heard];
    const both = seen !== null && seen === heard;
    const mark = (node, c) => {
      node.classList.toggle("avt-is-both", both && c === seen);
      node.classList.toggle("avt-is-seen", !both && c === seen);
      node.classList.toggle("avt-is-heard", !both && c === heard);
    };
    this.columns.forEach(mark);
    this.rows.forEach(({ cells }) => cells.forEach(mark));
  }

  // answers: the shares of the classes, or null, a net.
  show(answers) {
    const { classes, seen, heard } = this;
    const bests = answers.map((shares) => shares && largest(shares));
    this.rows.forEach((row, n) => {
      const shares = answers[n];
      row.bars.forEach((bar, c) => {
        bar.style.transform = `scaleY(${(shares ? shares[c] : 0).toFixed(4)})`;
      });
      const best = bests[n];
      row.says.textContent = best === null ? "–" : classes[best];
      row.share.textContent = best === null ? "" : shares[best].toFixed(2);
      const side = sideOf(best, seen, heard);
      if (row.side.textContent !== side) {
        row.side.textContent = side;
        row.side.className = `avt-side ${SIDE_CLASS[side]}`;
      }
    });
    const text = fusionInWords(bests, seen, heard, classes);
    if (this.said.textContent !== text) this.said.textContent = text; // a screen reader hears what is new
    return bests;
  }
}
