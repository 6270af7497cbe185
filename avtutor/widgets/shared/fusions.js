// The fusions of avtutor.models.fusing: what the senses say, joined. Each has `fit(shapes)`, which
// makes room and returns the shape of its output, and `run(features, there)`: features by sense,
// and which senses are there. What stands in the place of a missing one is not looked at.

// The values of all senses in one row, zeros where one is missing.
class SideBySide {
  constructor(sizes) {
    this.out = new Float64Array(sizes.reduce((sum, size) => sum + size, 0));
  }

  run(senses, sizes, features, there) {
    this.out.fill(0);
    senses.forEach((sense, s) => {
      const first = sizes.slice(0, s).reduce((sum, size) => sum + size, 0);
      if (there[sense]) this.out.set(features[sense], first);
    });
    return this.out;
  }
}

class ConcatenateFusion {
  constructor({ senses, sizes }) {
    Object.assign(this, { senses, sizes });
    this.row = new SideBySide(sizes);
  }

  fit() {
    return [this.row.out.length];
  }

  run(features, there) {
    return this.row.run(this.senses, this.sizes, features, there);
  }
}

// Inputs brought to one grid, each by two products with fixed matrices, as channels.
class CommonGridFusion {
  // grid: [height, width]; sizes: [channel, height, width] a sense; rows, columns: a matrix a sense
  constructor({ senses, sizes, grid, rows, columns }) {
    Object.assign(this, { senses, sizes, grid, rows, columns });
    this.channels = sizes.reduce((sum, [channels]) => sum + channels, 0);
    this.out = new Float64Array(this.channels * grid[0] * grid[1]);
    this.middle = sizes.map(([, , width]) => new Float64Array(grid[0] * width));
  }

  fit() {
    return [this.channels, ...this.grid];
  }

  run(features, there) {
    const { grid, sizes, out } = this;
    const plane = grid[0] * grid[1];
    out.fill(0);
    let first = 0;
    this.senses.forEach((sense, s) => {
      const [channels, height, width] = sizes[s];
      for (let c = 0; c < channels; c++, first += plane) {
        if (!there[sense]) continue;
        const values = features[sense].subarray(c * height * width, (c + 1) * height * width);
        multiplyInto(this.rows[s], values, this.middle[s], grid[0], height, width);
        multiplyInto(this.middle[s], this.columns[s], out.subarray(first, first + plane),
          grid[0], width, grid[1]);
      }
    });
    return out;
  }
}

// out = a [n, m] × b [m, k]
function multiplyInto(a, b, out, n, m, k) {
  out.fill(0);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < m; i++) {
      const factor = a[row * m + i];
      if (factor === 0) continue;
      for (let x = 0, o = row * k, q = i * k; x < k; x++) out[o++] += factor * b[q++];
    }
  }
}

// Write the logarithm of the softmax into `out`.
function logSoftmax(logits, out) {
  const highest = Math.max(...logits);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += Math.exp(logits[c] - highest);
  const below = highest + Math.log(sum);
  for (let c = 0; c < logits.length; c++) out[c] = logits[c] - below;
  return out;
}

// The mean of the log-softmax of the senses that are there, with a weight for each sense and class:
// the softmax of `scores` over the senses, or equal ones.
class LateFusion {
  // scores: [sense, class], or null
  constructor({ senses, scores, n_classes }) {
    Object.assign(this, { senses, scores });
    this.own = new Float64Array(n_classes);
    this.out = new Float64Array(n_classes);
  }

  fit() {
    return [this.out.length];
  }

  run(features, there) {
    const { senses, scores, own, out } = this;
    const n = out.length;
    out.fill(0);
    senses.forEach((sense, s) => {
      if (!there[sense]) return;
      logSoftmax(features[sense], own);
      for (let c = 0; c < n; c++) {
        let total = 0; // of the weights of the senses that are there, beside this one's
        senses.forEach((other, o) => {
          if (there[other]) total += scores ? Math.exp(scores[o * n + c] - scores[s * n + c]) : 1;
        });
        out[c] += own[c] / total;
      }
    });
    return out;
  }
}

class GatedSum {
  // values, gates: a linear layer a sense
  constructor({ senses, sizes, values, gates }) {
    Object.assign(this, { senses, sizes });
    this.values = values.map((given) => new LinearLayer(given));
    this.gates = gates.map((given) => new LinearLayer(given));
    this.row = new SideBySide(sizes);
    this.out = new Float64Array(this.values[0].out.length);
  }

  fit() {
    return [this.out.length];
  }

  run(features, there) {
    const { senses, sizes, values, gates, row, out } = this;
    const every = row.run(senses, sizes, features, there);
    const present = senses.map((sense, s) => s).filter((s) => there[senses[s]]);
    for (const s of present) {
      values[s].run(features[senses[s]]);
      gates[s].run(every);
    }
    for (let i = 0; i < out.length; i++) {
      const highest = Math.max(...present.map((s) => gates[s].out[i]));
      let sum = 0, total = 0;
      for (const s of present) {
        const share = Math.exp(gates[s].out[i] - highest);
        sum += share * Math.tanh(values[s].out[i]);
        total += share;
      }
      out[i] = sum / total;
    }
    return out;
  }
}

class LowRankProduct {
  // factors: a linear layer a sense, to rank × width values; bias: [width]
  constructor({ senses, sizes, factors, bias, rank }) {
    Object.assign(this, { senses, bias, rank });
    this.factors = factors.map((given) => new LinearLayer(given));
    this.empty = sizes.map((size) => new Float64Array(size));
    this.out = new Float64Array(bias.length);
  }

  fit() {
    return [this.out.length];
  }

  run(features, there) {
    const { senses, factors, empty, bias, rank, out } = this;
    senses.forEach((sense, s) => factors[s].run(there[sense] ? features[sense] : empty[s]));
    for (let i = 0; i < out.length; i++) {
      let sum = bias[i];
      for (let r = 0; r < rank; r++) {
        sum += factors.reduce((product, layer) => product * layer.out[r * out.length + i], 1);
      }
      out[i] = sum;
    }
    return out;
  }
}

// Self-attention of one head and two dense layers, each added to what came in.
class AttentionOfTokens {
  constructor({ first, second, qkv, out, dense }, nTokens) {
    this.first = new NormLayer(first);
    this.second = new NormLayer(second);
    this.qkv = new LinearLayer(qkv);
    this.last = new LinearLayer(out);
    this.dense = new LayerChain(dense);
    this.width = this.last.out.length;
    this.dense.fit([this.width]);
    this.asked = Array.from({ length: nTokens }, () => new Float64Array(3 * this.width));
    this.scores = new Float64Array(nTokens);
    this.shares = new Float64Array(nTokens);
    this.mixed = new Float64Array(this.width);
  }

  // tokens: an array of vectors; they are changed.
  run(tokens) {
    const { asked, width, scores, shares, mixed } = this;
    tokens.forEach((token, t) => asked[t].set(this.qkv.run(this.first.run(token))));
    tokens.forEach((token, t) => {
      for (let u = 0; u < tokens.length; u++) {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += asked[t][i] * asked[u][width + i];
        scores[u] = sum / Math.sqrt(width);
      }
      softmax(scores, shares);
      mixed.fill(0);
      for (let u = 0; u < tokens.length; u++) {
        for (let i = 0; i < width; i++) mixed[i] += shares[u] * asked[u][2 * width + i];
      }
      addInto(token, this.last.run(mixed));
      addInto(token, this.dense.run(this.second.run(token)));
    });
  }
}

function addInto(out, values, factor = 1) {
  for (let i = 0; i < out.length; i++) out[i] += factor * values[i];
}

class BottleneckOfTokens {
  // tokens: a linear layer a sense; shared: [token, width]; layers: [layer][sense]
  constructor({ senses, tokens, shared, layers, norm }) {
    this.senses = senses;
    this.toTokens = tokens.map((given) => new LinearLayer(given));
    this.norm = new NormLayer(norm);
    this.out = new Float64Array(this.norm.out.length);
    const width = this.out.length;
    const vectors = (count) => Array.from({ length: count }, () => new Float64Array(width));
    this.start = shared;
    this.shared = vectors(shared.length / width);
    this.tokens = this.toTokens.map((layer) =>
      vectors(layer.out.length / width + this.shared.length)); // its own, and the shared ones
    this.layers = layers.map((blocks) =>
      blocks.map((given, s) => new AttentionOfTokens(given, this.tokens[s].length)));
  }

  fit() {
    return [this.out.length];
  }

  run(features, there) {
    const { senses, tokens, toTokens, shared, start, layers, norm, out } = this;
    const width = out.length;
    const present = senses.map((sense, s) => s).filter((s) => there[senses[s]]);
    const own = (s) => tokens[s].slice(0, -shared.length);
    for (const s of present) {
      const values = toTokens[s].run(features[senses[s]]);
      own(s).forEach((token, t) => token.set(values.subarray(t * width, (t + 1) * width)));
    }
    shared.forEach((token, t) => token.set(start.subarray(t * width, (t + 1) * width)));
    for (const blocks of layers) {
      for (const s of present) {
        const heard = tokens[s].slice(-shared.length);
        heard.forEach((token, t) => token.set(shared[t]));
        blocks[s].run(tokens[s]);
      }
      shared.forEach((token, t) => {
        token.fill(0);
        for (const s of present) addInto(token, tokens[s].slice(-shared.length)[t], 1 / present.length);
      });
    }
    out.fill(0);
    for (const s of present) {
      const mine = own(s);
      for (const token of mine) addInto(out, norm.run(token), 1 / (mine.length * present.length));
    }
    return out;
  }
}

const FUSION_KINDS = {
  common_grid: (given) => new CommonGridFusion(given),
  concatenate: (given) => new ConcatenateFusion(given),
  late: (given, nClasses) => new LateFusion({ ...given, n_classes: nClasses }),
  gated: (given) => new GatedSum(given),
  bottleneck: (given) => new BottleneckOfTokens(given),
  low_rank: (given) => new LowRankProduct(given),
};
