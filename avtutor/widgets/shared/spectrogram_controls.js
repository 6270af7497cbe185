// The controls of the spectrogram explorer, and the values that each offers.

const N_FFT_STOPS = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
const WIN_STOPS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072,
  4096, 6144];
const HOP_STOPS = [1, 2, 4, 8, 16, 32, 64, 80, 128, 160, 256, 320, 512, 800, 1024, 2048, 4096];
const MEL_STOPS = [8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256];
const SPAN_STOPS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120];

function spectrogramControls(face, values) {
  const samples = (n) => `${n} · ${formatSeconds(n / face.sound.sampleRate)}`;
  const slider = (name, label, stops, format, hint) => new StopSlider({
    label, stops: withStop(stops, values[name]), value: values[name], format, hint,
    onInput: (value) => face.change(name, value),
  });
  return {
    n_fft: slider("n_fft", "n_fft", N_FFT_STOPS, samples, "Length of one Fourier transform, in samples"),
    win_length: new StopSlider({
      label: "win_length", stops: [Infinity], value: Infinity,
      format: (n) => (n === Infinity ? `= n_fft` : samples(n)),
      hint: "Length of the window; zeros fill it up to n_fft",
      onInput: (n) => face.change("win_length", n === Infinity ? 0 : n),
    }),
    hop_length: slider("hop_length", "hop_length", HOP_STOPS, samples, "From one frame to the next, in samples"),
    window: new Choice({
      label: "window", value: values.window, hint: "The shape that a frame is multiplied with",
      choices: ["hann", "hamming", "blackman", "gaussian", "rectangular"].map((w) => [w, w]),
      onInput: (value) => face.change("window", value),
    }),
    scale: new Choice({
      label: "frequency axis", value: values.scale,
      choices: [["linear", "linear: one row a bin"], ["mel", "mel bands"]],
      onInput: (value) => face.change("scale", value),
    }),
    n_mels: slider("n_mels", "n_mels", MEL_STOPS, (n) => `${n} bands`, "Number of mel bands"),
    top_db: slider("top_db", "brightest", range(-60, 70, 1), (db) => `${minus(String(db))} dB`, "The level shown brightest"),
    range_db: slider("range_db", "range", range(10, 120, 1), (db) => `${db} dB`, "From the darkest to the brightest level"),
    span: new StopSlider({
      label: "show", stops: [1], value: 1, format: formatSeconds, hint: "How much of the sound is on the screen",
      onInput: (value) => face.zoom(value),
    }),
    start: new StopSlider({
      label: "from", stops: [0], value: 0, format: (t) => `${t.toFixed(2)} s`, hint: "Where the picture begins",
      onInput: (value) => face.scroll(value),
    }),
  };
}
