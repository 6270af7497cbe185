// ClipPlayer: the face. Pictures follow the audio clock; the slider moves the sound against them.

const CLIP_SETTINGS = ["clip", "offset_ms", "frame"];
const AIR = 343; // metres a second
const TRUSTED = 0.5; // the least confidence

class ClipFace {
  constructor(model, root) {
    this.root = root;
    this.sounds = readSounds(model);
    this.clips = model.get("clips");
    this.curvesBlock = model.get("curves");
    this.sheetBlock = model.get("sheet");
    this.settings = new Settings(model, CLIP_SETTINGS, (name) => this.fromModel(name));
    this.player = new ClipSound((playing) => this.showPlaying(playing));
    this.build();
    this.chooseClip();
  }

  build() {
    const { values } = this.settings;
    this.picture = element("canvas", { class: "avt-picture avt-frame", role: "img" });
    this.pictureContext = this.picture.getContext("2d", { alpha: false, willReadFrequently: true });
    this.base = new Sheet("avt-base");
    this.overlay = new Sheet("avt-overlay");
    this.figure = element("div", {
      class: "avt-figure", tabindex: "0", role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "Motion and sound over time, and their match at each shift. Left and right "
        + "arrow show the picture before and after, Home and End the first and the last, plus and "
        + "minus shift the sound, space plays and pauses.",
    }, this.base.canvas, this.overlay.canvas);
    this.figure.style.height = `${CLIP.height}px`;
    this.readout = element("output", { class: "avt-reading avt-wrap", "aria-live": "polite" });
    this.playButton = button("▶ Play", "Play, or pause", () => this.toggle());
    this.playButton.classList.add("avt-main");
    this.clipChoice = new Choice({
      label: "Clip", value: values.clip, choices: this.clips.map(({ name }) => [name, name]),
      onInput: (value) => this.change("clip", value),
    });
    this.clipChoice.node.hidden = this.clips.length < 2;
    this.offset = new StopSlider({
      label: "shift of the sound", stops: SHIFT_STOPS, value: values.offset_ms, format: wordsOfShift,
      hint: "Minus: the sound is heard earlier. Plus: later",
      onInput: (value) => this.change("offset_ms", value),
    });
    this.loop = new Switch({ label: "repeat", value: true, hint: "Begin again at the end", onInput: () => {} });
    this.facts = element("div", { class: "avt-facts avt-three", role: "list" });
    const step = (by, text, label) => button(text, label, () => this.show(this.shown + by));
    this.root.append(
      element("div", { class: "avt-top" }, this.clipChoice.node, this.playButton,
        step(-1, "◀ frame", "Show the picture before"), step(1, "frame ▶", "Show the next picture"),
        this.loop.node, this.readout),
      element("div", { class: "avt-clip" },
        element("div", { class: "avt-screen" }, this.picture), this.figure),
      element("div", { class: "avt-controls avt-one" }, this.offset.node),
      this.facts,
    );
    this.listen();
  }

  chooseClip() {
    this.player.stop();
    this.frames?.close();
    const place = Math.max(0, this.clips.findIndex(({ name }) => name === this.settings.values.clip));
    const entry = this.clips[place];
    this.sound = this.sounds[place];
    this.frames = new ClipFrames(entry, this.sheetBlock, () => this.show(this.shown, false));
    this.shown = Math.min(this.settings.values.frame, this.frames.count - 1);
    this.curves = readCurves(this.curvesBlock, entry.curves);
    this.aligned = alignCurves(this.curves.picture, this.curves.sound);
    this.picture.width = entry.width;
    this.picture.height = entry.height;
    this.picture.style.imageRendering = entry.height < 80 ? "pixelated" : "auto";
    this.apply();
  }

  // A control was moved: show first, then tell the model.
  change(name, value) {
    this.settings.values[name] = value;
    this.update(name);
    this.settings.send(name);
  }

  fromModel(name) {
    const value = this.settings.values[name];
    if (name === "clip") this.clipChoice.accept(value);
    if (name === "offset_ms") this.offset.accept(value);
    this.update(name);
  }

  update(name) {
    if (name === "clip") return this.chooseClip();
    if (name === "frame") return this.show(this.settings.values.frame, false);
    this.apply();
    if (!this.player.playing) return;
    clearTimeout(this.timer); // the sound follows the slider, when it rests
    this.timer = setTimeout(() => this.player.move(this.soundAt()), 80);
  }

  // When the first sample is heard, on the clock of the pictures.
  soundAt() {
    return this.frames.soundStart + this.settings.values.offset_ms / 1000;
  }

  // The shift, the width, the theme or the clip has changed.
  apply() {
    if (!this.width) return; // not on the page yet: the resize observer calls again
    const { offset_ms } = this.settings.values;
    const lowest = Math.min(...this.aligned.match);
    this.scales = new ClipScales(this.figure.clientWidth, this.frames, lowest);
    const context = this.base.begin(this.theme);
    drawClipCurves(context, this.theme, this.scales, this.curves, offset_ms);
    drawMatch(context, this.theme, this.scales, this.aligned, offset_ms);
    fillFacts(this.facts, clipFacts(this));
    this.show(this.shown, false);
  }

  // Show one picture. `chosen`: by hand, and so playing stops and the model is told.
  show(frame, chosen = true) {
    const { frames, settings } = this;
    const k = Math.min(Math.max(frame, 0), frames.count - 1);
    if (chosen) {
      this.player.stop();
      settings.values.frame = k;
      settings.send("frame");
    }
    frames.draw(this.pictureContext, k);
    this.shown = k;
    if (!this.scales) return;
    drawShown(this.overlay, this.theme, this.scales, frames.times[k], frames.ends[k]);
    const heard = frames.times[k] - settings.values.offset_ms / 1000;
    const text = `frame ${k} of 0 to ${frames.count - 1} · seen ${frames.times[k].toFixed(3)} s`
      + ` · heard ${minus(heard.toFixed(3))} s`;
    if (!this.player.playing) this.picture.setAttribute("aria-label", text);
    this.readout.setAttribute("aria-live", this.player.playing ? "off" : "polite");
    this.readout.textContent = text;
  }

  toggle() {
    if (this.player.playing) this.player.stop();
    else this.play(this.shown >= this.frames.count - 1 ? this.frames.start : this.frames.times[this.shown]);
  }

  play(from) {
    const { samples, sampleRate } = this.sound;
    this.player.start(samples, sampleRate, { from, first: this.soundAt(), end: this.frames.end });
  }

  showPlaying(playing) {
    this.playButton.textContent = playing ? "⏸ Pause" : "▶ Play";
    this.playButton.setAttribute("aria-pressed", String(playing));
    if (playing) this.keepFollowing();
    else if (this.shown !== undefined) {
      this.settings.values.frame = this.shown;
      this.settings.send("frame");
      this.show(this.shown, false);
    }
  }

  // The picture that belongs to what the audio clock says, at every frame of the screen.
  follow() {
    this.following = 0;
    if (!this.player.playing) return;
    if (this.player.position() >= this.frames.end) {
      if (!this.loop.input.checked) {
        this.show(this.frames.count - 1, false); // a slow screen may have passed over it
        return this.player.stop();
      }
      this.play(this.frames.start);
    }
    const k = this.frames.at(this.player.position());
    if (k !== this.shown) this.show(k, false);
    this.keepFollowing();
  }

  keepFollowing() {
    this.following ||= requestAnimationFrame(() => this.follow());
  }

  listen() {
    const { figure } = this;
    const place = (event) => {
      const box = figure.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    let dragged = false;
    const point = (event) => {
      const [x, y] = place(event);
      if (!this.scales || x < this.scales.left - 8 || x > this.scales.right + 8) return;
      if (y < CLIP.matchTop - CLIP.title) {
        this.show(this.frames.at(this.scales.time(x)));
      } else {
        const shift = this.scales.shift(x);
        if (shift === this.settings.values.offset_ms) return;
        this.offset.set(shift);
        this.change("offset_ms", shift);
      }
    };
    figure.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      figure.setPointerCapture(event.pointerId);
      dragged = true;
      point(event);
    });
    figure.addEventListener("pointermove", (event) => dragged && point(event));
    for (const end of ["pointerup", "pointercancel"]) figure.addEventListener(end, () => { dragged = false; });
    figure.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== figure) return;
      const by = event.shiftKey ? 5 : 1;
      const shift = (steps) => {
        this.offset.set(this.settings.values.offset_ms + steps * SHIFT_STEP);
        this.change("offset_ms", this.offset.value);
      };
      const actions = {
        ArrowRight: () => this.show(this.shown + by),
        ArrowLeft: () => this.show(this.shown - by),
        Home: () => this.show(0),
        End: () => this.show(Infinity),
        "+": () => shift(1),
        "-": () => shift(-1),
        " ": () => this.toggle(),
      };
      if (!actions[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      actions[event.key]();
    });
  }

  resize(width) {
    this.width = width;
    this.theme = readTheme(this.root);
    const room = this.figure.clientWidth;
    this.base.resize(room, CLIP.height);
    this.overlay.resize(room, CLIP.height);
    this.apply();
  }

  close() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.following);
    this.player.close();
    this.frames.close();
    this.settings.close();
  }
}

function wordsOfShift(ms) {
  return ms === 0 ? "0 ms: as it is in the clip" : `${formatShift(ms)}: ${ms > 0 ? "later" : "earlier"}`;
}

function wordsOfLate(ms) {
  if (Math.abs(ms) < 10) return "now in step, as far as the curves tell";
  if (ms < 0) return `now ${-ms} ms early: before its cause, which nature never does`;
  return `now ${ms} ms late: as seen from ${((ms / 1000) * AIR).toFixed(0)} m away`;
}

function clipFacts({ frames, sound, aligned, settings }) {
  const shift = settings.values.offset_ms;
  const rate = (frames.count - 1) / (frames.times[frames.count - 1] - frames.times[0]);
  const here = minus(matchAt(aligned, shift).toFixed(2));
  const { best } = aligned;
  const rounded = best === null ? 0 : Math.round(best);
  const trusted = frames.confidence >= TRUSTED;
  const own = best === null ? "nothing moves, or nothing sounds"
    : !trusted ? "that is low: this may be chance"
      : rounded === 0 ? "the clip is in step as it is"
        : `in the clip the sound is ${Math.abs(rounded)} ms ${rounded < 0 ? "late" : "early"}: offset ${formatShift(-rounded)}`;
  return [
    ["The two clocks", `${frames.count} frames, ${rate.toFixed(2)} a second`,
      `sound: ${sound.nSamples} samples at ${formatHz(sound.sampleRate)}, from ${minus(frames.soundStart.toFixed(3))} s`],
    ["Shift of the sound", `${formatShift(shift)}, ${minus(((shift / 1000) * rate).toFixed(1))} frames; match ${here}`,
      trusted && best !== null ? wordsOfLate(shift - rounded) : shift === 0 ? "as in the clip" : ""],
    ["Best match", best === null ? "none" : `at ${formatShift(rounded)}; confidence ${frames.confidence.toFixed(2)}`,
      own, best !== null && !trusted],
  ];
}

function render({ model, el }) {
  return mountFace(el, (root) => new ClipFace(model, root));
}

export { alignCurves as compute };
export default { render };
