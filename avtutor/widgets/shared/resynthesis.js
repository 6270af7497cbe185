// Back from a picture to a sound: with the sound's own phase where a picture only lost cells, and
// with one that is made up where it shows what the sound never had.

const GRIFFIN_LIM_ROUNDS = 32;
const GRIFFIN_LIM_MOMENTUM = 0.99;
const UNMEL_ROUNDS = 30;
const PHASE_SEED = 1;
const LEAST_OVERLAP = 1e-11; // of the squared windows, as in avtutor.spectral.istft

// The transform of a whole sound, both ways. Spectra are [frame, bin], real and imaginary part.
class ShortTimeFourier {
  // settings as for FrontEnd; the sound has `nSamples`
  constructor(settings, nSamples) {
    this.front = new FrontEnd().configure({ ...settings, nMels: 0 });
    this.nSamples = nSamples;
    this.nFrames = frameCount(nSamples, settings.hopLength);
    this.nBins = this.front.nBins;
    this.real = new Float64Array(this.nFrames * this.nBins);
    this.imaginary = new Float64Array(this.nFrames * this.nBins);
    this.overlap = new Float64Array(nSamples);
    this.addUp(this.overlap, (i, _, taper) => taper * taper);
    this.invertible = this.overlap.every((sum) => sum >= LEAST_OVERLAP);
  }

  // Call add(index in the frame, frame, window there) for every sample that a frame reaches.
  addUp(out, add) {
    const { taper, left, winLength, nFft, hopLength } = this.front;
    out.fill(0);
    for (let frame = 0; frame < this.nFrames; frame++) {
      const start = frame * hopLength - (nFft >> 1) + left;
      for (let i = Math.max(0, -start); i < Math.min(winLength, out.length - start); i++) {
        out[start + i] += add(left + i, frame, taper[i]);
      }
    }
  }

  forward(samples) {
    const { front, real, imaginary, nBins, nFrames } = this;
    const { fft, nFft } = front;
    for (let frame = 0; frame < nFrames; frame += 2) { // two real frames in one complex transform
      const second = Math.min(frame + 1, nFrames - 1);
      if (front.winLength < nFft) fft.data.fill(0);
      front.gather(samples, frame, 0);
      front.gather(samples, second, 1);
      fft.transform();
      const z = fft.data;
      const [a, b] = [frame * nBins, second * nBins];
      for (let k = 0; k < nBins; k++) {
        const i = 2 * k, j = 2 * ((nFft - k) % nFft);
        const [realB, imaginaryB] = [0.5 * (z[i + 1] + z[j + 1]), 0.5 * (z[j] - z[i])];
        real[a + k] = 0.5 * (z[i] + z[j]);
        imaginary[a + k] = 0.5 * (z[i + 1] - z[j + 1]);
        if (second === frame) continue;
        real[b + k] = realB;
        imaginary[b + k] = imaginaryB;
      }
    }
    return this;
  }

  // The sound whose transform comes nearest to the spectra that are here now.
  inverse() {
    const { front, real, imaginary, nBins, nFrames, overlap } = this;
    const { fft, nFft } = front;
    const frames = new Float64Array(nFrames * nFft);
    for (let frame = 0; frame < nFrames; frame += 2) {
      const pair = frame + 1 < nFrames ? 1 : 0;
      const [a, b] = [frame * nBins, (frame + pair) * nBins];
      const z = fft.data;
      for (let k = 0; k < nBins; k++) { // the conjugate of A + iB: its transform gives both frames
        const edge = k === 0 || k === nFft / 2;
        const [ar, ai] = [real[a + k], edge ? 0 : imaginary[a + k]];
        const [br, bi] = [pair * real[b + k], edge ? 0 : pair * imaginary[b + k]];
        z[2 * k] = ar - bi;
        z[2 * k + 1] = -(ai + br);
        if (edge) continue;
        const mirror = 2 * (nFft - k);
        z[mirror] = ar + bi;
        z[mirror + 1] = ai - br;
      }
      fft.transform();
      const sound = fft.data;
      for (let i = 0; i < nFft; i++) {
        frames[frame * nFft + i] = sound[2 * i] / nFft;
        if (pair) frames[(frame + 1) * nFft + i] = -sound[2 * i + 1] / nFft;
      }
    }
    const out = new Float64Array(this.nSamples);
    this.addUp(out, (i, frame, taper) => frames[frame * nFft + i] * taper);
    for (let i = 0; i < out.length; i++) out[i] /= overlap[i];
    return out;
  }
}

// The samples backwards, so that frame k becomes frame (last - k) exactly, and moved by frames.
function movedSamples(samples, { hopLength }, { flip_time, shift_frames }) {
  const last = (frameCount(samples.length, hopLength) - 1) * hopLength;
  return samples.map((_, i) => {
    const at = i - shift_frames * hopLength;
    return (at >= 0 && at < samples.length ? samples[flip_time ? last - at : at] : 0) ?? 0;
  });
}

// A value for each mel band as a value for each bin: the mean of the bands that the bin is in,
// weighted as the bank weights it; outside of all bands that of the nearest.
function bandsToBins(bank, values, out) {
  const sums = new Float64Array(out.length);
  out.fill(0);
  for (let m = 0; m < values.length; m++) {
    for (let i = bank.offset[m], k = bank.first[m]; i < bank.offset[m + 1]; i++, k++) {
      out[k] += bank.weights[i] * values[m];
      sums[k] += bank.weights[i];
    }
  }
  const used = sums.findIndex((sum) => sum > 0);
  const end = sums.findLastIndex((sum) => sum > 0);
  for (let k = 0; k < out.length; k++) {
    if (sums[k] > 0) out[k] /= sums[k];
    else if (k < used) out[k] = values[0];
    else if (k > end) out[k] = values[values.length - 1];
  }
}

// Turn every cell that was silenced down to the noise floor, and leave the phase as it is.
function silence(samples, settings, picture, silenced) {
  const { nRows, nFrames, floor, reference } = picture;
  const transform = new ShortTimeFourier(settings, samples.length).forward(samples);
  const bank = melBank(settings.nMels, settings.nFft, settings.sampleRate, settings.fMin, settings.fMax);
  const { nBins, real, imaginary } = transform;
  const power = new Float64Array(nBins), bands = new Float64Array(nRows);
  const gains = new Float64Array(nRows), perBin = new Float64Array(nBins);
  for (let x = 0; x < nFrames; x++) {
    const first = x * nBins;
    for (let k = 0; k < nBins; k++) power[k] = real[first + k] ** 2 + imaginary[first + k] ** 2;
    applyMelBank(bank, power, bands);
    for (let m = 0; m < nRows; m++) {
      const down = floor + reference - powerToDb(bands[m]);
      gains[m] = silenced[m * nFrames + x] ? Math.min(1, 10 ** (down / 20)) : 1;
    }
    bandsToBins(bank, gains, perBin);
    for (let k = 0; k < nBins; k++) {
      real[first + k] *= perBin[k];
      imaginary[first + k] *= perBin[k];
    }
  }
  return transform.inverse();
}

// Powers of the bins, none negative, whose mel bands come near to `bands`, [bin].
// Source: Richardson 1972 and Lucy 1974 (the multiplicative rule for the Kullback-Leibler distance).
function unmel(bank, bands, out) {
  const within = new Float64Array(bands.length), ratio = new Float64Array(bands.length);
  const step = new Float64Array(out.length);
  out.fill(1);
  applyMelBank(bank, out, within);
  bandsToBins(bank, bands.map((power, m) => power / Math.max(within[m], 1e-12)), out);
  for (let round = 0; round < UNMEL_ROUNDS; round++) {
    applyMelBank(bank, out, within);
    for (let m = 0; m < bands.length; m++) ratio[m] = bands[m] / Math.max(within[m], 1e-30);
    bandsToBins(bank, ratio, step);
    for (let k = 0; k < out.length; k++) out[k] *= step[k];
  }
}

// A sound for a mel picture that has no phase: one is drawn, and mended round by round.
// Source: Griffin and Lim 1984; momentum: Perraudin, Balazs and Sondergaard 2013.
function griffinLim(levels, settings, picture, nSamples, rounds = GRIFFIN_LIM_ROUNDS) {
  const { nRows, nFrames, reference } = picture;
  const transform = new ShortTimeFourier(settings, nSamples);
  const { nBins, real, imaginary } = transform;
  const bank = melBank(settings.nMels, settings.nFft, settings.sampleRate, settings.fMin, settings.fMax);
  const magnitude = new Float64Array(nFrames * nBins);
  const bands = new Float64Array(nRows);
  for (let x = 0; x < nFrames; x++) {
    for (let m = 0; m < nRows; m++) bands[m] = 10 ** ((levels[m * nFrames + x] + reference) / 10);
    const bins = magnitude.subarray(x * nBins, (x + 1) * nBins);
    unmel(bank, bands, bins);
    for (let k = 0; k < nBins; k++) bins[k] = Math.sqrt(bins[k]);
  }
  const lastReal = new Float64Array(magnitude.length), lastImaginary = new Float64Array(magnitude.length);
  for (let i = 0; i < magnitude.length; i++) {
    const angle = 2 * Math.PI * randomAt(PHASE_SEED, i);
    real[i] = magnitude[i] * Math.cos(angle);
    imaginary[i] = magnitude[i] * Math.sin(angle);
  }
  const lean = GRIFFIN_LIM_MOMENTUM / (1 + GRIFFIN_LIM_MOMENTUM);
  for (let round = 0; round < rounds; round++) {
    transform.forward(transform.inverse());
    for (let i = 0; i < magnitude.length; i++) {
      const r = real[i] - lean * lastReal[i], j = imaginary[i] - lean * lastImaginary[i];
      [lastReal[i], lastImaginary[i]] = [real[i], imaginary[i]];
      const scale = magnitude[i] / Math.max(Math.hypot(r, j), 1e-16);
      real[i] = r * scale;
      imaginary[i] = j * scale;
    }
  }
  return transform.inverse();
}

// Whether the altered picture still belongs to the sound's own phase.
function keepsPhase({ flip_frequency, shift_bands, strokes }) {
  return !flip_frequency && shift_bands === 0 && !strokes.cells.includes(PAINTED);
}

// The altered picture as a sound; one without its own phase is made no louder than the recording.
function alteredSound(samples, settings, picture, alterations, levels, silenced) {
  if (keepsPhase(alterations)) {
    const moved = movedSamples(samples, settings, alterations);
    return silenced.includes(1) ? silence(moved, settings, picture, silenced) : moved;
  }
  const sound = griffinLim(levels, settings, picture, samples.length);
  const peakOf = (values) => values.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
  const gain = Math.min(1, peakOf(samples) / Math.max(peakOf(sound), 1e-12));
  return sound.map((value) => value * gain);
}
