// What the settings mean, in numbers, and which widths those numbers are.

// Fill a list with [term, value, small print, warning] rows; nothing is touched that stays equal.
function fillFacts(list, rows) {
  const text = JSON.stringify(rows);
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...rows.map(([term, value, small, warning]) => element("div", { role: "listitem" },
    element("div", { class: "avt-term", text: term }),
    element("div", { class: "avt-value", text: value }),
    element("div", { class: warning ? "avt-small avt-warn" : "avt-small", text: small }))));
}

function showFacts(list, scales, widths, picture) {
  const { nFft, winLength, hopLength, sampleRate, nMels, window: name } = scales.settings;
  const product = widths.sigmaT * widths.sigmaF * 4 * Math.PI;
  const endless = !Number.isFinite(widths.sigmaF);
  const rows = [
    ["Δt, Δf: the window's standard deviations",
      `σt ${formatSeconds(widths.sigmaT)} · σf ${endless ? "∞" : formatHz(widths.sigmaF)}`,
      endless ? `σf diverges: the ${name} window jumps at its edges`
        : `σt · σf = ${product.toFixed(2)} × 1/(4π); less than 1.00 is impossible`],
    ["Resolution: main lobe, null to null",
      `${formatHz(widths.mainLobe)} (${widths.lobeBins} / window length)`,
      winLength < nFft ? "zero padding adds bins, and sharpens nothing"
        : "only a longer window makes it narrower"],
    ["Bin spacing: sample_rate / n_fft", formatHz(sampleRate / nFft),
      `${(widths.mainLobe / (sampleRate / nFft)).toFixed(1)} bins share one main lobe`],
    ["Frames", `one every ${formatSeconds(hopLength / sampleRate)}`,
      picture.step > 1.01
        ? `the screen shows one in ${picture.step.toFixed(1)}: show less time to see all`
        : hopLength > winLength ? "some samples are in no frame: the hop is longer than the window"
          : "every frame in this part is on the screen", hopLength > winLength],
  ];
  if (nMels) {
    const { empty } = melBank(nMels, nFft, sampleRate);
    rows[2] = ["Mel bands",
      `${nMels} from ${nFft / 2 + 1} bins, ${formatHz(sampleRate / nFft)} apart`,
      empty ? `${empty} ${empty === 1 ? "band holds" : "bands hold"} no bin and can only be silent (hatched)`
        : "every band holds at least one bin", empty > 0];
  }
  fillFacts(list, rows);
}

// What sampling and rounding did, measured on the part that is shown.
function samplingFacts(face) {
  const { sampled, scales, source } = face;
  const { keep_every, anti_alias, bits, dither } = face.settings.values;
  const rate = source.sampleRate / keep_every;
  const tone = face.toneMark();
  const peak = sampled.after.subarray(0, Math.floor((scales.newHalf / scales.half) * (SPECTRUM_FFT / 2)))
    .reduce((best, level, k, all) => (level > all[best] ? k : best), 0);
  const peakHz = (peak / (SPECTRUM_FFT / 2)) * scales.half;
  return [
    ["Sampling rate", formatHz(rate),
      keep_every === 1 ? "every sample is kept"
        : `one sample in ${keep_every}; holds nothing above ${formatHz(rate / 2)}`],
    tone ? aliasFact(tone) : foldedFact(face, rate, anti_alias),
    ["Strongest in what comes out", `${formatHz(peakHz)} at ${formatDb(sampled.after[peak])}`,
      `measured, to ${formatHz(scales.half / (SPECTRUM_FFT / 2))}`],
    ["Rounding", bits ? `error at ${formatDb(sampled.errorDb)}: ${formatDb(sampled.snr)} below the sound` : "none",
      !bits ? "the samples keep their values"
        : dither ? "with dither the error is noise, and no copy of the sound"
          : "without dither the error follows the sound: distortion"],
  ];
}

function aliasFact({ hz, alias, removed }) {
  const folded = Math.abs(alias - hz) > 1e-6;
  return ["Alias", folded ? `${formatHz(hz)} → ${formatHz(alias)}` : `${formatHz(hz)} stays`,
    removed ? "the filter takes the tone out before it can fold"
      : folded ? "the tone comes out at a wrong frequency" : "below half of the new rate", folded && !removed];
}

// For a recording: how much of it the new rate cannot hold.
function foldedFact({ sampled, source }, rate, filtered) {
  const hold = sampled.before.length - 1;
  const half = Math.floor((hold * rate) / source.sampleRate + 1e-9);
  let above = 0, all = 0;
  sampled.before.forEach((level, k) => {
    all += 10 ** (level / 10);
    if (k > half) above += 10 ** (level / 10);
  });
  const share = 10 * Math.log10(Math.max(above / all, 1e-12));
  return [`Above ${formatHz(rate / 2)}`, half >= hold ? "nothing" : `${formatDb(share)} of the sound`,
    half >= hold ? "this is the recording's own rate"
      : filtered ? "the filter takes it out" : "folded down onto what lies below", half < hold && !filtered];
}

// Where a recording is loudest, in seconds, so that there is something to see.
function loudestTime({ samples, sampleRate }, latest) {
  let best = 0;
  const last = Math.min(samples.length, Math.floor(latest * sampleRate));
  for (let i = 1; i < last; i++) if (Math.abs(samples[i]) > Math.abs(samples[best])) best = i;
  return Math.max(0, best / sampleRate - 0.02);
}

// What the network is given, what was done to it, and where the altered sound comes from.
function verdictFacts({ picture, panel, now, level, rangeDb, phase }, words) {
  const { nRows, nFrames } = picture;
  const first = panel.before.best;
  const shares = [panel.before.shares[first], now.shares[first]].map((share) => share.toFixed(2));
  const logits = [panel.before.logits[first], now.logits[first]].map((logit) => minus(logit.toFixed(2)));
  return [
    ["What the network gets", `${nRows} mel bands × ${nFrames} frames`,
      `${level === "below peak" ? `dB below the loudest, cut at −${rangeDb}` : "dB as recorded"}; `
        + `noise floor ${formatDb(picture.floor)}`],
    ["Altered", words.length ? words.join(", ") : "nothing",
      words.length ? "what is lost becomes noise floor; 0 dB would be loud" : "this is the sound as it was recorded"],
    [`The answer to the untouched sound: ${panel.classes[first]}`, `share ${shares.join(" → ")}`,
      `logit ${logits.join(" → ")}`],
    ["The altered sound", phase ? "keeps its phase" : "has no phase of its own",
      phase ? "samples are moved, hidden parts turned down"
        : `one is made up: Griffin-Lim, ${GRIFFIN_LIM_ROUNDS} rounds`],
  ];
}
