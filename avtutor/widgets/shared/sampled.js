// A sound before and after sampling and rounding, and the spectra of both.

const SPECTRUM_FFT = 4096;
const SPECTRUM_HOP = SPECTRUM_FFT / 2;
const SPECTRUM_SEGMENTS = 8;
const REGION = SPECTRUM_FFT + (SPECTRUM_SEGMENTS - 1) * SPECTRUM_HOP; // samples looked at
const SPECTRUM_FLOOR = 1e-14; // -140 dB
const FULL_SINE = (SPECTRUM_FFT / 4) ** 2; // the power of a full-scale sine under a Hann window

class Sampled {
  constructor() {
    this.before = new Float64Array(SPECTRUM_FFT / 2 + 1); // dB of a full-scale sine
    this.after = new Float64Array(SPECTRUM_FFT / 2 + 1);
    this.afterAtRate = new Float64Array(REGION); // zeros where no sample was kept
  }

  // settings: { every, antiAlias, bits, dither, seed, start }. `start` is where the region begins,
  // in samples. Both spectra are means over the region, taken at the first rate: the kept samples
  // stand where they were, with zeros between, so that above half of the new rate the copies show
  // that a converter's output filter takes away.
  compute(samples, settings) {
    const { every, antiAlias, bits, dither, seed, start } = settings;
    this.first = Math.ceil(start / every);
    const count = Math.ceil((start + REGION) / every) - this.first;
    this.kept = keepOneIn(samples, every, antiAlias, this.first, count);
    this.out = quantise(this.kept, bits, dither, seed, this.first);
    this.measureError();
    this.afterAtRate.fill(0);
    for (let n = 0; n < count; n++) {
      this.afterAtRate[(this.first + n) * every - start] = this.out[n] * every;
    }
    this.spectra(samples, start);
    return this;
  }

  // Signal to error ratio of the rounding, in dB; infinite without rounding.
  measureError() {
    let signal = 0, error = 0;
    for (let n = 0; n < this.out.length; n++) {
      signal += this.kept[n] ** 2;
      error += (this.out[n] - this.kept[n]) ** 2;
    }
    this.snr = error === 0 ? Infinity : 10 * Math.log10(Math.max(signal, 1e-30) / error);
    this.errorDb = 10 * Math.log10(Math.max((2 * error) / this.out.length, 1e-30)); // of a full sine
  }

  // Before and after go through one transform: one is its real part, one its imaginary part.
  spectra(samples, start) {
    const { before, after, afterAtRate } = this;
    const fft = fftOfSize(SPECTRUM_FFT);
    const taper = windowOf("hann", SPECTRUM_FFT);
    before.fill(0);
    after.fill(0);
    for (let segment = 0; segment < SPECTRUM_SEGMENTS; segment++) {
      const offset = segment * SPECTRUM_HOP;
      const data = fft.data;
      for (let i = 0; i < SPECTRUM_FFT; i++) {
        const at = start + offset + i;
        data[2 * i] = at < samples.length ? samples[at] * taper[i] : 0;
        data[2 * i + 1] = afterAtRate[offset + i] * taper[i];
      }
      fft.transform();
      const z = fft.data;
      before[0] += z[0] * z[0];
      after[0] += z[1] * z[1];
      before[SPECTRUM_FFT / 2] += z[SPECTRUM_FFT] ** 2;
      after[SPECTRUM_FFT / 2] += z[SPECTRUM_FFT + 1] ** 2;
      for (let k = 1, i = 2, j = 2 * SPECTRUM_FFT - 2; k < SPECTRUM_FFT / 2; k++, i += 2, j -= 2) {
        const sumR = z[i] + z[j], difR = z[j] - z[i];
        const sumI = z[i + 1] + z[j + 1], difI = z[i + 1] - z[j + 1];
        before[k] += 0.25 * (sumR * sumR + difI * difI);
        after[k] += 0.25 * (sumI * sumI + difR * difR);
      }
    }
    const scale = 1 / (SPECTRUM_SEGMENTS * FULL_SINE);
    for (let k = 0; k < before.length; k++) {
      before[k] = 10 * Math.log10(Math.max(before[k] * scale, SPECTRUM_FLOOR));
      after[k] = 10 * Math.log10(Math.max(after[k] * scale, SPECTRUM_FLOOR));
    }
  }
}

// A steady tone, [count], that begins at the phase 0.
function toneOf(frequency, amplitude, sampleRate, count) {
  const turn = (2 * Math.PI * frequency) / sampleRate;
  return Float64Array.from({ length: count }, (_, i) => amplitude * Math.sin(turn * i));
}

// What is heard after: the whole sound sampled, rounded, and joined up again at its first rate.
function heardAfter(samples, { every, antiAlias, bits, dither, seed }) {
  const count = Math.ceil(samples.length / every);
  const kept = keepOneIn(samples, every, antiAlias, 0, count);
  return interpolate(quantise(kept, bits, dither, seed, 0), every, 0, samples.length);
}

// The numbers of the picture. The same function in Python is avtutor.widgets.sampling.compute.
function computeSampling(samples, settings) {
  const { kept, out, before, after, snr } = new Sampled().compute(samples, settings);
  return { kept, out, before, after, snr };
}
