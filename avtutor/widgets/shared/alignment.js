// How well two curves match at every shift of one of them. In Python: avtutor.widgets.aligned,
// which asks avtutor.sync.cross_correlation.

const SHIFT_STEP = 10; // ms
const MOST_SHIFT = 500;
const SHIFT_STOPS = Array.from(
  { length: (2 * MOST_SHIFT) / SHIFT_STEP + 1 }, (_, i) => i * SHIFT_STEP - MOST_SHIFT,
);

// The integral of a curve { times, values } from its first time to `at`, on straight lines between
// its values and level beyond its ends. `at` may only grow from call to call.
function integralOf({ times, values }) {
  const last = times.length - 1;
  let k = 0, area = 0; // of the whole stretches before k
  return (at) => {
    if (last === 0 || at <= times[0]) return (at - times[0]) * values[0];
    while (k < last && times[k + 1] <= at) {
      area += ((values[k] + values[k + 1]) / 2) * (times[k + 1] - times[k]);
      k += 1;
    }
    const into = at - times[k];
    if (k === last) return area + into * values[k];
    const slope = (values[k + 1] - values[k]) / (times[k + 1] - times[k]);
    return area + values[k] * into + (slope / 2) * into * into;
  };
}

// Means over the steps of a grid whose step 0 is at `origin`; `first` is the number of the first.
function onGrid(curve, origin) {
  const step = SHIFT_STEP / 1000;
  const { times } = curve;
  const first = Math.ceil((times[0] - origin) / step - 1e-6);
  const last = Math.floor((times[times.length - 1] - origin) / step + 1e-6);
  const integral = integralOf(curve);
  const edge = (place) => origin + (place - 0.5) * step;
  let before = integral(edge(first));
  const means = new Float64Array(last - first + 1);
  for (let i = 0; i < means.length; i++) {
    const after = integral(edge(first + i + 1));
    means[i] = (after - before) / (edge(first + i + 1) - edge(first + i));
    before = after;
  }
  return { first, means };
}

// Pearson's correlation of `count` values, from place i of one and j of the other.
function correlationOf(a, i, b, j, count) {
  let meanA = 0, meanB = 0;
  for (let n = 0; n < count; n++) {
    meanA += a[i + n] / count;
    meanB += b[j + n] / count;
  }
  let ab = 0, aa = 0, bb = 0;
  for (let n = 0; n < count; n++) {
    const x = a[i + n] - meanA, y = b[j + n] - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  const size = Math.sqrt(aa) * Math.sqrt(bb);
  return size > 1e-12 * count ? ab / size : 0;
}

// Where the highest match lies, by a parabola through it and its two neighbours; null for none.
function peakOf(shifts, match) {
  let top = 0;
  match.forEach((value, i) => { if (value >= match[top]) top = i; });
  if (match[top] <= 0) return null;
  if (top === 0 || top === match.length - 1) return shifts[top];
  const [before, here, after] = match.subarray(top - 1, top + 2);
  const bend = before - 2 * here + after;
  return shifts[top] + (bend < 0 ? (before - after) / (2 * bend) : 0) * SHIFT_STEP;
}

// The match at each shift of the sound, and the best shift, in ms. From few steps a high
// coefficient comes easily by chance, so it counts as much as the root of their share.
function alignCurves(picture, sound) {
  const origin = picture.times[0];
  const seen = onGrid(picture, origin), heard = onGrid(sound, origin);
  const shared = new Float64Array(SHIFT_STOPS.length);
  const match = Float64Array.from(SHIFT_STOPS, (shift, place) => {
    const by = shift / SHIFT_STEP;
    const low = Math.max(seen.first, heard.first + by);
    const high = Math.min(seen.first + seen.means.length, heard.first + by + heard.means.length);
    if (high - low <= 1) return 0;
    shared[place] = high - low;
    return correlationOf(seen.means, low - seen.first, heard.means, low - by - heard.first, high - low);
  });
  const most = Math.max(1, ...shared);
  match.forEach((value, place) => { match[place] = value * Math.sqrt(shared[place] / most); });
  return { shifts: SHIFT_STOPS, match, best: peakOf(SHIFT_STOPS, match) };
}

const matchAt = ({ match }, shift) => match[Math.round((shift + MOST_SHIFT) / SHIFT_STEP)];
