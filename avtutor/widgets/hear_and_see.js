// HearAndSee: the face. A sound is chosen or recorded, and pictures of it form, step by step.

const FORMING_SETTINGS = ["recording", "step", "seed", "truth_shown"];
const FORMING = { left: 58, right: 54, wave: 0, gap: 8, plot: 190, bottom: 26 };
FORMING.height = FORMING.gap + FORMING.plot + FORMING.bottom;
const MOST_SEEDS = 1000;
const OWN = "your recording";
const STEP_MS = 110; // from one step to the next while the picture forms
const FILL_MS = 8; // work at a time on steps that are not looked at yet

class HearAndSeeFace {
  constructor(model, root) {
    this.root = root;
    this.sounds = readSounds(model);
    this.frontEnd = frontEndOf(model.get("front_end"));
    this.rangeDb = model.get("range_db");
    this.takes = { nSamples: model.get("n_samples"), padded: model.get("padded") };
    [this.nDraws, this.nSteps] = [model.get("n_draws"), model.get("n_steps")];
    this.network = new GeneratorNetwork(model.get("generator"), model.get("weights"),
      this.frontEnd.nMels, frameCount(this.takes.nSamples, this.frontEnd.hopLength));
    this.truths = readTruths(model, this.network.shape);
    this.settings = new Settings(model, FORMING_SETTINGS, (name) => this.fromModel(name));
    this.player = new Player((playing) => this.showPlaying(playing));
    this.microphone = new Microphone({
      mostSeconds: Math.max(3, Math.ceil(this.takes.nSamples / this.frontEnd.sampleRate) + 2),
      onState: (state) => this.showRecording(state),
      onSound: (sound) => this.takeOwn(sound),
      onTrouble: (words) => this.say(words, true),
    });
    this.build();
    this.chooseSound();
  }

  build() {
    const { values } = this.settings;
    this.base = new Sheet("avt-base");
    const cells = element("canvas", { class: "avt-picture", "aria-hidden": "true" });
    this.cells = new CellPicture(cells, COLOUR_ANCHORS);
    this.cursor = element("div", { class: "avt-cursor", hidden: "" });
    Object.assign(this.cursor.style, { top: `${FORMING.gap}px`, height: `${FORMING.plot}px` });
    this.figure = element("div", { class: "avt-figure avt-plain", role: "img" },
      this.base.canvas, cells, this.cursor);
    this.figure.style.height = `${FORMING.height}px`;
    this.panel = new FormingPanel(this.network.shape, this.nDraws);
    this.controls = {
      recording: new Choice({
        label: "Sound", choices: this.sounds.map(({ name }) => [name, name]), value: values.recording,
        hint: "The sound that is heard", onInput: (name) => this.choose(name),
      }),
      step: new StopSlider({
        label: "step", value: values.step, stops: range(0, this.nSteps, 1),
        format: (step) => `${step} of ${this.nSteps}`, hint: "How far the pictures are on their way",
        onInput: (step) => this.rest(() => this.change({ step })),
      }),
    };
    this.playButton = button("▶ Play", "Play the sound, or pause", () => this.toggle());
    this.playButton.classList.add("avt-main");
    this.recordButton = button("● Record", "", () => this.microphone.toggle());
    this.formButton = button("▶ Form", "Let the pictures form, or stop", () => this.toggleForming());
    this.formButton.classList.add("avt-main");
    this.truthButton = button("Show what it was", "", () => this.change({ truth_shown: !values.truth_shown }));
    this.file = element("input", {
      type: "file", accept: "audio/*", hidden: "", "aria-label": "A sound file", "data-lm-suppress-shortcuts": "true",
    });
    this.file.addEventListener("change", () => this.openFile());
    this.note = element("output", { class: "avt-note", "aria-live": "polite" });
    this.facts = element("div", { class: "avt-facts", role: "list" });
    this.root.append(
      element("div", { class: "avt-top" }, this.controls.recording.node, this.playButton, this.recordButton,
        button("Open a file", "Open a sound file: it stays in this page", () => this.file.click()), this.file, this.note),
      element("div", { class: "avt-forming" }, this.figure,
        element("div", { class: "avt-panel" }, this.panel.node,
          element("div", { class: "avt-steps" }, this.formButton, this.controls.step.node,
            button("Draw again", "Draw again: the same sound, other noise", () => this.change({ seed: (values.seed + 1) % MOST_SEEDS })),
            this.truthButton))),
      this.facts,
    );
    this.showRecording("off");
  }

  say(words, warning = false) {
    this.note.textContent = words;
    this.note.classList.toggle("avt-warn", warning);
  }

  // One of the sounds, or the one that was recorded.
  choose(name) {
    this.say("");
    this.own = name === OWN ? this.recorded : null;
    if (this.own) this.chooseSound();
    else this.change({ recording: name });
  }

  // A sound that was recorded or opened, at any rate.
  takeOwn({ samples, rate }) {
    const refusal = refusalOf(samples, rate);
    if (refusal) {
      this.say(`This cannot be used: ${refusal}.`, true);
      return;
    }
    this.recorded = { samples: resampleSound(samples, rate, this.frontEnd.sampleRate) };
    this.recorded.sampleRate = this.frontEnd.sampleRate;
    const { input } = this.controls.recording;
    if (input.value !== OWN && ![...input.options].some(({ value }) => value === OWN)) {
      input.append(element("option", { value: OWN, text: OWN }));
    }
    input.value = OWN;
    this.own = this.recorded;
    this.chooseSound();
    this.say("It stays in this page.");
  }

  async openFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    try {
      this.takeOwn(await decodeSound(await file.arrayBuffer()));
    } catch {
      this.say(`${file.name} cannot be read as a sound.`, true);
    }
  }

  showRecording(state) {
    const [text, label] = {
      off: ["● Record", "Record a sound with the microphone"],
      asking: ["● Record", "Waiting for the microphone"],
      on: ["■ Stop", "Stop recording"],
      reading: ["● Record", "Reading the recording"],
    }[state];
    Object.assign(this.recordButton, { textContent: text, title: label });
    this.recordButton.setAttribute("aria-label", label);
    this.recordButton.setAttribute("aria-pressed", String(state === "on"));
    this.recordButton.setAttribute("aria-disabled", String(state === "asking" || state === "reading"));
    if (state === "asking") this.say("The browser asks for the microphone …");
    if (state === "on") {
      this.player.stop();
      this.say(`Recording, for at most ${this.microphone.mostSeconds} s …`);
    }
  }

  chooseSound() {
    this.player.stop();
    this.sound = this.own ?? this.sounds.find(({ name }) => name === this.settings.values.recording);
    this.entered = enterSound(this.sound.samples, this.sound.sampleRate, this.frontEnd, this.takes,
      Boolean(this.own));
    this.levels = levelsOf(this.entered.samples, this.frontEnd, this.rangeDb);
    this.nFrames = frameCount(this.entered.samples.length, this.frontEnd.hopLength);
    this.network.fit(this.nFrames);
    this.network.hear(this.levels);
    this.drawAgain();
    this.cells.fit(this.frontEnd.nMels, this.nFrames);
    this.cells.paint(this.levels, -this.rangeDb, 0);
    if (this.width) this.drawAxes();
    this.figure.setAttribute("aria-label",
      `Spectrogram of ${this.own ? OWN : this.settings.values.recording}`);
  }

  // Other noise, other ways.
  drawAgain() {
    this.ways = this.network.ways(
      noiseOfDraws(this.nDraws, this.network.nLatents, this.settings.values.seed), this.nSteps);
    this.pictures = range(0, this.nSteps, 1).map(() => []);
    this.apply();
    clearTimeout(this.filling);
    this.filling = setTimeout(() => this.fill(), 30);
  }

  // The pictures of one step, drawn where they are not there yet.
  picturesAt(step) {
    const there = this.pictures[step];
    while (there.length < this.nDraws) {
      there.push(Float32Array.from(this.network.draw(this.ways[there.length][step])));
    }
    return there;
  }

  // Draw the steps that nobody has looked at yet, a little at a time, so that the fader is quick.
  fill() {
    const until = performance.now() + FILL_MS;
    for (let step = 0; step <= this.nSteps; step++) {
      if (this.pictures[step].length === this.nDraws) continue;
      this.picturesAt(step);
      if (performance.now() > until) {
        this.filling = setTimeout(() => this.fill(), 0);
        return;
      }
    }
    this.filling = null;
  }

  // A control was moved: show first, then tell the model.
  change(moved) {
    Object.assign(this.settings.values, moved);
    for (const [name, value] of Object.entries(moved)) this.controls[name]?.accept(value);
    this.update(Object.keys(moved));
    Object.keys(moved).forEach((name) => this.settings.send(name));
  }

  fromModel(name) {
    if (name === "recording") this.own = null;
    this.controls[name]?.accept(this.settings.values[name]);
    this.update([name]);
  }

  update(names) {
    if (names.includes("recording")) this.chooseSound();
    else if (names.includes("seed")) this.drawAgain();
    else this.apply();
  }

  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const { step, recording, truth_shown } = this.settings.values;
    this.differ = this.panel.show(this.picturesAt(step), step, this.nSteps);
    const known = this.own ? undefined : this.truths.get(recording);
    this.panel.showTruth(known, truth_shown, this.truths.size > 0);
    this.truthButton.hidden = this.truths.size === 0;
    this.truthButton.disabled = !known;
    const label = truth_shown && known ? "Hide what it was" : "Show what it was";
    Object.assign(this.truthButton, { textContent: label, title: known ? label : "Not known of this sound" });
    this.truthButton.setAttribute("aria-label", label);
    this.truthButton.setAttribute("aria-pressed", String(truth_shown && Boolean(known)));
    fillFacts(this.facts, formingFacts(this));
  }

  // From noise to the picture, or on from where the fader stands.
  toggleForming() {
    if (this.forming) {
      this.rest();
      return;
    }
    const { step } = this.settings.values;
    this.formButton.textContent = "⏸ Stop";
    this.formButton.setAttribute("aria-pressed", "true");
    this.change({ step: step >= this.nSteps ? 0 : step });
    this.forming = setInterval(() => {
      this.change({ step: Math.min(this.settings.values.step + 1, this.nSteps) });
      if (this.settings.values.step >= this.nSteps) this.rest();
    }, STEP_MS);
  }

  // Stop forming, then do something else.
  rest(then) {
    clearInterval(this.forming);
    this.forming = null;
    this.formButton.textContent = "▶ Form";
    this.formButton.setAttribute("aria-pressed", "false");
    then?.();
  }

  toggle() {
    if (this.player.playing) this.player.stop();
    else this.player.play([this.entered.samples], this.frontEnd.sampleRate, 0);
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
    this.drawAxes();
    this.apply();
  }

  drawAxes() {
    const wide = this.figure.clientWidth;
    this.base.resize(wide, FORMING.height);
    this.scales = new CellScales(wide, this.frontEnd, this.nFrames, FORMING);
    Object.assign(this.cells.canvas.style, {
      left: `${this.scales.left}px`, top: `${this.scales.top}px`,
      width: `${this.scales.width}px`, height: `${this.scales.height}px`,
    });
    drawVerdictBase(this.base, this.theme, this.scales, this.cells.palette,
      { bottom: -this.rangeDb, peak: 0 });
  }

  close() {
    clearTimeout(this.filling);
    this.rest();
    this.microphone.close();
    this.player.close();
    this.settings.close();
  }
}

// What some of the sounds are of, by name: { values: pixels from 0 to 1, about }.
function readTruths(model, shape) {
  const view = model.get("truth");
  const n = sizeOf(shape);
  return new Map(model.get("truths").map(({ name, about }, number) => [name, {
    about, values: Float32Array.from({ length: n }, (_, i) => view.getUint8(number * n + i) / 255),
  }]));
}

function render({ model, el }) {
  return mountFace(el, (root) => new HearAndSeeFace(model, root));
}

export { computeForming as compute };
export default { render };
