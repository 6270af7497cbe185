// SamplingExplorer: the face. Everything is computed, drawn and played here, in the page.

const SAMPLING_SETTINGS = [
  "source", "frequency", "level_db", "keep_every", "anti_alias", "bits", "dither",
];
const TONE = "a tone";
const TONE_RATE = 48000;
const TONE_SECONDS = 3;
const TONE_START = 4096; // a place where the filter sees the tone on both sides
const DITHER_SEED = 1;
const EVERY_STOPS = [48, 32, 24, 20, 16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1]; // the rate grows
const FREQUENCY_STOPS = [...range(50, 1000, 25), ...range(1050, 23950, 50)];
const BITS_STOPS = [...range(1, 16, 1), Infinity];
const SHOWN_STOPS = [1, 2, 3, 5, 8, 12, 20, 40, 80];

class SamplingFace {
  constructor(model, root) {
    this.root = root;
    this.sounds = readSounds(model);
    this.settings = new Settings(model, SAMPLING_SETTINGS, (name) => this.fromModel(name));
    this.sampled = new Sampled();
    this.tone = new Float64Array(0);
    this.start = 0;
    this.shown = 5;
    this.pointed = this.settings.values.frequency;
    this.active = 0;
    this.player = new Player((playing) => this.showPlaying(playing));
    this.build();
    this.chooseSource();
  }

  build() {
    this.sheet = new Sheet("avt-base");
    this.overlay = new Sheet("avt-overlay");
    this.readout = element("output", { class: "avt-reading", "aria-live": "polite" });
    this.figure = element("div", {
      class: "avt-figure", tabindex: "0", role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "A sound before and after sampling. Arrow keys move along the frequency axis, "
        + "space plays and pauses.",
    }, this.sheet.canvas, this.overlay.canvas);
    this.figure.style.height = `${SAMPLED.height}px`;
    this.buttons = ["Before", "After"].map((name, i) => {
      const node = button(`▶ ${name}`, `Play ${name.toLowerCase()}`, () => this.toggle(i));
      node.classList.add("avt-main");
      return node;
    });
    this.facts = element("div", { class: "avt-facts", role: "list" });
    this.sources = new Choice({
      label: "Sound", value: this.settings.values.source,
      choices: [TONE, ...this.sounds.map(({ name }) => name)].map((name) => [name, name]),
      onInput: (value) => this.change("source", value),
    });
    this.sources.node.hidden = this.sounds.length === 0;
    this.makeControls(this.settings.values);
    this.root.append(
      element("div", { class: "avt-top" }, this.sources.node, ...this.buttons,
        element("span", { class: "avt-note", text: "levels are true: start quietly" }),
        this.readout),
      this.figure,
      element("div", { class: "avt-controls avt-pairs" }, ...Object.values(this.controls).map((c) => c.node)),
      this.facts,
    );
    this.listen();
  }

  makeControls(values) {
    this.source = { sampleRate: TONE_RATE };
    const slider = (name, label, stops, format, hint) => new StopSlider({
      label, stops, value: values[name], format, hint, onInput: (value) => this.change(name, value),
    });
    this.controls = {
      frequency: slider("frequency", "frequency", withStop(FREQUENCY_STOPS, values.frequency), formatHz, "Of the tone"),
      level_db: slider("level_db", "level", range(-96, 0, 1), (db) => `${minus(String(db))} dB`, "Peak of the tone, against full scale"),
      keep_every: slider("keep_every", "sampling rate", EVERY_STOPS,
        (every) => `${formatHz(this.source.sampleRate / every)} (÷ ${every})`,
        "One sample is kept out of so many"),
      anti_alias: new Switch({
        label: "anti-alias filter", value: values.anti_alias, hint: "Take out what the new rate cannot hold, before sampling",
        onInput: (value) => this.change("anti_alias", value),
      }),
      bits: new StopSlider({
        label: "bits", stops: BITS_STOPS, value: values.bits || Infinity,
        format: (bits) => (bits === Infinity ? "not rounded" : `${bits} (${2 ** bits} levels)`),
        hint: "How finely each sample is rounded",
        onInput: (bits) => this.change("bits", bits === Infinity ? 0 : bits),
      }),
      dither: new Switch({
        label: "dither (TPDF)", value: values.dither, hint: "Noise of up to one step, added before rounding",
        onInput: (value) => this.change("dither", value),
      }),
      shown: new StopSlider({
        label: "show", stops: SHOWN_STOPS, value: this.shown, format: (ms) => `${ms} ms`,
        hint: "How much time the upper panel shows",
        onInput: (value) => { this.shown = value; this.draw(); },
      }),
      start: new StopSlider({
        label: "from", stops: [0], value: 0, format: (t) => `${t.toFixed(2)} s`, hint: "Where to look and to listen",
        onInput: (value) => { this.start = value; this.apply(); },
      }),
    };
  }

  chooseSource() {
    this.player.stop();
    const { source } = this.settings.values;
    const tone = source === TONE;
    this.recording = tone ? null : this.sounds.find(({ name }) => name === source);
    this.source = tone ? { sampleRate: TONE_RATE } : this.recording;
    this.controls.frequency.disable(!tone);
    this.controls.level_db.disable(!tone);
    const latest = tone ? 0 : Math.max(0, this.recording.duration - REGION / this.recording.sampleRate);
    const steps = Math.min(400, Math.ceil(latest / 0.05));
    this.controls.start.setStops(range(0, steps, 1).map((i) => (steps ? (latest * i) / steps : 0)), 0);
    this.controls.start.disable(steps === 0);
    this.start = tone ? 0 : loudestTime(this.recording, latest);
    this.controls.start.set(this.start);
    this.start = this.controls.start.value;
    this.controls.keep_every.tell();
    this.apply();
  }

  change(name, value) {
    this.settings.values[name] = value;
    this.update(name);
    this.settings.send(name);
  }

  fromModel(name) {
    const value = this.settings.values[name];
    const control = name === "source" ? this.sources : this.controls[name];
    control.accept(name === "bits" ? value || Infinity : value);
    this.update(name);
  }

  update(name) {
    if (name === "source") return this.chooseSource();
    this.apply();
    if (!this.player.playing) return;
    clearTimeout(this.replay); // the sound follows the slider, when it rests
    this.replay = setTimeout(() => this.player.playing && this.play(this.player.position()), 120);
  }

  resolved() {
    const { values } = this.settings;
    const start = this.recording ? Math.round(this.start * this.source.sampleRate) : TONE_START;
    return {
      every: values.keep_every, antiAlias: values.anti_alias, bits: values.bits,
      dither: values.dither, seed: DITHER_SEED, start,
    };
  }

  // The samples at hand: those of the recording, or as much of the tone as is looked at.
  samplesNow(count = TONE_START + REGION + TONE_START) {
    if (this.recording) return this.recording.samples;
    const { frequency, level_db } = this.settings.values;
    return toneOf(frequency, 10 ** (level_db / 20), TONE_RATE, count);
  }

  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    this.samples = this.samplesNow();
    this.sampled.compute(this.samples, this.resolved());
    this.draw();
  }

  draw() {
    const settings = this.resolved();
    const { sampleRate } = this.source;
    this.scales = new SampledScales(this.width, sampleRate, settings.every);
    const context = this.sheet.begin(this.theme);
    const source = { samples: this.samples, sampleRate };
    drawTimePanel(context, this.theme, this.scales, source, this.sampled, settings, this.shown);
    drawSpectra(context, this.theme, this.scales, this.sampled, this.toneMark());
    this.point(this.pointed);
    fillFacts(this.facts, samplingFacts(this));
  }

  toneMark() {
    if (this.recording) return null;
    const { frequency, keep_every, anti_alias } = this.settings.values;
    const alias = aliasOf(frequency, TONE_RATE / keep_every);
    return { hz: frequency, alias, removed: anti_alias && frequency > this.scales.newHalf };
  }

  // Read both spectra at a frequency.
  point(hz) {
    const { scales, sampled } = this;
    this.pointed = Math.min(Math.max(hz, 0), scales.half);
    const bin = Math.round((this.pointed / scales.half) * (SPECTRUM_FFT / 2));
    const centre = (bin / (SPECTRUM_FFT / 2)) * scales.half;
    const after = centre <= scales.newHalf ? `${formatDb(sampled.after[bin])} after`
      : `falls on ${formatHz(aliasOf(centre, 2 * scales.newHalf))}`;
    const text = `${formatHz(centre)} · ${formatDb(sampled.before[bin])} before · ${after}`;
    this.readout.textContent = text;
    const context = this.overlay.begin(this.theme);
    const x = Math.round(scales.x(centre)) + 0.5;
    context.strokeStyle = this.theme.text;
    context.setLineDash([2, 3]);
    context.strokeRect(x, SAMPLED.beforeTop, 0, SAMPLED.spectrum);
    context.strokeRect(x, SAMPLED.afterTop, 0, SAMPLED.spectrum);
    context.setLineDash([]);
  }

  listen() {
    this.figure.addEventListener("pointermove", (event) => {
      if (this.scales) this.point(this.scales.hz(event.clientX - this.figure.getBoundingClientRect().left));
    });
    this.figure.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = (this.scales.half / this.scales.width) * (event.shiftKey ? 10 : 1);
      const actions = {
        ArrowRight: () => this.point(this.pointed + step),
        ArrowLeft: () => this.point(this.pointed - step),
        " ": () => this.toggle(this.active),
      };
      if (!actions[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      actions[event.key]();
    });
  }

  // Before or After: play it, switch to it while the other plays, or pause.
  toggle(which) {
    if (this.player.playing && this.active === which) return this.player.stop();
    this.active = which;
    if (this.player.playing) {
      this.player.choose(which);
      this.showPlaying(true);
    } else this.play(this.recording ? this.start : 0);
  }

  play(from) {
    const whole = this.samplesNow(TONE_RATE * TONE_SECONDS);
    const { sampleRate } = this.source;
    const start = from < whole.length / sampleRate - 0.02 ? from : 0;
    const after = heardAfter(whole, this.resolved());
    this.player.play([whole, after], sampleRate, start, this.active);
  }

  showPlaying(playing) {
    ["Before", "After"].forEach((name, i) => {
      const on = playing && this.active === i;
      this.buttons[i].textContent = `${on ? "⏸" : "▶"} ${name}`;
      this.buttons[i].setAttribute("aria-pressed", String(on));
    });
  }

  resize(width) {
    this.width = width;
    this.theme = readTheme(this.root);
    this.sheet.resize(width, SAMPLED.height);
    this.overlay.resize(width, SAMPLED.height);
    this.apply();
  }

  close() {
    clearTimeout(this.replay);
    this.player.close();
    this.settings.close();
  }
}

function render({ model, el }) {
  return mountFace(el, (root) => new SamplingFace(model, root));
}

export { computeSampling as compute };
export default { render };
