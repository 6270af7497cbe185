// The fast Fourier transform of complex numbers, for lengths that are a power of two.
//
// Radix 4, self-sorting (Stockham): each pass reads one array and writes the other, so that no
// bits need reversing. Twiddle factors are made once a length, in the order in which they are
// read, and nothing is allocated while transforming.

class FFT {
  constructor(size) {
    if (size < 2 || (size & (size - 1)) !== 0) {
      throw new RangeError(`the size of an FFT must be a power of two from 2 on, got ${size}`);
    }
    this.size = size;
    this.data = new Float64Array(2 * size); // real, imaginary, real, …: input, then result
    this.spare = new Float64Array(2 * size);
    this.twiddles = [];
    for (let length = size; length >= 4; length >>= 2) {
      const table = new Float64Array(6 * (length >> 2));
      for (let p = 0; p < length >> 2; p++) {
        for (let m = 1; m <= 3; m++) {
          table[6 * p + 2 * m - 2] = Math.cos((2 * Math.PI * p * m) / length);
          table[6 * p + 2 * m - 1] = -Math.sin((2 * Math.PI * p * m) / length);
        }
      }
      this.twiddles.push(table);
    }
  }

  // Replace `data` by its spectrum. (`data` is another array afterwards: read it anew.)
  transform() {
    let from = this.data;
    let to = this.spare;
    let length = this.size;
    let stride = 1;
    for (let pass = 0; length >= 4; pass++, length >>= 2, stride <<= 2) {
      fftPass4(from, to, length, stride, this.twiddles[pass]);
      const swap = from;
      from = to;
      to = swap;
    }
    if (length === 2) {
      fftPass2(from, to, 2 * stride);
      const swap = from;
      from = to;
      to = swap;
    }
    this.data = from;
    this.spare = to;
  }
}

// One radix-4 pass over `stride` interleaved transforms of `length` points each.
function fftPass4(x, y, length, stride, twiddles) {
  const quarter = length >> 2;
  const width = 2 * stride;
  const step = quarter * width;
  let i = 0;
  let o = 0;
  for (let p = 0, t = 0; p < quarter; p++, t += 6) {
    const c1 = twiddles[t], s1 = twiddles[t + 1];
    const c2 = twiddles[t + 2], s2 = twiddles[t + 3];
    const c3 = twiddles[t + 4], s3 = twiddles[t + 5];
    for (const end = i + width; i < end; i += 2, o += 2) {
      const ar = x[i], ai = x[i + 1], br = x[i + step], bi = x[i + step + 1];
      const cr = x[i + 2 * step], ci = x[i + 2 * step + 1];
      const dr = x[i + 3 * step], di = x[i + 3 * step + 1];
      const sumR = ar + cr, sumI = ai + ci, difR = ar - cr, difI = ai - ci;
      const oddR = br + dr, oddI = bi + di, rotR = di - bi, rotI = br - dr; // rot = i (b - d)
      y[o] = sumR + oddR;
      y[o + 1] = sumI + oddI;
      const uR = difR - rotR, uI = difI - rotI;
      y[o + width] = uR * c1 - uI * s1;
      y[o + width + 1] = uR * s1 + uI * c1;
      const vR = sumR - oddR, vI = sumI - oddI;
      y[o + 2 * width] = vR * c2 - vI * s2;
      y[o + 2 * width + 1] = vR * s2 + vI * c2;
      const wR = difR + rotR, wI = difI + rotI;
      y[o + 3 * width] = wR * c3 - wI * s3;
      y[o + 3 * width + 1] = wR * s3 + wI * c3;
    }
    o += 3 * width;
  }
}

// The last pass of lengths that are not a power of four: sums and differences.
function fftPass2(x, y, half) {
  for (let i = 0; i < half; i++) {
    const a = x[i], b = x[i + half];
    y[i] = a + b;
    y[i + half] = a - b;
  }
}

const FFT_OF_SIZE = new Map();

// The transform of that size, made once.
function fftOfSize(size) {
  if (!FFT_OF_SIZE.has(size)) FFT_OF_SIZE.set(size, new FFT(size));
  return FFT_OF_SIZE.get(size);
}
