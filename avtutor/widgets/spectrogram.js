// SpectrogramExplorer: the face. Everything is computed and painted here, in the page.

const SPECTROGRAM_SETTINGS = [
  "recording", "n_fft", "win_length", "window", "hop_length", "scale", "n_mels", "top_db",
  "range_db",
];
const FIRST_BUDGET = 9; // ms of work before the first paint after a change
const NEXT_BUDGET = 12; // ms of work in each of the following tasks

class SpectrogramFace {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.sounds = readSounds(model);
    this.settings = new Settings(model, SPECTROGRAM_SETTINGS, (name) => this.fromModel(name));
    this.view = { start: 0, span: 1 };
    this.reading = { frame: 0, row: 0, time: 0, hz: 0 };
    this.player = new Player((playing) => this.showPlaying(playing));
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = (event) => this.refine(event.data);
    this.turn = 0;
    this.build();
    this.chooseSound();
  }

  build() {
    this.base = new Sheet("avt-base");
    this.overlay = new Sheet("avt-overlay");
    this.lens = new Sheet("avt-lens-sheet");
    const canvas = element("canvas", { class: "avt-picture", "aria-hidden": "true" });
    this.picture = new Picture(canvas, COLOUR_ANCHORS);
    this.cursor = element("div", { class: "avt-cursor", hidden: "" });
    this.cursor.style.height = `${FIGURE.wave + FIGURE.gap + FIGURE.plot}px`;
    this.readout = element("output", { class: "avt-reading", "aria-live": "polite" });
    this.figure = element("div", {
      class: "avt-figure", tabindex: "0", role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "Spectrogram. Arrow keys move the reading point, space plays from there and "
        + "pauses, plus and minus zoom, page up and page down scroll.",
    }, this.base.canvas, canvas, this.overlay.canvas, this.cursor);
    this.figure.style.height = `${FIGURE.height}px`;
    this.playButton = button("▶ Play", "Play from the reading point, or pause", () => this.toggle());
    this.playButton.classList.add("avt-main");
    this.facts = element("div", { class: "avt-facts", role: "list" });
    const { values } = this.settings;
    this.sound = this.sounds.find(({ name }) => name === values.recording);
    this.recordings = new Choice({
      label: "Recording", value: values.recording,
      choices: this.sounds.map(({ name }) => [name, name]),
      onInput: (value) => this.change("recording", value),
    });
    if (this.sounds.length < 2) this.recordings.node.hidden = true;
    this.controls = spectrogramControls(this, values);
    this.root.append(
      element("div", { class: "avt-top" }, this.recordings.node, this.playButton,
        element("span", { class: "avt-note", text: "levels are as recorded: start quietly" }),
        this.readout),
      this.figure,
      element("div", { class: "avt-lens" }, this.lens.canvas),
      element("div", { class: "avt-controls" }, ...Object.values(this.controls).map((c) => c.node)),
      this.facts,
    );
    listenToFigure(this);
  }

  // A recording was chosen: fit the controls to it and show its beginning.
  chooseSound() {
    this.player.stop();
    this.sound = this.sounds.find(({ name }) => name === this.settings.values.recording);
    const { samples, duration } = this.sound;
    let loudest = 0;
    for (let i = 0; i < samples.length; i++) {
      if (Math.abs(samples[i]) > Math.abs(samples[loudest])) loudest = i;
    }
    this.sound.peak = Math.abs(samples[loudest]);
    this.spans = withStop(SPAN_STOPS.filter((s) => s < duration), duration);
    this.view = { start: 0, span: Math.min(duration, 3) };
    this.controls.span.setStops(this.spans, this.view.span);
    this.fitStart();
    this.reading.time = Math.min(loudest / this.sound.sampleRate, this.view.span * 0.98);
    this.reading.hz = Math.min(1000, this.sound.sampleRate / 8);
    this.fitLengths();
    this.apply(true);
  }

  fitStart() {
    const room = this.sound.duration - this.view.span;
    const steps = Math.min(2000, Math.max(0, Math.ceil((room / this.view.span) * 10 - 1e-9)));
    this.view.start = Math.min(Math.max(this.view.start, 0), Math.max(room, 0));
    this.controls.start.setStops(range(0, steps, 1).map((i) => (steps ? (room * i) / steps : 0)), this.view.start);
    this.controls.start.disable(steps === 0);
  }

  // No transform longer than the sound, no window longer than the transform.
  fitLengths() {
    const { values } = this.settings;
    const longest = Math.max(64, 2 ** Math.floor(Math.log2(this.sound.nSamples)));
    this.controls.n_fft.setStops(N_FFT_STOPS.filter((n) => n <= longest), Math.min(values.n_fft, longest));
    const nFft = this.controls.n_fft.value;
    const stops = withStop(WIN_STOPS, values.win_length || 512).filter((n) => n < nFft);
    const follow = !values.win_length || values.win_length >= nFft;
    this.controls.win_length.setStops([...stops, Infinity], follow ? Infinity : values.win_length);
    this.controls.hop_length.tell();
    this.controls.n_mels.disable(values.scale !== "mel");
  }

  // A control was moved: paint first, then tell the model.
  change(name, value) {
    this.settings.values[name] = value;
    this.update(name);
    this.settings.send(name);
  }

  fromModel(name) {
    const control = name === "recording" ? this.recordings : this.controls[name];
    if (name !== "win_length") control.accept(this.settings.values[name]); // that one by fitLengths()
    this.update(name);
  }

  update(name) {
    if (name === "recording") return this.chooseSound();
    if (["n_fft", "win_length", "scale"].includes(name)) this.fitLengths();
    this.apply(["scale", "n_mels"].includes(name), ["top_db", "range_db"].includes(name));
  }

  // The settings in force, in the words of the front end.
  resolved() {
    const { values } = this.settings;
    const nFft = this.controls.n_fft.value;
    return {
      sampleRate: this.sound.sampleRate, nFft,
      winLength: values.win_length ? Math.min(values.win_length, nFft) : nFft,
      window: values.window, hopLength: values.hop_length,
      nMels: values.scale === "mel" ? values.n_mels : 0,
      topDb: values.top_db, rangeDb: values.range_db,
    };
  }

  // Paint the picture for the settings and the view as they are now.
  apply(axesChanged, onlyColours = false) {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const settings = this.resolved();
    this.scales = new Scales(this.width, this.view, settings);
    this.widths = windowWidths(settings.window, settings.winLength, settings.sampleRate);
    this.picture.table.setRange(settings.topDb, settings.rangeDb);
    if (onlyColours) {
      this.picture.paint();
    } else {
      this.picture.plan(this.sound.samples, settings, this.view);
      this.working = !this.picture.work(FIRST_BUDGET);
      if (this.working) this.workOn();
    }
    if (axesChanged || onlyColours) {
      drawBase(this.base, this.theme, this.scales, this.sound, this.picture.table.palette, settings);
    }
    this.read(this.reading.time, this.reading.hz);
    showFacts(this.facts, this.scales, this.widths, this.picture);
  }

  // The rest of the picture: after the frame that shows the coarse one, then piece by piece.
  workOn() {
    const turn = ++this.turn;
    requestAnimationFrame(() => this.channel.port2.postMessage(turn));
  }

  refine(turn) {
    if (!this.working || turn !== this.turn) return; // the settings have moved on
    this.working = !this.picture.work(NEXT_BUDGET);
    if (this.working) this.channel.port2.postMessage(turn);
  }

  // Move the reading point to the frame and the row nearest to a time and a frequency.
  read(time, hz) {
    const { scales, sound } = this;
    const { hopLength, sampleRate } = scales.settings;
    const last = frameCount(sound.nSamples, hopLength) - 1;
    const frame = Math.min(Math.max(Math.round((time * sampleRate) / hopLength), 0), last);
    const row = scales.row(hz);
    this.reading = { frame, row, time: (frame * hopLength) / sampleRate, hz: scales.rowHz(row) };
    const { front } = this.picture;
    front.pair(sound.samples, frame, frame);
    const level = powerToDb(front.rowsA[row]);
    this.readout.textContent =
      `${this.reading.time.toFixed(3)} s · ${formatHz(this.reading.hz)} · ${formatDb(level)}`;
    drawOverlay(this.overlay, this.theme, scales, this.reading, this.widths);
    drawLens(this.lens, this.theme, sound, scales.settings, frame, this.reading.hz, this.widths, front.powerA);
  }

  moveReading(seconds, rows) {
    const { scales, reading, view, sound } = this;
    const last = scales.settings.nMels ? scales.settings.nMels - 1 : scales.settings.nFft / 2;
    const hz = scales.rowHz(Math.min(Math.max(reading.row + rows, 0), last));
    const time = Math.min(Math.max(reading.time + seconds, 0), sound.duration);
    if (time < view.start) this.scroll(time);
    else if (time > view.start + view.span) this.scroll(time - view.span);
    this.read(time, hz);
  }

  zoom(span) {
    const centre = Math.min(Math.max(this.reading.time, this.view.start), this.view.start + this.view.span);
    const share = (centre - this.view.start) / this.view.span;
    this.view.span = span;
    this.controls.span.set(span);
    this.scroll(centre - share * span);
  }

  zoomBy(steps) {
    const at = this.spans.indexOf(this.view.span) + steps;
    if (at >= 0 && at < this.spans.length) this.zoom(this.spans[at]);
  }

  scroll(start) {
    this.view.start = Math.min(Math.max(start, 0), this.sound.duration - this.view.span);
    this.fitStart();
    this.apply(true);
  }

  toggle() {
    if (this.player.playing) {
      const time = this.player.position();
      this.player.stop();
      this.read(time, this.reading.hz);
    } else this.playFrom(this.reading.time);
  }

  playFrom(time) {
    const start = time >= this.sound.duration - 0.02 ? this.view.start : time;
    this.player.play([this.sound.samples], this.sound.sampleRate, start);
  }

  showPlaying(playing) {
    this.playButton.textContent = playing ? "⏸ Pause" : "▶ Play";
    this.cursor.hidden = !playing;
    if (playing) requestAnimationFrame(() => this.followSound());
  }

  // The moving cursor, and the next page when it leaves the picture.
  followSound() {
    if (!this.player.playing || !this.scales) return;
    const time = this.player.position();
    const end = this.view.start + this.view.span;
    if (time > end && end < this.sound.duration - 1e-6) this.scroll(time);
    else if (time < this.view.start) this.scroll(time);
    const x = Math.min(Math.max(this.scales.x(time), this.scales.left), this.scales.right);
    this.cursor.style.transform = `translateX(${x}px)`;
    requestAnimationFrame(() => this.followSound());
  }

  // The figure has a new width, another screen or another theme.
  resize(width) {
    this.width = width;
    this.theme = readTheme(this.root);
    this.base.resize(width, FIGURE.height);
    this.overlay.resize(width, FIGURE.height);
    this.lens.resize(width, LENS.height);
    const { canvas } = this.picture;
    const plot = Math.max(50, Math.round(width) - FIGURE.left - FIGURE.right);
    this.picture.resize(plot, Math.round(FIGURE.plot * Math.min(2, window.devicePixelRatio || 1)));
    Object.assign(canvas.style, {
      left: `${FIGURE.left}px`, top: `${FIGURE.wave + FIGURE.gap}px`,
      width: `${plot}px`, height: `${FIGURE.plot}px`,
    });
    this.apply(true);
  }

  close() {
    this.working = false;
    this.channel.port1.close();
    this.player.close();
    this.settings.close();
  }
}

function render({ model, el }) {
  return mountFace(el, (root) => new SpectrogramFace(model, root));
}

export { computeSpectrogram as compute };
export default { render };
