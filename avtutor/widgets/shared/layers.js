// Small layers of torch.nn as they are used after training, one after another. Each has
// `fit(shape)`, which makes room and returns the shape of its output, and `run(input)`, which
// returns its output in an array that the next call fills again. Shapes: [channel, height, width],
// or [value].

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

class LinearLayer {
  // weight [out, in]; bias [out]
  constructor({ weight, bias }) {
    [this.weight, this.bias] = [weight, bias];
    this.out = new Float64Array(bias.length);
  }

  fit() {
    return [this.out.length];
  }

  run(input) {
    const { weight, bias, out } = this;
    for (let o = 0, w = 0; o < out.length; o++) {
      let sum = bias[o];
      for (let i = 0; i < input.length; i++) sum += weight[w++] * input[i];
      out[o] = sum;
    }
    return out;
  }
}

// A convolution with square filters and a border of zeros. Each weight is applied to the whole of
// a map before the next, so that the innermost loop runs along rows.
class ConvLayer {
  // weight [out, in, size, size]; bias [out]; padding
  constructor({ weight, bias, size, padding }) {
    Object.assign(this, { weight, bias, size, padding });
    this.nOut = bias.length;
    this.nIn = weight.length / (this.nOut * size * size);
  }

  fit([, height, width]) {
    const { padding, size, nIn, nOut } = this;
    [this.height, this.width] = [height, width];
    this.stride = width + 2 * padding;
    this.rows = height + 2 * padding;
    this.padded = new Float64Array(nIn * this.rows * this.stride);
    const shape = [nOut, this.rows - size + 1, this.stride - size + 1];
    this.out = new Float64Array(sizeOf(shape));
    [, this.outHeight, this.outWidth] = shape;
    return shape;
  }

  run(input) {
    const { padded, out, weight, bias, size, padding, stride, rows, nIn, nOut, height, width } = this;
    const { outHeight, outWidth } = this;
    for (let c = 0, i = 0; c < nIn; c++) {
      for (let y = 0; y < height; y++, i += width) {
        padded.set(input.subarray(i, i + width), (c * rows + y + padding) * stride + padding);
      }
    }
    const plane = outHeight * outWidth;
    for (let o = 0, w = 0; o < nOut; o++) {
      const first = o * plane;
      out.fill(bias[o], first, first + plane);
      for (let c = 0; c < nIn; c++) {
        for (let k = 0; k < size * size; k++, w++) {
          const factor = weight[w];
          let i = (c * rows + Math.floor(k / size)) * stride + (k % size);
          for (let y = 0, q = first; y < outHeight; y++, i += stride - outWidth) {
            for (const end = q + outWidth; q < end; q++, i++) out[q] += factor * padded[i];
          }
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
