// avtutor.models.SpectrogramCNN as it is used after training: levels in, logits out.

// The tensors of a network by name. index: [{ name, shape, first }]; view: float32, in one block.
function readTensors(index, view) {
  return Object.fromEntries(index.map(({ name, shape, first }) => {
    const values = new Float64Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * (first + i), true);
    return [name, values];
  }));
}

// Batch norm with its running statistics is a factor and a summand for each channel.
function batchNormOf(tensors, name, epsilon) {
  const [weight, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
    (part) => tensors[`${name}.${part}`]);
  const scale = weight.map((w, i) => w / Math.sqrt(variance[i] + epsilon));
  return { scale, shift: bias.map((b, i) => b - mean[i] * scale[i]) };
}

class SpectrogramNetwork {
  // description: { n_mels, n_classes, widths, pooling, epsilon, tensors }, as
  // avtutor.widgets.weights packs it
  constructor(description, view) {
    const tensors = readTensors(description.tensors, view);
    const { widths, epsilon } = description;
    this.nMels = description.n_mels;
    this.withGreatest = description.pooling === "mean_max";
    this.input = batchNormOf(tensors, "normalise", epsilon);
    this.convs = widths.map((width, number) => {
      const { scale, shift } = batchNormOf(tensors, `norms.${number}`, epsilon);
      const weights = tensors[`convs.${number}.weight`];
      const perOutput = weights.length / width;
      return new Conv3x3(weights.map((w, i) => w * scale[Math.floor(i / perOutput)]), shift,
        number < widths.length - 1);
    });
    this.weights = tensors["classifier.weight"];
    this.biases = tensors["classifier.bias"];
    this.logits = new Float64Array(description.n_classes);
  }

  // Make room for pictures of so many frames; `run` then allocates nothing.
  fit(nFrames) {
    if (nFrames === this.nFrames) return this;
    this.nFrames = nFrames;
    let [height, width] = [this.nMels, nFrames];
    for (const conv of this.convs) {
      conv.fit(height, width);
      [height, width] = [conv.outHeight, conv.outWidth];
    }
    const last = this.convs[this.convs.length - 1];
    const stride = 4 * last.tilesAcross;
    const plane = 4 * last.tilesDown * stride;
    this.maps = { input: new Float64Array(last.nOut * plane), origin: 0, stride, plane };
    this.features = new Float64Array(last.nOut * height * (this.withGreatest ? 2 : 1));
    return this;
  }

  // levels: [mel, frame]. Returns the logits, in an array that the next call fills again.
  run(levels) {
    const features = this.embed(levels);
    const { weights, biases, logits } = this;
    for (let c = 0, w = 0; c < logits.length; c++) {
      let sum = biases[c];
      for (let i = 0; i < features.length; i++) sum += weights[w++] * features[i];
      logits[c] = sum;
    }
    return logits;
  }

  // What the dense layer sees, in an array that the next call fills again.
  embed(levels) {
    const { convs, maps, nFrames, nMels } = this;
    const { scale, shift } = this.input;
    const { input, origin, stride } = convs[0];
    for (let row = 0, i = 0; row < nMels; row++) {
      for (let x = 0, o = origin + row * stride; x < nFrames; x++) {
        input[o++] = levels[i++] * scale[row] + shift[row];
      }
    }
    convs.forEach((conv, number) => conv.run(convs[number + 1] ?? maps));
    this.pool();
    return this.features;
  }

  // The mean of each row of each map over time; after all of them, where it is asked for, the
  // greatest value of each.
  pool() {
    const { convs, maps, features, withGreatest } = this;
    const { nOut, height, width } = convs[convs.length - 1];
    for (let o = 0, f = 0; o < nOut; o++) {
      for (let row = 0; row < height; row++, f++) {
        const first = o * maps.plane + row * maps.stride;
        let sum = 0;
        let greatest = 0; // nothing is below 0 after a ReLU
        for (let x = 0; x < width; x++) {
          const value = maps.input[first + x];
          sum += value;
          if (value > greatest) greatest = value;
        }
        features[f] = sum / width;
        if (withGreatest) features[nOut * height + f] = greatest;
      }
    }
  }
}

// Write the softmax of the logits into `shares`: positive numbers that add up to 1.
function softmax(logits, shares) {
  const highest = Math.max(...logits);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += shares[c] = Math.exp(logits[c] - highest);
  for (let c = 0; c < logits.length; c++) shares[c] /= sum;
  return shares;
}

const largest = (values) => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
