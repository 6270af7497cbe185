// What the settings mean, in numbers, and which widths those numbers are.

// Fill a <dl> with [term, value, small print, warning] rows; nothing is touched that stays equal.
function fillFacts(list, rows) {
  const text = JSON.stringify(rows);
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...rows.map(([term, value, small, warning]) => element("div", {},
    element("dt", { text: term }),
    element("dd", {}, value, element("small", { text: small, class: warning ? "avt-warn" : "" })))));
}

function showFacts(list, scales, widths, picture) {
  const { nFft, winLength, hopLength, sampleRate, nMels, window: name } = scales.settings;
  const product = widths.sigmaT * widths.sigmaF * 4 * Math.PI;
  const endless = !Number.isFinite(widths.sigmaF);
  const rows = [
    ["Δt and Δf (standard deviations of the window)",
      `σt ${formatSeconds(widths.sigmaT)} · σf ${endless ? "∞" : formatHz(widths.sigmaF)}`,
      endless ? `σf diverges: the ${name} window jumps at its edges`
        : `σt · σf = ${product.toFixed(2)} × 1/(4π); less than 1.00 is impossible`],
    ["Resolution: the main lobe, null to null",
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
