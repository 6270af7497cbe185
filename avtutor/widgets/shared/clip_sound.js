// The sound of a clip, heard at an exact time against its pictures.

class ClipSound extends Player {
  // Begin at `from` s on the clock of the pictures. The first sample is heard at `first` s on that
  // clock, which may lie before `from` or after it; playing stops at `end` s.
  start(samples, rate, { from, first, end }) {
    this.stop(false);
    const ready = playable(samples, rate);
    this.open(ready.rate);
    this.buffer = this.context.createBuffer(1, ready.samples.length, ready.rate);
    this.buffer.copyToChannel(ready.samples, 0);
    Object.assign(this, { from, end, begin: this.context.currentTime + 0.05, playing: true });
    this.schedule(first);
    this.onChange(true);
  }

  // From now on the first sample is heard at `first` s; the pictures go on as they were.
  move(first) {
    if (!this.playing) return;
    this.fade();
    this.schedule(first);
  }

  // The audio clock decides when: a source starts at a time of it, to the sample.
  schedule(first) {
    const { context } = this;
    const earliest = Math.max(this.begin, context.currentTime + 0.02);
    const now = this.from + earliest - this.begin; // what is seen at `earliest`
    const wait = Math.max(0, first - now);
    const into = Math.max(0, now - first); // what of the sound is over already
    this.scheduled = { at: earliest + wait, into };
    this.source = null;
    if (into >= this.buffer.duration || now + wait >= this.end) return;
    this.source = context.createBufferSource();
    this.gain = context.createGain();
    this.source.buffer = this.buffer;
    this.gain.gain.setValueAtTime(0, earliest + wait);
    this.gain.gain.linearRampToValueAtTime(1, earliest + wait + 0.002); // no click
    this.source.connect(this.gain).connect(context.destination);
    this.source.start(earliest + wait, into);
  }

  // The time on the clock of the pictures of what is heard now: the clock runs ahead of the
  // loudspeaker by the delay of the output.
  position() {
    if (!this.playing) return this.from;
    const delay = this.context.outputLatency || this.context.baseLatency || 0;
    return this.from + Math.max(0, this.context.currentTime - delay - this.begin);
  }

  fade() {
    if (!this.source) return;
    const now = this.context.currentTime;
    this.gain.gain.cancelScheduledValues(now);
    this.gain.gain.setTargetAtTime(0, now, 0.004);
    this.source.stop(now + 0.03);
    this.source = null;
  }

  stop(tell = true) {
    if (!this.playing) return;
    this.from = Math.min(this.position(), this.end);
    this.playing = false;
    this.fade();
    if (tell) this.onChange(false);
  }
}
