// A sound from the microphone or from a file. It stays in the page: nothing is sent anywhere.

const DECODED_RATE = 48000;

// The channels mixed into one; where they cancel each other, the loudest of them.
function oneChannel(channels) {
  const n = channels[0].length;
  const mixed = new Float64Array(n);
  for (const channel of channels) {
    for (let i = 0; i < n; i++) mixed[i] += channel[i] / channels.length;
  }
  const powers = channels.map((channel) => powerAbout(channel, 0));
  const loudest = Math.max(...powers);
  if (powerAbout(mixed, 0) >= 0.01 * loudest) return mixed;
  return Float64Array.from(channels[powers.indexOf(loudest)]);
}

// The bytes of a sound file as { samples, rate }; rejects what the browser cannot read.
async function decodeSound(bytes) {
  const context = new OfflineAudioContext(1, 1, DECODED_RATE);
  const buffer = await context.decodeAudioData(bytes);
  const channels = range(0, buffer.numberOfChannels - 1, 1).map((c) => buffer.getChannelData(c));
  return { samples: oneChannel(channels), rate: buffer.sampleRate };
}

// Why there is nothing to hear, in words.
function microphoneTrouble(error) {
  const { name } = error;
  if (name === "NotAllowedError" || name === "SecurityError") {
    return "The browser was not allowed to use the microphone. Allow it for this page, or open a sound file.";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return "No microphone was found. Connect one, or open a sound file.";
  }
  if (name === "NotReadableError" || name === "AbortError") {
    return "The microphone cannot be read: another program may be using it.";
  }
  return `The recording failed: ${error.message || name}`;
}

class Microphone {
  // onState("off" | "asking" | "on" | "reading"); onSound({ samples, rate }); onTrouble(words)
  constructor({ mostSeconds, onState, onSound, onTrouble }) {
    Object.assign(this, { mostSeconds, onState, onSound, onTrouble, state: "off" });
  }

  become(state) {
    this.state = state;
    this.onState(state);
  }

  toggle() {
    if (this.state === "off") this.start();
    else if (this.state === "on") this.recorder.stop();
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
      this.onTrouble("This page cannot use a microphone: browsers give one to pages from https or "
        + "from this computer only. Open a sound file.");
      return;
    }
    this.become("asking");
    try {
      // As it is: what makes a voice clear on the telephone would change the sound.
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
      if (this.closed) stream.getTracks().forEach((track) => track.stop());
      else this.record(stream);
    } catch (error) {
      this.fail(error);
    }
  }

  record(stream) {
    const parts = [];
    this.stream = stream;
    this.recorder = new MediaRecorder(stream);
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onerror = ({ error }) => this.fail(error);
    this.recorder.onstop = async () => {
      this.release();
      if (this.closed) return;
      this.become("reading");
      try {
        const sound = await decodeSound(await new Blob(parts).arrayBuffer());
        this.become("off");
        if (!this.closed) this.onSound(sound);
      } catch {
        this.become("off");
        this.onTrouble("Nothing was recorded. Record for at least a moment.");
      }
    };
    this.recorder.start();
    this.timer = setTimeout(() => this.recorder.stop(), 1000 * this.mostSeconds);
    this.become("on");
  }

  fail(error) {
    this.release();
    this.become("off");
    this.onTrouble(microphoneTrouble(error));
  }

  release() {
    clearTimeout(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  close() {
    this.closed = true;
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.release();
  }
}
