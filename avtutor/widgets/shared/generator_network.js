// avtutor.models.LatentFlow and ConditionalVAE as they are used after training: a sound to what is
// heard in it, noise to latents, latents to a picture.

// Which way latents move, given the time and what was heard.
class VelocityNetwork {
  // given: { n_waves, first, blocks, last } with the tensors read
  constructor({ n_waves, first, blocks, last }, nLatents, nFeatures) {
    Object.assign(this, { nWaves: n_waves, nLatents, nFeatures });
    this.input = new Float64Array(nLatents + nFeatures + 2 * n_waves);
    this.first = new LayerChain(first);
    this.blocks = blocks.map((layers) => new LayerChain(layers));
    this.last = new LayerChain(last);
    const hidden = this.first.fit([this.input.length]);
    this.blocks.forEach((block) => block.fit(hidden));
    this.last.fit(hidden);
    this.sum = new Float64Array(sizeOf(hidden));
  }

  hear(heard) {
    this.input.set(heard, this.nLatents);
  }

  // The change of each latent in a unit of time, in an array that the next call fills again.
  run(latents, time) {
    const { input, sum, nWaves } = this;
    input.set(latents);
    for (let k = 0, i = this.nLatents + this.nFeatures; k < nWaves; k++, i++) {
      const angle = (Math.PI * time * 2 ** k) / 2;
      input[i] = Math.sin(angle);
      input[i + nWaves] = Math.cos(angle);
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
    this.velocity?.hear(this.ear.features);
    if (this.kind === "vae") this.values.set(this.ear.features, this.nLatents);
    return this.ear.features;
  }

  // The latents on their way, `nSteps` and one. A flow looks half a step ahead (the midpoint
  // method); the latents of a conditional VAE grow from 0.
  way(noise, nSteps) {
    const step = 1 / nSteps;
    if (this.kind === "vae") {
      return range(0, nSteps, 1).map((number) => noise.map((value) => number * step * value));
    }
    const places = [Float64Array.from(noise)];
    for (let number = 0; number < nSteps; number++) {
      const at = places[number];
      const ahead = at.slice();
      const half = this.velocity.run(at, number * step);
      for (let i = 0; i < ahead.length; i++) ahead[i] += (step / 2) * half[i];
      const whole = this.velocity.run(ahead, number * step + step / 2);
      places.push(at.map((value, i) => value + step * whole[i]));
    }
    return places;
  }

  // The picture at a place, [channel, height, width], in an array that the next call fills again.
  draw(latents) {
    this.values.set(latents);
    return this.decoder.run(this.values);
  }
}
