// A spectrogram painted into a canvas: only the columns that are on the screen are computed, one
// a pixel at most, and the picture is there when the input handler returns.

// The colours by the top 16 bits of a positive float32: 8 of exponent and 8 of mantissa, which is
// 0.017 dB. So a power becomes a colour by one look-up, without a logarithm.
class ColourTable {
  constructor(anchors) {
    this.palette = interpolateColours(anchors, 256);
    this.colours = new Uint32Array(65536);
    this.levels = new Float32Array(65536);
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let i = 0; i < 65536; i++) {
      bits[0] = (i << 15) | (1 << 14); // the middle of the interval
      this.levels[i] = Number.isFinite(value[0]) ? powerToDb(value[0]) : 400;
    }
  }

  setRange(topDb, rangeDb) {
    const bottom = topDb - rangeDb;
    for (let i = 0; i < 65536; i++) {
      const share = (this.levels[i] - bottom) / rangeDb;
      this.colours[i] = this.palette[share <= 0 ? 0 : share >= 1 ? 255 : Math.round(share * 255)];
    }
  }
}

// `count` colours as the 32-bit pixels of an ImageData, from hexadecimal anchors.
function interpolateColours(anchors, count) {
  const points = anchors.split(" ").map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return Uint32Array.from({ length: count }, (_, i) => {
    const at = (i / (count - 1)) * (points.length - 1);
    const low = Math.min(Math.floor(at), points.length - 2);
    const [r, g, b] = [0, 1, 2].map((c) =>
      Math.round(points[low][c] + (at - low) * (points[low + 1][c] - points[low][c])));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

const HATCH = [0xff9a9a9a, 0xff6e6e6e]; // rows that hold no bin at all

class Picture {
  constructor(canvas, anchors) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.table = new ColourTable(anchors);
    this.front = new FrontEnd();
    this.width = this.height = 0;
  }

  resize(width, height) {
    if (width === this.width && height === this.height) return;
    [this.width, this.height] = [width, height];
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.power = new Float32Array(width * height); // [slot, pixel row]
    this.bits = new Uint32Array(this.power.buffer);
    this.slotOf = new Int32Array(width); // the slot that each pixel column shows
    this.frameOf = new Int32Array(width); // the frame that each slot holds
    this.done = new Uint8Array(width);
    this.order = new Int32Array(width); // coarse to fine
    this.rowFrom = new Int32Array(height); // the rows [from, to) that each pixel row shows
    this.rowTo = new Int32Array(height);
    this.hatched = new Uint8Array(height);
  }

  // Choose the frames on the screen. view: { start, span } in seconds.
  plan(samples, settings, view) {
    this.samples = samples;
    this.front.configure(settings);
    const { sampleRate, hopLength } = settings;
    const last = frameCount(samples.length, hopLength) - 1;
    let slot = -1;
    for (let x = 0; x < this.width; x++) {
      const time = view.start + ((x + 0.5) / this.width) * view.span;
      const frame = Math.min(Math.max(Math.round((time * sampleRate) / hopLength), 0), last);
      if (slot < 0 || frame !== this.frameOf[slot]) this.frameOf[++slot] = frame;
      this.slotOf[x] = slot;
    }
    this.slots = slot + 1;
    this.step = this.slots > 1
      ? Math.max(1, (this.frameOf[slot] - this.frameOf[0]) / (this.slots - 1)) : 1;
    this.done.fill(0);
    this.next = 0;
    let at = 0;
    for (let stride = 16; stride >= 1; stride >>= 1) {
      for (let s = 0; s < this.slots; s += stride) {
        if (stride === 16 || s % (2 * stride) !== 0) this.order[at++] = s;
      }
    }
    this.planRows();
  }

  // Which Fourier bins or mel bands each row of pixels shows: the one there, or the loudest of
  // those that share it.
  planRows() {
    const { height, front } = this;
    for (let y = 0; y < height; y++) {
      const low = (height - 1 - y) / height;
      const high = (height - y) / height;
      let from, to;
      if (front.bank) {
        from = Math.floor(low * front.nRows + 1e-9);
        to = Math.floor(high * front.nRows + 1e-9);
      } else {
        from = Math.floor(low * (front.nBins - 1) + 0.5);
        to = Math.floor(high * (front.nBins - 1) + 0.5);
      }
      this.rowFrom[y] = Math.min(from, front.nRows - 1);
      this.rowTo[y] = Math.min(Math.max(to, from + 1), front.nRows);
      const band = this.rowFrom[y];
      this.hatched[y] = front.bank && front.bank.offset[band] === front.bank.offset[band + 1] ? 1 : 0;
    }
  }

  // Compute columns for at most `budget` ms, coarse ones first, and paint; true when complete.
  work(budget) {
    const until = performance.now() + budget;
    const { front, samples, order, frameOf, slots, done } = this;
    while (this.next < slots) {
      const a = order[this.next];
      const b = order[Math.min(this.next + 1, slots - 1)];
      front.pair(samples, frameOf[a], frameOf[b]);
      this.keep(front.rowsA, a);
      this.keep(front.rowsB, b);
      done[a] = done[b] = 1;
      this.next += 2;
      if ((this.next & 15) === 0 && performance.now() > until) break;
    }
    this.paint();
    return this.next >= slots;
  }

  keep(rows, slot) {
    const { power, height, rowFrom, rowTo } = this;
    const base = slot * height;
    for (let y = 0; y < height; y++) {
      let loudest = rows[rowFrom[y]];
      for (let r = rowFrom[y] + 1; r < rowTo[y]; r++) if (rows[r] > loudest) loudest = rows[r];
      power[base + y] = loudest;
    }
  }

  paint() {
    const { width, height, pixels, bits, slotOf, done, hatched } = this;
    const colours = this.table.colours;
    for (let x = 0; x < width; x++) {
      let slot = slotOf[x];
      while (slot > 0 && !done[slot]) slot--; // not there yet: what is to the left of it
      const base = slot * height;
      for (let y = 0, o = x; y < height; y++, o += width) {
        pixels[o] = hatched[y] ? HATCH[((x + y) >> 2) & 1] : colours[bits[base + y] >>> 15];
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}
