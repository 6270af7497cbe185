// FusionExplorer: the face. Noise on a picture and on a sound, and what all nets say to both.

const FUSION_SETTINGS = [
  "seen", "heard", "image_snr", "audio_snr", "image_present", "audio_present", "seed",
];
const FUSION_START = { image_snr: NO_NOISE, audio_snr: NO_NOISE, image_present: true, audio_present: true, seed: 0 };
const MOST_SEEDS = 1000;

class FusionFace {
  constructor(model, root) {
    this.root = root;
    this.sounds = readSounds(model);
    model.get("sounds").forEach(({ label }, i) => { this.sounds[i].label = label; });
    this.pictures = readPictures(model);
    this.classes = model.get("classes");
    this.frontEnd = frontEndOf(model.get("front_end"));
    this.rangeDb = model.get("range_db");
    this.nets = new FusionNetworks(model.get("nets"), model.get("weights"), this.classes.length);
    this.settings = new Settings(model, FUSION_SETTINGS, (name) => this.fromModel(name));
    this.player = new Player((playing) => this.showPlaying(playing));
    this.build();
    this.drawNoise();
    this.choosePicture();
    this.chooseSound();
    this.warmUp(8);
  }

  // The compiler of the browser needs a few runs before it makes the nets fast.
  warmUp(times) {
    this.warming = setTimeout(() => {
      this.listen();
      this.look();
      this.nets.answers({ image: true, audio: true });
      if (times > 1) this.warmUp(times - 1);
    }, 40);
  }

  build() {
    const { values } = this.settings;
    const named = (things) => things.map(({ name }) => [name, name]);
    this.canvas = element("canvas", { class: "avt-picture avt-seen", role: "img" });
    this.pixels = new GreyPicture(this.canvas, this.pictures[0].shape);
    this.base = new Sheet("avt-base");
    const cells = element("canvas", { class: "avt-picture", "aria-hidden": "true" });
    this.cells = new CellPicture(cells, COLOUR_ANCHORS);
    this.cursor = element("div", { class: "avt-cursor", hidden: "" });
    Object.assign(this.cursor.style, { top: `${FUSION.gap}px`, height: `${FUSION.plot}px` });
    this.figure = element("div", { class: "avt-figure avt-plain", role: "img" },
      this.base.canvas, cells, this.cursor);
    this.figure.style.height = `${FUSION.height}px`;
    this.controls = fusionControls(this, named(this.pictures), named(this.sounds), values);
    const { seen, heard, image_snr, audio_snr, image_present, audio_present } = this.controls;
    this.playButton = button("▶ Play", "Play the sound with its noise, or pause", () => this.toggle());
    this.playButton.classList.add("avt-main");
    this.conflictButton = button("Conflict", "Conflict: hear another class than is seen", () => this.toggleConflict());
    this.panel = new FusionPanel(this.nets.names, this.classes);
    this.facts = element("div", { class: "avt-facts avt-three", role: "list" });
    this.root.append(
      element("div", { class: "avt-top" }, this.playButton, this.conflictButton,
        button("Other noise", "Other noise: as strong, drawn anew", () => this.change({ seed: (values.seed + 1) % MOST_SEEDS })),
        button("Reset", "No noise, no conflict, both senses on", () => this.reset())),
      element("div", { class: "avt-fusion" },
        element("div", { class: "avt-senses" },
          element("div", { class: "avt-sense" }, seen.node, this.canvas,
            image_snr.node, image_present.node),
          element("div", { class: "avt-sense" }, heard.node, this.figure,
            audio_snr.node, audio_present.node)),
        this.panel.node),
      this.facts,
    );
  }

  drawNoise() {
    const { seed } = this.settings.values;
    const longest = Math.max(...this.sounds.map(({ nSamples }) => nSamples));
    this.noise = {
      image: drawNoise(sizeOf(this.pictures[0].shape), seed, NOISE_STREAM.image),
      audio: drawNoise(longest, seed, NOISE_STREAM.audio),
    };
  }

  choosePicture() {
    this.picture = this.pictures.find(({ name }) => name === this.settings.values.seen);
    this.seenNow = new Float64Array(this.picture.values.length);
    this.nets.fit("image", [1, ...this.picture.shape]);
    this.look();
  }

  chooseSound() {
    this.player.stop();
    this.sound = this.sounds.find(({ name }) => name === this.settings.values.heard);
    this.heardNow = new Float64Array(this.sound.nSamples);
    this.nFrames = frameCount(this.sound.nSamples, this.frontEnd.hopLength);
    this.nets.fit("audio", [this.frontEnd.nMels, this.nFrames]);
    this.cells.fit(this.frontEnd.nMels, this.nFrames);
    this.listen();
  }

  // The picture with its noise, and what each net makes of it.
  look() {
    seeWithNoise(this.picture.values, this.noise.image, this.settings.values.image_snr, this.seenNow);
    this.nets.sense("image", this.seenNow);
  }

  // The sound with its noise, its spectrogram, and what each net makes of it.
  listen() {
    hearWithNoise(this.sound.samples, this.noise.audio, this.settings.values.audio_snr, this.heardNow);
    this.levels = levelsOf(this.heardNow, this.frontEnd, this.rangeDb);
    this.nets.sense("audio", this.levels);
  }

  // A control was moved: show first, then tell the model.
  change(moved) {
    Object.assign(this.settings.values, moved);
    for (const [name, value] of Object.entries(moved)) this.controls[name]?.accept(value);
    this.update(Object.keys(moved));
    Object.keys(moved).forEach((name) => this.settings.send(name));
  }

  fromModel(name) {
    this.controls[name]?.accept(this.settings.values[name]);
    this.update([name]);
  }

  // Only what a control has an effect on is computed anew.
  update(names) {
    const any = (...wanted) => wanted.some((name) => names.includes(name));
    if (any("seed")) this.drawNoise();
    if (any("seen")) this.choosePicture();
    else if (any("image_snr", "seed")) this.look();
    if (any("heard")) {
      this.chooseSound();
      this.redraw();
      return;
    }
    if (any("audio_snr", "seed")) this.listen();
    this.apply();
    if (any("audio_snr", "seed", "audio_present")) this.replay();
  }

  // What is seen and heard, as class numbers; null where that sense is off.
  truth() {
    const { image_present, audio_present } = this.settings.values;
    return [image_present ? this.picture.label : null, audio_present ? this.sound.label : null];
  }

  inConflict() {
    return this.picture.label !== this.sound.label;
  }

  // Hear the next class after the one that is seen, or the same again.
  toggleConflict() {
    const labels = [...new Set(this.sounds.map(({ label }) => label))].sort((a, b) => a - b);
    const { label } = this.picture;
    const wanted = this.inConflict() ? label
      : labels.find((other) => other > label) ?? labels.find((other) => other !== label);
    const other = this.sounds.find((sound) => sound.label === wanted);
    if (other) this.change({ heard: other.name });
  }

  reset() {
    const same = this.sounds.find(({ label }) => label === this.picture.label);
    this.change({ ...FUSION_START, ...(same && this.inConflict() ? { heard: same.name } : {}) });
  }

  // Ask all nets, and show everything.
  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const { image_present, audio_present, image_snr, audio_snr } = this.settings.values;
    const [seen, heard] = this.truth();
    this.answers = this.nets.shares({ image: image_present, audio: audio_present });
    this.pixels.paint(this.seenNow);
    this.cells.paint(this.levels, -this.rangeDb, 0);
    this.canvas.classList.toggle("avt-muted", !image_present);
    this.figure.classList.toggle("avt-muted", !audio_present);
    this.panel.setTruth(seen, heard);
    this.bests = this.panel.show(this.answers);
    this.canvas.setAttribute("aria-label", `Picture of ${this.settings.values.seen}, noise: ${formatSnr(image_snr)}`);
    this.figure.setAttribute("aria-label", `Spectrogram of ${this.settings.values.heard}, noise: ${formatSnr(audio_snr)}`);
    this.conflictButton.setAttribute("aria-pressed", String(this.inConflict()));
    this.playButton.disabled = !audio_present;
    fillFacts(this.facts, fusionFacts(this));
  }

  toggle() {
    if (this.player.playing) this.player.stop();
    else this.play(0);
  }

  play(from) {
    if (!this.playButton.disabled) {
      this.player.play([asLoudAs(this.sound.samples, this.heardNow)], this.sound.sampleRate, from);
    }
  }

  // The sound that plays follows the fader, when it rests.
  replay() {
    clearTimeout(this.timer);
    if (!this.player.playing) return;
    this.timer = setTimeout(() => {
      if (!this.player.playing) return;
      if (this.playButton.disabled) this.player.stop();
      else this.play(this.player.position());
    }, 150);
  }

  showPlaying(playing) {
    this.playButton.textContent = playing ? "⏸ Pause" : "▶ Play";
    this.playButton.setAttribute("aria-pressed", String(playing));
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
    const width = this.figure.clientWidth;
    this.base.resize(width, FUSION.height);
    this.scales = new CellScales(width, this.frontEnd, this.nFrames, FUSION);
    Object.assign(this.cells.canvas.style, {
      left: `${this.scales.left}px`, top: `${this.scales.top}px`,
      width: `${this.scales.width}px`, height: `${this.scales.height}px`,
    });
    drawVerdictBase(this.base, this.theme, this.scales, this.cells.palette,
      { bottom: -this.rangeDb, peak: 0 });
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
  return mountFace(el, (root) => new FusionFace(model, root));
}

export { computeFusion as compute };
export default { render };
