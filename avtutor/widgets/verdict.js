// VerdictExplorer: the face. The network runs here, in the page, at every move.

const VERDICT_SETTINGS = ["recording", ...Object.keys(UNALTERED), "brush", "brush_size"];

class VerdictFace {
  constructor(model, root) {
    this.root = root;
    this.sounds = readSounds(model);
    const given = model.get("front_end");
    this.frontEnd = {
      sampleRate: given.sample_rate, nFft: given.n_fft, winLength: given.win_length,
      hopLength: given.hop_length, nMels: given.n_mels, fMin: given.f_min, fMax: given.f_max,
      window: given.window,
    };
    this.level = model.get("level");
    this.rangeDb = model.get("range_db");
    this.classes = model.get("classes");
    this.network = new SpectrogramNetwork(model.get("network"), model.get("weights"));
    this.settings = new Settings(model, VERDICT_SETTINGS, (name) => this.fromModel(name));
    this.strokes = new Strokes(this.frontEnd.nMels, model.get("most_frames"));
    this.reading = { row: Math.floor(this.frontEnd.nMels / 2), frame: 0 };
    this.now = { logits: null, shares: new Float64Array(this.classes.length), best: 0 };
    this.active = 0;
    this.player = new Player((playing) => this.showPlaying(playing));
    this.build();
    this.readStrokes();
    this.chooseSound();
    this.warmUp(6);
  }

  // The compiler of the browser needs a few runs before it makes the network fast.
  warmUp(times) {
    this.warming = setTimeout(() => {
      this.network.run(this.levels);
      if (times > 1) this.warmUp(times - 1);
    }, 40);
  }

  build() {
    this.base = new Sheet("avt-base");
    this.overlay = new Sheet("avt-overlay");
    const canvas = element("canvas", { class: "avt-picture", "aria-hidden": "true" });
    this.cells = new CellPicture(canvas, COLOUR_ANCHORS);
    this.cursor = element("div", { class: "avt-cursor", hidden: "" });
    Object.assign(this.cursor.style, { top: `${VERDICT.gap}px`, height: `${VERDICT.plot}px` });
    this.readout = element("output", { class: "avt-reading", "aria-live": "polite" });
    this.figure = element("div", {
      class: "avt-figure", tabindex: "0", role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "Spectrogram as the network gets it. Arrow keys move the reading point, Enter "
        + "uses the brush there, space plays the altered sound and pauses.",
    }, this.base.canvas, canvas, this.overlay.canvas, this.cursor);
    this.figure.style.height = `${VERDICT.height}px`;
    this.buttons = ["Original", "Altered"].map((name, i) => {
      const node = button(`▶ ${name}`, `Play the ${name.toLowerCase()} sound, or pause`, () => this.toggle(i));
      node.classList.add("avt-main");
      return node;
    });
    this.note = element("span", { class: "avt-note" });
    this.panel = new VerdictPanel(this.classes);
    this.facts = element("div", { class: "avt-facts", role: "list" });
    const { values } = this.settings;
    this.recordings = new Choice({
      label: "Recording", value: values.recording,
      choices: this.sounds.map(({ name }) => [name, name]),
      onInput: (value) => this.change("recording", value),
    });
    if (this.sounds.length < 2) this.recordings.node.hidden = true;
    this.controls = verdictControls(this, values);
    this.root.append(
      element("div", { class: "avt-top" }, this.recordings.node, ...this.buttons,
        button("Reset", "Undo all alterations", () => this.reset()), this.note, this.readout),
      element("div", { class: "avt-verdict" }, this.figure, this.panel.node),
      element("div", { class: "avt-controls avt-pairs avt-five" },
        ...Object.values(this.controls).map((c) => c.node)),
      this.facts,
    );
    listenToBrush(this);
  }

  // A recording was chosen: the same alterations, done to another picture.
  chooseSound() {
    this.player.stop();
    this.sound = this.sounds.find(({ name }) => name === this.settings.values.recording);
    const { samples } = this.sound;
    this.picture = enterPicture(samples, this.frontEnd, this.level, this.rangeDb);
    const { levels, nRows, nFrames } = this.picture;
    this.levels = levels.slice();
    this.silenced = new Uint8Array(levels.length);
    this.cells.fit(nRows, nFrames);
    this.network.fit(nFrames);
    const logits = this.network.run(levels).slice();
    const before = { logits, shares: softmax(logits, new Float64Array(logits.length)), best: largest(logits) };
    this.panel.setBefore(before);
    this.invertible = new ShortTimeFourier(this.frontEnd, samples.length).invertible;
    const { values } = this.settings;
    const stops = { shift_frames: range(-nFrames, nFrames, 1), hide_start: range(0, nFrames, 1) };
    stops.hide_end = stops.hide_start;
    for (const [name, list] of Object.entries(stops)) this.controls[name].setStops(list, values[name]);
    this.reading.frame = Math.min(this.reading.frame || Math.floor(nFrames / 2), nFrames - 1);
    this.redraw();
  }

  // A control was moved: show first, then tell the model.
  change(name, value) {
    const { values } = this.settings;
    const moved = { [name]: value };
    if (OPPOSITE_EDGE[name]) {
      const [other, limit] = OPPOSITE_EDGE[name];
      moved[other] = limit(value, values[other]);
      this.controls[other].set(moved[other]);
    }
    Object.assign(values, moved);
    this.update(name);
    Object.keys(moved).forEach((changed) => this.settings.send(changed));
  }

  fromModel(name) {
    if (name === "recording") this.recordings.accept(this.settings.values.recording);
    else if (name === "erased" || name === "painted") this.readStrokes();
    else this.controls[name].accept(this.settings.values[name]);
    this.update(name);
  }

  update(name) {
    if (name === "recording") return this.chooseSound();
    if (name === "brush" || name === "brush_size") return this.read(this.reading.row, this.reading.frame);
    this.apply();
    this.replay();
  }

  readStrokes() {
    const { erased, painted } = this.settings.values;
    this.strokes.clear().fill(erased, ERASED).fill(painted, PAINTED);
  }

  // Draw with the brush from one cell to another.
  stroke(from, to) {
    const { values } = this.settings;
    if (values.brush === "look") return;
    const kind = values.brush === "paint" ? PAINTED : ERASED;
    const steps = Math.max(1, Math.abs(to.row - from.row), Math.abs(to.frame - from.frame));
    for (let i = 0; i <= steps; i++) {
      this.strokes.dab(Math.round(from.row + ((to.row - from.row) * i) / steps),
        Math.round(from.frame + ((to.frame - from.frame) * i) / steps), values.brush_size, kind);
    }
    this.reading = { row: to.row, frame: to.frame };
    values.erased = this.strokes.runs(ERASED);
    values.painted = this.strokes.runs(PAINTED);
    this.update("painted");
    this.settings.send("erased");
    this.settings.send("painted");
  }

  reset() {
    Object.assign(this.settings.values, structuredClone(UNALTERED));
    this.strokes.clear();
    for (const name of Object.keys(UNALTERED)) {
      this.controls[name]?.accept(UNALTERED[name]);
      this.settings.send(name);
    }
    this.update("painted");
  }

  alterations() {
    return { ...this.settings.values, strokes: this.strokes };
  }

  // Alter the picture, ask the network, show both.
  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const { picture, levels, now } = this;
    const alterations = this.alterations();
    alterPicture(picture, alterations, levels, this.silenced);
    now.logits = this.network.run(levels);
    now.best = largest(softmax(now.logits, now.shares));
    this.cells.paint(levels, picture.bottom, picture.peak);
    this.altered = null; // as a sound: made when it is played
    const words = wordsFor(alterations, picture);
    this.panel.show(now, words.length > 0);
    this.showSoundOf(alterations);
    fillFacts(this.facts, verdictFacts(this, words));
    this.read(this.reading.row, this.reading.frame);
  }

  // Say where the altered sound comes from, before it is heard.
  showSoundOf(alterations) {
    this.phase = keepsPhase(alterations);
    const needsTransform = !this.phase || this.silenced.includes(1);
    const possible = this.invertible || !needsTransform;
    this.buttons[1].disabled = !possible;
    this.note.textContent = !possible ? "these frames overlap too little to become a sound again"
      : this.phase ? "levels are as recorded: start quietly" : "altered: without its phase";
  }

  // Move the reading point to a cell.
  read(row, frame) {
    const { nRows, nFrames } = this.picture;
    const { scales, frontEnd } = this;
    this.reading = {
      row: Math.min(Math.max(row, 0), nRows - 1), frame: Math.min(Math.max(frame, 0), nFrames - 1),
    };
    if (!scales) return;
    const level = this.levels[this.reading.row * nFrames + this.reading.frame];
    const time = (this.reading.frame * frontEnd.hopLength) / frontEnd.sampleRate;
    this.readout.textContent =
      `${time.toFixed(3)} s · ${formatHz(scales.rowHz(this.reading.row))} · ${formatDb(level)}`;
    this.figure.classList.toggle("avt-drawing", this.settings.values.brush !== "look");
    drawVerdictOverlay(this.overlay, this.theme, scales, this.reading, this.settings.values);
  }

  timeOf(frame) {
    return (frame * this.frontEnd.hopLength) / this.frontEnd.sampleRate;
  }

  toggle(which) {
    if (this.player.playing && this.active === which) this.player.stop();
    else this.play(which, 0);
  }

  // 0: the recording as it is; 1: altered.
  play(which, from) {
    if (this.buttons[which].disabled) return;
    this.active = which;
    const { samples, sampleRate } = this.sound;
    if (which) {
      this.altered ??= alteredSound(samples, this.frontEnd, this.picture, this.alterations(),
        this.levels, this.silenced);
    }
    this.player.play([which ? this.altered : samples], sampleRate, from);
  }

  // The altered sound follows the controls, when they rest.
  replay() {
    clearTimeout(this.timer);
    if (!this.player.playing || !this.active) return;
    this.timer = setTimeout(() => {
      if (!this.player.playing || !this.active) return;
      if (this.buttons[1].disabled) this.player.stop();
      else this.play(1, this.player.position());
    }, 150);
  }

  showPlaying(playing) {
    ["Original", "Altered"].forEach((name, i) => {
      const on = playing && this.active === i;
      this.buttons[i].textContent = `${on ? "⏸" : "▶"} ${name}`;
      this.buttons[i].setAttribute("aria-pressed", String(on));
    });
    this.cursor.hidden = !playing;
    if (playing) requestAnimationFrame(() => followSound(this));
  }

  // The figure has a new width, another screen or another theme.
  resize(width) {
    this.width = width;
    this.theme = readTheme(this.root);
    this.redraw();
  }

  redraw() {
    if (!this.width) return;
    const { nFrames } = this.picture;
    const width = this.figure.clientWidth;
    this.base.resize(width, VERDICT.height);
    this.overlay.resize(width, VERDICT.height);
    this.scales = new CellScales(width, this.frontEnd, nFrames);
    Object.assign(this.cells.canvas.style, {
      left: `${this.scales.left}px`, top: `${this.scales.top}px`,
      width: `${this.scales.width}px`, height: `${this.scales.height}px`,
    });
    drawVerdictBase(this.base, this.theme, this.scales, this.cells.palette, this.picture);
    this.controls.hide_low.tell();
    this.controls.hide_high.tell();
    this.apply();
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.warming);
    this.player.close();
    this.settings.close();
  }
}

function render({ model, el }) {
  return mountFace(el, (root) => new VerdictFace(model, root));
}

export { computeVerdict as compute };
export default { render };
