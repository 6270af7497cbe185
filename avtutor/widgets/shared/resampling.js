// Fewer samples, more samples, fewer bits: the same filter as avtutor.resample (a sinc under a
// squared cosine), for whole-number ratios.

const SINC_ZEROS = 24;
const SINC_ROLLOFF = 0.945;

function sincTap(t) {
  const inside = Math.min(Math.max(t, -SINC_ZEROS), SINC_ZEROS);
  const taper = Math.cos((inside * Math.PI) / SINC_ZEROS / 2) ** 2;
  return (inside === 0 ? 1 : Math.sin(Math.PI * inside) / (Math.PI * inside)) * taper;
}

const KERNEL_CACHE = new Map();

function cachedKernel(key, make) {
  if (!KERNEL_CACHE.has(key)) KERNEL_CACHE.set(key, make());
  return KERNEL_CACHE.get(key);
}

// The low-pass filter before keeping one sample in `every`: taps for offsets -width to width.
function lowpassKernel(every) {
  return cachedKernel(`down ${every}`, () => {
    const cutoff = SINC_ROLLOFF / every;
    const width = Math.ceil(SINC_ZEROS / cutoff);
    return Float64Array.from({ length: 2 * width + 1 }, (_, i) => sincTap((i - width) * cutoff) * cutoff);
  });
}

// Keep one sample in `every`, for outputs `first` to `first + count`, with or without the filter.
function keepOneIn(samples, every, filtered, first, count) {
  const out = new Float64Array(count);
  if (!filtered || every === 1) {
    for (let n = 0; n < count; n++) {
      const at = (first + n) * every;
      out[n] = at >= 0 && at < samples.length ? samples[at] : 0;
    }
    return out;
  }
  const kernel = lowpassKernel(every);
  const width = (kernel.length - 1) / 2;
  for (let n = 0; n < count; n++) {
    const centre = (first + n) * every;
    const from = Math.max(0, centre - width);
    const to = Math.min(samples.length - 1, centre + width);
    let sum = 0;
    for (let i = from, k = from - centre + width; i <= to; i++, k++) sum += samples[i] * kernel[k];
    out[n] = sum;
  }
  return out;
}

// `times` samples for each one, joined smoothly: what a converter's output filter does. Returns
// outputs `first` to `first + count`.
function interpolate(samples, times, first, count) {
  if (times === 1) {
    return Float64Array.from({ length: count }, (_, n) => samples[first + n] ?? 0);
  }
  const width = Math.ceil(SINC_ZEROS / SINC_ROLLOFF);
  const kernels = cachedKernel(`up ${times}`, () => Array.from({ length: times }, (_, phase) =>
    Float64Array.from({ length: 2 * width + 1 }, (_, i) =>
      sincTap((i - width - phase / times) * SINC_ROLLOFF) * SINC_ROLLOFF)));
  const out = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const at = Math.floor((first + n) / times);
    const kernel = kernels[first + n - at * times];
    const from = Math.max(0, at - width);
    const to = Math.min(samples.length - 1, at + width);
    let sum = 0;
    for (let i = from, k = from - at + width; i <= to; i++, k++) sum += samples[i] * kernel[k];
    out[n] = sum;
  }
  return out;
}

// The n-th of a fixed row of random numbers in [0, 1): the mulberry32 generator, which counts, so
// that any of them can be had without those before it.
function randomAt(seed, n) {
  let t = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

// Round to 2^bits levels from -1 to 1 - step (0 bits: leave as it is). Dither adds the difference
// of two random numbers, up to one step either way (TPDF), before rounding. `first` is the place
// of samples[0] in the sound, so that a part gets the dither that the whole would.
function quantise(samples, bits, dithered, seed, first) {
  if (!bits) return samples.slice();
  const step = 2 ** (1 - bits);
  const out = new Float64Array(samples.length);
  for (let n = 0; n < out.length; n++) {
    const place = 2 * (first + n);
    const noise = dithered ? randomAt(seed, place) - randomAt(seed, place + 1) : 0;
    const rounded = step * Math.floor(samples[n] / step + noise + 0.5);
    out[n] = Math.min(Math.max(rounded, -1), 1 - step);
  }
  return out;
}

// Where a frequency is heard after sampling at `sampleRate`: folded into 0 to sampleRate / 2.
function aliasOf(frequency, sampleRate) {
  return Math.abs(frequency - sampleRate * Math.round(frequency / sampleRate));
}
