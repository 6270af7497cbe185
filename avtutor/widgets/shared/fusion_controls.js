// The figure and the controls of the fusion explorer, and what they mean in numbers.

const FUSION = { left: 58, right: 54, wave: 0, gap: 8, plot: 172, bottom: 26 };
FUSION.height = FUSION.gap + FUSION.plot + FUSION.bottom;
const LEAST_SNR = -20;

const formatSnr = (db) => (db >= NO_NOISE ? "none" : `${minus(String(db))} dB`);

function fusionControls(face, pictures, sounds, values) {
  const choice = (name, label, choices, hint) => new Choice({
    label, choices, hint, value: values[name], onInput: (value) => face.change({ [name]: value }),
  });
  const fader = (name, label) => new StopSlider({
    label, value: values[name], stops: range(NO_NOISE, LEAST_SNR, -1), format: formatSnr,
    hint: "As a signal-to-noise ratio: the further right, the noisier",
    onInput: (value) => face.change({ [name]: value }),
  });
  const sense = (name, label, hint) => new Switch({
    label, hint, value: values[name], onInput: (value) => face.change({ [name]: value }),
  });
  return {
    seen: choice("seen", "seen", pictures, "The picture that is seen"),
    heard: choice("heard", "heard", sounds, "The sound that is heard"),
    image_snr: fader("image_snr", "picture noise"),
    audio_snr: fader("audio_snr", "sound noise"),
    image_present: sense("image_present", "eye open", "Off: the picture is missing"),
    audio_present: sense("audio_present", "ear open", "Off: the sound is missing"),
  };
}

// Grey values as pixels: 0 is paper, white, and 1 is ink; a wider range where noise needs it.
class GreyPicture {
  constructor(canvas, shape) {
    [this.height, this.width] = shape;
    canvas.width = this.width;
    canvas.height = this.height;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.image = this.context.createImageData(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  paint(values) {
    const low = Math.min(0, ...values);
    const high = Math.max(1, ...values);
    for (let i = 0; i < values.length; i++) {
      const grey = Math.round(255 * (1 - (values[i] - low) / (high - low)));
      this.pixels[i] = ((255 << 24) | (grey << 16) | (grey << 8) | grey) >>> 0;
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

const noiseInWords = (db) => (db >= NO_NOISE ? "no noise" : `${formatSnr(db)} signal-to-noise ratio`);

// How much stronger the signal is than its noise.
function snrInWords(db, what) {
  if (db >= NO_NOISE) return "as it was recorded";
  const times = 10 ** (Math.abs(db) / 10);
  const number = times >= 9.95 ? times.toFixed(0) : times.toFixed(1);
  if (db === 0) return `${what} and noise have equal power`;
  return db > 0 ? `${what} has ${number} times the power of the noise`
    : `the noise has ${number} times the power of ${what}`;
}

function fusionFacts({ settings, pictures, frontEnd, nFrames, rangeDb }) {
  const { image_snr, audio_snr, image_present, audio_present } = settings.values;
  const [height, width] = pictures[0].shape;
  return [
    ["Picture", image_present ? noiseInWords(image_snr) : "missing",
      image_present ? snrInWords(image_snr, "the drawing") : "the nets go without it"],
    ["Sound", audio_present ? noiseInWords(audio_snr) : "missing",
      audio_present ? snrInWords(audio_snr, "the voice") : "the nets go without it"],
    ["What the nets get", `${height} × ${width} pixels, ${frontEnd.nMels} bands × ${nFrames} frames`,
      `levels in dB below the loudest, cut at −${rangeDb}`],
  ];
}
