// What surrounds the picture of a spectrogram: the waveform above it with the window at scale,
// axes, colour bar, the crosshair of the reading point.

const FIGURE = { left: 62, right: 64, wave: 60, gap: 8, plot: 264, bottom: 26 };
FIGURE.height = FIGURE.wave + FIGURE.gap + FIGURE.plot + FIGURE.bottom;

// Where things are in the figure, for a view { start, span } of a sound and its settings.
class Scales {
  constructor(width, view, settings, figure = FIGURE) {
    this.left = figure.left;
    this.width = Math.max(50, Math.round(width) - figure.left - figure.right);
    this.right = this.left + this.width;
    this.top = figure.wave + figure.gap;
    this.height = figure.plot;
    this.bottom = this.top + this.height;
    this.view = view;
    this.settings = settings;
    this.half = settings.sampleRate / 2;
    this.melLow = hzToMel(settings.fMin ?? 0);
    this.melSpan = hzToMel(settings.fMax ?? this.half) - this.melLow;
  }

  x(time) {
    return this.left + ((time - this.view.start) / this.view.span) * this.width;
  }
  time(x) {
    return this.view.start + ((x - this.left) / this.width) * this.view.span;
  }

  // The share of the height at which a frequency lies, 0 at the bottom.
  share(hz) {
    const n = this.settings.nMels;
    return n ? (this.band(hz) - 0.5) / n : hz / this.half;
  }
  y(hz) {
    return this.bottom - this.share(hz) * this.height;
  }
  hz(y) {
    const share = Math.min(Math.max((this.bottom - y) / this.height, 0), 1);
    const n = this.settings.nMels;
    return n ? this.bandHz(share * n + 0.5) : share * this.half;
  }

  // The place of a frequency among the mel bands: 1 in the middle of the lowest, n of the highest.
  band(hz) {
    return ((hzToMel(hz) - this.melLow) / this.melSpan) * (this.settings.nMels + 1);
  }
  bandHz(band) {
    return melToHz(this.melLow + (band / (this.settings.nMels + 1)) * this.melSpan);
  }

  // The row (Fourier bin or mel band) nearest to a frequency, and the centre of a row.
  row(hz) {
    const n = this.settings.nMels;
    if (n) return Math.min(n - 1, Math.max(0, Math.round(this.band(hz)) - 1));
    return Math.round((hz * this.settings.nFft) / this.settings.sampleRate);
  }
  rowHz(row) {
    const n = this.settings.nMels;
    return n ? this.bandHz(row + 1) : (row * this.settings.sampleRate) / this.settings.nFft;
  }
}

// Waveform, axes and colour bar: drawn when the view or the range changes.
function drawBase(sheet, theme, scales, sound, palette, range) {
  const context = sheet.begin(theme);
  const middle = FIGURE.wave / 2;
  const first = scales.view.start * sound.sampleRate;
  const last = first + scales.view.span * sound.sampleRate;
  const peak = sound.peak || 1;
  context.fillStyle = theme.fill;
  context.fillRect(scales.left, 0, scales.width, FIGURE.wave);
  context.strokeStyle = theme.line;
  context.beginPath();
  context.moveTo(scales.left, middle + 0.5);
  context.lineTo(scales.right, middle + 0.5);
  context.stroke();
  drawEnvelope(context, sound.samples, {
    left: scales.left, width: scales.width, middle, scale: (middle - 3) / peak, first, last,
    colour: theme.wave,
  });
  context.strokeStyle = theme.line;
  const digits = peak >= 0.1 ? 2 : 4;
  drawLeftAxis(context, theme, {
    x: scales.left, at: (value) => middle - (value / peak) * (middle - 4),
    ticks: [[peak, peak.toFixed(digits)], [0, "0"], [-peak, `−${peak.toFixed(digits)}`]],
  });
  drawLeftAxis(context, theme, {
    x: scales.left, at: (hz) => scales.y(hz), ticks: frequencyTicks(scales),
  });
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: scales.bottom, low: scales.view.start,
    high: scales.view.start + scales.view.span, at: (time) => scales.x(time), label: "time (s)",
  });
  drawSideLabel(context, theme, 10, (scales.top + scales.bottom) / 2,
    scales.settings.nMels ? "frequency (kHz, mel scale)" : "frequency (kHz)");
  drawColourBar(context, theme, scales, palette, range);
}

function drawSideLabel(context, theme, x, y, text) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = theme.text;
  context.fillText(text, 0, 0);
  context.restore();
}

function frequencyTicks(scales) {
  if (!scales.settings.nMels) {
    const { ticks, decimals } = roundTicks(0, scales.half / 1000, 6);
    return ticks.map((khz) => [khz * 1000, khz.toFixed(decimals)]);
  }
  const ticks = [];
  let above = Infinity;
  for (const hz of [125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000]) {
    const share = scales.share(hz);
    const y = scales.y(hz);
    if (share < 0 || share > 1 || above - y < 15) continue;
    ticks.push([hz, String(hz / 1000)]);
    above = y;
  }
  return ticks;
}

function drawColourBar(context, theme, scales, palette, { topDb, rangeDb }) {
  const x = scales.right + 10;
  for (let y = 0; y < scales.height; y++) {
    const pixel = palette[Math.round(255 * (1 - y / (scales.height - 1)))];
    context.fillStyle = `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
    context.fillRect(x, scales.top + y, 10, 1.5);
  }
  const { ticks } = roundTicks(topDb - rangeDb, topDb, 5);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = theme.text;
  context.beginPath();
  for (const db of ticks) {
    const share = (db - topDb + rangeDb) / rangeDb;
    const y = Math.round(scales.bottom - share * scales.height) + 0.5;
    context.moveTo(x + 10, y);
    context.lineTo(x + 14, y);
    context.fillText(minus(db.toFixed(0)), x + 17, y);
  }
  context.stroke();
  context.textBaseline = "top";
  context.fillText("dB", x, scales.bottom + 6);
}

// The reading point: a crosshair, the window at scale over the waveform (with the zeros that fill
// it up to n_fft), and a box as long as the window and as high as its main lobe.
function drawOverlay(sheet, theme, scales, reading, widths) {
  const context = sheet.begin(theme);
  const { sampleRate, winLength, nFft, window: name } = scales.settings;
  const x = scales.x(reading.time);
  const y = scales.y(reading.hz);
  const perSecond = scales.width / scales.view.span;
  const half = (winLength / sampleRate / 2) * perSecond;
  context.save();
  context.beginPath();
  context.rect(scales.left, 0, scales.width, scales.bottom);
  context.clip();
  context.strokeStyle = "rgb(255 255 255 / 55%)";
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, scales.top);
  context.lineTo(x, scales.bottom);
  context.moveTo(scales.left, y);
  context.lineTo(scales.right, y);
  context.stroke();
  context.setLineDash([]);
  if (winLength < nFft) {
    const padded = (nFft / sampleRate / 2) * perSecond;
    context.strokeStyle = theme.second;
    context.strokeRect(x - padded, 1.5, 2 * padded, FIGURE.wave - 3);
  }
  context.beginPath();
  context.moveTo(x - half, FIGURE.wave);
  const steps = Math.max(8, Math.min(200, Math.round(2 * half)));
  for (let i = 0; i <= steps; i++) {
    const height = windowAt(name, i / steps) * (FIGURE.wave - 4);
    context.lineTo(x - half + (2 * half * i) / steps, FIGURE.wave - height);
  }
  context.lineTo(x + half, FIGURE.wave);
  context.closePath();
  context.globalAlpha = 0.3;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.5;
  context.stroke();
  const [low, high] = [reading.hz - widths.mainLobe / 2, reading.hz + widths.mainLobe / 2];
  const top = scales.y(Math.min(high, scales.half));
  context.strokeStyle = "white";
  context.strokeRect(x - half, top, 2 * half, scales.y(Math.max(low, 0)) - top);
  context.restore();
}
