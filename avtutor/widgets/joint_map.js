// JointMap: the face. Items of a joint space to point at, and what lies between two of them.

const JOINT_SETTINGS = ["space", "direction", "first", "second", "share"];

class JointFace {
  constructor(model, root) {
    this.root = root;
    this.classes = model.get("classes");
    this.frontEnd = frontEndOf(model.get("front_end"));
    this.rangeDb = model.get("range_db");
    this.shapes = model.get("joint").shapes;
    this.nets = new JointNetworks(model.get("joint"), model.get("weights"), this.shapes);
    this.readPairs(model);
    this.settings = new Settings(model, JOINT_SETTINGS, (name) => this.fromModel(name));
    this.player = new Player((playing) => this.showPlaying(playing));
    this.playing = 0;
    this.build();
    this.warmUp(8);
  }

  // The pairs, and their two items each, the sounds first.
  readPairs(model) {
    const sounds = readSounds(model);
    const { frontEnd, rangeDb } = this;
    this.pairs = readPictures(model).map(({ name, label, values }, pair) => {
      let levels = null;
      const sound = {
        ...sounds[pair],
        get samples() { return sounds[pair].samples; },
        get levels() { // made when first looked at
          levels ??= levelsOf(sounds[pair].samples, frontEnd, rangeDb);
          return levels;
        },
      };
      return { name, label, picture: values, sound };
    });
    this.items = this.pairs.flatMap(({ name, label }, pair) => JOINT_SENSES.map((sense) => ({
      sense, pair, label, key: `${name}, ${JOINT_PAST[sense]}`, mark: this.classes[label].slice(0, 2),
    })));
    this.byKey = Object.fromEntries(this.items.map((item) => [item.key, item]));
  }

  // The compiler of the browser needs a few runs before it makes the nets fast.
  warmUp(times) {
    this.warming = setTimeout(() => {
      this.nets.at(this.asked());
      if (times > 1) this.warmUp(times - 1);
    }, 40);
  }

  get first() {
    return this.byKey[this.settings.values.first];
  }
  get second() {
    return this.byKey[this.settings.values.second];
  }
  partnerOf({ sense, pair }) {
    return this.items[2 * pair + (sense === "audio" ? 1 : 0)];
  }
  itemOf(sense, pair) {
    return this.items[2 * pair + (sense === "audio" ? 0 : 1)];
  }

  asked() {
    const { space, direction, share } = this.settings.values;
    return { space, first: this.first, second: this.second, share, firstDirection: direction - 1 };
  }

  build() {
    const { values } = this.settings;
    this.base = new Sheet("avt-base");
    this.overlay = new Sheet("avt-overlay");
    this.readout = element("output", { class: "avt-reading" });
    this.figure = element("div", {
      class: "avt-figure avt-map", tabindex: "0", role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "Map of the joint space. Arrow keys go from A to the next item, X to its partner, "
        + "space plays its sound, Enter makes it B too, Page Up and Page Down move the point between A and B.",
    }, this.base.canvas, this.overlay.canvas);
    this.figure.style.height = `${JOINT.height}px`;
    this.controls = this.makeControls(values);
    this.playButtons = ["A", "B"].map((name, i) => {
      const node = button(`▶ Hear ${name}`, `Play the sound of ${name}, or pause`, () => this.toggle(i));
      node.classList.add("avt-main");
      return node;
    });
    this.panel = new JointPanel(this, this.shapes);
    this.facts = element("div", { class: "avt-facts", role: "list" });
    this.root.append(
      element("div", { class: "avt-top" }, this.controls.space.node, this.controls.direction.node,
        ...this.playButtons,
        button("Swap", "Swap A and B", () => this.swap()),
        button("Reset", "Back to the first item of the towers' map", () => this.reset()), this.readout),
      element("div", { class: "avt-joint" },
        element("div", {}, this.figure, this.legend()), this.panel.node),
      this.facts,
    );
    listenToMap(this);
  }

  makeControls(values) {
    const keys = this.items.map(({ key }) => [key, key]);
    const spaces = Object.keys(this.nets.spaces);
    const least = Math.min(...spaces.map((name) => this.nets.spaces[name].shares.length));
    const directions = range(1, 2 * Math.floor(least / 2) - 1, 2).map((d) => [d, `${d} and ${d + 1}`]);
    const item = (name, label) => new Choice({
      label, choices: keys, value: values[name], hint: `The item at ${label}`,
      onInput: (value) => this.change({ [name]: value }),
    });
    return {
      space: new Choice({
        label: "space of the", value: values.space, choices: spaces.map((name) => [name, name]),
        hint: "Whose vectors the map shows", onInput: (space) => this.change({ space }),
      }),
      direction: new Choice({
        label: "directions", value: values.direction, choices: directions,
        hint: "The map shows two directions at a time",
        onInput: (value) => this.change({ direction: Number(value) }),
      }),
      first: item("first", "A"),
      second: item("second", "B"),
      share: new StopSlider({
        label: "from A to B", value: values.share, stops: range(0, 100, 1), format: (share) => `${share} %`,
        hint: "Where the point is between A and B", onInput: (share) => this.change({ share }),
      }),
    };
  }

  legend() {
    const entry = (name, text) => element("span", { class: "avt-entry" },
      element("span", { class: `avt-key ${name}`, "aria-hidden": "true" }), text);
    return element("div", { class: "avt-legend" }, entry("avt-key-heard", "heard"),
      entry("avt-key-seen", "seen"), entry("avt-key-right", "near, and right"),
      entry("avt-key-wrong", "near, and wrong"),
      element("span", { class: "avt-note", text: "click an item, or drag from one to another" }));
  }

  // A control was moved: show first, then tell the model.
  change(moved) {
    Object.assign(this.settings.values, moved);
    for (const [name, value] of Object.entries(moved)) this.controls[name].accept(value);
    this.update(Object.keys(moved));
    Object.keys(moved).forEach((name) => this.settings.send(name));
  }

  fromModel(name) {
    this.controls[name].accept(this.settings.values[name]);
    this.update([name]);
  }

  update(names) {
    if (names.includes("first") || names.includes("second")) this.player.stop();
    if (names.includes("space") || names.includes("direction")) this.redraw();
    else this.apply();
  }

  swap() {
    const { first, second, share } = this.settings.values;
    this.change({ first: second, second: first, share: 100 - share });
  }

  reset() {
    const [first] = this.items;
    const elsewhere = this.items.find((item) => item.sense === "audio" && item.label !== first.label) ?? first;
    this.change({ space: "towers", direction: 1, first: first.key, second: elsewhere.key, share: 0 });
  }

  // Find what is near the point and draw it, and show everything.
  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const { share } = this.settings.values;
    const found = this.nets.at(this.asked());
    const wanted = wantedOf(this.first, this.second, share);
    const near = Array.from(found.order.subarray(0, N_NEAREST), (pair) => {
      const item = this.itemOf(found.asked, pair);
      return { item, side: sideOfItem(item.label, wanted) };
    });
    this.now = { ...found, near };
    this.panel.show(this);
    fillFacts(this.facts, jointFacts(this));
    this.drawOver();
  }

  drawOver() {
    const ends = [this.first, this.second];
    const partners = ends.map((end) => this.partnerOf(end));
    const { hovered, pulled, now } = this;
    drawMapOverlay(this.overlay, this.theme, this.scales, { ...now, ends, partners, hovered, pulled });
  }

  hover(item) {
    if (item === this.hovered) return;
    this.hovered = item;
    this.readout.textContent = item ? item.key : "";
    this.drawOver();
  }

  pointPlace() {
    const [x, y] = this.now.place;
    return [this.scales.x(x), this.scales.y(y)];
  }

  toggle(which) {
    const same = this.playing === which;
    if (this.player.playing && same) return this.player.stop();
    this.player.stop();
    this.playing = which;
    const { sound } = this.pairs[[this.first, this.second][which].pair];
    this.player.play([sound.samples], sound.sampleRate, 0);
  }

  showPlaying(playing) {
    this.playButtons.forEach((node, i) => {
      const on = playing && this.playing === i;
      node.textContent = `${on ? "⏸" : "▶"} Hear ${"AB"[i]}`;
      node.setAttribute("aria-pressed", String(on));
    });
  }

  // The figure has a new width, another screen or another theme.
  resize(width) {
    this.width = width;
    this.theme = readTheme(this.root);
    this.redraw();
  }

  redraw() {
    if (!this.width) return;
    const { space, direction } = this.settings.values;
    const shown = this.nets.spaces[space];
    for (const item of this.items) [item.x, item.y] = shown.place(shown.vector(item), direction - 1);
    const width = this.figure.clientWidth;
    this.base.resize(width, JOINT.height);
    this.overlay.resize(width, JOINT.height);
    this.scales = new MapScales(width, this.items);
    for (const item of this.items) {
      [item.left, item.top] = [this.scales.x(item.x), this.scales.y(item.y)];
    }
    this.hovered = null;
    drawMapBase(this.base, this.theme, this.scales, this.items, shown.shares.slice(direction - 1), direction);
    this.apply();
  }

  close() {
    clearTimeout(this.warming);
    this.player.close();
    this.settings.close();
  }
}

function render({ model, el }) {
  return mountFace(el, (root) => new JointFace(model, root));
}

// In Python: avtutor.widgets.joined.compute.
const computeJoint = (networks, asked) => networks.at(asked);

export { computeJoint as compute };
export default { render };
