// Further layers, of networks that draw: see layers.js.

// A convolution with filters of any size, and steps of any size; a border of zeros. A sequence
// [channel, time] is a picture of one row.
class StridedConvLayer {
  // weight [out, in, height, width]; bias [out]; size, stride, padding: [down, across]
  constructor({ weight, bias, size, stride, padding }) {
    Object.assign(this, { size, step: stride, padding });
    this.nOut = bias.length;
    this.nIn = weight.length / (this.nOut * size[0] * size[1]);
    this.weight = packFours(weight, this.nOut);
    this.bias = new Float64Array(inFours(this.nOut));
    this.bias.set(bias);
  }

  fit([, height, width]) {
    const { padding, size, step, nIn, nOut } = this;
    [this.height, this.width] = [height, width];
    this.rows = height + 2 * padding[0];
    this.stride = width + 2 * padding[1];
    this.padded = new Float64Array(nIn * this.rows * this.stride);
    // Where the values under a filter lie, from its upper left corner.
    this.places = Int32Array.from({ length: nIn * size[0] * size[1] }, (_, i) => {
      const [c, k] = [Math.floor(i / (size[0] * size[1])), i % (size[0] * size[1])];
      return (c * this.rows + Math.floor(k / size[1])) * this.stride + (k % size[1]);
    });
    this.outHeight = Math.floor((this.rows - size[0]) / step[0]) + 1;
    this.outWidth = Math.floor((this.stride - size[1]) / step[1]) + 1;
    const plane = this.outHeight * this.outWidth;
    this.room = new Float64Array(inFours(nOut) * plane);
    this.out = this.room.subarray(0, nOut * plane);
    return [nOut, this.outHeight, this.outWidth];
  }

  run(input) {
    const { padded, room, out, weight, bias, places, padding, stride, rows, height, width } = this;
    const { outHeight, outWidth, step: [down, across] } = this;
    for (let c = 0, i = 0; c < this.nIn; c++) {
      for (let y = 0; y < height; y++, i += width) {
        padded.set(input.subarray(i, i + width), (c * rows + y + padding[0]) * stride + padding[1]);
      }
    }
    const plane = outHeight * outWidth;
    const n = places.length;
    for (let o = 0, first = 0; o < bias.length; o += 4, first += 4 * n) {
      for (let y = 0, q = o * plane; y < outHeight; y++) {
        for (let x = 0, corner = y * down * stride; x < outWidth; x++, corner += across, q++) {
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

// A convolution with filters of one cell: a matrix times a matrix, four outputs of four places at
// a time.
class PointConvLayer {
  // weight [out, in]; bias [out]
  constructor({ weight, bias }) {
    this.nOut = bias.length;
    this.nIn = weight.length / this.nOut;
    this.weight = packFours(weight, this.nOut);
    this.bias = new Float64Array(inFours(this.nOut));
    this.bias.set(bias);
  }

  // height × width must be a multiple of four
  fit([, height, width]) {
    this.plane = height * width;
    this.room = new Float64Array(this.bias.length * this.plane);
    this.out = this.room.subarray(0, this.nOut * this.plane);
    return [this.nOut, height, width];
  }

  run(x) {
    const { weight, bias, room, plane, nIn } = this;
    for (let o = 0; o < bias.length; o += 4) {
      for (let p = 0; p < plane; p += 4) {
        let a0 = bias[o], b0 = bias[o + 1], c0 = bias[o + 2], d0 = bias[o + 3];
        let a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
        let c1 = c0, c2 = c0, c3 = c0, d1 = d0, d2 = d0, d3 = d0;
        for (let i = 0, w = o * nIn, v = p; i < nIn; i++, w += 4, v += plane) {
          const x0 = x[v], x1 = x[v + 1], x2 = x[v + 2], x3 = x[v + 3];
          const a = weight[w], b = weight[w + 1], c = weight[w + 2], d = weight[w + 3];
          a0 += a * x0; a1 += a * x1; a2 += a * x2; a3 += a * x3;
          b0 += b * x0; b1 += b * x1; b2 += b * x2; b3 += b * x3;
          c0 += c * x0; c1 += c * x1; c2 += c * x2; c3 += c * x3;
          d0 += d * x0; d1 += d * x1; d2 += d * x2; d3 += d * x3;
        }
        let q = o * plane + p;
        room[q] = a0; room[q + 1] = a1; room[q + 2] = a2; room[q + 3] = a3;
        q += plane;
        room[q] = b0; room[q + 1] = b1; room[q + 2] = b2; room[q + 3] = b3;
        q += plane;
        room[q] = c0; room[q + 1] = c1; room[q + 2] = c2; room[q + 3] = c3;
        q += plane;
        room[q] = d0; room[q + 1] = d1; room[q + 2] = d2; room[q + 3] = d3;
      }
    }
    return this.out;
  }
}

// A convolution of 3×3 and the ReLU after it, in tiles: see winograd.js.
class TiledConvLayer {
  constructor({ weight, bias }) {
    this.conv = new Conv3x3(weight, bias, false);
  }

  // height and width must be multiples of four
  fit([, height, width]) {
    const { conv } = this;
    conv.fit(height, width);
    this.out = new Float64Array(conv.nOut * height * width);
    this.place = { input: this.out, origin: 0, stride: width, plane: height * width };
    return [conv.nOut, height, width];
  }

  run(x) {
    const { conv, out, place } = this;
    const { nIn, height, width, input, origin, stride, plane } = conv;
    for (let c = 0, i = 0; c < nIn; c++) {
      for (let y = 0, o = origin + c * plane; y < height; y++, i += width, o += stride) {
        input.set(x.subarray(i, i + width), o);
      }
    }
    conv.run(place);
    return out;
  }
}

// A convolution, and the ReLU after it where there is one, in the way that is quickest for its size.
class QuickConvLayer {
  constructor(given) {
    this.given = given;
  }

  fit(shape) {
    const { given } = this;
    const is = (values, ...wanted) => values.every((value, i) => value === wanted[i]);
    const plain = is(given.stride, 1, 1);
    const tiled = plain && given.relu && is(given.size, 3, 3) && is(given.padding, 1, 1)
      && shape[1] % 4 === 0 && shape[2] % 4 === 0;
    const point = plain && is(given.size, 1, 1) && is(given.padding, 0, 0)
      && (shape[1] * shape[2]) % 4 === 0;
    this.conv = tiled ? new TiledConvLayer(given)
      : point ? new PointConvLayer(given) : new StridedConvLayer(given);
    this.clips = given.relu && !tiled;
    return this.conv.fit(shape);
  }

  run(input) {
    const out = this.conv.run(input);
    if (this.clips) for (let i = 0; i < out.length; i++) if (out[i] < 0) out[i] = 0;
    return out;
  }
}

// The same values under another shape.
class ViewLayer {
  constructor(shapeOf) {
    this.shapeOf = shapeOf;
  }

  fit(shape) {
    return this.shapeOf(shape);
  }

  run(input) {
    return input;
  }
}

// Four channels become two by two places of one; with another factor, its square.
class PixelShuffleLayer {
  constructor({ factor }) {
    this.factor = factor;
  }

  fit([channels, height, width]) {
    const { factor } = this;
    Object.assign(this, { nOut: channels / factor ** 2, height, width });
    this.out = new Float64Array(channels * height * width);
    return [this.nOut, height * factor, width * factor];
  }

  run(input) {
    const { factor, nOut, height, width, out } = this;
    const wide = width * factor;
    for (let c = 0, i = 0; c < nOut; c++) {
      for (let down = 0; down < factor; down++) {
        for (let across = 0; across < factor; across++) {
          for (let y = 0; y < height; y++) {
            let o = (c * height * factor + y * factor + down) * wide + across;
            for (let x = 0; x < width; x++, i++, o += factor) out[o] = input[i];
          }
        }
      }
    }
    return out;
  }
}

Object.assign(LAYER_KINDS, {
  quick_conv: (given) => new QuickConvLayer(given),
  pixel_shuffle: (given) => new PixelShuffleLayer(given),
  silu: () => new EachLayer((value) => value / (1 + Math.exp(-value))),
  seen: () => new ViewLayer(([height, width]) => [1, height, width]),
  in_rows: () => new ViewLayer(([channels, height, width]) => [channels * height, 1, width]),
  view: ({ shape }) => new ViewLayer(() => shape),
});
