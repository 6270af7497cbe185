// A 3×3 convolution with a border of zeros, ReLU, and 2×2 pooling where it is asked for.
//
// Winograd's F(4×4, 3×3): a tile of 6×6 inputs and the 3×3 weights are both turned into 36 numbers
// whose products, turned back, are 4×4 outputs: 36 multiplications instead of 144, shared by all
// channels. In float64 nothing of the precision is lost that float32 weights have.
// Source: Lavin and Gray 2016, Fast algorithms for convolutional neural networks.

const WINOGRAD_WEIGHTS = [
  [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
];

// What a convolution needs only while it runs: one place for all of them, which stays in the cache
// of the processor where many networks run one after another.
const WINOGRAD_ROOM = { turned: new Float64Array(0), summed: new Float64Array(0) };

function roomFor(name, count) {
  if (WINOGRAD_ROOM[name].length < count) WINOGRAD_ROOM[name] = new Float64Array(count);
}

class Conv3x3 {
  // weights [out, in, 3, 3]; biases [out]
  constructor(weights, biases, pooled) {
    this.nOut = biases.length;
    this.nIn = weights.length / (9 * this.nOut);
    this.biases = biases;
    this.pooled = pooled;
    this.rows = 4 * Math.ceil(this.nOut / 4); // outputs are summed four at a time
    this.turnedWeights = turnWeights(weights, this.nIn, this.nOut, this.rows);
    this.square = new Float64Array(36);
    this.tile = new Float64Array(16);
  }

  // Make room for an input of this size. `input` is [in, row, column] with the border of zeros:
  // the first value stands at `origin`, rows and planes are `stride` and `plane` apart.
  fit(height, width) {
    [this.height, this.width] = [height, width];
    this.tilesDown = Math.ceil(height / 4);
    this.tilesAcross = Math.ceil(width / 4);
    this.tiles = 2 * Math.ceil((this.tilesDown * this.tilesAcross) / 2);
    this.stride = 4 * this.tilesAcross + 2;
    this.plane = (4 * this.tilesDown + 2) * this.stride;
    this.origin = this.stride + 1;
    this.input = new Float64Array(this.nIn * this.plane);
    roomFor("turned", 36 * this.nIn * this.tiles);
    roomFor("summed", 36 * this.rows * this.tiles);
    this.outHeight = this.pooled ? Math.ceil(height / 2) : height;
    this.outWidth = this.pooled ? Math.ceil(width / 2) : width;
  }

  // Write the result into `place`: { input, origin, stride, plane } of the layer that follows.
  run(place) {
    const { turned, summed } = WINOGRAD_ROOM;
    turnTiles(this, turned);
    multiplyTiles(this.turnedWeights, turned, summed, this.nIn, this.rows, this.tiles);
    turnBack(this, summed, place);
  }
}

// [36, out / 4, in, 4]: in the order in which they are read.
function turnWeights(weights, nIn, nOut, rows) {
  const turned = new Float64Array(36 * rows * nIn);
  for (let o = 0; o < nOut; o++) {
    for (let c = 0; c < nIn; c++) {
      const first = 9 * (o * nIn + c);
      for (let k = 0; k < 36; k++) {
        const [down, across] = [WINOGRAD_WEIGHTS[Math.floor(k / 6)], WINOGRAD_WEIGHTS[k % 6]];
        let sum = 0;
        for (let i = 0; i < 9; i++) sum += down[Math.floor(i / 3)] * weights[first + i] * across[i % 3];
        turned[4 * ((k * (rows / 4) + (o >> 2)) * nIn + c) + (o & 3)] = sum;
      }
    }
  }
  return turned;
}

// Every tile of 6×6 inputs, two of which overlap by two, as 36 numbers: [36, in, tile].
function turnTiles({ input, square, nIn, tiles, tilesDown, tilesAcross, stride, plane }, turned) {
  const step = nIn * tiles;
  for (let c = 0; c < nIn; c++) {
    for (let down = 0, at = c * tiles; down < tilesDown; down++) {
      for (let across = 0; across < tilesAcross; across++, at++) {
        let i = c * plane + 4 * (down * stride + across);
        for (let row = 0; row < 36; row += 6, i += stride) {
          const d0 = input[i], d1 = input[i + 1], d2 = input[i + 2];
          const d3 = input[i + 3], d4 = input[i + 4], d5 = input[i + 5];
          const p = d4 - 4 * d2, q = d3 - 4 * d1, r = d4 - d2, s = 2 * (d3 - d1);
          square[row] = 4 * d0 - 5 * d2 + d4;
          square[row + 1] = p + q;
          square[row + 2] = p - q;
          square[row + 3] = r + s;
          square[row + 4] = r - s;
          square[row + 5] = 4 * d1 - 5 * d3 + d5;
        }
        for (let column = 0, o = at; column < 6; column++, o += step) {
          const d0 = square[column], d1 = square[column + 6], d2 = square[column + 12];
          const d3 = square[column + 18], d4 = square[column + 24], d5 = square[column + 30];
          const p = d4 - 4 * d2, q = d3 - 4 * d1, r = d4 - d2, s = 2 * (d3 - d1);
          turned[o] = 4 * d0 - 5 * d2 + d4;
          turned[o + 6 * step] = p + q;
          turned[o + 12 * step] = p - q;
          turned[o + 18 * step] = r + s;
          turned[o + 24 * step] = r - s;
          turned[o + 30 * step] = 4 * d1 - 5 * d3 + d5;
        }
      }
    }
  }
}

// 36 matrix products, [out, in] × [in, tile]: four outputs of two tiles at a time.
function multiplyTiles(weights, turned, summed, nIn, rows, tiles) {
  for (let k = 0; k < 36; k++) {
    for (let o = 0; o < rows; o += 4) {
      for (let t = 0; t < tiles; t += 2) {
        let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
        let w = (k * rows + o) * nIn;
        let v = k * nIn * tiles + t;
        for (const end = w + 4 * nIn; w < end; w += 4, v += tiles) {
          const a = turned[v], b = turned[v + 1];
          const w0 = weights[w], w1 = weights[w + 1], w2 = weights[w + 2], w3 = weights[w + 3];
          a0 += w0 * a; a1 += w1 * a; a2 += w2 * a; a3 += w3 * a;
          b0 += w0 * b; b1 += w1 * b; b2 += w2 * b; b3 += w3 * b;
        }
        const s = (k * rows + o) * tiles + t;
        summed[s] = a0;
        summed[s + 1] = b0;
        summed[s + tiles] = a1;
        summed[s + tiles + 1] = b1;
        summed[s + 2 * tiles] = a2;
        summed[s + 2 * tiles + 1] = b2;
        summed[s + 3 * tiles] = a3;
        summed[s + 3 * tiles + 1] = b3;
      }
    }
  }
}

// 36 sums become 4×4 outputs; those beyond the picture are 0, which a maximum of ReLUs ignores.
function turnBack(conv, summed, { input: out, origin, stride, plane }) {
  const { square, tile, biases, nOut, rows, tiles, tilesDown, tilesAcross } = conv;
  const step = rows * tiles;
  for (let o = 0; o < nOut; o++) {
    const bias = biases[o];
    for (let down = 0, at = o * tiles; down < tilesDown; down++) {
      const left = conv.height - 4 * down;
      for (let across = 0; across < tilesAcross; across++, at++) {
        const room = conv.width - 4 * across;
        for (let column = 0, i = at; column < 6; column++, i += step) {
          const m1 = summed[i + 6 * step], m2 = summed[i + 12 * step];
          const m3 = summed[i + 18 * step], m4 = summed[i + 24 * step];
          const p = m1 + m2, q = m1 - m2, r = m3 + m4, s = m3 - m4;
          square[column] = summed[i] + p + r;
          square[column + 6] = q + 2 * s;
          square[column + 12] = p + 4 * r;
          square[column + 18] = q + 8 * s + summed[i + 30 * step];
        }
        for (let row = 0, i = 0, t = 0; row < 4; row++, i += 6, t += 4) {
          const m1 = square[i + 1], m2 = square[i + 2], m3 = square[i + 3], m4 = square[i + 4];
          const p = m1 + m2, q = m1 - m2, r = m3 + m4, s = m3 - m4;
          const inside = row < left;
          tile[t] = inside ? Math.max(0, bias + square[i] + p + r) : 0;
          tile[t + 1] = inside && room > 1 ? Math.max(0, bias + q + 2 * s) : 0;
          tile[t + 2] = inside && room > 2 ? Math.max(0, bias + p + 4 * r) : 0;
          tile[t + 3] = inside && room > 3 ? Math.max(0, bias + q + 8 * s + square[i + 5]) : 0;
        }
        if (conv.pooled) {
          const i = origin + o * plane + 2 * (down * stride + across);
          out[i] = Math.max(tile[0], tile[1], tile[4], tile[5]);
          out[i + 1] = Math.max(tile[2], tile[3], tile[6], tile[7]);
          out[i + stride] = Math.max(tile[8], tile[9], tile[12], tile[13]);
          out[i + stride + 1] = Math.max(tile[10], tile[11], tile[14], tile[15]);
        } else {
          for (let t = 0, i = origin + o * plane + 4 * (down * stride + across); t < 16; t += 4, i += stride) {
            out[i] = tile[t];
            out[i + 1] = tile[t + 1];
            out[i + 2] = tile[t + 2];
            out[i + 3] = tile[t + 3];
          }
        }
      }
    }
  }
}
