// The front end of the course, the same as avtutor.spectral: periodic window, frames centred on
// multiples of the hop, reflection at both ends, power, triangular mel bands (HTK, no area norm).

const POWER_FLOOR = 1e-10; // -100 dB

const WINDOW_CACHE = new Map();

// The periodic window, [length]. The deviation of the gaussian is length / 8.
function windowOf(name, length) {
  const key = `${name} ${length}`;
  if (!WINDOW_CACHE.has(key)) {
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = windowAt(name, i / length);
    WINDOW_CACHE.set(key, values);
  }
  return WINDOW_CACHE.get(key);
}

// The window as a function of its share `x` of the length, 0 to 1.
function windowAt(name, x) {
  const turn = 2 * Math.PI * x;
  if (name === "hann") return 0.5 - 0.5 * Math.cos(turn);
  if (name === "hamming") return 0.54 - 0.46 * Math.cos(turn);
  if (name === "blackman") return 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
  if (name === "gaussian") return Math.exp(-0.5 * (8 * (x - 0.5)) ** 2);
  if (name === "rectangular") return 1;
  throw new RangeError(`unknown window: ${name}`);
}

// The slope of the window at `x`; undefined where the window jumps at its edges.
function windowSlopeAt(name, x) {
  const turn = 2 * Math.PI * x;
  if (name === "hann") return Math.PI * Math.sin(turn);
  if (name === "blackman") return Math.PI * (Math.sin(turn) - 0.32 * Math.sin(2 * turn));
  if (name === "gaussian") return -64 * (x - 0.5) * windowAt(name, x);
  return undefined;
}

// The widths of a window: standard deviations of its energy in time (s) and frequency (Hz), and
// of the main lobe from null to null (Hz). sigmaF comes from the slope,
// (1 / 4π²) ∫w'² / ∫w², and is infinite for windows that jump at their edges.
function windowWidths(name, length, sampleRate) {
  const key = `${name} ${length}`;
  if (!WIDTHS_CACHE.has(key)) WIDTHS_CACHE.set(key, widthsInSamples(name, length));
  const { sigmaT, sigmaF, lobeBins } = WIDTHS_CACHE.get(key);
  return {
    sigmaT: sigmaT / sampleRate, sigmaF: sigmaF * sampleRate, lobeBins,
    mainLobe: (lobeBins * sampleRate) / length,
  };
}

const WIDTHS_CACHE = new Map();

function widthsInSamples(name, length) {
  let energy = 0, slopes = 0, mean = 0, square = 0;
  for (let i = 0; i < length; i++) {
    const w2 = windowAt(name, i / length) ** 2;
    const slope = windowSlopeAt(name, i / length);
    energy += w2;
    mean += i * w2;
    square += i * i * w2;
    slopes += slope === undefined ? Infinity : (slope / length) ** 2;
  }
  mean /= energy;
  return {
    sigmaT: Math.sqrt(Math.max(0, square / energy - mean * mean)),
    sigmaF: Math.sqrt(slopes / energy) / (2 * Math.PI),
    lobeBins: mainLobeBins(name),
  };
}

const LOBE_CACHE = new Map();

// The width of the main lobe, null to null, in units of sample_rate / win_length: 2 for the
// rectangle, 4 for Hann. Found as the first minimum of the window's own spectrum.
function mainLobeBins(name) {
  if (!LOBE_CACHE.has(name)) {
    const level = (bin) => {
      let re = 0, im = 0;
      for (let i = 0; i < 256; i++) {
        const w = windowAt(name, i / 256);
        re += w * Math.cos((2 * Math.PI * bin * i) / 256);
        im += w * Math.sin((2 * Math.PI * bin * i) / 256);
      }
      return re * re + im * im;
    };
    let bin = 0.5;
    while (level(bin + 0.01) < level(bin)) bin += 0.01;
    LOBE_CACHE.set(name, 2 * Math.round(bin * 20) / 20);
  }
  return LOBE_CACHE.get(name);
}

const hzToMel = (hz) => 2595 * Math.log10(1 + hz / 700);
const melToHz = (mel) => 700 * (10 ** (mel / 2595) - 1);

const MEL_CACHE = new Map();

// Triangles of height 1 from fMin to fMax. Each band keeps only the bins inside it: `first` bin and
// `weights`. `empty` counts the bands that lie between two bins and hold none.
function melBank(nMels, nFft, sampleRate, fMin = 0, fMax = sampleRate / 2) {
  const key = `${nMels} ${nFft} ${sampleRate} ${fMin} ${fMax}`;
  if (!MEL_CACHE.has(key)) {
    const [low, high] = [hzToMel(fMin), hzToMel(fMax)];
    const edges = Float64Array.from({ length: nMels + 2 }, (_, i) =>
      melToHz(low + ((high - low) * i) / (nMels + 1)));
    const first = new Int32Array(nMels);
    const offset = new Int32Array(nMels + 1);
    const weights = [];
    let empty = 0;
    for (let m = 0; m < nMels; m++) {
      const start = weights.length;
      for (let k = 0; k <= nFft / 2; k++) {
        const hz = (k * sampleRate) / nFft;
        const weight = Math.min((hz - edges[m]) / (edges[m + 1] - edges[m]),
          (edges[m + 2] - hz) / (edges[m + 2] - edges[m + 1]));
        if (weight <= 0) continue;
        if (weights.length === start) first[m] = k;
        weights.push(weight);
      }
      offset[m + 1] = weights.length;
      if (weights.length === start) empty += 1;
    }
    MEL_CACHE.set(key, { edges, first, offset, weights: Float64Array.from(weights), empty });
  }
  return MEL_CACHE.get(key);
}

function frameCount(nSamples, hopLength) {
  return 1 + Math.floor(nSamples / hopLength);
}

// Where index `i` falls when the sound is reflected at both ends, without repeating the end.
function reflectIndex(i, length) {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((i % period) + period) % period;
  return inside < length ? inside : period - inside;
}

// One set of settings made ready: window, filterbank and rows for two frames at a time.
class FrontEnd {
  // settings: sampleRate, nFft, winLength, window, hopLength, nMels (0: one row a Fourier bin), and
  // fMin and fMax of the mel bands where they are not all there is.
  configure(settings) {
    Object.assign(this, settings);
    this.fft = fftOfSize(this.nFft);
    this.taper = windowOf(this.window, this.winLength);
    this.left = (this.nFft - this.winLength) >> 1;
    this.bank = this.nMels
      ? melBank(this.nMels, this.nFft, this.sampleRate, settings.fMin, settings.fMax) : null;
    this.nBins = this.nFft / 2 + 1;
    this.nRows = this.nMels || this.nBins;
    if (!this.powerA || this.powerA.length !== this.nBins) {
      this.powerA = new Float64Array(this.nBins);
      this.powerB = new Float64Array(this.nBins);
    }
    if (this.bank && (!this.melA || this.melA.length !== this.nMels)) {
      this.melA = new Float64Array(this.nMels);
      this.melB = new Float64Array(this.nMels);
    }
    this.rowsA = this.bank ? this.melA : this.powerA;
    this.rowsB = this.bank ? this.melB : this.powerB;
    return this;
  }

  // Fill rowsA and rowsB with the power of two frames: two real sounds share one complex
  // transform, one as its real part and one as its imaginary part.
  pair(samples, frameA, frameB) {
    const { fft, nFft, powerA, powerB } = this;
    if (this.winLength < nFft) fft.data.fill(0);
    this.gather(samples, frameA, 0);
    this.gather(samples, frameB, 1);
    fft.transform();
    const z = fft.data;
    powerA[0] = z[0] * z[0];
    powerB[0] = z[1] * z[1];
    powerA[nFft / 2] = z[nFft] * z[nFft];
    powerB[nFft / 2] = z[nFft + 1] * z[nFft + 1];
    for (let k = 1, i = 2, j = 2 * nFft - 2; k < nFft / 2; k++, i += 2, j -= 2) {
      const sumR = z[i] + z[j], difR = z[j] - z[i];
      const sumI = z[i + 1] + z[j + 1], difI = z[i + 1] - z[j + 1];
      powerA[k] = 0.25 * (sumR * sumR + difI * difI);
      powerB[k] = 0.25 * (sumI * sumI + difR * difR);
    }
    if (this.bank) {
      applyMelBank(this.bank, powerA, this.melA);
      applyMelBank(this.bank, powerB, this.melB);
    }
  }

  // Write the windowed frame into the real (part 0) or imaginary (part 1) input.
  gather(samples, frame, part) {
    const { taper, left, winLength } = this;
    const data = this.fft.data;
    const start = frame * this.hopLength - (this.nFft >> 1) + left;
    let o = 2 * left + part;
    if (start >= 0 && start + winLength <= samples.length) {
      for (let i = 0; i < winLength; i++, o += 2) data[o] = samples[start + i] * taper[i];
    } else {
      for (let i = 0; i < winLength; i++, o += 2) {
        data[o] = samples[reflectIndex(start + i, samples.length)] * taper[i];
      }
    }
  }
}

function applyMelBank(bank, power, out) {
  const { first, offset, weights } = bank;
  for (let m = 0; m < out.length; m++) {
    let sum = 0;
    for (let i = offset[m], k = first[m]; i < offset[m + 1]; i++, k++) sum += weights[i] * power[k];
    out[m] = sum;
  }
}

const powerToDb = (power) => 10 * Math.log10(Math.max(power, POWER_FLOOR));

// The picture as numbers: level in dB, [row, frame], cut to the range that is shown. The same
// function in Python is avtutor.widgets.spectrogram.compute; a test holds them equal.
function computeSpectrogram(samples, settings, frames) {
  const front = new FrontEnd().configure(settings);
  const bottom = settings.topDb - settings.rangeDb;
  const levels = new Float64Array(front.nRows * frames.length);
  for (let i = 0; i < frames.length; i += 2) {
    front.pair(samples, frames[i], frames[Math.min(i + 1, frames.length - 1)]);
    for (let row = 0; row < front.nRows; row++) {
      const at = row * frames.length + i;
      levels[at] = Math.min(Math.max(powerToDb(front.rowsA[row]), bottom), settings.topDb);
      if (i + 1 < frames.length) {
        levels[at + 1] = Math.min(Math.max(powerToDb(front.rowsB[row]), bottom), settings.topDb);
      }
    }
  }
  return levels;
}
