// One frame under the lens: what the window cuts out of the sound, and its spectrum, where the
// bins are points on a curve that the window alone decides.

const LENS = { height: 132, left: 62, right: 14, top: 20, bottom: 24, between: 62 };

function drawLens(sheet, theme, sound, settings, frame, hz, widths, powers) {
  const context = sheet.begin(theme);
  const width = (sheet.width - LENS.left - LENS.right - LENS.between) / 2;
  const top = LENS.top;
  const bottom = LENS.height - LENS.bottom;
  context.fillStyle = theme.fill;
  context.fillRect(LENS.left, top, width, bottom - top);
  context.fillRect(LENS.left + width + LENS.between, top, width, bottom - top);
  drawCut(context, theme, sound, settings, frame, { left: LENS.left, width, top, bottom });
  drawSlice(context, theme, sound, settings, frame, hz, widths, powers,
    { left: LENS.left + width + LENS.between, width, top, bottom });
}

function drawTitle(context, theme, box, text) {
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillStyle = theme.strong;
  context.fillText(text, box.left, box.top - 5, box.width);
}

// The sound around the frame (grey), the window, and their product (coloured).
function drawCut(context, theme, sound, settings, frame, box) {
  const { nFft, winLength, hopLength, sampleRate, window: name } = settings;
  const centre = frame * hopLength;
  const shown = nFft * 1.15;
  const perSample = box.width / shown;
  const middle = (box.top + box.bottom) / 2;
  const scale = ((box.bottom - box.top) / 2 - 3) / (sound.peak || 1);
  const at = (i) => box.left + box.width / 2 + i * perSample;
  const sample = (i) => sound.samples[reflectIndex(centre + i, sound.samples.length)];
  drawTitle(context, theme, box, "one frame: sound × window");
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.bottom - box.top);
  context.clip();
  const stride = Math.max(1, Math.floor(shown / 1600));
  const trace = (from, to, value, colour, lineWidth) => {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.beginPath();
    for (let i = from; i <= to; i += stride) context.lineTo(at(i), value(i));
    context.stroke();
  };
  const edge = Math.ceil(shown / 2);
  const start = -(nFft >> 1) + ((nFft - winLength) >> 1);
  const taper = (i) => windowAt(name, (i - start) / winLength);
  const ofWindow = (sign) => (i) => middle - sign * taper(i) * ((box.bottom - box.top) / 2 - 3);
  trace(-edge, edge, (i) => middle - scale * sample(i), theme.line, 1);
  trace(start, start + winLength, (i) => middle - scale * sample(i) * taper(i), theme.wave, 1.4);
  trace(start, start + winLength, ofWindow(1), theme.accent, 1.5);
  trace(start, start + winLength, ofWindow(-1), theme.accent, 1.5);
  if (winLength < nFft) {
    context.strokeStyle = theme.second;
    context.lineWidth = 1.5;
    context.strokeRect(at(-nFft / 2), box.top + 2, nFft * perSample, box.bottom - box.top - 4);
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillStyle = theme.second;
    context.fillText("zeros", at(-nFft / 2) + 5, box.top + 6);
  }
  context.restore();
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  const ms = (i) => (1000 * i) / sampleRate;
  drawBottomAxis(context, theme, {
    left: box.left, right: box.left + box.width, y: box.bottom, low: ms(-shown / 2),
    high: ms(shown / 2), at: (t) => at((t * sampleRate) / 1000), label: "ms", spacing: 70,
  });
}

const FINE_BINS = 8192;
const fineFront = new FrontEnd();

// The spectrum of the frame around `hz`: the bins as points, the curve they lie on as a line.
function drawSlice(context, theme, sound, settings, frame, hz, widths, powers, box) {
  const { sampleRate, nFft, topDb, rangeDb } = settings;
  const half = sampleRate / 2;
  const reach = Math.min(Math.max(3 * widths.mainLobe, (10 * sampleRate) / nFft), half / 2);
  const low = Math.min(Math.max(hz - reach, 0), half - 2 * reach);
  const high = low + 2 * reach;
  const x = (f) => box.left + ((f - low) / (2 * reach)) * box.width;
  const y = (power) => {
    const share = (powerToDb(power) - topDb + rangeDb) / rangeDb;
    return box.bottom - Math.min(Math.max(share, 0), 1) * (box.bottom - box.top);
  };
  drawTitle(context, theme, box, `its spectrum near ${formatHz(hz)}`);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 4, box.width, box.bottom - box.top + 8);
  context.clip();
  context.globalAlpha = 0.22;
  context.fillStyle = theme.accent;
  context.fillRect(x(hz - widths.mainLobe / 2), box.top,
    x(hz + widths.mainLobe / 2) - x(hz - widths.mainLobe / 2), box.bottom - box.top);
  context.globalAlpha = 1;
  if (nFft < FINE_BINS) { // the same frame with more zeros: the curve under the points
    const pad = { ...settings, nFft: FINE_BINS, nMels: 0 };
    fineFront.configure(pad).pair(sound.samples, frame, frame);
    powerLine(context, theme.wave, fineFront.powerA, FINE_BINS, { sampleRate, low, high, x, y });
  } else {
    powerLine(context, theme.wave, powers, nFft, { sampleRate, low, high, x, y });
  }
  const spacing = sampleRate / nFft;
  const radius = Math.min(3, Math.max(1, (spacing / (2 * reach)) * box.width * 0.25));
  context.fillStyle = theme.accent;
  for (let k = Math.ceil(low / spacing); k * spacing <= high; k++) {
    context.beginPath();
    context.arc(x(k * spacing), y(powers[k]), radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
  context.strokeStyle = theme.line;
  drawLeftAxis(context, theme, {
    x: box.left,
    at: (db) => box.bottom - ((db - topDb + rangeDb) / rangeDb) * (box.bottom - box.top),
    ticks: roundTicks(topDb - rangeDb, topDb, 3).ticks.map((db) => [db, minus(db.toFixed(0))]),
  });
  drawBottomAxis(context, theme, {
    left: box.left, right: box.left + box.width, y: box.bottom, low, high, at: x, label: "Hz",
    spacing: 70,
  });
}

function powerLine(context, colour, powers, nFft, { sampleRate, low, high, x, y }) {
  const spacing = sampleRate / nFft;
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.beginPath();
  const last = Math.min(powers.length - 1, Math.ceil(high / spacing));
  for (let k = Math.max(0, Math.floor(low / spacing)); k <= last; k++) {
    context.lineTo(x(k * spacing), y(powers[k]));
  }
  context.stroke();
  context.lineWidth = 1;
}
