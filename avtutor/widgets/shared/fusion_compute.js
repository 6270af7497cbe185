// A picture and a sound with noise, as networks get them. The same functions in Python are in
// avtutor.widgets.fused; a test holds them equal.

// The pictures as { name, label, shape [height, width], values }: float32 in one block.
function readPictures(model) {
  const view = model.get("picture");
  return model.get("pictures").map(({ name, label, shape }, number) => {
    const values = new Float64Array(sizeOf(shape));
    const first = number * values.length;
    for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * (first + i), true);
    return { name, label, shape, values };
  });
}

const frontEndOf = (given) => ({
  sampleRate: given.sample_rate, nFft: given.n_fft, winLength: given.win_length,
  hopLength: given.hop_length, nMels: given.n_mels, fMin: given.f_min, fMax: given.f_max,
  window: given.window,
});

// Grey values with noise; the signal is what differs from the mean grey.
function seeWithNoise(values, noise, snrDb, out) {
  return addNoise(values, noise, noiseGain(values, noise, snrDb, meanOf(values)), out);
}

// Samples with noise.
function hearWithNoise(samples, noise, snrDb, out) {
  const fitting = noise.subarray(0, samples.length);
  return addNoise(samples, fitting, noiseGain(samples, fitting, snrDb, 0), out);
}

// The log-mel spectrogram in dB below its loudest cell, cut at `rangeDb`: [row, frame].
function levelsOf(samples, settings, rangeDb) {
  const frames = range(0, frameCount(samples.length, settings.hopLength) - 1, 1);
  const levels = computeSpectrogram(samples, { ...settings, topDb: 1000, rangeDb: 2000 }, frames);
  let loudest = -Infinity;
  for (const value of levels) if (value > loudest) loudest = value;
  for (let i = 0; i < levels.length; i++) levels[i] = Math.max(levels[i] - loudest, -rangeDb);
  return levels;
}

// The noisy sound no louder than the clean one, and never above full scale.
function asLoudAs(samples, noisy) {
  const power = powerAbout(noisy, 0);
  const peak = noisy.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gain = power > 0 ? Math.min(Math.sqrt(powerAbout(samples, 0) / power), 1 / Math.max(peak, 1)) : 1;
  return noisy.map((value) => gain * value);
}

// What the networks are given and what they answer. In Python: avtutor.widgets.fused.compute.
// nets: FusionNetworks; asked: { image_snr, audio_snr, image_present, audio_present, seed }
function computeFusion(picture, samples, nets, settings, asked, rangeDb) {
  const { image_snr, audio_snr, image_present, audio_present, seed } = asked;
  const noise = [drawNoise(sizeOf(picture.shape), seed, NOISE_STREAM.image),
    drawNoise(samples.length, seed, NOISE_STREAM.audio)];
  const seen = seeWithNoise(picture.values, noise[0], image_snr, picture.values.slice());
  const heard = hearWithNoise(samples, noise[1], audio_snr, samples.slice());
  const levels = levelsOf(heard, settings, rangeDb);
  nets.fit("image", [1, ...picture.shape])
    .fit("audio", [settings.nMels, levels.length / settings.nMels])
    .sense("image", seen).sense("audio", levels);
  const logits = nets.answers({ image: image_present, audio: audio_present })
    .map((answer) => answer && answer.slice());
  return { seen, heard, levels, logits };
}
