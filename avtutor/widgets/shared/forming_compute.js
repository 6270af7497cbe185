// From a sound to pictures that form step by step. The same functions in Python are in
// avtutor.widgets.forming; a test holds them equal.

const LEAST_SECONDS = 0.1;
const SILENCE = 1e-4;
const ONSET_DB = 25;
const LEAD_HOPS = 4;
const EQUALLY_LOUD = 1e-6;

const greatestCommonDivisor = (a, b) => (b ? greatestCommonDivisor(b, a % b) : a);

// Samples at one rate as they would have been taken at another: avtutor.resample.
function resampleSound(samples, fromRate, toRate) {
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const [old, fresh] = [fromRate / divisor, toRate / divisor];
  if (old === fresh) return Float64Array.from(samples);
  const cutoff = Math.min(old, fresh) * SINC_ROLLOFF;
  const width = Math.ceil((SINC_ZEROS * old) / cutoff);
  const taps = 2 * width + old;
  const kernels = cachedKernel(`${old} to ${fresh}`, () => Array.from({ length: fresh }, (_, phase) =>
    Float64Array.from({ length: taps }, (_tap, i) =>
      sincTap(((i - width) / old - phase / fresh) * cutoff) * (cutoff / old))));
  const out = new Float64Array(Math.ceil((fresh * samples.length) / old));
  for (let n = 0; n < out.length; n++) {
    const kernel = kernels[n % fresh];
    const first = Math.floor(n / fresh) * old - width;
    const from = Math.max(0, -first);
    const to = Math.min(taps, samples.length - first);
    let sum = 0;
    for (let i = from; i < to; i++) sum += samples[first + i] * kernel[i];
    out[n] = sum;
  }
  return out;
}

// Why a sound cannot be used, in words; null if it can.
function refusalOf(samples, rate) {
  const seconds = samples.length / rate;
  if (seconds < LEAST_SECONDS) {
    return `the sound must last at least ${LEAST_SECONDS} s, got ${Number(seconds.toPrecision(3))} s`;
  }
  if (!samples.every(Number.isFinite)) return "samples must be finite, got others";
  const mean = meanOf(samples);
  const most = samples.reduce((largestYet, value) => Math.max(largestYet, Math.abs(value - mean)), 0);
  if (most >= SILENCE) return null;
  return `the sound is silent: a sample of it must reach ${SILENCE}, the largest is ${Number(most.toPrecision(2))}`;
}

// Where the loudest part of at most `nSamples` samples begins and ends.
function loudestOf(samples, nSamples, hop) {
  const nHops = Math.floor(samples.length / hop);
  const powers = new Float64Array(nHops);
  const sums = new Float64Array(nHops + 1);
  for (let h = 0, i = 0; h < nHops; h++) {
    for (const end = i + hop; i < end; i++) powers[h] += samples[i] * samples[i];
    sums[h + 1] = sums[h] + powers[h];
  }
  const width = Math.min(Math.max(1, Math.floor(nSamples / hop)), nHops);
  const parts = Float64Array.from({ length: nHops - width + 1 }, (_, h) => sums[h + width] - sums[h]);
  const loudest = parts.reduce((most, power) => Math.max(most, power), 0);
  const first = parts.findIndex((power) => power >= (1 - EQUALLY_LOUD) * loudest);
  const inside = powers.subarray(first, first + width);
  const peak = inside.reduce((most, power) => Math.max(most, power), 0);
  const there = (power) => power >= peak * 10 ** (-ONSET_DB / 10);
  const start = Math.max(0, first + inside.findIndex(there) - LEAD_HOPS) * hop;
  const end = (first + inside.findLastIndex(there) + 1 + LEAD_HOPS) * hop;
  return [start, Math.min(start + nSamples, end)];
}

// Any sound at the rate of the network, and no longer than it takes; a RangeError in words where
// it cannot be used. takes: { nSamples, padded }; see avtutor.widgets.forming.entered. `start` is
// where the part that is taken begins and `nTaken` its length, in samples of that rate.
function enterSound(samples, rate, frontEnd, { nSamples, padded }, trimmed = false) {
  const refusal = refusalOf(samples, rate);
  if (refusal) throw new RangeError(refusal);
  const atRate = resampleSound(samples, rate, frontEnd.sampleRate);
  const nAll = atRate.length;
  let [start, end] = [0, nAll];
  if (trimmed || nAll > nSamples) [start, end] = loudestOf(atRate, nSamples, frontEnd.hopLength);
  const taken = atRate.subarray(start, padded && (trimmed || nAll > nSamples) ? start + nSamples : end);
  const least = padded ? nSamples : Math.round(LEAST_SECONDS * frontEnd.sampleRate);
  const fitting = new Float64Array(Math.max(least, taken.length));
  fitting.set(taken);
  return { samples: fitting, start, nTaken: taken.length, nAll };
}

// The noise of each draw: fewer are the first of more.
function noiseOfDraws(nDraws, nLatents, seed) {
  const all = drawNoise(nDraws * nLatents, seed, NOISE_STREAM.image);
  return Array.from({ length: nDraws }, (_, d) => all.slice(d * nLatents, (d + 1) * nLatents));
}

// How far the draws differ: the standard deviation of each pixel, [height, width]; of several
// colours the root of the mean square.
function spreadOf(pictures, nChannels, out) {
  const plane = out.length;
  for (let p = 0; p < plane; p++) {
    let sum = 0;
    for (let c = 0; c < nChannels; c++) {
      let mean = 0, square = 0;
      for (const picture of pictures) mean += picture[c * plane + p] / pictures.length;
      for (const picture of pictures) square += (picture[c * plane + p] - mean) ** 2 / pictures.length;
      sum += square / nChannels;
    }
    out[p] = Math.sqrt(sum);
  }
  return out;
}

// All of it at once. In Python: avtutor.widgets.forming.compute.
// asked: { seed, nDraws, nSteps, rangeDb, trimmed }
function computeForming(samples, rate, network, frontEnd, takes, asked) {
  const entered = enterSound(samples, rate, frontEnd, takes, asked.trimmed);
  const levels = levelsOf(entered.samples, frontEnd, asked.rangeDb);
  network.fit(levels.length / frontEnd.nMels);
  const heard = network.hear(levels).slice();
  const noises = noiseOfDraws(asked.nDraws, network.nLatents, asked.seed);
  const ways = network.ways(noises, asked.nSteps);
  const places = range(0, asked.nSteps, 1).map((step) => ways.map((way) => way[step]));
  const pictures = places.map((step) => step.map((place) => network.draw(place).slice()));
  return { samples: entered.samples, levels, heard, places, pictures };
}
