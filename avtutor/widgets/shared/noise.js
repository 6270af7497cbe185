// Noise that is the same on every machine: a hash of its number, turned into a normal deviate. The
// same functions in Python are in avtutor.widgets.noisy; a test holds them equal.
//
// Source: Wellons 2018, Prospecting for hash functions (the constants); Box and Muller 1958.

const NOISE_STEP = 0x9e3779b9;
const NOISE_STREAM = { image: 0, audio: 1 };
const NO_NOISE = 30; // where a fader stands that adds none

// 32 bits become 32 others, each of which depends on all.
function mixBits(bits) {
  let x = bits ^ (bits >>> 16);
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

// `count` normal deviates, mean 0 and variance 1. Fewer are the first of more.
function drawNoise(count, seed, stream) {
  const key = mixBits(mixBits(seed + NOISE_STEP) + stream);
  const share = (i) => (mixBits(key + Math.imul(i, NOISE_STEP)) + 0.5) / 2 ** 32;
  const noise = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(share(i)));
    const angle = 2 * Math.PI * share(i + 1);
    noise[i] = radius * Math.cos(angle);
    if (i + 1 < count) noise[i + 1] = radius * Math.sin(angle);
  }
  return noise;
}

// The mean power of the values, about `centre`.
function powerAbout(values, centre) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return sum / values.length;
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// How much of the noise is added to reach `snrDb`, with the power of the signal about `centre`.
function noiseGain(values, noise, snrDb, centre) {
  if (snrDb >= NO_NOISE) return 0;
  return Math.sqrt(powerAbout(values, centre) / (powerAbout(noise, 0) * 10 ** (snrDb / 10)));
}

// Write values + gain × noise into `out`.
function addNoise(values, noise, gain, out) {
  for (let i = 0; i < out.length; i++) out[i] = values[i] + gain * noise[i];
  return out;
}
