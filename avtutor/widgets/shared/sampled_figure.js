// The figure of the sampling explorer: the samples in time, and the spectra before and after.

const SAMPLED = { left: 62, right: 16, time: 118, spectrum: 112, title: 20, axis: 24, gap: 12 };
SAMPLED.timeTop = SAMPLED.title;
SAMPLED.beforeTop = SAMPLED.timeTop + SAMPLED.time + SAMPLED.axis + SAMPLED.gap;
SAMPLED.afterTop = SAMPLED.beforeTop + SAMPLED.spectrum + SAMPLED.title;
SAMPLED.height = SAMPLED.afterTop + SAMPLED.spectrum + SAMPLED.axis;
const SPECTRUM_BOTTOM = -120; // dB
const SPECTRUM_TOP = 6;

class SampledScales {
  constructor(width, sampleRate, every) {
    this.left = SAMPLED.left;
    this.width = Math.max(50, width - SAMPLED.left - SAMPLED.right);
    this.right = this.left + this.width;
    this.half = sampleRate / 2;
    this.newHalf = sampleRate / every / 2;
  }
  x(hz) {
    return this.left + (hz / this.half) * this.width;
  }
  hz(x) {
    return Math.min(Math.max((x - this.left) / this.width, 0), 1) * this.half;
  }
  y(db, top) {
    const share = (db - SPECTRUM_BOTTOM) / (SPECTRUM_TOP - SPECTRUM_BOTTOM);
    return top + SAMPLED.spectrum * (1 - Math.min(Math.max(share, 0), 1));
  }
}

function panelTitle(context, theme, left, top, parts) {
  context.textAlign = "left";
  context.textBaseline = "bottom";
  let x = left;
  for (const [text, colour] of parts) {
    context.fillStyle = colour;
    context.fillText(text, x, top - 5);
    x += context.measureText(text).width + 10;
  }
}

// The first milliseconds of the region: the sound, the samples kept of it, and what comes out.
function drawTimePanel(context, theme, scales, source, sampled, settings, shownMs) {
  const { every, start, bits } = settings;
  const top = SAMPLED.timeTop;
  const bottom = top + SAMPLED.time;
  const middle = (top + bottom) / 2;
  const { sampleRate, samples } = source;
  const count = Math.min((shownMs / 1000) * sampleRate, REGION - 64 * every);
  const x = (i) => scales.left + (i / count) * scales.width;
  let peak = 1e-9;
  for (let i = 0; i <= count; i++) peak = Math.max(peak, Math.abs(samples[start + i] ?? 0));
  for (const value of sampled.out.subarray(0, Math.ceil(count / every))) peak = Math.max(peak, Math.abs(value));
  peak = Math.min(peak * 1.05, 1.3);
  const y = (value) => middle - (value / peak) * (SAMPLED.time / 2 - 3);
  context.fillStyle = theme.fill;
  context.fillRect(scales.left, top, scales.width, SAMPLED.time);
  panelTitle(context, theme, scales.left, top, [
    ["before", theme.wave], ["kept samples", theme.second], ["after: what is heard", theme.accent],
  ]);
  context.save();
  context.beginPath();
  context.rect(scales.left, top, scales.width, SAMPLED.time);
  context.clip();
  if (bits && bits <= 6) drawLevels(context, theme, scales, y, bits);
  context.strokeStyle = theme.line;
  context.beginPath();
  context.moveTo(scales.left, middle);
  context.lineTo(scales.right, middle);
  context.stroke();
  context.strokeStyle = theme.wave;
  context.lineWidth = 1.5;
  context.beginPath();
  joinSamples(context, samples, 1, start, count, x, y);
  drawHeard(context, theme, sampled, settings, samples, { x, y, count });
  const spacing = (every / count) * scales.width;
  if (spacing > 3) {
    context.fillStyle = theme.second;
    for (let n = 0; (sampled.first + n) * every - start <= count; n++) {
      context.beginPath();
      context.arc(x((sampled.first + n) * every - start), y(sampled.out[n]), Math.min(3, spacing / 2.5), 0, 7);
      context.fill();
    }
  }
  context.restore();
  context.lineWidth = 1;
  context.strokeStyle = theme.line;
  const digits = peak >= 0.1 ? 2 : peak >= 0.001 ? 4 : 6;
  const mark = peak / 1.05;
  drawLeftAxis(context, theme, {
    x: scales.left, at: y, ticks: [[mark, mark.toFixed(digits)], [0, "0"], [-mark, `−${mark.toFixed(digits)}`]],
  });
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: bottom, low: 0, high: (count / sampleRate) * 1000,
    at: (ms) => x((ms / 1000) * sampleRate), label: "time (ms)",
  });
}

// The levels that the bits can tell apart.
function drawLevels(context, theme, scales, y, bits) {
  const step = 2 ** (1 - bits);
  context.strokeStyle = theme.line;
  context.globalAlpha = 0.35;
  context.beginPath();
  for (let level = -1; level <= 1 - step + 1e-9; level += step) {
    context.moveTo(scales.left, Math.round(y(level)) + 0.5);
    context.lineTo(scales.right, Math.round(y(level)) + 0.5);
  }
  context.stroke();
  context.globalAlpha = 1;
}

// The curve through the samples, for the part on the screen; the samples before it count too.
function drawHeard(context, theme, sampled, settings, samples, { x, y, count }) {
  const { every, start, antiAlias, bits, dither, seed } = settings;
  const margin = 30;
  const first = Math.max(0, sampled.first - margin);
  const total = sampled.first - first + Math.min(sampled.out.length, Math.ceil(count / every) + margin);
  const kept = keepOneIn(samples, every, antiAlias, first, total);
  const around = quantise(kept, bits, dither, seed, first);
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.5;
  joinSamples(context, around, every, start - first * every, count, x, y);
}

// Draw the smooth curve through samples that are `every` places apart, from place `start` on.
function joinSamples(context, samples, every, start, count, x, y) {
  const finer = Math.max(1, Math.round(2000 / count)); // points a place
  const curve = interpolate(samples, every * finer, start * finer, Math.ceil(count * finer) + 1);
  const stride = Math.max(1, Math.floor(count / 2000));
  context.beginPath();
  for (let i = 0; i < curve.length; i += stride) context.lineTo(x(i / finer), y(curve[i]));
  context.stroke();
}

// One spectrum: the loudest bin in each column of pixels, drawn as a filled line.
function drawSpectrum(context, scales, levels, top, colour, upTo) {
  const bottom = top + SAMPLED.spectrum;
  const perPixel = (levels.length - 1) / scales.width;
  const end = Math.min(scales.width, (upTo / scales.half) * scales.width);
  context.beginPath();
  context.moveTo(scales.left, bottom);
  for (let px = 0; px <= end; px++) {
    const from = Math.max(0, Math.round((px - 0.5) * perPixel));
    const to = Math.min(levels.length - 1, Math.max(from, Math.round((px + 0.5) * perPixel) - 1));
    let loudest = levels[from];
    for (let k = from + 1; k <= to; k++) if (levels[k] > loudest) loudest = levels[k];
    context.lineTo(scales.left + px, scales.y(loudest, top));
  }
  context.lineTo(scales.left + end, bottom);
  context.closePath();
  context.globalAlpha = 0.25;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.stroke();
  context.lineWidth = 1;
}

function drawSpectra(context, theme, scales, sampled, tone) {
  const panels = [
    [SAMPLED.beforeTop, sampled.before, theme.wave, "before", scales.half],
    [SAMPLED.afterTop, sampled.after, theme.accent, "after", scales.newHalf],
  ];
  for (const [top, levels, colour, title, upTo] of panels) {
    context.fillStyle = theme.fill;
    context.fillRect(scales.left, top, scales.width, SAMPLED.spectrum);
    drawSpectrum(context, scales, levels, top, colour, upTo);
    context.fillStyle = colour;
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText(`spectrum ${title}`, scales.right - 6, top + 5);
    context.strokeStyle = theme.line;
    drawLeftAxis(context, theme, {
      x: scales.left, at: (db) => scales.y(db, top),
      ticks: [0, -40, -80, -120].map((db) => [db, minus(String(db))]),
    });
  }
  drawSideLabel(context, theme, 10, SAMPLED.afterTop - SAMPLED.title / 2, "level (dB of a full-scale sine)");
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: SAMPLED.afterTop + SAMPLED.spectrum, low: 0,
    high: scales.half / 1000, at: (khz) => scales.x(khz * 1000), label: "frequency (kHz)",
  });
  drawHalfRate(context, theme, scales);
  if (tone) drawAliasMark(context, theme, scales, tone);
}

// Half of the new rate, and the frequencies above it, which it cannot hold.
function drawHalfRate(context, theme, scales) {
  if (scales.newHalf >= scales.half) return;
  const x = scales.x(scales.newHalf);
  const top = SAMPLED.beforeTop;
  const bottom = SAMPLED.afterTop + SAMPLED.spectrum;
  context.fillStyle = theme.line;
  context.globalAlpha = 0.22;
  context.fillRect(x, SAMPLED.afterTop, scales.right - x, SAMPLED.spectrum);
  context.globalAlpha = 1;
  context.strokeStyle = theme.second;
  context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = theme.second;
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillText(`above half of the new rate (${formatHz(scales.newHalf)}): cannot be held`,
    (x + scales.right) / 2, SAMPLED.afterTop + SAMPLED.spectrum / 2, scales.right - x - 12);
}

// From where a tone is to where it comes out. tone: { hz, alias, removed }
function drawAliasMark(context, theme, scales, { hz, alias, removed }) {
  const from = scales.x(hz);
  const to = scales.x(alias);
  const middle = SAMPLED.afterTop - SAMPLED.title / 2;
  const end = SAMPLED.afterTop + 6;
  context.strokeStyle = context.fillStyle = theme.strong;
  context.lineWidth = 1.25;
  if (removed) context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(from, SAMPLED.beforeTop + SAMPLED.spectrum);
  context.lineTo(from, middle);
  context.lineTo(to, middle);
  context.lineTo(to, end);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(to - 4, end - 1);
  context.lineTo(to + 4, end - 1);
  context.lineTo(to, end + 6);
  context.fill();
  context.lineWidth = 1;
  const text = removed ? `${formatHz(alias)}, had the filter not taken it out`
    : Math.abs(alias - hz) < 1e-6 ? formatHz(hz) : `alias: ${formatHz(alias)}`;
  context.textBaseline = "top";
  const ends = to + 8 + context.measureText(text).width;
  const edge = to < scales.x(scales.newHalf) - 1 ? scales.x(scales.newHalf) : scales.right;
  context.textAlign = ends > edge && to - (ends - to) > scales.left ? "right" : "left";
  context.fillText(text, to + (context.textAlign === "left" ? 8 : -8), SAMPLED.afterTop + 3);
}
