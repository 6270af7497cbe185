// Playing sound: one audio context a player, at the rate of the sound where browsers must offer
// it (8 to 96 kHz), so that its own converter does the resampling. Levels are never changed.

class Player {
  // onChange(playing) is called when playing starts or stops.
  constructor(onChange) {
    this.onChange = onChange;
    this.context = null;
    this.playing = false;
    this.from = 0;
  }

  // Play `tracks` (samples at `rate` Hz, all of one length) from `start` s; only `active` is heard.
  play(tracks, rate, start, active = 0) {
    this.stop(false);
    const ready = tracks.map((samples) => playable(samples, rate));
    this.open(ready[0].rate);
    const begin = this.context.currentTime + 0.02;
    this.gains = ready.map(({ samples, rate: playedRate }, i) => {
      const buffer = this.context.createBuffer(1, samples.length, playedRate);
      buffer.copyToChannel(samples, 0);
      const source = this.context.createBufferSource();
      const gain = this.context.createGain();
      source.buffer = buffer;
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(i === active ? 1 : 0, begin + 0.005); // no click
      source.connect(gain).connect(this.context.destination);
      source.start(begin, start);
      if (i === 0) source.onended = () => { if (source === this.sources?.[0]) this.stop(); };
      return { source, gain: gain.gain };
    });
    this.sources = this.gains.map(({ source }) => source);
    [this.from, this.begin, this.playing] = [start, begin, true];
    this.onChange(true);
  }

  open(rate) {
    if (this.context && this.context.sampleRate === rate && this.context.state !== "closed") {
      this.context.resume();
      return;
    }
    this.context?.close();
    try {
      this.context = new AudioContext({ sampleRate: rate });
    } catch (error) {
      if (error.name !== "NotSupportedError") throw error;
      this.context = new AudioContext(); // the browser converts
    }
    this.context.resume();
  }

  // Hear another of the tracks, at the same place in time.
  choose(active) {
    if (!this.playing) return;
    const now = this.context.currentTime;
    this.gains.forEach(({ gain }, i) => gain.setTargetAtTime(i === active ? 1 : 0, now, 0.004));
  }

  // The place that is heard now, in seconds.
  position() {
    if (!this.playing) return this.from;
    return this.from + Math.max(0, this.context.currentTime - this.begin);
  }

  stop(tell = true) {
    if (!this.playing) return;
    this.from = this.position();
    this.playing = false;
    const sources = this.sources;
    this.sources = null;
    const now = this.context.currentTime;
    this.gains.forEach(({ gain }) => gain.setTargetAtTime(0, now, 0.004));
    sources.forEach((source) => source.stop(now + 0.03));
    if (tell) this.onChange(false);
  }

  close() {
    this.stop(false);
    this.context?.close();
    this.context = null;
  }
}

// The sound at a rate that every browser plays: below 8 kHz with whole multiples of its samples,
// above 96 kHz with one in two or more.
function playable(samples, rate) {
  if (rate < 8000) {
    const times = Math.ceil(8000 / rate);
    const more = interpolate(samples, times, 0, samples.length * times);
    return { samples: Float32Array.from(more), rate: rate * times };
  }
  if (rate > 96000) {
    const every = Math.ceil(rate / 96000);
    const fewer = keepOneIn(samples, every, true, 0, Math.ceil(samples.length / every));
    return { samples: Float32Array.from(fewer), rate: rate / every };
  }
  return { samples: Float32Array.from(samples), rate };
}

// Move the cursor of a face with its player over its figure, as long as the sound plays.
function followSound(face) {
  const { player, scales, cursor } = face;
  if (!player.playing || !scales) return;
  const x = Math.max(scales.left, Math.min(scales.x(player.position()), scales.right));
  cursor.style.transform = `translateX(${x}px)`;
  requestAnimationFrame(() => followSound(face));
}
