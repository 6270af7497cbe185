// The pictures of one sound beside each other, and what stands under them.

const MOST_SPREAD = 0.3; // the brightest; 0.5 is a pixel that is 0 in half of the draws and 1 in the others

// Pixels from 0 to 1, [channel, height, width]: colours, or ink on paper where there is one channel.
class DrawnPicture {
  constructor(canvas, [nChannels, height, width]) {
    Object.assign(canvas, { width, height });
    this.nChannels = nChannels;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  paint(values) {
    const { pixels, nChannels } = this;
    const plane = pixels.length;
    const level = (value) => Math.round(255 * Math.min(Math.max(value, 0), 1));
    for (let p = 0; p < plane; p++) {
      const red = nChannels === 1 ? 255 - level(values[p]) : level(values[p]);
      const green = nChannels === 1 ? red : level(values[p + plane]);
      const blue = nChannels === 1 ? red : level(values[p + 2 * plane]);
      pixels[p] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    }
    this.context.putImageData(this.image, 0, 0);
  }

  // values as colours from dark, 0, to bright, `most`
  paintLevels(values, most, palette) {
    for (let p = 0; p < values.length; p++) {
      this.pixels[p] = palette[Math.min(255, Math.round((255 * values[p]) / most))];
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

class Tile {
  constructor(caption, shape) {
    this.canvas = element("canvas", { class: "avt-picture avt-drawn", role: "img", "aria-label": caption });
    this.picture = new DrawnPicture(this.canvas, shape);
    this.caption = element("div", { class: "avt-caption", text: caption });
    this.node = element("div", { class: "avt-tile" }, this.canvas, this.caption);
  }

  say(caption, more) {
    this.caption.textContent = more ? `${caption}\n${more}` : caption;
    this.canvas.setAttribute("aria-label", more ? `${caption}: ${more}` : caption);
  }
}

class FormingPanel {
  constructor(shape, nDraws) {
    this.shape = shape;
    this.draws = range(1, nDraws, 1).map((number) => new Tile(`draw ${number}`, shape));
    this.spread = new Tile("where they differ", shape);
    this.spread.node.hidden = nDraws < 2;
    this.spread.node.title = `The standard deviation of each pixel over the draws: black is 0, the brightest ${MOST_SPREAD} of full range or more`;
    this.truth = new Tile("what it was", shape);
    this.truth.node.hidden = true;
    this.palette = interpolateColours(COLOUR_ANCHORS, 256);
    this.deviations = new Float64Array(shape[1] * shape[2]);
    this.node = element("div", { class: "avt-tiles" },
      ...this.draws.map(({ node }) => node), this.spread.node, this.truth.node);
  }

  // pictures: one a draw
  show(pictures, step, nSteps) {
    this.draws.forEach((tile, d) => {
      tile.picture.paint(pictures[d]);
      tile.canvas.setAttribute("aria-label", `draw ${d + 1}, step ${step} of ${nSteps}`);
    });
    spreadOf(pictures, this.shape[0], this.deviations);
    this.spread.picture.paintLevels(this.deviations, MOST_SPREAD, this.palette);
    return Math.sqrt(powerAbout(this.deviations, 0));
  }

  // known: { values, about }, where it is known; its place is kept while it is not seen
  showTruth(known, shown, room) {
    this.truth.node.hidden = !room;
    this.truth.node.style.visibility = known && shown ? "visible" : "hidden";
    if (!known) return;
    this.truth.picture.paint(known.values);
    this.truth.say("what it was", known.about);
  }
}

function formingFacts(face) {
  const { settings, entered, frontEnd, rangeDb, nSteps, differ, panel, own } = face;
  const { step } = settings.values;
  const seconds = (n) => formatSeconds(n / frontEnd.sampleRate);
  const { samples, nTaken, nAll, start } = entered;
  const part = nTaken < nAll ? `${seconds(nTaken)} of it are heard, from ${seconds(start)} on` : "all of it is heard";
  const silence = nTaken < samples.length ? `; silence follows, up to ${seconds(samples.length)}` : "";
  const way = face.network.kind === "flow"
    ? ["noise", "a picture", "each step moves the noise a little, on the way that the sound shows"]
    : ["the sound alone", "one of its pictures", "what the sound does not tell grows with each step"];
  return [
    ["The sound", `${own ? "yours" : settings.values.recording}, ${seconds(nAll)}`, part + silence],
    ["What the network gets", `${frontEnd.nMels} bands × ${face.nFrames} frames`,
      `levels in dB below the loudest, cut at −${rangeDb}`],
    ["The way", step === 0 ? `step 0: ${way[0]}` : step === nSteps ? `step ${step}: ${way[1]}` : `step ${step} of ${nSteps}`,
      way[2]],
    ["The draws differ by", panel.draws.length < 2 ? "–" : `${(100 * differ).toFixed(1)} % of full range`,
      "root mean square over all pixels; if the sound told everything it would be 0"],
  ];
}
