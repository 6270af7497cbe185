// A spectrogram as a network gets it, and what a learner does to it. The same functions in Python
// are in avtutor.widgets.altered; a test holds them equal.

const QUIET_SHARE = 0.1; // of the cells lie below the noise floor of a recording

// The level of silence in a recording. In Python: avtutor.explain.noise_floor.
function noiseFloor(levels) {
  const place = QUIET_SHARE * (levels.length - 1);
  const down = Math.floor(place);
  const up = place - down > 0.5 || (place - down === 0.5 && down % 2 === 1); // halves to even
  return levels.slice().sort()[up ? down + 1 : down];
}

// The log-mel spectrogram of a sound in the levels that the network was trained with:
// { levels [row, frame], nRows, nFrames, floor, peak, bottom, reference }. `floor` is silence,
// `peak` the loudest, `bottom` the darkest that is shown; a level plus `reference` is in dB as
// recorded. level: "below peak" or "as recorded".
function enterPicture(samples, settings, level, rangeDb) {
  const nFrames = frameCount(samples.length, settings.hopLength);
  const nRows = settings.nMels;
  const levels = computeSpectrogram(samples, { ...settings, topDb: 1000, rangeDb: 2000 },
    range(0, nFrames - 1, 1));
  let loudest = -Infinity;
  for (const value of levels) if (value > loudest) loudest = value;
  if (level === "below peak") {
    for (let i = 0; i < levels.length; i++) levels[i] = Math.max(levels[i] - loudest, -rangeDb);
    return { levels, nRows, nFrames, floor: noiseFloor(levels), peak: 0, bottom: -rangeDb, reference: loudest };
  }
  const floor = noiseFloor(levels);
  return { levels, nRows, nFrames, floor, peak: loudest, bottom: floor, reference: 0 };
}

const ERASED = 1;
const PAINTED = 2;

// What the brush left, cell by cell: 0, ERASED or PAINTED, [row, column].
class Strokes {
  constructor(nRows, nColumns) {
    [this.nRows, this.nColumns] = [nRows, nColumns];
    this.cells = new Uint8Array(nRows * nColumns);
  }

  clear() {
    this.cells.fill(0);
    return this;
  }

  // runs: [band, first frame, frame after the last]
  fill(runs, kind) {
    for (const [row, start, end] of runs) {
      if (row < this.nRows) {
        const first = row * this.nColumns;
        this.cells.fill(kind, first + Math.min(start, this.nColumns), first + Math.min(end, this.nColumns));
      }
    }
    return this;
  }

  runs(kind) {
    const found = [];
    for (let row = 0, i = 0; row < this.nRows; row++) {
      let start = -1;
      for (let x = 0; x <= this.nColumns; x++) {
        const inside = x < this.nColumns && this.cells[i + x] === kind;
        if (inside && start < 0) start = x;
        if (!inside && start >= 0) {
          found.push([row, start, x]);
          start = -1;
        }
      }
      i += this.nColumns;
    }
    return found;
  }

  // A round dab, `size` cells across.
  dab(row, column, size, kind) {
    const reach = Math.floor(size / 2);
    for (let r = Math.max(0, row - reach); r <= Math.min(this.nRows - 1, row + reach); r++) {
      for (let x = Math.max(0, column - reach); x <= Math.min(this.nColumns - 1, column + reach); x++) {
        if (insideBrush(r - row, x - column, size)) this.cells[r * this.nColumns + x] = kind;
      }
    }
  }
}

const insideBrush = (rows, columns, size) => rows * rows + columns * columns <= (size * size) / 4;

// Write the picture after the alterations into `out`, and what was set to the noise floor by masks
// and brush into `silenced` (1 or 0 a cell). alterations: { flip_time, flip_frequency,
// shift_frames, shift_bands, hide_low, hide_high, hide_start, hide_end, strokes }
function alterPicture(picture, alterations, out, silenced) {
  const { levels, nRows, nFrames, floor, peak } = picture;
  const { flip_time, flip_frequency, shift_frames, shift_bands, strokes } = alterations;
  const { hide_low, hide_high, hide_start, hide_end } = alterations;
  for (let row = 0, o = 0; row < nRows; row++) {
    let from = row - shift_bands;
    const there = from >= 0 && from < nRows;
    if (flip_frequency) from = nRows - 1 - from;
    const hidden = row >= hide_low && row < hide_high;
    for (let x = 0; x < nFrames; x++, o++) {
      const at = x - shift_frames;
      const stroke = strokes.cells[row * strokes.nColumns + x];
      silenced[o] = hidden || (x >= hide_start && x < hide_end) || stroke === ERASED ? 1 : 0;
      if (stroke === PAINTED) {
        out[o] = peak;
        silenced[o] = 0;
      } else if (silenced[o] || !there || at < 0 || at >= nFrames) out[o] = floor;
      else out[o] = levels[from * nFrames + (flip_time ? nFrames - 1 - at : at)];
    }
  }
  return out;
}

// The altered picture and the network's answer. In Python: avtutor.widgets.altered.compute.
function computeVerdict(samples, settings, network, alterations, level, rangeDb) {
  const picture = enterPicture(samples, settings, level, rangeDb);
  const levels = new Float64Array(picture.levels.length);
  alterPicture(picture, alterations, levels, new Uint8Array(levels.length));
  return { levels, logits: network.fit(picture.nFrames).run(levels).slice() };
}

// What was done, in words; none where nothing was.
function wordsFor(alterations, picture) {
  const { flip_time, flip_frequency, shift_frames, shift_bands } = alterations;
  const { hide_low, hide_high, hide_start, hide_end, strokes } = alterations;
  const { nRows, nFrames } = picture;
  const words = [];
  if (flip_time) words.push("time flipped");
  if (flip_frequency) words.push("frequency flipped");
  const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
  if (shift_frames) words.push(`${count(Math.abs(shift_frames), "frame")} ${shift_frames > 0 ? "later" : "earlier"}`);
  if (shift_bands) words.push(`${count(Math.abs(shift_bands), "band")} ${shift_bands > 0 ? "up" : "down"}`);
  const rows = Math.min(hide_high, nRows) - hide_low;
  if (rows > 0) words.push(`${count(rows, "band")} hidden`);
  const frames = Math.min(hide_end, nFrames) - hide_start;
  if (frames > 0) words.push(`${count(frames, "frame")} hidden`);
  for (const [kind, word] of [[ERASED, "erased"], [PAINTED, "painted"]]) {
    let cells = 0;
    for (let row = 0; row < nRows; row++) {
      for (let x = 0; x < nFrames; x++) if (strokes.cells[row * strokes.nColumns + x] === kind) cells += 1;
    }
    if (cells) words.push(`${count(cells, "cell")} ${word}`);
  }
  return words;
}
