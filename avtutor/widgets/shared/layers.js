// Small layers of torch.nn as they are used after training, one after another. Each has
// `fit(shape)`, which makes room and returns the shape of its output, and `run(input)`, which
// returns its output in an array that the next call fills again. Shapes: [channel, height, width],
// or [value].

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

// Outputs are summed four at a time: weight [out, n] as [out / 4, n, 4], in the order in which it is
// read, and zeros for outputs that there are not.
const inFours = (count) => 4 * Math.ceil(count / 4);

function packFours(weight, nOut) {
  const n = weight.length / nOut;
  const packed = new Float64Array(inFours(nOut) * n);
  for (let o = 0; o < nOut; o++) {
    for (let i = 0; i < n; i++) packed[4 * ((o >> 2) * n + i) + (o & 3)] = weight[o * n + i];
  }
  return packed;
}

class LinearLayer {
  // weight [out, in]; bias [out]
  constructor({ weight, bias }) {
    const nOut = bias.length;
    this.weight = packFours(weight, nOut);
    this.room = new Float64Array(inFours(nOut));
    this.bias = this.room.slice();
    this.bias.set(bias);
    this.out = this.room.subarray(0, nOut);
  }

  fit() {
    return [this.out.length];
  }

  run(input) {
    const { weight, bias, room, out } = this;
    const n = input.length;
    for (let o = 0, w = 0; o < room.length; o += 4) {
      let a = bias[o], b = bias[o + 1], c = bias[o + 2], d = bias[o + 3];
      for (let i = 0; i < n; i++, w += 4) {
        const value = input[i];
        a += weight[w] * value;
        b += weight[w + 1] * value;
        c += weight[w + 2] * value;
        d += weight[w + 3] * value;
      }
      room[o] = a;
      room[o + 1] = b;
      room[o + 2] = c;
      room[o + 3] = d;
    }
    return out;
  }
}

// A convolution with square filters and a border of zeros.
class ConvLayer {
  // weight [out, in, size, size]; bias [out]; padding
  constructor({ weight, bias, size, padding }) {
    Object.assign(this, { size, padding });
    this.nOut = bias.length;
    this.nIn = weight.length / (this.nOut * size * size);
    this.weight = packFours(weight, this.nOut);
    this.bias = new Float64Array(inFours(this.nOut));
    this.bias.set(bias);
  }

  fit([, height, width]) {
    const { padding, size, nIn, nOut } = this;
    [this.height, this.width] = [height, width];
    this.stride = width + 2 * padding;
    this.rows = height + 2 * padding;
    this.padded = new Float64Array(nIn * this.rows * this.stride);
    // Where the values under a filter lie, from its upper left corner.
    this.places = Int32Array.from({ length: nIn * size * size }, (_, i) => {
      const [c, k] = [Math.floor(i / (size * size)), i % (size * size)];
      return (c * this.rows + Math.floor(k / size)) * this.stride + (k % size);
    });
    this.outHeight = this.rows - size + 1;
    this.outWidth = this.stride - size + 1;
    const plane = this.outHeight * this.outWidth;
    this.room = new Float64Array(inFours(nOut) * plane);
    this.out = this.room.subarray(0, nOut * plane);
    return [nOut, this.outHeight, this.outWidth];
  }

  run(input) {
    const { padded, room, out, weight, bias, places, padding, stride, rows, height, width } = this;
    const { outHeight, outWidth } = this;
    for (let c = 0, i = 0; c < this.nIn; c++) {
      for (let y = 0; y < height; y++, i += width) {
        padded.set(input.subarray(i, i + width), (c * rows + y + padding) * stride + padding);
      }
    }
    const plane = outHeight * outWidth;
    const n = places.length;
    for (let o = 0, first = 0; o < bias.length; o += 4, first += 4 * n) {
      for (let y = 0, q = o * plane; y < outHeight; y++) {
        for (let x = 0, corner = y * stride; x < outWidth; x++, corner++, q++) {
          let a = bias[o], b = bias[o + 1], c = bias[o + 2], d = bias[o + 3];
          for (let i = 0, w = first; i < n; i++, w += 4) {
            const value = padded[corner + places[i]];
            a += weight[w] * value;
            b += weight[w + 1] * value;
            c += weight[w + 2] * value;
            d += weight[w + 3] * value;
          }
          room[q] = a;
          room[q + plane] = b;
          room[q + 2 * plane] = c;
          room[q + 3 * plane] = d;
        }
      }
    }
    return out;
  }
}

// The greatest or the mean of every 2×2; an odd last row or column is left out.
class Pool2Layer {
  constructor({ greatest }) {
    this.greatest = greatest;
  }

  fit([channels, height, width]) {
    const shape = [channels, height >> 1, width >> 1];
    [this.height, this.width] = [height, width];
    this.channels = channels;
    this.out = new Float64Array(sizeOf(shape));
    return shape;
  }

  run(input) {
    const { channels, height, width, out, greatest } = this;
    for (let c = 0, o = 0; c < channels; c++) {
      for (let y = 0; y + 1 < height; y += 2) {
        for (let x = 0, i = (c * height + y) * width; x + 1 < width; x += 2, i += 2, o++) {
          const a = input[i], b = input[i + 1], d = input[i + width], e = input[i + width + 1];
          out[o] = greatest ? Math.max(a, b, d, e) : (a + b + d + e) / 4;
        }
      }
    }
    return out;
  }
}

// A factor and a summand for each channel: batch norm with its running statistics.
class ScaleLayer {
  constructor({ scale, shift }) {
    [this.scale, this.shift] = [scale, shift];
  }

  fit(shape) {
    this.plane = sizeOf(shape) / this.scale.length;
    this.out = new Float64Array(sizeOf(shape));
    return shape;
  }

  run(input) {
    const { scale, shift, plane, out } = this;
    for (let c = 0, i = 0; c < scale.length; c++) {
      for (const end = i + plane; i < end; i++) out[i] = input[i] * scale[c] + shift[c];
    }
    return out;
  }
}

// Layer norm over all values of a vector.
class NormLayer {
  constructor({ weight, bias, epsilon }) {
    Object.assign(this, { weight, bias, epsilon });
    this.out = new Float64Array(weight.length);
  }

  fit(shape) {
    return shape;
  }

  run(input) {
    const { weight, bias, epsilon, out } = this;
    const mean = meanOf(input);
    const factor = 1 / Math.sqrt(powerAbout(input, mean) + epsilon);
    for (let i = 0; i < out.length; i++) out[i] = (input[i] - mean) * factor * weight[i] + bias[i];
    return out;
  }
}

// A function of each value alone.
class EachLayer {
  constructor(of) {
    this.of = of;
  }

  fit(shape) {
    this.out = new Float64Array(sizeOf(shape));
    return shape;
  }

  run(input) {
    const { of, out } = this;
    for (let i = 0; i < out.length; i++) out[i] = of(input[i]);
    return out;
  }
}

// The first axis becomes several.
class UnflattenLayer {
  constructor({ sizes }) {
    this.sizes = sizes;
  }

  fit([first, ...rest]) {
    if (sizeOf(this.sizes) !== first) throw new Error(`${first} values do not fit ${this.sizes}`);
    return [...this.sizes, ...rest];
  }

  run(input) {
    return input;
  }
}

class FlattenLayer {
  fit(shape) {
    return [sizeOf(shape)];
  }

  run(input) {
    return input;
  }
}

const LAYER_KINDS = {
  linear: (given) => new LinearLayer(given),
  conv: (given) => new ConvLayer(given),
  max_pool: () => new Pool2Layer({ greatest: true }),
  mean_pool: () => new Pool2Layer({ greatest: false }),
  batch_norm: (given) => new ScaleLayer(given),
  layer_norm: (given) => new NormLayer(given),
  relu: () => new EachLayer((value) => Math.max(0, value)),
  tanh: () => new EachLayer(Math.tanh),
  scaled_tanh: () => new EachLayer((value) => 1.7159 * Math.tanh((2 / 3) * value)),
  sigmoid: () => new EachLayer((value) => 1 / (1 + Math.exp(-value))),
  flatten: () => new FlattenLayer(),
  unflatten: (given) => new UnflattenLayer(given),
};

// Layers one after another; none is the identity. given: [{ kind, … }], as
// avtutor.widgets.layers packs them, with the tensors read.
class LayerChain {
  constructor(given) {
    this.layers = given.map((layer) => LAYER_KINDS[layer.kind](layer));
  }

  fit(shape) {
    const key = shape.join();
    if (key !== this.key) {
      this.key = key;
      this.shape = this.layers.reduce((size, layer) => layer.fit(size), shape);
    }
    return this.shape;
  }

  run(input) {
    let out = input;
    for (const layer of this.layers) out = layer.run(out);
    return out;
  }
}

// Replace every { first, count } by its numbers. view: float32, in one block.
function readPacked(given, view) {
  if (Array.isArray(given)) return given.map((part) => readPacked(part, view));
  if (given === null || typeof given !== "object") return given;
  if (given.count !== undefined) {
    return Float64Array.from({ length: given.count }, (_, i) => view.getFloat32(4 * (given.first + i), true));
  }
  return Object.fromEntries(Object.entries(given).map(([name, part]) => [name, readPacked(part, view)]));
}
