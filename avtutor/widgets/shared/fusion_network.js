// avtutor.models.FusionNet as it is used after training: encoders, a fusion, a head.

// One encoder: a spectrogram CNN or nothing, then layers.
class SenseEncoder {
  constructor({ sense, cnn, layers }, view) {
    this.sense = sense;
    this.cnn = cnn && new SpectrogramNetwork(cnn, view);
    this.chain = new LayerChain(readPacked(layers, view));
  }

  fit(shape) {
    if (!this.cnn) return this.chain.fit(shape);
    this.cnn.fit(shape[1]);
    return this.chain.fit([this.cnn.features.length]);
  }

  run(values) {
    this.features = this.chain.run(this.cnn ? this.cnn.embed(values) : values);
  }
}

class FusionNetwork {
  constructor(given, encoders, view, nClasses) {
    this.senses = given.senses;
    this.encoders = given.senses.map((sense) => encoders[given.encoders[sense]]);
    this.fusion = FUSION_KINDS[given.fusion.kind](readPacked(given.fusion, view), nClasses);
    this.head = new LayerChain(readPacked(given.head, view));
    this.head.fit(this.fusion.fit());
    this.ownHeads = given.senses.map((sense) => {
      const layers = given.sense_heads[sense];
      return layers && new LayerChain(readPacked(layers, view));
    });
    this.shares = new Float64Array(nClasses);
  }

  // The logits, in an array that the next call fills again, or null where no sense is there.
  answer(there) {
    const { senses, encoders, ownHeads } = this;
    if (!senses.some((sense) => there[sense])) return null;
    const features = {};
    senses.forEach((sense, s) => {
      const own = ownHeads[s];
      if (!there[sense]) return;
      if (own) own.fit([encoders[s].features.length]);
      features[sense] = own ? own.run(encoders[s].features) : encoders[s].features;
    });
    return this.head.run(this.fusion.run(features, there));
  }
}

// Networks whose encoders may be shared; an encoder runs when its sense has changed, and only then.
class FusionNetworks {
  // given: { encoders, nets }, as avtutor.widgets.fusion_weights packs them
  constructor(given, view, nClasses) {
    this.encoders = given.encoders.map((encoder) => new SenseEncoder(encoder, view));
    this.nets = given.nets.map((net) => new FusionNetwork(net, this.encoders, view, nClasses));
    this.names = given.nets.map(({ name }) => name);
  }

  of(sense) {
    return this.encoders.filter((encoder) => encoder.sense === sense);
  }

  // shape: [mel, frame] or [1, height, width]
  fit(sense, shape) {
    this.of(sense).forEach((encoder) => encoder.fit(shape));
    return this;
  }

  sense(sense, values) {
    this.of(sense).forEach((encoder) => encoder.run(values));
    return this;
  }

  // there: { audio, image }
  answers(there) {
    return this.nets.map((net) => net.answer(there));
  }

  // The shares of the classes, a net; null where it cannot answer.
  shares(there) {
    return this.nets.map((net) => {
      const logits = net.answer(there);
      return logits && softmax(logits, net.shares);
    });
  }
}
