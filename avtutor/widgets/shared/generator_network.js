// avtutor.models.LatentFlow and ConditionalVAE as they are used after training: a sound to what is
// heard in it, noise to latents, latents to a picture.

// Layer norm over each column of [value, column].
class ColumnNormLayer {
  constructor({ weight, bias, epsilon }) {
    Object.assign(this, { weight, bias, epsilon });
  }

  fit(shape) {
    this.nColumns = shape[2];
    this.out = new Float64Array(sizeOf(shape));
    return shape;
  }

  run(input) {
    const { weight, bias, epsilon, nColumns, out } = this;
    const n = weight.length;
    for (let column = 0; column < nColumns; column++) {
      let mean = 0, square = 0;
      for (let i = column; i < input.length; i += nColumns) mean += input[i] / n;
      for (let i = column; i < input.length; i += nColumns) square += (input[i] - mean) ** 2 / n;
      const factor = 1 / Math.sqrt(square + epsilon);
      for (let i = column, k = 0; k < n; i += nColumns, k++) {
        out[i] = (input[i] - mean) * factor * weight[k] + bias[k];
      }
    }
    return out;
  }
}

// Layers of vectors, for several vectors at a time: the columns of [value, 1, column]. A dense
// layer is then a convolution with filters of one cell.
const COLUMN_KINDS = {
  linear: (given) => new PointConvLayer(given),
  layer_norm: (given) => new ColumnNormLayer(given),
};

const columnChain = (given) => {
  const chain = new LayerChain([]);
  chain.layers = given.map((layer) => (COLUMN_KINDS[layer.kind] ?? LAYER_KINDS[layer.kind])(layer));
  return chain;
};

// Which way latents move, given the time and what was heard: for several draws at once.
class VelocityNetwork {
  // given: { n_waves, first, blocks, last } with the tensors read
  constructor({ n_waves, first, blocks, last }, nLatents, nFeatures) {
    Object.assign(this, { nWaves: n_waves, nLatents, nFeatures });
    this.first = columnChain(first);
    this.blocks = blocks.map(columnChain);
    this.last = columnChain(last);
  }

  // nColumns: a multiple of four
  fit(nColumns) {
    if (nColumns === this.nColumns) return;
    this.nColumns = nColumns;
    const nValues = this.nLatents + this.nFeatures + 2 * this.nWaves;
    this.input = new Float64Array(nValues * nColumns);
    const hidden = this.first.fit([nValues, 1, nColumns]);
    this.blocks.forEach((block) => block.fit(hidden));
    this.last.fit(hidden);
    this.sum = new Float64Array(sizeOf(hidden));
  }

  fillRow(row, value) {
    this.input.fill(value, row * this.nColumns, (row + 1) * this.nColumns);
  }

  hear(heard) {
    for (let i = 0; i < heard.length; i++) this.fillRow(this.nLatents + i, heard[i]);
  }

  // latents: [latent, column]. The change of each in a unit of time, in an array that the next
  // call fills again.
  run(latents, time) {
    const { input, sum, nWaves } = this;
    input.set(latents);
    for (let k = 0, row = this.nLatents + this.nFeatures; k < nWaves; k++, row++) {
      const angle = (Math.PI * time * 2 ** k) / 2;
      this.fillRow(row, Math.sin(angle));
      this.fillRow(row + nWaves, Math.cos(angle));
    }
    sum.set(this.first.run(input));
    for (const block of this.blocks) {
      const change = block.run(sum);
      for (let i = 0; i < sum.length; i++) sum[i] += change[i];
    }
    return this.last.run(sum);
  }
}

class GeneratorNetwork {
  // given: { kind, shape, n_latents, ear, velocity, decoder }, as
  // avtutor.widgets.generator_weights packs it
  constructor(given, view, nMels, nFrames) {
    Object.assign(this, { kind: given.kind, shape: given.shape, nLatents: given.n_latents });
    this.ear = new SenseEncoder({ sense: "audio", ...given.ear }, view);
    this.nMels = nMels;
    this.nFeatures = this.fit(nFrames);
    this.decoder = new LayerChain(readPacked(given.decoder.layers, view));
    const nValues = this.nLatents + (this.kind === "vae" ? this.nFeatures : 0);
    this.decoder.fit([nValues]);
    this.values = new Float64Array(nValues);
    this.velocity = this.kind === "flow"
      ? new VelocityNetwork(readPacked(given.velocity, view), this.nLatents, this.nFeatures) : null;
  }

  // Make room for spectrograms of so many frames; returns how many features there are.
  fit(nFrames) {
    return sizeOf(this.ear.fit([this.nMels, nFrames]));
  }

  // levels: [mel, frame]. Returns what is heard, in an array that the next call fills again.
  hear(levels) {
    this.ear.run(levels);
    if (this.kind === "vae") this.values.set(this.ear.features, this.nLatents);
    return this.ear.features;
  }

  // The latents of each draw on their way, `nSteps` and one. A flow looks half a step ahead (the
  // midpoint method); the latents of a conditional VAE grow from 0.
  ways(noises, nSteps) {
    const step = 1 / nSteps;
    if (this.kind === "vae") {
      return noises.map((noise) => range(0, nSteps, 1).map(
        (number) => noise.map((value) => number * step * value)));
    }
    const { velocity, nLatents } = this;
    const nColumns = inFours(noises.length);
    velocity.fit(nColumns);
    velocity.hear(this.ear.features);
    let at = Float64Array.from({ length: nLatents * nColumns }, (_, i) =>
      noises[i % nColumns]?.[Math.floor(i / nColumns)] ?? 0);
    const places = [at];
    for (let number = 0; number < nSteps; number++) {
      const half = velocity.run(at, number * step);
      const ahead = at.map((value, i) => value + (step / 2) * half[i]);
      const whole = velocity.run(ahead, number * step + step / 2);
      at = at.map((value, i) => value + step * whole[i]);
      places.push(at);
    }
    return noises.map((_, d) => places.map((place) =>
      Float64Array.from({ length: nLatents }, (_latent, i) => place[i * nColumns + d])));
  }

  // The picture at a place, [channel, height, width], in an array that the next call fills again.
  draw(latents) {
    this.values.set(latents);
    return this.decoder.run(this.values);
  }
}
