// What the point of a joint map is, in words and pictures.

const JOINT_PAST = { audio: "heard", image: "seen" };
const JOINT_PLURAL = { audio: "sounds", image: "pictures" };
const N_NEAREST = 5;

// Whom an item goes with. wanted: the class of A, of B, or of both.
function sideOfItem(label, wanted) {
  if (new Set(wanted).size === 1) return label === wanted[0] ? "right" : "wrong";
  return label === wanted[0] ? "like A" : label === wanted[1] ? "like B" : "neither";
}

function wantedOf(first, second, share) {
  if (share === 0) return [first.label];
  return share === 100 ? [second.label] : [first.label, second.label];
}

// Where the point is and what is near it. In Python: avtutor.widgets.still_joint.in_words.
function jointInWords({ first, second, share, asked, order, near, classes }) {
  const sides = near.map(({ side }) => side);
  const count = (wanted) => sides.filter((side) => side === wanted).length;
  const listed = near.map(({ item }) => classes[item.label]).join(", ");
  const nearest = `nearest ${JOINT_PLURAL[asked]}: ${listed}`;
  const counted = new Set(wantedOf(first, second, share)).size === 1
    ? `${count("right")} of ${sides.length} right`
    : ["like A", "like B", "neither"].map((side) => `${count(side)} ${side}`).join(", ");
  if (share > 0 && share < 100) {
    return `${share} % of the way from ${first.key}, to ${second.key} · ${nearest} · ${counted}`;
  }
  const end = share ? second : first;
  const rank = order.indexOf(end.pair) + 1;
  return `${share ? "B" : "A"}: ${end.key} · ${nearest} · ${counted} · `
    + `its own is number ${rank} of ${order.length}`;
}

// Picture and spectrogram of A, of the point, or of B.
class JointColumn {
  constructor(title, shapes) {
    const picture = element("canvas", { class: "avt-picture avt-view", role: "img" });
    const cells = element("canvas", { class: "avt-picture avt-view avt-heard-view", role: "img" });
    this.picture = new GreyPicture(picture, shapes.image.slice(-2));
    this.cells = new CellPicture(cells, COLOUR_ANCHORS);
    this.cells.fit(...shapes.audio);
    this.under = [element("div", { class: "avt-note" }), element("div", { class: "avt-note" })];
    this.node = element("div", { class: "avt-sense" }, title, picture, this.under[0], cells, this.under[1]);
  }

  // own: which of the two is the item itself, the other being its partner; null for neither
  show(image, audio, rangeDb, { names, notes, own }) {
    this.picture.paint(image);
    this.cells.paint(audio, -rangeDb, 0);
    [this.picture.context.canvas, this.cells.canvas].forEach((canvas, i) => {
      canvas.setAttribute("aria-label", names[i]);
      canvas.classList.toggle("avt-own", own === ["image", "audio"][i]);
      if (this.under[i].textContent !== notes[i]) this.under[i].textContent = notes[i];
    });
  }
}

class JointPanel {
  // face: { change(moved), first and second: controls }
  constructor(face, shapes) {
    this.said = element("output", { class: "avt-said avt-joint-said", "aria-live": "polite" });
    const between = element("div", { class: "avt-between", text: "drawn between" });
    this.columns = [face.controls.first.node, between, face.controls.second.node].map(
      (title) => new JointColumn(title, shapes));
    this.near = element("div", { class: "avt-near", role: "group" });
    this.chips = Array.from({ length: N_NEAREST }, (_, i) => {
      const chip = button("", "", () => face.change({ first: this.items[i].key, share: 0 }));
      chip.classList.add("avt-chip");
      return chip;
    });
    this.nearName = element("span", { class: "avt-note" });
    this.near.append(this.nearName, ...this.chips);
    this.node = element("div", { class: "avt-panel" }, this.said,
      element("div", { class: "avt-trio" }, ...this.columns.map(({ node }) => node)),
      face.controls.share.node, this.near);
  }

  show(face) {
    const { now, first, second } = face;
    const { near, asked, drawn, read } = now;
    const { rangeDb, classes } = face;
    const comma = classes.some((name) => name.length > 2) ? ", " : " ";
    [first, second].forEach((end, i) => {
      const { picture, sound } = face.pairs[end.pair];
      const whose = (sense) => (end.sense === sense ? "this one" : "its partner");
      this.columns[2 * i].show(picture, sound.levels, rangeDb, {
        names: [`Picture of ${"AB"[i]}: ${classes[end.label]}`, `Spectrogram of ${"AB"[i]}: ${classes[end.label]}`],
        notes: [`seen: ${whose("image")}`, `heard: ${whose("audio")}`], own: end.sense,
      });
    });
    const taken = (sense) => Array.from(
      read[sense].subarray(0, N_NEAREST), (pair) => classes[face.pairs[pair].label]).join(comma);
    const inFull = (sense) => `nearest ${JOINT_PLURAL[otherSense(sense)]}: ${taken(sense)}`;
    this.columns[1].show(drawn.image, drawn.audio, rangeDb, {
      names: [`Picture drawn between A and B; ${inFull("image")}`, `Spectrogram drawn between A and B; ${inFull("audio")}`],
      notes: [`taken for ${taken("image")}`, `taken for ${taken("audio")}`], own: null,
    });
    this.items = near.map(({ item }) => item);
    this.nearName.textContent = `nearest ${JOINT_PLURAL[asked]}`;
    this.near.setAttribute("aria-label", `Nearest ${JOINT_PLURAL[asked]} of the point`);
    this.chips.forEach((chip, i) => {
      const found = near[i];
      chip.hidden = !found;
      if (!found) return;
      const { item, side } = found;
      const text = `${classes[item.label]} ${side === "right" ? "✓" : side === "wrong" || side === "neither" ? "✗" : side.slice(-1)}`;
      const name = `Number ${i + 1}: ${item.key}, ${side}; make it A`;
      if (chip.title === name) return;
      chip.textContent = text;
      chip.title = name;
      chip.setAttribute("aria-label", name);
      chip.classList.toggle("avt-chip-wrong", side === "wrong" || side === "neither");
    });
    const text = jointInWords({ ...now, first, second, share: face.settings.values.share, classes });
    if (this.said.textContent !== text) this.said.textContent = text; // a screen reader hears what is new
  }
}

// What the map leaves out, where the point is, and who draws.
function jointFacts(face) {
  const { settings, nets, now } = face;
  const { space, direction, share } = settings.values;
  const { shares, size, unit } = nets.spaces[space];
  const shown = shares[direction - 1] + shares[direction];
  const bends = unit ? "the straight line, brought back to length 1: on the map it bends" : "the straight line";
  return [
    ["What this map leaves out", `${(100 * (1 - shown)).toFixed(0)} % of the variance`,
      `two directions of ${size} are shown: near on the map can be far apart`],
    ["The point", share === 0 ? "on A" : share === 100 ? "on B" : `${share} % of the way to B`, bends],
    ["Nearest", `by the distance in all ${size} numbers`,
      `searched: the ${JOINT_PLURAL[now.asked]}, ${now.order.length} of them`],
    ["Drawn by the autoencoder", space === "towers" ? "from its own vectors of A and B" : "from the point",
      `${space === "towers" ? "the towers cannot draw; " : ""}taken for: the nearest of the other sense, by the towers`],
  ];
}
