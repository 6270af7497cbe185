# %% [markdown]
# # 03 · The spectrogram
#
# > "What is audio, how is it broken down to be fed into the network, can I use spectrograms as input images?"
#
# **You will be able to** build the short-time Fourier transform by hand, name the second and the hertz of any cell of a spectrogram, choose its window with open eyes, and turn a picture back into sound, with its phase and without.
#
# **Time:** 40 minutes · **First:** lesson 02
#
# Lesson 02 turned one short piece of sound into frequencies: one column. This lesson sets the columns side by side. What comes out is the picture that most networks for sound are given.
#
# Some cells play sounds. Begin with the volume low.
#
# ## Predict
#
# A man says a sentence in Italian, a woman says it in English. You cut both into overlapping pieces, called **frames**, and take the Fourier transform of each frame. Now you build a new sound: the *magnitudes* of the Italian frames with the *phases* of the English ones. Which sentence is heard?
#
# - **A** the Italian one: the magnitudes are the picture, and the phases are detail
# - **B** the English one: the phases hold the times, and speech is all timing
# - **C** it depends on the length of the frames
#
# <details><summary>Answer, after the run</summary>
#
# **C**. With frames of 30 ms the magnitudes win, with frames of half a second the phases. The last experiment of this lesson shows between which lengths the lead changes hands.
#
# </details>

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from avtutor import plots
from avtutor.checks import check, claim
from avtutor.datasets import example, examples, stamp
from avtutor.player import play_side_by_side
from avtutor.spectral import SpectrogramConfig, frame_times, frequencies, griffin_lim, istft
from avtutor.spectral import n_frames, power, spectral_convergence, stft, window
from avtutor.synth.tones import chirp, click, silence, sine
from avtutor.units import power_to_db

# %%
from avtutor.waveform import Waveform
from avtutor.widgets.spectrogram import SpectrogramExplorer

plots.use_style()
RATE = 16_000  # samples a second, Hz

# %% [markdown]
# ## One spectrum of a whole sentence loses "when"
#
# Take a sentence. Play it backwards. Play it with its second half first. Three sounds; one of them makes sense.

# %%
voice = example("speech")
samples = voice.samples[0].double()  # [time]
orders = {
    "forwards": samples,
    "backwards": samples.flip(0),
    "second half first": samples.roll(len(samples) // 2),
}
print(examples()["speech"])
play_side_by_side({name: Waveform.from_mono(order, RATE) for name, order in orders.items()})

# %% [markdown]
# Now one spectrum of each, over all three seconds.

# %% alt="Top: three waveforms, a sentence forwards, backwards and with its halves exchanged, all different. Bottom: their three magnitude spectra, which coincide in one line."
fig, axes = plt.subplot_mosaic([list(orders), ["all"] * 3], figsize=(9, 4.2))
styles = {"forwards": "-", "backwards": "--", "second half first": ":"}
magnitudes = {}
for (name, order), color in zip(orders.items(), plots.COLOURS, strict=False):
    plots.waveform(axes[name], Waveform.from_mono(order, RATE), color=color, title=name)
    magnitudes[name] = torch.fft.rfft(order).abs()
    smooth = F.avg_pool1d(magnitudes[name].square()[None], 150, 150)[0]  # means of 150 bins
    hz = torch.linspace(0, RATE / 2, len(smooth))
    axes["all"].plot(hz, power_to_db(smooth), styles[name], color=color, lw=2, label=name)
axes["all"].set(xlabel="frequency (Hz)", ylabel="level (dB)")
axes["all"].set_title("Three orders of events, one spectrum")
_ = axes["all"].legend()

# %%
reference = magnitudes["forwards"]
gaps = [float((m - reference).abs().max() / reference.max()) for m in magnitudes.values()]
claim(
    "03.1",
    "a sentence, the same backwards, and with its halves exchanged have one magnitude spectrum",
    max(gaps) < 1e-9,
)

# %% [markdown]
# The magnitudes say *how much* of each frequency there is. *When* is in the phases, where it is hard to read. So cut the sound into pieces so short that within each piece little changes. The number of the piece then says when.
#
# ## Build it by hand
#
# 1. **Pad.** Continue the sound at both ends by its mirror image, half a frame long.
# 2. **Cut** it into frames of `n_fft` samples. Each begins `hop_length` samples after the one before, so they overlap.
# 3. **Fade.** Multiply each frame with a window (lesson 02: an unfaded frame leaks).
# 4. **Transform** each frame with the FFT.
#
# Here are three neighbours: 512 samples are 32 ms, and a hop of 160 samples is 10 ms.

# %% alt="Top: 60 milliseconds of a voice with three overlapping bell-shaped windows drawn over it, 10 milliseconds apart. Bottom: three spectra from 0 to 4000 hertz, one a window, similar but not equal."
start, hann = 0.56, torch.hann_window(512, dtype=torch.float64)  # seconds; periodic window
fig, axes = plt.subplot_mosaic([["wave"] * 3, [0, 1, 2]], figsize=(9, 4.2))
plots.waveform(axes["wave"], voice.slice(start, start + 0.06), start=start, color="0.6")
for k in range(3):
    first = round(start * RATE) + 64 + 160 * k
    t = (first + torch.arange(512)) / RATE
    axes["wave"].plot(t, 0.5 * hann, color=plots.COLOURS[k], lw=2)
    spectrum = torch.fft.rfft(samples[first : first + 512] * hann)
    hz, levels = torch.arange(257) * RATE / 512, power_to_db(spectrum.abs() ** 2)
    plots.spectrum(axes[k], hz, levels, color=plots.COLOURS[k])
    axes[k].set(xlim=(0, 4000), ylim=(-50, 40))
    axes[k].set_title(f"centre {1000 * (first + 256) / RATE:.0f} ms")
_ = axes["wave"].set_title("Each window gives one spectrum: one column of the picture")

# %% [markdown]
# All four steps in one function. `unfold` cuts the frames; it copies nothing, it only looks at the same samples several times.

# %% tags=["by-hand"]
def stft_by_hand(samples, n_fft, hop_length):
    """Return the short-time Fourier transform of samples [time]: complex, [freq, frame]."""
    half = n_fft // 2
    padded = torch.cat([samples[1 : half + 1].flip(0), samples, samples[-half - 1 : -1].flip(0)])
    frames = padded.unfold(0, n_fft, hop_length)  # [frame, n_fft]
    turn = 2 * math.pi * torch.arange(n_fft, dtype=samples.dtype) / n_fft
    hann = 0.5 - 0.5 * torch.cos(turn)
    return torch.fft.rfft(frames * hann).T  # [freq, frame]


own = stft_by_hand(samples, n_fft=512, hop_length=160)
print(f"samples {list(samples.shape)} → {list(own.shape)} [freq, frame], {own.dtype}")

# %% [markdown]
# This is the **short-time Fourier transform** (STFT). The package's version is `stft(samples, config)`. A `SpectrogramConfig` holds the settings, once for everything that needs them; `CONFIG` below has the defaults of this course: `n_fft` 512, `hop_length` 160, and a Hann window that fills the frame.

# %%
CONFIG = SpectrogramConfig(sample_rate=RATE)
gaps = []
for n_fft, hop_length in ((512, 160), (1024, 256), (400, 100)):
    config = SpectrogramConfig(sample_rate=RATE, n_fft=n_fft, hop_length=hop_length)
    package = stft(samples, config)
    by_hand = stft_by_hand(samples, n_fft, hop_length)
    gaps.append(float((package - by_hand).abs().max() / package.abs().max()))
claim(
    "03.2",
    "the STFT by hand is avtutor.spectral.stft, to 1e-10 of the maximum, in three settings",
    max(gaps) < 1e-10,
)

# %% [markdown]
# ## How many frames, and where are they?
#
# Let $N$ be the number of samples, $n$ = `n_fft` (even), $h$ = `hop_length`. Padding makes $N + n$ samples. The first frame takes $n$ of them; each hop of $h$ that still fits into the other $N$ adds one frame:
#
# $$\text{frames} = 1 + \lfloor N / h \rfloor$$
#
# $\lfloor\;\rfloor$ means rounded down. The length of a frame has dropped out. `n_frames` is the package's version.

# %%
counts = {n: stft(samples[:n], CONFIG).shape[1] for n in range(600, 1000)}
agree = all(count == 1 + n // 160 == n_frames(n, CONFIG) for n, count in counts.items())
claim("03.3", "a sound of N samples has 1 + N // hop_length frames", agree)

# %% [markdown]
# The padding buys a simple rule. With $f_s$ the sampling rate in Hz:
#
# - **column** $k$ is *centred* on sample $k\,h$, so it stands for the time $k\,h / f_s$ seconds (`frame_times`). It hears half a frame before and half a frame after.
# - **row** $b$ stands for $b\,f_s / n$ Hz (`frequencies`). The rows are the bins of lesson 02, from 0 to $n/2$: $n/2 + 1$ of them.
#
# Measure it: hide a click and a tone at known places, and look where the picture puts them.

# %%
clicked = power(click(at=0.4, seconds=1.0, sample_rate=RATE).samples[0], CONFIG)
toned = power(sine(1500.0, seconds=1.0, sample_rate=RATE).samples[0], CONFIG)
column, row = int(clicked.sum(dim=0).argmax()), int(toned.sum(dim=1).argmax())
found_s = float(frame_times(clicked.shape[1], CONFIG)[column])
found_hz = float(frequencies(CONFIG)[row])
print(f"click at 0.4 s: column {column}, {found_s:.2f} s")
print(f"tone of 1500 Hz: row {row}, {found_hz:.0f} Hz")
claim(
    "03.4",
    "click and tone are in the column and the row that frame_times and frequencies name",
    abs(found_s - 0.4) <= 0.005 and abs(found_hz - 1500) <= RATE / 1024,
)

# %% [markdown]
# ## From complex numbers to a picture
#
# A picture needs one number a cell. `power(samples, config)` is the squared magnitude of the STFT; it throws the angle away (what that costs comes at the end). Power spans many powers of ten, so it is shown in dB: `power_to_db(p)` is $10 \log_{10} p$, and no less than -100 dB.

# %% alt="Two pictures of one spoken sentence. Left, power on a linear scale: almost entirely black with a few bright specks. Right, the same in decibels: bands, stripes and pauses are visible everywhere."
voice_power = power(voice.samples[0], CONFIG)  # [freq, frame]
voice_db = power_to_db(voice_power)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.9), sharey=True)
loudest = float(voice_power.max())
plots.spectrogram(left, voice_power, CONFIG, db_range=loudest, colorbar=False)
plots.spectrogram(right, voice_db, CONFIG, title="The same in dB: a sentence")
left.set_title("Power: a few specks")
_ = right.set_ylabel("")

# %% [markdown]
# **A common belief: 0 in a dB picture is silence.** In a photograph 0 is black. Here 0 dB is a *power of 1*. What is that in sound? A sine of amplitude $A$ on a bin has the magnitude $A \sum w / 2$ (lesson 02), and the 512 values $w$ of the Hann window sum to 256. So $|X| = 128\,A$: a sine at full scale reaches $20 \log_{10} 128 = 42.1$ dB, and 0 dB is a sine of amplitude 1/128. The code measures such a sine and `silence`, and counts the cells of the sentence that are below 0 dB.

# %%
whisper = sine(1000.0, seconds=1.0, sample_rate=RATE, amplitude=1 / 128)
nothing = silence(seconds=1.0, sample_rate=RATE)
tone_top = float(power_to_db(power(whisper.samples[0], CONFIG))[:, 20:80].max())
silent = power_to_db(power(nothing.samples[0], CONFIG))
below = float((voice_db < 0).double().mean())
print(f"sine of amplitude 1/128: {abs(tone_top):.1f} dB · silence: {silent.max():.0f} dB everywhere")
print(f"cells of the sentence that are below 0 dB: {100 * below:.0f} %")
claim(
    "03.5",
    "nine cells in ten of a spoken sentence are below 0 dB, and silence is at -100 dB",
    below > 0.9 and abs(tone_top) < 0.1 and bool((silent == -100).all()),
)

# %% [markdown]
# It matters as soon as you pad. Clips of different lengths go into one batch, and `F.pad` fills with zeros. On samples, zeros are silence. On a dB picture, they are this:

# %% alt="Two pictures of the sentence made one second longer. Left: padded with silent samples, the added part is black. Right: padded with zeros in the dB picture, the added part is a wall brighter than most of the speech."
padded_sound = power_to_db(power(F.pad(voice.samples[0], (0, RATE)), CONFIG))
padded_picture = F.pad(voice_db, (0, 100))  # zeros: 0 dB
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.4), sharey=True)
top = float(voice_db.max())
plots.spectrogram(left, padded_sound, CONFIG, top=top, colorbar=False)
left.set_title("Zeros as samples: silence")
plots.spectrogram(right, padded_picture, CONFIG, top=top, title="Zeros as dB: a wall of noise")
_ = right.set_ylabel("")

# %% [markdown]
# Pad samples before the transform, or pictures with -100.
#
# ## Learn to read it
#
# Six sounds of 1.6 seconds, unnamed: **a violin, a voice, a cymbal, a rooster, two clicks, and a chirp** (a tone that glides upwards). Which is which? Some hints:
#
# | in the picture | in the sound |
# |---|---|
# | a horizontal line | a tone that lasts |
# | a vertical line | an instant: a click, a knock, a *t* |
# | a slope | a tone that glides |
# | a ladder of lines, evenly spaced | one *pitched* sound; the rungs are its harmonics (lesson 02), their distance is the pitch in Hz |
# | a ladder that waves | vibrato, or the melody of speech |
# | a cloud | noise: *s*, rain, breath |
# | brightest at the left, fading | something was struck |

# %%
two_clicks = sum(click(at=s, seconds=1.6, sample_rate=RATE).samples[0] for s in (0.5, 1.0))
sounds = {
    "A": example("violin").resample(RATE).slice(0, 1.6),
    "B": Waveform.from_mono(two_clicks, RATE),
    "C": voice.slice(0, 1.6),
    "D": stamp("birds/rooster").load().mono().resample(RATE).slice(0.15, 1.75),
    "E": example("cymbal").resample(RATE).slice(0, 1.6),
    "F": chirp(200.0, 7000.0, seconds=1.6, sample_rate=RATE, amplitude=0.3),
}
pictures = {name: power_to_db(power(sound.samples[0], CONFIG)) for name, sound in sounds.items()}

# %% alt="Six spectrograms. A: a dense ladder of slightly waving horizontal lines. B: two vertical lines. C: patches with curved ladders, clouds and gaps. D: a few horizontal bent lines far apart. E: a cloud, brightest at the left and fading. F: one straight rising line."
fig, axes = plt.subplots(2, 3, figsize=(8.4, 4.2), sharex=True, sharey=True)
for ax, (name, levels) in zip(axes.flat, pictures.items(), strict=True):
    plots.spectrogram(ax, levels, CONFIG, db_range=70, colorbar=False, title=name)
    ax.label_outer()
_ = fig.suptitle("Six sounds, six shapes: which is which?")

# %%
play_side_by_side(sounds)

# %% [markdown]
# <details><summary>Which is which</summary>
#
# **A** violin: a ladder with many rungs, waving a little (vibrato). **B** two clicks: all frequencies at one instant. **C** voice: ladders that bend with the melody of the sentence, clouds high up for the *s*, gaps where the mouth is closed. **D** rooster: a ladder with few, wide steps, so a high pitch, hoarse at first and then held. **E** cymbal: struck once, and then a cloud that fades. **F** chirp: one slope.
#
# </details>

# %% [markdown]
# What you read off the picture can be measured. The chirp glides from 200 to 7000 Hz in 1.6 s, so at time $t$ it should be at $200 + 4250\,t$ Hz; a click should be equally bright in all rows.

# %%
ridge = frequencies(CONFIG)[pictures["F"].argmax(dim=0)]
due = 200 + 4250 * frame_times(len(ridge), CONFIG)
error = (ridge - due).abs()[2:-2].max()  # not at the ends, where half the frame is reflected
flat = pictures["B"][:, 50].max() - pictures["B"][:, 50].min()  # the click at 0.5 s, in dB
claim(
    "03.6",
    "the chirp is found where it is due, to one row, and a click is equally bright in all rows",
    error <= RATE / 512 and flat < 0.01,
)

# %% [markdown]
# ## Trade time for frequency
#
# How long should the window be? Put it to the test with a sound that has both kinds of detail: two tones 60 Hz apart, and two clicks 10 ms apart. Only the window (`win_length`) gets longer, from 4 to 128 ms; all frames have `n_fft` 4096 samples, and what the window does not fill is zeros. Before you run the cell: which window will show both pairs?

# %%
length = {"seconds": 0.6, "sample_rate": RATE}
tones = [sine(hz, amplitude=0.03, **length).samples[0] for hz in (1000.0, 1060.0)]
clicks = [click(at=s, **length).samples[0] for s in (0.3, 0.31)]
pairs = Waveform.from_mono(sum(tones + clicks), RATE)


def through(samples, milliseconds):
    """Return the power seen through a Hann window of that length, and its config."""
    config = SpectrogramConfig(
        sample_rate=RATE, n_fft=4096, win_length=16 * milliseconds, hop_length=8
    )
    return power(samples, config), config

# %% alt="Three spectrograms of two tones and two clicks. Window 4 ms: two separate vertical lines, one thick horizontal band. Window 24 ms: both pairs blurred. Window 128 ms: two separate horizontal lines, the clicks one broad haze."
fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), sharey=True)
seen_through = {4: "two clicks, one tone", 24: "neither pair", 128: "two tones, one click"}
for ax, (milliseconds, said) in zip(axes, seen_through.items(), strict=True):
    values, config = through(pairs.samples[0], milliseconds)
    plots.spectrogram(ax, power_to_db(values), config, db_range=45, colorbar=False)
    ax.set(xlim=(0.2, 0.41), ylim=(700, 2000), xticks=(0.2, 0.3, 0.4))
    ax.set_title(f"{milliseconds} ms: {said}")
    ax.label_outer()
_ = fig.suptitle("A short window sees when, a long one sees which frequency")

# %% [markdown]
# The shortest window tells the clicks apart and fuses the tones (the stripes are their **beats**: two tones 60 Hz apart swell and fade 60 times a second). The longest does the reverse (its stripes are 1 / 10 ms = 100 Hz apart). In between, is there a window for both? Measure how deep the level dips *between* the two clicks, and between the two tones. No dip: one blob.

# %%
def dip(profile, axis, low, high):
    """Return how far a profile (power) sinks between two points of its axis, in dB."""
    at = [int((axis - point).abs().argmin()) for point in (low, (low + high) / 2, high)]
    left, middle, right = power_to_db(profile[at])
    return float(min(left, right) - middle)

# %%
lengths = [4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128]  # ms
between_clicks, between_tones = [], []
for milliseconds in lengths:
    values, config = through(pairs.samples[0], milliseconds)
    hz, s = frequencies(config), frame_times(values.shape[1], config)
    above = values[(hz > 3000) & (hz < 7000)].mean(dim=0)  # clicks alone, over time
    before = values[:, (s > 0.1) & (s < 0.2)].mean(dim=1)  # tones alone, over frequency
    between_clicks.append(dip(above, s, 0.3, 0.31))
    between_tones.append(dip(before, hz, 1000, 1060))

# %% alt="Depth of the dip in decibels against window length. The curve of the clicks is high for short windows and reaches zero near 24 milliseconds; the curve of the tones leaves zero near 30 milliseconds and rises. Between them a gap where neither is above 3 decibels."
fig, ax = plt.subplots(figsize=(8, 3.2))
dips = torch.tensor([between_clicks, between_tones])  # [pair, length]
ax.plot(lengths, dips[0].clamp(0, 40), "o-", label="between the clicks, 10 ms apart")
ax.plot(lengths, dips[1].clamp(0, 40), "s-", label="between the tones, 60 Hz apart")
ax.axhline(3, color="0.5", ls="--", lw=1)
ax.text(4, 4, "3 dB", color="0.4")
ax.set(xscale="log", xticks=[4, 8, 16, 32, 64, 128], xticklabels=[4, 8, 16, 32, 64, 128])
ax.set(xlabel="length of the window (ms)", ylabel="dip, cut at 40 dB")
ax.set_title("No length of the window separates both pairs")
ax.minorticks_off()
_ = ax.legend(loc="upper center")

# %%
claim(
    "03.7",
    "of 14 window lengths none separates both pairs by 3 dB; each pair is separated by some",
    dips.amin(dim=0).max() < 3 and dips.amax(dim=1).min() > 20,
)

# %% [markdown]
# **A common belief: a larger `n_fft` gives a better picture.** It gives one that is finer in frequency and coarser in time, because the window grows with it. Around one and the same window a larger `n_fft` only adds zeros, and those sharpen nothing (lesson 02; all three pictures have `n_fft` 4096).
#
# ### The same on a real voice
#
# A vowel is a row of puffs of air from the vocal cords. A short window sees each puff: upright stripes. A long window sees that they repeat: a ladder.

# %% alt="Two spectrograms of a fifth of a second of a voice. Left, window 4 ms: vertical stripes, one for each puff of the vocal cords. Right, window 50 ms: horizontal lines, the harmonics, evenly spaced."
vowel = example("speech_ru").slice(0.6, 1.1).samples[0]  # from the sentence in Russian
fig, axes = plt.subplots(1, 2, figsize=(7.6, 2.8), sharey=True)
for ax, milliseconds, said in zip(axes, (4, 50), ("puffs of air", "harmonics"), strict=True):
    values, config = through(vowel, milliseconds)
    plots.spectrogram(ax, power_to_db(values), config, db_range=50, colorbar=False)
    ax.set(xlim=(0.2, 0.4), ylim=(0, 3000), xticks=(0.2, 0.3, 0.4))
    ax.set_title(f"Window {milliseconds} ms: {said}")
_ = axes[1].set_ylabel("")

# %% [markdown]
# Puffs a second on the left, and hertz from rung to rung on the right, should be one number: the pitch. Measure both by sliding a profile over itself and asking at which distance it fits best.

# %%
def period(profile, step, low, high):
    """Return the distance, from low to high, at which a profile [axis] best fits itself."""
    profile = profile - profile.mean()
    shifts = range(round(low / step), round(high / step) + 1)
    fits = [float((profile[:-shift] * profile[shift:]).mean()) for shift in shifts]
    return shifts[max(range(len(fits)), key=fits.__getitem__)] * step

# %%
def seen(milliseconds):
    """Return levels in dB, [freq, frame], of a tenth of a second of the vowel, below 3000 Hz."""
    values, config = through(vowel, milliseconds)
    hz, s = frequencies(config), frame_times(values.shape[1], config)
    return power_to_db(values)[(hz > 80) & (hz < 3000)][:, (s >= 0.22) & (s < 0.32)]


puffs = 1 / period(seen(4).mean(dim=0), 8 / RATE, 1 / 300, 1 / 80)  # a second
rungs = period(seen(50).mean(dim=1), RATE / 4096, 80, 300)  # Hz
print(f"{puffs:.0f} puffs a second, rungs {rungs:.0f} Hz apart")
claim(
    "03.8",
    "puffs a second in one picture are hertz between rungs in the other, within 5 %",
    abs(puffs / rungs - 1) < 0.05,
)

# %% [markdown]
# ## The bound
#
# How good can a window be at best? We need the width of a window in time and the width of what it makes of a pure tone. Both shapes spread over some range, so take the **standard deviation**, as for any distribution: let the *energy* (the squared window) be the weights.
#
# - $\sigma_t$, in seconds: the standard deviation of time, weighted with the window squared.
# - $\sigma_f$, in Hz: the standard deviation of frequency, weighted with the squared magnitude of the window's spectrum, negative frequencies included (the mean is 0 Hz).
#
# Dennis Gabor brought this law from quantum theory to signals in 1946. It holds for every function, so no window escapes it:
#
# $$\sigma_t \cdot \sigma_f \;\ge\; \frac{1}{4\pi} \approx 0.0796 \qquad (\text{seconds} \times \text{Hz: a plain number})$$

# %% tags=["by-hand"]
def widths(shape, sample_rate):
    """Return σt in seconds and σf in Hz of a window: standard deviations of its energy."""
    t = torch.arange(len(shape), dtype=torch.float64) / sample_rate
    in_time = shape**2 / (shape**2).sum()
    n = 16 * len(shape)  # zeros are added for a fine axis
    f = torch.fft.fftfreq(n, 1 / sample_rate, dtype=torch.float64)
    in_frequency = torch.fft.fft(shape, n=n).abs() ** 2
    in_frequency = in_frequency / in_frequency.sum()
    mean = (t * in_time).sum()
    sigma_t = ((t - mean) ** 2 * in_time).sum().sqrt()
    sigma_f = (f**2 * in_frequency).sum().sqrt()
    return float(sigma_t), float(sigma_f)

# %%
BOUND = 1 / (4 * math.pi)
measured = {}
for name in ("gaussian", "blackman", "hann"):
    for milliseconds in (8, 32, 128):
        config = SpectrogramConfig(sample_rate=RATE, n_fft=16 * milliseconds, window=name)
        s, hz = measured[name, milliseconds] = widths(window(config, dtype=torch.float64), RATE)
        product = s * hz / BOUND
        print(f"{name:<9}{milliseconds:>4} ms: σt {1000 * s:5.2f} ms, σf {hz:6.2f} Hz", end="")
        print(f", product {product:.2f} × 1/4π")

# %% [markdown]
# Four times the length: four times σt, a quarter of σf, the same product. Gauss's bell is the best there is, Blackman's window comes within about half a percent of it, and Hann within about 3 %.
#
# Try to beat it: a thousand windows with random shapes that begin and end at zero.

# %%
generator = torch.Generator().manual_seed(0)
waves = torch.arange(1, 7, dtype=torch.float64)[:, None]
steps = (torch.arange(512, dtype=torch.float64) + 0.5) / 512
half_waves = torch.sin(math.pi * waves * steps)  # [6, time]
weights = torch.randn(1000, 6, generator=generator, dtype=torch.float64) / waves.T**2
random_windows = torch.tensor([widths(shape, RATE) for shape in weights @ half_waves])

# %% alt="Log-log plot of frequency spread in hertz against time spread in milliseconds. A straight falling line is the bound. Gaussian, Blackman and Hann windows of three lengths lie on or just above it; a cloud of random windows lies above it; none lies below."
fig, ax = plt.subplots(figsize=(8, 4))
line = torch.logspace(-0.4, 1.7, 50)  # ms
ax.fill_between(line, 1000 * BOUND / line, 0.5, color="0.88", label="impossible")
ax.plot(line, 1000 * BOUND / line, color="0.3", label="$\\sigma_t \\sigma_f = 1/4\\pi$")
ms, hz = 1000 * random_windows[:, 0], random_windows[:, 1]
ax.scatter(ms, hz, s=5, alpha=0.4, color=plots.COLOURS[9], label="1000 random windows, 32 ms")
for name, marker in (("gaussian", "o"), ("blackman", "s"), ("hann", "^")):
    points = torch.tensor([w for (n, _), w in measured.items() if n == name])
    ax.scatter(1000 * points[:, 0], points[:, 1], s=60, marker=marker, label=name, zorder=3)
ticks, rows = [0.5, 1, 2, 5, 10, 20, 50], [2, 5, 10, 20, 50, 100, 200]
ax.set(xscale="log", xlim=(0.4, 50), xticks=ticks, xticklabels=ticks, xlabel="σt (ms)")
ax.set(yscale="log", ylim=(1.5, 400), yticks=rows, yticklabels=rows, ylabel="σf (Hz)")
ax.minorticks_off()
ax.set_title("Every window lies on the line or above it (8, 32 and 128 ms)")
_ = ax.legend(loc="upper right", fontsize="small")

# %%
products = {key: s * hz / BOUND for key, (s, hz) in measured.items()}
gauss = [product for (name, _), product in products.items() if name == "gaussian"]
hanns = [product for (name, _), product in products.items() if name == "hann"]
lowest = min(*products.values(), float(random_windows.prod(dim=1).min()) / BOUND)
claim(
    "03.9",
    "of 1009 windows none is below 1/4π; Gauss is within 0.1 % of it, Hann at 1.02 to 1.04",
    lowest > 0.9999 and max(gauss) < 1.001 and 1.02 < min(hanns) and max(hanns) < 1.04,
)

# %% [markdown]
# **The rectangle is left out, and why.** A window that jumps at its edges has a spectrum that falls off so slowly that $\sigma_f$ is infinite. Computed, it depends on how finely you sample: the same 32 ms, four times as many samples, and $\sigma_f$ doubles, again and again. (Hamming jumps too, from 0 to 0.08; our Gauss, cut off at four standard deviations, only by 0.0003.) For such windows read the width of the main lobe instead.

# %%
spreads = []
for finer in (1, 4, 16):
    rectangle = torch.ones(512 * finer, dtype=torch.float64)  # always 32 ms
    spreads.append(widths(rectangle, RATE * finer)[1])
growth = [f"{after / before:.1f}" for before, after in zip(spreads, spreads[1:], strict=False)]
print("rectangle, sampled 4 times as finely, and again: σf grows", " and ".join(growth), "times")

# %% [markdown]
# ## Hop and overlap
#
# The hop is the other setting. A smaller hop makes more columns. Are they sharper? Every second column at hop 80 should simply *be* a column at hop 160. And how many cells does the picture have for each sample of the sound?

# %%
dense = SpectrogramConfig(sample_rate=RATE, hop_length=80)
every_second = stft(samples, dense)[:, ::2]
claim(
    "03.10",
    "a smaller hop adds columns between the old ones and leaves those as they were",
    (every_second - own).abs().max() < 1e-10 * own.abs().max(),
)
for hop_length in (512, 256, 160, 80):
    columns, numbers = RATE / hop_length, 257 / hop_length
    print(f"hop {hop_length:>3}: {columns:6.2f} columns a second, {numbers:.1f} cells a sample")

# %% [markdown]
# So the hop is a sampling rate: that of the columns. It sharpens nothing; it must only be small enough not to miss anything, and it sets how many columns your network has to carry. Usual is a quarter to a half of the window; ours is 160 / 512, about a third.
#
# What can be missed? Add up the windows: the sum is the weight of each sample in the whole picture. Where it is zero, nothing can be turned back into sound, and `istft` (below) refuses such a hop.

# %% alt="Three panels of overlapping Hann windows of 32 ms and their sum. Hop 8 ms: the sum is a flat line at 2. Hop 16 ms: flat at 1. Hop 32 ms: the sum drops to zero at every joint."
fig, axes = plt.subplots(1, 3, figsize=(10, 2.6), sharey=True)
for ax, hop_length in zip(axes, (128, 256, 512), strict=True):
    total = torch.zeros(2560)
    for first in range(0, 2560 - 511, hop_length):
        total[first : first + 512] += hann
        ax.plot((first + torch.arange(512)) / 16, hann, color="0.7", lw=1)
    ax.plot(torch.arange(2560) / 16, total, lw=2)
    ax.set(xlabel="time (ms)", xlim=(32, 128))
    ax.set_title(f"hop {hop_length / 16:.0f} ms: windows and sum")
axes[0].set_ylabel("weight (no unit)")
_ = fig.suptitle("Half a window of overlap: every sample counts alike. None: the joints are deaf")

# %% [markdown]
# ## Play
#
# Move the settings yourself. Click in the picture to hear the sound from there.
#
# 1. **tones and clicks**: find a window that shows two tones *and* two clicks.
# 2. **voice**: move `n_fft` from 64 to 4096. Where do puffs turn into harmonics?
# 3. Now move the hop. Does it sharpen anything?
# 4. **violin** with the rectangular window: what fills the dark between the rungs? (Lesson 02: leakage.)
# 5. **cymbal**: which frequencies ring longest?
#
# (In a program, `avtutor.widgets.spectrogram.compute` gives the numbers of the same pictures.)

# %% alt="The spectrogram explorer, first with the two tones and two clicks, as a picture of frequency over time."
shown = {"tones and clicks": pairs.resample(8000), "voice": voice}  # 8 kHz: a closer look
shown |= {"chirp": sounds["F"], "violin": sounds["A"], "cymbal": sounds["E"]}
SpectrogramExplorer(shown, hop_length=16)

# %% [markdown]
# ## Back to sound
#
# The STFT can be undone. Transform each frame back, fade it with the window once more, lay the frames over one another at their hops and add; then divide by the sum of the squared windows, since each sample was faded twice in every frame that saw it. `istft(spectrum, config)` does this; the third exercise is the heart of it.

# %%
errors = []
settings = [(512, 160, "hann"), (512, 256, "hann"), (2048, 512, "blackman"), (400, 100, "gaussian")]
sound = voice.samples[0]  # float32
for n_fft, hop_length, shape in settings:
    config = SpectrogramConfig(sample_rate=RATE, n_fft=n_fft, hop_length=hop_length, window=shape)
    back = istft(stft(sound, config), config)
    errors.append(float((back - sound[: len(back)]).abs().max() / sound.abs().max()))
claim(
    "03.11",
    "istft after stft gives the samples back, to 1e-6 of the maximum, in four settings",
    max(errors) < 1e-6,
)

# %% [markdown]
# Exact but for rounding, as long as magnitude *and* angle are there. But the picture has only the magnitudes. Networks that *make* sound often make a picture first, so something has to guess the phase. How well can that be done, and how would you score it?
#
# ### First, a yardstick
#
# Your first idea may be the **signal-to-noise ratio** (SNR): the energy of the true samples over the energy of the error, in dB. Consider $-x$, the sound with every sample's sign turned. It sounds the same, and its magnitudes are the same. But the error is $x - (-x) = 2x$, four times the energy: $10 \log_{10} \tfrac14 = -6.02$ dB. Even silence, with the error $x$, scores higher: 0 dB. The sign cannot be known from the picture, so a measure that asks for it asks too much.
#
# Compare pictures instead. The **spectral convergence** is the distance between two magnitude pictures as a share of the true one's size (root of the sum of squares over all cells), in dB:
#
# $$20 \log_{10} \frac{\lVert\, |\hat X| - |X| \,\rVert}{\lVert\, |X| \,\rVert}$$
#
# $|X|$ is the magnitude that was asked for, $|\hat X|$ the magnitude of the STFT of the guessed sound. 0 dB: all of it is wrong, as in silence. -20 dB: a tenth. -40 dB: a hundredth.

# %%
magnitude = own.abs()  # [freq, frame], from float64 samples


def snr(guess):
    """Return the signal-to-noise ratio of a guess [time], in dB."""
    error = (samples - guess).square().sum()
    return float(power_to_db(samples.square().sum() / error))


def convergence(guess):
    """Return the spectral convergence of a guess [time], in dB (no lower than -100)."""
    return spectral_convergence(stft(guess, CONFIG).abs(), magnitude)

# %%
nothing = torch.zeros_like(samples)
for name, guess in (("itself", samples), ("negative", -samples), ("silence", nothing)):
    print(f"{name:<9} spectral convergence {convergence(guess):6.1f} dB")
print(f"SNR: of the negative {snr(-samples):.2f} dB, of silence {snr(nothing):.2f} dB")
claim(
    "03.12",
    "the negative of a sound has a perfect picture, and a worse SNR than silence",
    convergence(-samples) == -100 and snr(-samples) < -6 and abs(snr(nothing)) < 0.01,
)

# %% [markdown]
# ### Guess the phase
#
# Three guesses. **Dice**: every angle at random. **In step**: in every frame all sines peak together at the frame's centre. **Griffin-Lim**: begin with dice, then mend. Neighbouring frames share two thirds of their samples, so they must agree there. Random angles break that. The mending goes round and round:
#
# 1. make a sound of the magnitudes and the present angles (`istft`: it averages the disagreeing frames),
# 2. take the STFT of that sound: its angles fit together, since they come from one sound,
# 3. keep these angles, put the wanted magnitudes back on, and start over.

# %% tags=["by-hand"]
def griffin_lim_by_hand(magnitude, config, rounds, length):
    """Return a sound [time] with about this magnitude [freq, frame]."""
    generator = torch.Generator().manual_seed(0)
    angles = 2 * math.pi * torch.rand(magnitude.shape, generator=generator, dtype=magnitude.dtype)
    for _ in range(rounds):
        sound = istft(torch.polar(magnitude, angles), config, length=length)
        angles = stft(sound, config).angle()
    return istft(torch.polar(magnitude, angles), config, length=length)

# %%
length = len(samples)
mended = griffin_lim_by_hand(magnitude, CONFIG, rounds=4, length=length)
package = griffin_lim(magnitude, CONFIG, n_iter=4, momentum=0.0, length=length)
claim(
    "03.13",
    "Griffin-Lim by hand is griffin_lim without momentum, to 1e-4 of the maximum after 4 rounds",
    (mended - package).abs().max() < 1e-4 * package.abs().max(),
)

# %% [markdown]
# The package's default leans on the previous round (*momentum*, as in an optimiser). Does it get further in the same rounds?

# %%
rounds = [0, 1, 2, 4, 8, 16, 32, 64]
wanted = magnitude.float()  # half the work
by_rounds = {}
for momentum in (0.0, 0.99):
    guesses = [
        griffin_lim(wanted, CONFIG, n_iter=n, momentum=momentum, length=length) for n in rounds
    ]
    by_rounds[momentum] = [convergence(guess.double()) for guess in guesses]

# %%
to_centre = torch.ones(257, 1, dtype=torch.float64)  # turns an angle of 0 at the frame's start …
to_centre[1::2] = -1  # … into an angle of 0 at its centre
guesses = {
    "silence": nothing,
    "dice": griffin_lim(magnitude, CONFIG, n_iter=0, length=length),  # no mending
    "in step": istft((magnitude * to_centre).to(torch.complex128), CONFIG, length=length),
    "Griffin-Lim": griffin_lim(magnitude, CONFIG, n_iter=64, length=length),
    "true phase": istft(own, CONFIG, length=length),
}
scores = {name: convergence(guess) for name, guess in guesses.items()}

# %% alt="Left: spectral convergence against rounds of Griffin-Lim; both curves start near minus 4 decibels, the one with momentum falls to about minus 29, the one without to about minus 21. Right: bars for silence at 0, dice and in step near minus 5, Griffin-Lim near minus 29 and the true phase at minus 100 decibels or below."
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
left.plot(range(len(rounds)), by_rounds[0.0], "s--", label="without momentum (1984)")
left.plot(range(len(rounds)), by_rounds[0.99], "o-", label="with momentum (2013)")
left.set(xticks=range(len(rounds)), xticklabels=rounds, xlabel="rounds")
left.set(ylabel="spectral convergence (dB)", title="Each doubling of rounds brings it nearer")
left.legend()
right.barh(list(scores), list(scores.values()), color=plots.COLOURS[0])
for row, score in enumerate(scores.values()):
    text = f"{score:.0f} dB" if score > -100 else "-100 dB\nor below"
    right.text(3, row, text, va="center")
right.set(xlim=(-105, 40), xticks=range(-100, 1, 20), xlabel="spectral convergence (dB)")
right.set_title("Mended beats guessed, true beats both")
right.invert_yaxis()

# %%
for name in ("silence", "dice", "in step", "true phase"):
    print(f"{name:<11} {scores[name]:6.0f} dB")
print(f"Griffin-Lim below -25 dB: {scores['Griffin-Lim'] < -25}")
print("Griffin-Lim's SNR is below that of silence:", snr(guesses["Griffin-Lim"]) < 0)
made_up = min(scores["dice"], scores["in step"])
claim(
    "03.14",
    "64 rounds of Griffin-Lim come 18 dB nearer than dice or phases in step, below -25 dB",
    scores["Griffin-Lim"] < min(made_up - 18, -25),
)
further = scores["Griffin-Lim"] - scores["true phase"]
claim("03.15", "the true phase is worth another 60 dB or more", further > 60)

# %% [markdown]
# Listen (all at half their level, so that none is clipped). With the phases in step, each frame becomes a pulse at its centre, one every 10 ms, so you hear the frame rate itself: a buzz at 100 Hz, the voice of a film robot.

# %%
heard = {"original": samples} | {name: guesses[name] for name in ("dice", "in step", "Griffin-Lim")}
beat = period(guesses["in step"].abs(), 1 / RATE, 1 / 300, 1 / 50)
print(f"in step: the sound repeats every {1000 * beat:.0f} ms")
play_side_by_side({name: Waveform.from_mono(0.5 * x[:28_000], RATE) for name, x in heard.items()})

# %% [markdown]
# From dice to the true phase there are 95 dB or more; Griffin-Lim wins back about 25 of them, and every 20 dB divide the error by ten.
#
# By samples, Griffin-Lim's sound is worse than silence (SNR below 0). By ear it comes close to the original; judge for yourself. Where did it find the phase? In the overlap: 257 magnitudes every 160 samples are 1.6 for each sample. There are more equations than unknowns, and few sounds satisfy them all.
#
# So a network that is fed magnitudes has not lost half of the information. With overlapping frames, most of it is still there.
#
# ## The prediction: one's magnitudes, the other's phases
#
# **A common belief: the phase does not matter**, since the picture is enough and the ear is deaf to it. Lesson 02 found that words are gone without their phases; here the picture is enough. Both hold, each at its own length of window. Now the experiment of the prediction: magnitudes of the man's Italian, phases of the woman's English, once with frames of 30 ms and once with 500 ms.

# %%
n = 44_800  # 2.8 s
italian, english = example("speech_it").samples[0, :n], voice.samples[0, :n]


def cross(magnitude_of, phase_of, milliseconds):
    """Return a sound [time] with the magnitudes of one and the phases of the other."""
    n_fft = 16 * milliseconds
    config = SpectrogramConfig(sample_rate=RATE, n_fft=n_fft, hop_length=n_fft // 4)
    ours, theirs = stft(magnitude_of, config), stft(phase_of, config)
    length = min(n, config.hop_length * (ours.shape[1] - 1))
    return istft(torch.polar(ours.abs(), theirs.angle()), config, length=length)

# %%
heard = {"magnitudes from": italian, "phases from": english}
heard |= {f"crossed, {ms} ms": cross(italian, english, ms) for ms in (30, 500)}
play_side_by_side({name: Waveform.from_mono(0.5 * x[:28_000], RATE) for name, x in heard.items()})

# %% [markdown]
# Decide it without ears, too. Two sounds say the same thing if each of their frequencies gets loud and quiet at the same moments. So: take both dB pictures, correlate each row over time with the same row of the other, and take the mean over the rows. 1 is "the same sentence"; two unrelated sentences give about 0.

# %%
def likeness(one, other):
    """Return the mean over rows of the correlation of two dB pictures over time."""
    rows = []
    for sound in (one, other):
        levels = power_to_db(power(sound, CONFIG)).clamp(min=-40)  # below is the hiss of the pauses
        rows.append(levels - levels.mean(dim=1, keepdim=True))
    return float(F.cosine_similarity(*rows, dim=1).mean())

# %%
def contest(milliseconds):
    """Return the likeness to the owners of magnitudes and phases, mean over both ways round."""
    scores = []
    for ours, theirs in ((italian, english), (english, italian)):
        sound = cross(ours, theirs, milliseconds)
        scores.append([likeness(sound, source[: len(sound)]) for source in (ours, theirs)])
    return torch.tensor(scores).mean(dim=0).tolist()


print(f"the two sentences themselves: {likeness(italian, english):.1f}")
lengths = [1, 4, 15, 30, 60, 120, 250, 500, 1000]  # ms
contests = {milliseconds: contest(milliseconds) for milliseconds in lengths}

# %% alt="Likeness to the owner of the magnitudes and to the owner of the phases against window length from 1 to 1000 milliseconds. The magnitudes lead up to about 250 milliseconds with a peak near 30, then the phases lead."
fig, ax = plt.subplots(figsize=(8, 3.4))
curves = torch.tensor(list(contests.values()))  # [length, owner]
ax.plot(lengths, curves[:, 0], "o-", label="the owner of the magnitudes")
ax.plot(lengths, curves[:, 1], "s-", label="the owner of the phases")
ax.axhline(likeness(italian, english), color="0.5", ls="--", lw=1, label="the two, uncrossed")
for ms in (30, 500):
    ax.axvline(ms, color="0.8", zorder=0)
ax.set(xscale="log", xticks=lengths, xticklabels=lengths, xlabel="length of the window (ms)")
ax.set(ylim=(0, 1), ylabel="likeness (1: the same)")
ax.minorticks_off()
ax.set_title("Short windows: the magnitudes win. Long windows: the phases win")
_ = ax.legend(loc="upper right", fontsize="small")

# %%
for ms in (30, 500):
    to_magnitude, to_phase = contests[ms]
    print(f"{ms:>3} ms: likeness to the magnitudes' owner {to_magnitude:.1f}", end="")
    print(f", to the phases' {to_phase:.1f}")
lead = {ms: contests[ms][0] - contests[ms][1] for ms in (30, 500)}
claim(
    "03.16",
    "at 30 ms the sentence of the magnitudes wins, at 500 ms the sentence of the phases",
    lead[30] > 0.4 and lead[500] < -0.08,
)

# %% [markdown]
# Within a frame, the phases say when. Make the frame short, and "when" moves out of the phases and into the number of the column, where a network can see it. That is the whole idea of a spectrogram.

# %% [markdown]
# ## Exercises
#
# 1. Write `place(frame, row, sample_rate, n_fft, hop_length)`: the time in seconds and the frequency in Hz of one cell of a spectrogram, made as in this lesson.

# %% tags=["exercise"]
def place(
    frame: int, row: int, sample_rate: int, n_fft: int, hop_length: int
) -> tuple[float, float]:
    """Return (seconds, hertz) of the cell in column `frame` and row `row`."""
    ### BEGIN SOLUTION
    return frame * hop_length / sample_rate, row * sample_rate / n_fft
    ### END SOLUTION

# %%
check("03.place", place)

# %% [markdown]
# 2. Write `count_frames(n_samples, n_fft, hop_length)`: how many columns such a spectrogram has. Take `n_fft` to be even.

# %% tags=["exercise"]
def count_frames(n_samples: int, n_fft: int, hop_length: int) -> int:
    """Return the number of frames of a sound that is padded by n_fft // 2 at both ends."""
    ### BEGIN SOLUTION
    padded = n_samples + 2 * (n_fft // 2)
    return 1 + (padded - n_fft) // hop_length
    ### END SOLUTION

# %%
check("03.count_frames", count_frames)

# %% [markdown]
# 3. Write `overlap_add(frames, window, hop_length)`. `frames` [frame, time] were cut from a sound, each `hop_length` samples after the one before, and multiplied *once* with `window` [time]. Return the sound [time], from the first sample of the first frame to the last of the last. The window is nowhere zero.

# %% tags=["exercise"]
def overlap_add(frames: torch.Tensor, window: torch.Tensor, hop_length: int) -> torch.Tensor:
    """Return the sound [time] that these windowed frames [frame, time] were cut from."""
    ### BEGIN SOLUTION
    count, size = frames.shape
    total = torch.zeros(size + hop_length * (count - 1), dtype=frames.dtype)
    weight = torch.zeros_like(total)
    for k in range(count):
        part = slice(k * hop_length, k * hop_length + size)
        total[part] += frames[k]
        weight[part] += window
    return total / weight
    ### END SOLUTION

# %%
check("03.overlap_add", overlap_add)

# %% [markdown]
# 4. Write `choose_n_fft(gap, sample_rate)`: the smallest power of two whose Hann window safely separates two tones that are `gap` Hz apart. Safe, from lesson 02: the window lasts at least 4 / gap seconds, so that a whole main lobe fits between the tones. Then ask yourself what that window does to clicks.

# %% tags=["exercise"]
def choose_n_fft(gap: float, sample_rate: int) -> int:
    """Return the smallest power of two that is at least 4 / gap seconds long, in samples."""
    ### BEGIN SOLUTION
    n_fft = 1
    while n_fft < 4 / gap * sample_rate:
        n_fft *= 2
    return n_fft
    ### END SOLUTION

# %%
check("03.choose_n_fft", choose_n_fft)

# %% [markdown]
# ## What would break this
#
# - **Another convention.** Libraries differ in padding (`center`), in the window (periodic or symmetric), in power or magnitude, in scaling. A network trained on one and used on another sees pictures that are shifted by half a window, or too bright. Keep one config for both; lesson 04 compares ours with another library.
# - **Settings in samples.** `n_fft` 512 is 32 ms at 16 kHz and 12 ms at 44.1 kHz: another picture. Resample first, or think in milliseconds.
# - **Spectral convergence without overlap.** With frames that do not overlap and a window without zeros, *any* phase keeps all magnitudes, and every guess would score perfectly. Nor does it say how good a sound *sounds*: a loud cell counts, a quiet *s* hardly.
# - **Griffin-Lim on something that no sound has.** A picture painted by a network need not be that of any sound. Then no phase fits, and the rounds settle somewhere in between.
# - **The last experiment.** Two sentences, one shape of window, and a measure with frames of its own, 32 ms. Where the lines cross depends on the sounds; that they cross was found with listeners, too (Kazama and others, below). They also followed the phase below 4 ms, which our measure does not show. And with a rectangular window, even the phases of frames of 20 to 40 ms carry words (Paliwal and Alsteris, below).
# - **Reflection.** A sound that begins in the middle of a tone gets a kink where it is mirrored, and the first and last columns show it.
#
# ## The short answer
#
# Cut the sound into overlapping frames, fade each with a window, take the FFT of each: the STFT, [freq, frame]. Its power in dB is the spectrogram. Column $k$ is $k\,h/f_s$ seconds, row $b$ is $b\,f_s/n$ Hz, and 0 dB is loud. The length of the window chooses between seeing when and seeing which frequency, and $\sigma_t \sigma_f \ge 1/4\pi$ says that no trick gets both. The hop only says how many columns there are. With its phase, an STFT gives the sound back exactly; without, the overlap still pins it down well enough that Griffin-Lim finds a sound with nearly the same picture. So yes: a spectrogram can be the input image. It is a picture with seconds one way and hertz the other, and what that does to a CNN is the matter of lessons 06 and 07.
#
# ## Sources
#
# - D. Gabor, "Theory of communication", 1946: derives the uncertainty relation for signals with the mathematics of quantum theory, and shows that an oscillation under a Gaussian bell attains it.
# - R. Koenig, H. K. Dunn and L. Y. Lacy, "The sound spectrograph", 1946: the machine that drew such pictures on paper, of speech, animals and music; a wide or a narrow filter gave the two views.
# - J. B. Allen and L. R. Rabiner, "A unified approach to short-time Fourier analysis and synthesis", 1977: when and how the STFT can be inverted.
# - D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier transform", 1984: the least-squares `istft`, and the rounds; each round does not increase the squared error of the magnitudes.
# - N. Perraudin, P. Balazs and P. L. Søndergaard, "A fast Griffin-Lim algorithm", 2013: the variant with momentum, faster and with a smaller error in their tests.
# - N. Sturmel and L. Daudet, "Signal reconstruction from STFT magnitude: a state of the art", 2011: compares methods by spectral convergence, and discusses ambiguities such as the sign.
# - A. V. Oppenheim and J. S. Lim, "The importance of phase in signals", 1981: where one transform spans a whole picture or sentence, much that is recognised survives if only the phase is kept.
# - M. Kazama, S. Gotoh, M. Tohyama and T. Houtgast, "On the significance of phase in the short term Fourier spectrum for speech intelligibility", 2010: crossed speech and noise at window lengths from 1/16 to 2048 ms; listeners followed the magnitude in the middle range, and the phase above about 256 ms and below about 4 ms. So did a measure like ours, of the loudness of narrow bands over time.
# - K. K. Paliwal and L. D. Alsteris, "On the usefulness of STFT phase spectrum in human listening tests", 2005: with suitable settings the phases of short windows, too, contribute to intelligibility as much as the magnitudes.
