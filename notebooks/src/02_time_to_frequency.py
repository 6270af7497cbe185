# %% [markdown]
# # 02 · From time to frequency
#
# > "What is audio, how is it broken down to be fed into the network, can I use spectrograms as input images?"
#
# **You will be able to** build the Fourier transform as one matrix, read amplitude and phase out of a complex number, choose a window, and say how near two tones may be before they merge.
#
# **Time:** 40 minutes · **First:** lesson 01
#
# Lesson 01 ended with a row of samples. A network could take that row as it is (lesson 11 does). Most do not: they get to see *which frequencies* are in each short piece. One such piece, turned into frequencies, is one column of a spectrogram. This lesson makes one column; lesson 03 sets them side by side.
#
# Some cells play sounds. Begin with the volume low.
#
# ## Predict
#
# Two tones sound together, 980 Hz and 1020 Hz. You take 512 samples at 16 000 Hz (32 ms) and look at their spectrum, how much of each frequency there is: one hump. You put 15 872 zeros behind the samples and take the spectrum of all 16 384 numbers. You see
#
# - **A** two humps: 32 times as many points on the curve, 32 times the detail
# - **B** the same one hump, drawn with more points
# - **C** one hump, 32 times as narrow
#
# <details><summary>Answer, after the run</summary>
#
# **B**. The zeros hold no news about the sound. Only more of the sound itself separates the tones.
#
# </details>

# %%
import math

import matplotlib.pyplot as plt
import torch

from avtutor import plots
from avtutor.checks import check, claim
from avtutor.datasets import example, voices
from avtutor.player import play, play_side_by_side
from avtutor.spectral import SpectrogramConfig, frequencies, power, window
from avtutor.synth.tones import harmonics, pink_noise, sawtooth, sine, square, white_noise
from avtutor.units import amplitude_to_db, db_to_amplitude, power_to_db
from avtutor.waveform import Waveform
from avtutor.widgets.spectrogram import SpectrogramExplorer

# %%
plots.use_style()
RATE = 16_000  # samples a second, Hz

# %% [markdown]
# ## A sound is a sum of sines
#
# A **sine tone** is the simplest sound. Three numbers say all about it: its **frequency** (turns a second, in Hz), its **amplitude** (how far it swings to either side), and its **phase** (where in its turn it begins, as an angle: a full turn is 360°, or $2\pi$ radians).
#
# Add a few sines and the shape is no longer simple.

# %% alt="Three sine curves of 200, 400 and 600 hertz over 15 milliseconds, and below them their sum, a wave with a more complicated shape that repeats every 5 milliseconds."
t = torch.arange(0, 0.015, 1 / 48_000)
parts = [(200, 0.4, 0.0), (400, 0.25, 1.0), (600, 0.15, 2.5)]  # Hz, amplitude, radians
sines = [a * torch.sin(2 * math.pi * f * t + phase) for f, a, phase in parts]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 4), sharex=True)
for (f, a, _), curve in zip(parts, sines, strict=True):
    top.plot(1000 * t, curve, label=f"{f} Hz, amplitude {a}")
top.set(title="Three sines …", ylabel="sample value", ylim=(-0.5, 0.75))
top.legend(loc="upper center", ncols=3, fontsize="small")
bottom.plot(1000 * t, sum(sines), color="0.2")
_ = bottom.set(title="… and their sum", xlabel="time (ms)", ylabel="sample value", xlim=(0, 15))

# %% [markdown]
# The way back is the question of this lesson: given only the lower curve, which sines is it made of? And is *every* sound such a sum, a word for example?
#
# ## A detector for one frequency
#
# Multiply the sound, sample by sample, with a sine of the frequency that you look for, and take the mean. If the two swing together, the products are positive and add up. If they drift apart and together again, negative products cancel positive ones. This is a correlation: the dot product that a convolution layer takes with its kernel.

# %%
def detect(samples, frequency, shape=torch.sin):
    """Return twice the mean of samples [time] times a sine (or cosine) of that frequency in Hz."""
    turns = frequency * torch.arange(len(samples), dtype=torch.float64) / RATE
    return float(2 * (samples * shape(2 * math.pi * turns)).mean())


tone = sine(440.0, seconds=1.0, sample_rate=RATE, amplitude=0.5).samples[0].double()
for frequency in (220.0, 439.0, 440.0, 441.0, 1000.0):
    print(f"detector at {frequency:6.0f} Hz reads {abs(detect(tone, frequency)):.3f}")

# %% [markdown]
# It reads the amplitude, 0.5, at 440 Hz and nothing at the others. (Why twice the mean: the mean of a squared sine is 1/2. And at 440.3 Hz? It would read something. Over one second, tones cancel in full, whatever their phases, if they are a whole number of Hz apart; more on that under *leakage*.)
#
# But a tone need not begin where our sine begins. Shift its phase by a quarter turn, and the detector goes blind. A second detector, with a cosine, sees exactly what the first one misses.

# %% alt="Readings of the two detectors against the phase of the tone. The sine detector follows a cosine curve, the cosine detector a sine curve, and the root of the sum of their squares is a straight line at 0.5."
phases = torch.linspace(0, 2 * math.pi, 73)
shifted = [sine(440.0, seconds=1.0, sample_rate=RATE, phase=p).samples[0] for p in phases.tolist()]
by_sine = torch.tensor([detect(x, 440.0) for x in shifted])
by_cosine = torch.tensor([detect(x, 440.0, torch.cos) for x in shifted])
both = torch.hypot(by_sine, by_cosine)  # the root of the sum of the two squares
fig, ax = plt.subplots(figsize=(8, 2.8))
ax.plot(torch.rad2deg(phases), by_sine, "--", lw=2, label="sine detector")
ax.plot(torch.rad2deg(phases), by_cosine, ":", lw=2, label="cosine detector")
ax.plot(torch.rad2deg(phases), both, lw=2, label="root of the sum of squares")
ax.set(xlabel="phase of the tone (degrees)", ylabel="reading", ylim=(-0.6, 0.85))
ax.set_xticks(range(0, 361, 90))
ax.set_title("One detector goes blind; the two together never do")
_ = ax.legend(loc="upper right", ncols=3, framealpha=1)

# %%
off = (both - 0.5).abs().max()
claim("02.1", "sine and cosine detector together read the amplitude at every phase", off < 1e-4)
claim("02.2", "the sine detector alone is blind to some of them", by_sine.abs().min() < 0.01)

# %% [markdown]
# ## Complex numbers, as far as they are needed
#
# We now have two readings for each frequency, from the cosine and from the sine. Draw them as one point of a plane: its distance from the origin is the amplitude, and its direction tells the phase. A **complex number** is a point, $a$ to the right and $b$ upwards, written $a + b\,i$, where $i$ only says "this part goes upwards". $a$ is its *real* part, $b$ its *imaginary* part, $\sqrt{a^2+b^2}$ its *magnitude*, the direction its *angle*. It is two numbers that travel together.
#
# One formula is needed, and it is a name: the point on the circle of radius 1 in the direction $\theta$ is called
#
# $$e^{i\theta} = \cos\theta + i\,\sin\theta$$
#
# So multiplying a sample with $e^{-i\theta}$ multiplies it with a cosine and with minus a sine at once: both detectors in one product. (The minus is a convention. With it, the angle that comes out is how far the tone is *ahead* of a cosine; a sine is a quarter turn behind one.)
#
# As a picture: wind the sound round the origin. Sample number $t$ goes in the direction $-2\pi f t / f_s$, at a distance of its own value, where $f$ is the frequency looked for and $f_s$ the sampling rate, both in Hz. Here a 3 Hz cosine of amplitude 1, wound at 2 Hz and at 3 Hz, and one that is 60° ahead. (The mean is half the amplitude, as before.)

# %% alt="Three curves wound round the origin of a plane. Wound at the wrong frequency the curve is a symmetric flower and its mean, a dot, is at the centre. At the right frequency it is a circle through the origin and the dot lies to one side; with another phase of the tone the circle and its dot are turned by 60 degrees."
seconds = torch.arange(1000, dtype=torch.float64) / 1000
fig, axes = plt.subplots(1, 3, figsize=(9, 3.6), sharex=True, sharey=True)
for ax, wind, phase in zip(axes, (2, 3, 3), (0.0, 0.0, math.pi / 3), strict=True):
    sound = torch.cos(2 * math.pi * 3 * seconds + phase)
    wound = sound * torch.exp(-2j * math.pi * wind * seconds)
    ax.plot(wound.real, wound.imag, lw=1)
    mean = wound.mean()
    ax.plot([0, mean.real], [0, mean.imag], "o-", color=plots.COLOURS[1], ms=8, lw=2)
    ax.set_title(f"wound at {wind} Hz, phase {math.degrees(phase):.0f}°", fontweight="normal")
    ax.set(xlabel="real part", aspect="equal")
axes[0].set_ylabel("imaginary part")
finding = "The mean (dot) leaves the centre at the right frequency, towards the phase"
_ = fig.suptitle(finding, fontweight="bold")

# %% [markdown]
# ## All frequencies at once: one matrix
#
# Take $n$ samples, $n$ even. Which detectors do we need? Those that make a *whole* number $k$ of turns in $n$ samples, for $k = 0, 1, 2, …, n/2$. Beyond $n/2$ turns there would be fewer than two samples a turn, and lesson 01 showed that such tones are aliases of the lower ones. Write each detector as a row, and all of them are a matrix, **[freq, time]**:
#
# $$X_k = \sum_{t=0}^{n-1} x_t \, e^{-2\pi i\,k\,t/n}$$
#
# Here $x_t$ is sample $t$, $X_k$ the complex reading of detector $k$, and both are without a unit. It is a sum, not twice a mean, so it is $n/2$ times our reading. This is the **discrete Fourier transform** (DFT): a linear layer without bias, whose complex weights are known beforehand. Each $k$ is called a **bin**.

# %% tags=["by-hand"]
def dft_matrix(n):
    """Return the detectors as rows: complex, [freq, time], with n // 2 + 1 rows."""
    k = torch.arange(n // 2 + 1, dtype=torch.float64)[:, None]  # [freq, 1]
    t = torch.arange(n, dtype=torch.float64)[None, :]  # [1, time]
    return torch.exp(-2j * math.pi * (k * t % n) / n)  # whole turns change nothing: % n


def dft(samples):
    """Return the DFT of samples [time], complex, [freq]."""
    return dft_matrix(len(samples)) @ samples.to(torch.complex128)


print(list(dft_matrix(512).shape), "weights, [freq, time]")

# %% alt="The matrix for 64 samples as two images, cosines on the left and sines on the right. The lowest row of the cosines is constant, and their highest changes sign at every sample; in between the stripes become ever narrower."
detectors = dft_matrix(64)
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
names = ("cosines (real part)", "sines (minus the imaginary part)")
for ax, part, name in zip(axes, (detectors.real, -detectors.imag), names, strict=True):
    image = ax.imshow(part, origin="lower", cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    ax.grid(visible=False)
    ax.set_title(name, fontweight="normal")
    ax.set_xlabel("time t (samples)")
axes[0].set_ylabel("bin k (turns in 64 samples)")
fig.colorbar(image, ax=axes, label="weight", pad=0.02)
finding = "Each row is one detector, from 0 turns to one turn every two samples"
_ = fig.suptitle(finding, fontweight="bold")

# %% [markdown]
# Now real sound: 512 samples (32 ms) out of the word "world". Such a short piece is called a **frame**. Our matrix against `torch.fft.rfft` (*r* for real samples: it also leaves out the aliases above $n/2$).

# %%
said = voices(language="en", speaker="allison")
hello = next(one for one in said if one.source.endswith("/hello-world.g722")).load()
frame = hello.samples[0, 14_400:14_912].double()  # from 0.9 s on
own, fast = dft(frame), torch.fft.rfft(frame)
print(f"samples {list(frame.shape)} {frame.dtype} → spectrum {list(own.shape)} {own.dtype}")
gap = (own - fast).abs().max()
claim("02.3", "the DFT by hand is torch.fft.rfft, to 1e-9 in float64", gap < 1e-9)
play(hello, label='a woman says "Hello world"')

# %% [markdown]
# Is a piece of a word really a sum of sines? Each $X_k$ holds the amplitude and the phase of one sine ($X_0$ that of a constant, a cosine of no turns). Keep only the strongest few, add those sines up (`torch.fft.irfft`, the way back), and compare.

# %% alt="Three panels with the same 32 milliseconds of a voice in grey; over it the sum of the strongest 2, 8 and all 257 sines. With 2 the swing is right, with 8 most details, with all the curves coincide."
strongest = own.abs().argsort(descending=True)
fig, axes = plt.subplots(3, 1, figsize=(8, 5), sharex=True, sharey=True)
for ax, count in zip(axes, (2, 8, 257), strict=True):
    kept = torch.zeros_like(own)
    kept[strongest[:count]] = own[strongest[:count]]
    rebuilt = torch.fft.irfft(kept, n=512)
    ax.plot(torch.arange(512) / 16, frame, color="0.7", lw=3, label="voice")
    ax.plot(torch.arange(512) / 16, rebuilt, lw=1.3, label=f"sum of {count} sines")
    ax.legend(loc="upper right", ncols=2, fontsize="small")
    ax.set(ylabel="sample value", ylim=(-0.55, 0.65))
axes[0].set_title("Any 512 samples are a sum of 257 sines; a few of them carry most of it")
axes[-1].set(xlabel="time (ms)", xlim=(0, 32))
gap = (rebuilt - frame).abs().max()
claim("02.4", "all 257 sines together are the 512 samples again", gap < 1e-9)

# %% [markdown]
# ## Which frequency is bin k?
#
# Detector $k$ makes $k$ turns in $n$ samples, and $n$ samples last $n / f_s$ seconds. So its frequency is
#
# $$f_k = k\,\frac{f_s}{n}\ \text{Hz}$$
#
# and neighbours are $f_s / n$ apart, the **bin spacing**. For 512 samples at 16 000 Hz it is 31.25 Hz. Measure it with two tones whose distance is known, and compare with the package's `frequencies`:

# %%
low, high = (
    int(torch.fft.rfft(sine(f, seconds=0.032, sample_rate=RATE).samples[0]).abs().argmax())
    for f in (1000.0, 3500.0)
)
spacing = (3500.0 - 1000.0) / (high - low)
print(f"strongest bins: {low} and {high}; so bins are {spacing} Hz apart")
config = SpectrogramConfig(sample_rate=RATE, n_fft=512, hop_length=256)
k = torch.arange(config.n_freqs)
expected = RATE / 512
gap = abs(spacing - expected)
claim("02.5", "bins are sample_rate / n apart, measured with two tones", gap < 1e-9)
same = torch.equal(frequencies(config), k * expected)
claim("02.6", "avtutor.spectral.frequencies gives bin k as k times that", same)

# %% [markdown]
# ## Nothing is lost: Parseval
#
# The **energy** of a row of samples is the sum of their squares. By **Parseval's theorem** it can be counted on either side:
#
# $$\sum_{t} x_t^2 = \frac{1}{n}\Big(|X_0|^2 + 2\sum_{k=1}^{n/2-1} |X_k|^2 + |X_{n/2}|^2\Big)$$
#
# Why the 2: `rfft` leaves out the bins above $n/2$, which are mirror images, each as strong as its partner below. Only bin 0 ($n$ times the mean) and bin $n/2$ have no partner.

# %%
squares = own.abs() ** 2
in_time = frame.square().sum()
in_frequency = (squares[0] + 2 * squares[1:-1].sum() + squares[-1]) / 512
print(f"without the doubling, {squares.sum() / 512 / in_time:.2f} of the energy is found")
few = 2 * squares[strongest[:8]].sum() / 512  # bins 0 and 256 are not among them
print(f"the 8 strongest of the 257 sines hold {few / in_time:.2f} of it")
gap = (in_frequency / in_time - 1).abs()
claim("02.7", "the energy is the same in time and in frequency (Parseval)", gap < 1e-12)

# %% [markdown]
# ## The same number from the package
#
# `power(samples, config)` cuts a sound into frames and gives $|X_k|^2$ for each, [freq, frame]. It multiplies every frame with a *window* first, which fades it in and out; the reason comes below. Frames begin every `hop_length` samples, and frame $m$ has its middle at sample 256 $m$ here. So of our 512 samples, frame 1 is exactly all of them.

# %%
hann = window(config, dtype=torch.float64)
by_hand = dft(frame * hann).abs() ** 2
by_package = power(frame, config)[:, 1]
gap = (by_package - by_hand).abs().max() / by_hand.max()
claim("02.8", "avtutor's power is the squared DFT by hand, to 1e-10 of the maximum", gap < 1e-10)

# %% [markdown]
# ## Fast
#
# The matrix has about $n^2/2$ entries, and each costs work. The **fast Fourier transform** (FFT) gets the same numbers with work that grows like $n \log_2 n$: it splits the samples into those with even and those with odd index, transforms each half, joins the two, and does the same inside each half. Powers of two suit it best. Without the constants in front:

# %%
print("      n             n²      n log2 n     ratio")
for n in (512, 2048, 16_384, 1_048_576):
    print(f"{n:>9,} {n * n:>17,} {n * round(math.log2(n)):>13,} {n / math.log2(n):>8,.0f}")

# %% [markdown]
# ## A tone between two bins: leakage
#
# So far the tones made a whole number of turns in the frame. Real tones do not wait for that. First a scale: a sine of amplitude $A$ on a bin gives $|X_k| = A\,n/2$; multiplied with a window $w$ first, $A \sum_t w_t / 2$. So the factor $2 / \sum_t w_t$ turns $|X_k|$ back into an amplitude, and $20 \log_{10}$ of that is a level in dB. With this factor, **0 dB is a sine of amplitude 1** (in lesson 01, which counts rms, that was -3 dBFS).

# %%
def spectrum_db(samples, shape, n_fft=None):
    """Return the level of each bin in dB, [freq]; shape is the window, n_fft pads with zeros."""
    amplitude = 2 * torch.fft.rfft(samples * shape, n=n_fft).abs() / shape.sum()
    return amplitude_to_db(amplitude)


def make_window(name, n):
    """Return the package's window of n samples, float64, [time]."""
    return window(SpectrogramConfig(sample_rate=RATE, n_fft=n, window=name), dtype=torch.float64)


n = 512
t = torch.arange(n, dtype=torch.float64)
on_bin, between = (torch.sin(2 * math.pi * k * t / n) for k in (20, 20.5))  # turns in the frame

# %% alt="Left: the end and the beginning of the frame put together; the tone of 20 turns runs on smoothly, the one of 20.5 turns has a kink at the seam. Right: the spectrum of the first is a single line, that of the second falls slowly to both sides and fills every bin."
fig, axes = plt.subplots(2, 2, figsize=(9, 4.6), sharex="col", width_ratios=[1, 1.5])
bins = torch.arange(n // 2 + 1)
cases = ((on_bin, 20, "no seam"), (between, 20.5, "a kink"))
for (seam, levels), (x, turns, seen) in zip(axes, cases, strict=True):
    seam.plot(torch.arange(-60, 60), torch.cat([x[-60:], x[:60]]), lw=1.3)
    seam.axvline(0, color="0.4", ls=":")
    seam.set(title=f"{turns} turns, repeated: {seen}", ylabel="sample value")
    levels.vlines(bins, -100, spectrum_db(x, torch.ones(n)), lw=1, color=plots.COLOURS[0])
    levels.set(ylim=(-100, 8), ylabel="level (dB)", xlim=(0, 120))
axes[0, 1].set_title("A whole number of turns: one line")
axes[1, 1].set_title("Half a turn more: it leaks into every bin")
axes[1, 0].set_xlabel("samples from the seam")
_ = axes[1, 1].set_xlabel("bin")

# %% [markdown]
# The DFT builds a frame from sines that fit whole, so its sum goes on beyond the frame by *repeating* it. At 20.5 turns the repetition has a kink at the seam, and a kink takes all frequencies to build. That is **leakage**: the lower spectrum is right about the 512 samples, and misleading about the tone.

# %%
clean, leaky = (2 / n * torch.fft.rfft(x).abs() for x in (on_bin, between))
others = torch.cat([clean[:20], clean[21:]])
print(f"the tone at 20.5, read in bin 30: {float(amplitude_to_db(leaky[30])):.0f} dB")
alone, everywhere = others.max() < 1e-9, amplitude_to_db(leaky).min() > -70
statement = "a tone on a bin is in that bin alone; half a bin off, above -70 dB in all"
claim("02.9", statement, alone & everywhere)

# %% [markdown]
# ## Windows
#
# The remedy: fade the frame in and out, so that the ends are (nearly) silent where they meet. The fade is called a **window**, and cutting a frame out without one is a window too, the *rectangular* one. Here are four of the package's five (`window(config)`; *gaussian* belongs to lesson 03):

# %% alt="Left: four windows over 512 samples; rectangular is flat, Hann and Blackman rise from zero to one and fall back, Hamming does so from 0.08. Right: their spectra in dB against distance in bins; the rectangular one has the narrowest main lobe and the highest side lobes, Blackman the widest main lobe and the lowest side lobes."
NAMES = ("rectangular", "hann", "hamming", "blackman")
distance = torch.arange(32 * n + 1) / 64  # in bins; 64 times padded, to see the curve between bins
fig, (shapes, spectra) = plt.subplots(1, 2, figsize=(9.5, 3.6), width_ratios=[1, 1.7])
for name, style in zip(NAMES, (":", "-", "--", "-."), strict=True):
    shape = make_window(name, n)
    shapes.plot(shape, style, lw=1.8, label=name)
    levels = spectrum_db(torch.ones(n), shape, 64 * n)
    spectra.plot(distance, levels - levels[0], style, lw=1.5)
shapes.set(title="Four windows", xlabel="sample", ylabel="weight")
spectra.set(xlabel="distance from the tone (bins)", ylabel="level (dB, top = 0)")
spectra.set(xlim=(0, 12), ylim=(-100, 5))
spectra.set_title("Narrow lobe or low side lobes: choose")
_ = shapes.legend(loc="lower center", fontsize="small", framealpha=1)

# %% [markdown]
# The right side is what *one* tone looks like through each window: every tone puts a copy of this curve into the spectrum, at its own frequency. The hump in the middle is the **main lobe**; only its right half is drawn. What follows are **side lobes**, the leakage. Why Hann is the usual choice: its side lobes keep falling with the distance, while those of Hamming hardly do. Measured on these curves: the width of the main lobe from zero to zero, its level half a bin from the top, and the highest side lobe.

# %%
measured = {}
print("window       lobe (bins)   half a bin off (dB)   side lobe (dB)")
for name in NAMES:
    curve = torch.fft.rfft(make_window(name, n), n=64 * n).abs()
    null = int((curve[1:] > curve[:-1]).nonzero()[0])  # where the curve first rises again
    width, side = 2 * null / 64, float(amplitude_to_db(curve[null:].max() / curve[0]))
    measured[name] = torch.tensor([width, side])
    half = float(amplitude_to_db(curve[32] / curve[0]))  # 32 points are half a bin
    print(f"{name:<12} {width:>11.1f} {half:>21.1f} {side:>16.1f}")
known = torch.tensor([[2, -13], [4, -32], [4, -43], [6, -58]])  # side lobes: table of Harris 1978
lobes, sides = (torch.stack(list(measured.values())) - known).abs().T
fit = (lobes.max() < 0.1) & (sides.max() < 0.6)
claim("02.10", "main lobes are 2, 4, 4 and 6 bins wide, side lobes as published", fit)

# %% [markdown]
# What low side lobes buy: a loud tone between two bins, and about 860 Hz above it another of a thousandth of its amplitude (60 dB less). Through the rectangular window the weak one drowns in the leakage of the loud one.

# %% alt="Two spectra from 0 to 3000 hertz. With the rectangular window the loud tone's skirt covers the weak tone at 1500 hertz. With the Hann window the weak tone stands clear at minus 66 decibels."
loud_and_weak = 0.5 * between + 0.0005 * torch.sin(2 * math.pi * 48 * t / n)
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
stands_out = {}
for ax, name in zip(axes, ("rectangular", "hann"), strict=True):
    levels = spectrum_db(loud_and_weak, make_window(name, n))
    stands_out[name] = float(levels[48] - torch.maximum(levels[44], levels[52]))
    verdict = "visible" if stands_out[name] > 6 else "gone"
    plots.spectrum(ax, frequencies(config), levels, title=f"{name}: the weak tone is {verdict}")
    ax.axvline(1500, color=plots.COLOURS[1], ls=":", label="weak tone, 1500 Hz")
    ax.set(xlim=(0, 3000), ylim=(-95, 5))
_ = axes[0].legend(framealpha=1)
shown, hidden = stands_out["hann"], stands_out["rectangular"]
claim("02.11", "Hann shows a tone 60 dB weaker, rectangular does not", shown > 20 and hidden < 3)

# %% [markdown]
# **Periodic or symmetric?** There are two Hann windows of $n$ samples. The symmetric one ends on its second zero; the periodic one stops a sample before, where the next period would begin. For spectra take the periodic one: copies of it, a quarter of its length apart, add up to a constant, so that a row of overlapping frames (lesson 03) weighs every sample alike. `torch.hann_window(n)` and this package are periodic; `numpy.hanning(n)` and `scipy.signal.windows.hann(n)` are symmetric.

# %%
ripple = {}
for periodic in (True, False):
    shape = torch.hann_window(64, periodic=periodic, dtype=torch.float64)
    total = sum(shape.roll(16 * i) for i in range(4))
    ripple[periodic] = float(total.max() - total.min())
holds = ripple[True] < 1e-12 and ripple[False] > 0.001
claim("02.12", "periodic Hann windows add up to a constant, symmetric ones do not", holds)

# %% [markdown]
# ## Spacing is not resolution
#
# How near may two tones be before they look like one? Each is a main lobe, 4 bins wide for Hann. That is 4 × 31.25 = 125 Hz here, though the bins are 31.25 Hz apart. The **bin spacing** says at how many places the curve is *read*; the **resolution** says how fine the curve *is*. It depends on the shape and the length of the window alone: Hann's main lobe is $4 f_s / L$ Hz wide for a window of $L$ samples, or 4 divided by its length in seconds.
#
# **A common belief: zero padding gains resolution.** Zeros behind the frame make $n$ larger and the bins denser. Here is the prediction from the start: 980 and 1020 Hz together, fading in and out over two seconds. The frames are taken in the middle, where both tones are in step (dotted: their frequencies).

# %%
fade = torch.hann_window(2 * RATE)
two = [sine(f, seconds=2.0, sample_rate=RATE, amplitude=0.25).samples for f in (980.0, 1020.0)]
pair = Waveform(fade * (two[0] + two[1]), RATE)
play(pair, label="980 Hz and 1020 Hz together: one rough tone that flutters 40 times a second")

# %% alt="Three spectra between 800 and 1200 hertz. From 512 samples: one hump drawn with 13 points. Padded to 16384: the same hump as a smooth curve. From 2048 samples: two separate humps at 980 and 1020 hertz."
pair_samples = pair.samples[0].double()
fig, axes = plt.subplots(1, 3, figsize=(9.5, 3), sharey=True)
for ax, (length, n_fft) in zip(axes, ((512, 512), (512, 16_384), (2048, 2048)), strict=True):
    cut = pair_samples[RATE - length // 2 : RATE + length // 2]
    levels = spectrum_db(cut, make_window("hann", length), n_fft)
    hz = torch.arange(n_fft // 2 + 1) * RATE / n_fft
    ax.plot(hz, levels, ".-" if n_fft == length else "-", lw=1.3)
    for f in (980, 1020):
        ax.axvline(f, color=plots.COLOURS[1], ls=":")
    name = f"{length} samples" + (f", padded to {n_fft}" if n_fft > length else "")
    ax.set_title(name, fontweight="normal")
    ax.set(xlabel="frequency (Hz)", xlim=(800, 1200), ylim=(-70, 0))
axes[0].set_ylabel("level (dB)")
finding = "Zeros draw the same hump with more points; a longer window makes two of it"
_ = fig.suptitle(finding, fontweight="bold")

# %%
def humps(length, n_fft):
    """Count the tops between 900 and 1100 Hz that are within 20 dB of the highest (Hann window)."""
    cut = pair_samples[RATE - length // 2 : RATE + length // 2]
    levels = spectrum_db(cut, make_window("hann", length), n_fft)
    levels = levels[900 * n_fft // RATE : 1100 * n_fft // RATE + 1]
    inner = levels[1:-1]
    tops = (inner > levels[:-2]) & (inner > levels[2:]) & (inner > levels.max() - 20)
    return int(tops.sum())


padded = [humps(512, 512 * factor) for factor in (2, 8, 32, 128)]
longer = humps(2048, 16_384)
print(f"512 samples, padded 2, 8, 32, 128 times: {padded} humps; 2048 samples: {longer}")
holds = padded == [1, 1, 1, 1] and longer == 2
claim("02.13", "zero padding leaves two near tones one hump, a longer window makes two", holds)

# %% [markdown]
# Padding is useful all the same: it draws the curve between the bins (the figure of the windows was made with it), it lets one read the top of a *lone* tone more finely, and it brings $n$ to a length at which the FFT is fast. It does not tell two tones apart.
#
# ## Play: the shortest window that separates them
#
# The same two tones, at 8000 Hz instead of 16 000 Hz, so that they are larger in the picture: a window of 128 samples now lasts 16 ms. Move the pointer over the picture (or press the arrow keys) to choose a frame; a click plays from there. Below the picture you see that frame with its window on the left, and its spectrum on the right: dots are bins, the curve between them comes from padding. Zeros fill up what the window leaves of `n_fft`. The levels are those of `power`, without the factor $2/\sum w$, so a longer window reads higher.
#
# 1. Move **win_length** up from 128. Which is the shortest window with two humps, their tops at 980 and 1020 Hz, *wherever you point* in the middle second?
# 2. Point here and there while the window is short. The tones beat: for a moment they swing together, then against each other, and then even a short window shows two humps. Look where their tops are.
# 3. Move **n_fft** and leave win_length alone. What changes, and what does not?
# 4. Try the other windows.

# %% alt="Spectrogram of two tones at 980 and 1020 hertz, seen through a window too short to separate them: one band around 1000 hertz that flutters."
slow = pair.resample(8000)
sounds = {"980 Hz + 1020 Hz": slow}
SpectrogramExplorer(sounds, n_fft=2048, win_length=128, hop_length=16, top_db=38, range_db=45)

# %% [markdown]
# Now by measurement. For each length of the slider, take frames from the middle second, one every 37 samples, so that they meet the beats at ever different moments. Find the highest point below and above 1000 Hz. How far is the worse of the two from its tone, in the worst of the frames? Less than 5 Hz counts as separated.

# %%
second = slow.samples[0, 4000:12_000].double()
hz = torch.arange(8193) * 8000 / 16_384
below, above = (hz > 900) & (hz < 1000), (hz > 1000) & (hz < 1100)
worst = {}
for length in (128, 192, 256, 384, 512, 768, 1024):
    frames = second.unfold(0, length, 37) * make_window("hann", length)  # [frame, time]
    levels = torch.fft.rfft(frames, n=16_384).abs()
    left, right = (hz[band][levels[:, band].argmax(dim=1)] for band in (below, above))
    worst[length] = float(torch.maximum((left - 980).abs(), (right - 1020).abs()).max())
    apart, lobe = worst[length] < 5, 4 * 8000 / length
    print(f"{length:>4} samples, {length / 8:3.0f} ms, lobe {lobe:5.1f} Hz, separated: {apart}")
best = min(length for length, error in worst.items() if error < 5)
claim("02.14", "of these Hann windows, 64 ms is the shortest that always separates 40 Hz", best == 512)

# %% [markdown]
# At 64 ms the main lobe is 62.5 Hz wide, and the tones are 40 Hz apart: a little more than half a lobe. At half a lobe, two Hann lobes in step all but merge; at a whole lobe (100 ms for our tones) they do not touch. So a rule that is safe, wherever the frame falls: **for Hann, the window must last 4 / Δf seconds**, with Δf the distance of the tones in Hz. The sampling rate is not in it. The price is paid in time, which is the subject of lesson 03.

# %% [markdown]
# ## Why a violin is not a cello
#
# A sound that repeats itself $f_0$ times a second can only hold sines that repeat with it: $f_0, 2f_0, 3f_0, …$ They are the **harmonics**, and $f_0$ (in Hz) is the **fundamental**, harmonic number 1. You hear $f_0$ as the pitch, and their mixture as part of the **timbre**: what differs when two instruments play one note. A square wave has the odd harmonics, with amplitudes $1, 1/3, 1/5, …$; a sawtooth has all of them, with $1, 1/2, 1/3, …$ The functions `square` and `sawtooth` of `avtutor.synth` add up those below half the sampling rate; `harmonics` takes any list of amplitudes.

# %%
note = {"seconds": 1.0, "sample_rate": RATE, "amplitude": 0.1}
made = {make.__name__: make(180.0, **note) for make in (sine, square, sawtooth)}
play_side_by_side({f"{name}, 180 Hz": sound for name, sound in made.items()})

# %% [markdown]
# Now three recordings: a violin, a cello, and the vowel of "world" (and, to compare, a cymbal). For each, 2048 samples (128 ms) of a steady part. To find $f_0$, try candidates from 150 to 450 Hz, and take the one whose first eight multiples have the highest mean level in dB.

# %%
LONG, FINE = 2048, 65_536  # samples of the frame; points after padding
sources = {name: example(name) for name in ("violin", "cello", "cymbal")} | {"voice": hello}
steady_at = {"violin": 0.8, "cello": 0.6, "cymbal": 0.5, "voice": 0.9}  # seconds
spectra, pitch = {}, {}
candidates = torch.arange(150.0, 450.0, 0.25)[:, None]  # Hz, [candidate, 1]
multiples = (candidates * torch.arange(1, 9) * FINE / RATE).round().long()  # [candidate, harmonic]
for name, start in steady_at.items():
    cut = sources[name].mono().resample(RATE).slice(start, start + LONG / RATE).samples[0].double()
    spectra[name] = spectrum_db(cut, make_window("hann", LONG), FINE)
    pitch[name] = float(candidates[spectra[name][multiples].mean(dim=1).argmax()])
TONAL = ("violin", "cello", "voice")
print({name: f"{pitch[name]:.0f} Hz" for name in TONAL})

# %% alt="Spectra of violin, cello and voice from 0 to 4000 hertz. Each is a row of lines at whole multiples of one frequency, 393, 180 and 182 hertz; the violin's strongest lines are its fifth and sixth, those of cello and voice the first."
hz = torch.arange(FINE // 2 + 1) * RATE / FINE
fig, axes = plt.subplots(3, 1, figsize=(9, 6.4), sharex=True, sharey=True)
shown = hz <= 4000
for ax, name in zip(axes, TONAL, strict=True):
    for number in range(1, int(4000 / pitch[name]) + 1):
        ax.axvline(number * pitch[name], color=plots.COLOURS[1], lw=0.8, ls=":")
    plots.spectrum(ax, hz[shown], spectra[name][shown])
    ax.set(title=f"{name}: lines at multiples of {pitch[name]:.0f} Hz (dotted)", ylim=(-90, 0))
    ax.set_xlabel("")
_ = axes[-1].set_xlabel("frequency (Hz)")

# %%
def share_near_multiples(name):
    """Return the share of power, up to 4000 Hz, within a tenth of the fundamental of a multiple."""
    part = (hz > pitch[name] / 2) & (hz <= 4000)
    turns = hz[part] / pitch[name]
    strength = 10 ** (spectra[name][part] / 10)
    return float(strength[(turns - turns.round()).abs() < 0.1].sum() / strength.sum())


shares = {name: share_near_multiples(name) for name in sources}
print({name: f"{100 * share:.0f} %" for name, share in shares.items()})
harmonic = min(shares[name] for name in TONAL) > 0.95 and shares["cymbal"] < 0.5
statement = "over 95 % of the power of violin, cello and voice, and under half of a cymbal's"
claim("02.15", f"{statement}, is near multiples of one frequency", harmonic)

# %% [markdown]
# (Those bands cover a fifth of the axis, and the cymbal, which has no fundamental, puts about that share into them.)
#
# **A common belief: the strongest line is the note.** The note of this violin is 393 Hz (a G), and its strongest lines are the fifth and the sixth harmonic. A program that takes the strongest bin for the pitch is off by more than two octaves.
#
# Cello and voice are on nearly the same note here. Their recipes, as we call the levels of the harmonics, are not the same:

# %% alt="Levels of the first twelve harmonics relative to the strongest, for violin, cello and voice. The violin peaks at harmonics 5 and 6; cello and voice fall from the first on, the cello faster, with a rise around harmonic 10."
def recipe(name):
    """Return the levels of harmonics 1 to 12 in dB below the strongest."""
    reach = 0.2 * pitch[name]
    tops = [spectra[name][(hz - i * pitch[name]).abs() < reach].max() for i in range(1, 13)]
    return torch.stack(tops) - max(tops)


recipes = {name: recipe(name) for name in TONAL}
fig, ax = plt.subplots(figsize=(8, 3))
for (name, levels), style in zip(recipes.items(), ("o-", "s--", "^:"), strict=True):
    ax.plot(range(1, 13), levels, style, lw=1.5, label=f"{name}, {pitch[name]:.0f} Hz")
ax.set(xlabel="number of the harmonic", ylabel="level (dB, top = 0)", xticks=range(1, 13))
ax.set_title("Three recipes: the violin peaks high, the voice falls, the cello falls faster")
_ = ax.legend(framealpha=1)

# %%
difference = (recipes["cello"] - recipes["voice"]).abs().max()
top, first = int(recipes["violin"].argmax()) + 1, recipes["violin"][0]
high = top > 4 and first < -6
claim("02.16", "the violin's strongest line is over two octaves above its note, and 6 dB stronger", high)
claim("02.17", "cello and voice, on nearly one note, differ by 10 dB in a harmonic", difference > 10)

# %% [markdown]
# To hear the recipe alone, give all three the same note: 180 Hz, with equal power. First the recordings, then tones made with `harmonics` from the measured levels.

# %%
def cook(levels):
    """Return a tone of 180 Hz with these levels of its harmonics, and an rms of 0.1."""
    amplitudes = db_to_amplitude(levels)
    scale = 0.1 * math.sqrt(2) / float(amplitudes.square().sum().sqrt())
    return harmonics(180.0, (scale * amplitudes).tolist(), seconds=1.0, sample_rate=RATE)


recorded = {f"{name}, recorded": sources[name].slice(0.2, 1.3) for name in TONAL}
cooked = {f"recipe of the {name}": cook(levels) for name, levels in recipes.items()}
play_side_by_side(recorded | cooked)

# %% [markdown]
# One note, three timbres; and none of them quite the instrument. What is missing is change: the scratch of the bow at the start, vibrato, the fade. Listeners go by that too (Grey 1977, in the sources). So a network gets many spectra in a row, and not one.
#
# ## Noise
#
# Noise has no harmonics. **White noise** has, on average, equal power per Hz everywhere: each sample is drawn at random, whatever came before. **Pink noise** has equal power in every *octave* (from any frequency to its double): its power per Hz falls as $1/f$, that is by $10\log_{10} 2 = 3.01$ dB an octave. Quietly, please: noise is tiring.

# %%
noises = {
    "white": white_noise(seconds=20.0, sample_rate=RATE, amplitude=0.05, seed=1),
    "pink": pink_noise(seconds=20.0, sample_rate=RATE, amplitude=0.05, seed=2),
}
play_side_by_side({f"{name} noise": noise.slice(0.0, 1.5) for name, noise in noises.items()})

# %% [markdown]
# The spectrum of *one* frame of noise is ragged, and a longer frame is just as ragged, with more points. Only a mean over many frames shows the line behind it. (The mean of the *power*, before dB; and without the factor $2/\sum w$, which is for tones.)

# %% alt="Spectra of white and pink noise on a logarithmic frequency axis. One frame is ragged over 20 decibels; the mean of over 300 frames is smooth, flat for white, falling straight by 3 decibels an octave for pink."
settings = SpectrogramConfig(sample_rate=RATE, n_fft=2048, hop_length=1024)
frames = {name: power(noise.samples[0].double(), settings) for name, noise in noises.items()}
means = {name: values.mean(dim=1) for name, values in frames.items()}
fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharey=True)
axis = frequencies(settings)
findings = ("White noise is flat", "Pink noise falls by 3 dB an octave")
for ax, name, finding in zip(axes, noises, findings, strict=True):
    ax.plot(axis, power_to_db(frames[name][:, 100]), lw=0.6, color="0.65", label="one frame")
    ax.plot(axis, power_to_db(means[name]), lw=1.5, label=f"mean of {frames[name].shape[1]} frames")
    plots.log_frequency_axis(ax, 50, 8000)
    ax.set(title=finding, ylim=(-32, 25))
axes[0].set_ylabel("power (dB)")
_ = axes[0].legend(loc="lower left", framealpha=1)

# %%
edges = [62.5 * 2**i for i in range(8)]  # seven octaves, 62.5 Hz to 8000 Hz
octave = torch.bucketize(axis, torch.tensor(edges), right=True)  # 1 to 7, and 0 below
steps = torch.arange(1.0, 8.0, dtype=torch.float64) - 4
slopes = {}
for name, mean in means.items():
    levels = power_to_db(torch.stack([mean[octave == i].mean() for i in range(1, 8)]))
    slopes[name] = float((steps * levels).sum() / steps.square().sum())  # least squares
print({name: f"{round(slope, 1) + 0:.1f} dB an octave" for name, slope in slopes.items()})
fit = abs(slopes["white"]) < 0.15 and abs(slopes["pink"] + 3.01) < 0.15
claim("02.18", "white noise is flat, pink noise falls by 3.01 dB an octave, to 0.15 dB", fit)

# %% [markdown]
# And how ragged is ragged? Here is the standard deviation over the bins, in dB, for one frame of 512 samples, one of 8192, and the mean:

# %%
ragged = {}
for n_fft in (512, 8192):
    cut = noises["white"].samples[0, : 2 * n_fft]
    one = power(cut, SpectrogramConfig(sample_rate=RATE, n_fft=n_fft, hop_length=n_fft))
    ragged[n_fft] = float(power_to_db(one[1:-1, 1]).std())
smooth = float(power_to_db(means["white"][1:-1]).std())
print(f"one frame: {ragged[512]:.1f} and {ragged[8192]:.1f} dB; the mean: {smooth:.1f} dB")
holds = all(5 < scatter < 6.5 for scatter in ragged.values()) and smooth < 0.5
claim("02.19", "one frame of noise scatters by 5 to 6.5 dB, short or long; the mean by 0.5 at most", holds)

# %% [markdown]
# ## And the phase?
#
# Spectra in pictures show levels only. What goes missing with the angle of $X_k$? Keep every magnitude, and draw every angle at random. First with a steady tone of ten harmonics.

# %%
def with_other_phases(sound, seed):
    """Return a sound whose DFT has the same magnitudes, and random angles."""
    spectrum = torch.fft.rfft(sound.samples[0].double())
    generator = torch.Generator().manual_seed(seed)
    angles = 2 * math.pi * torch.rand(len(spectrum), generator=generator, dtype=torch.float64)
    angles[[0, -1]] = spectrum[[0, -1]].angle()  # the bins without a partner must stay real
    samples = torch.fft.irfft(torch.polar(spectrum.abs(), angles), n=sound.n_samples)
    return Waveform.from_mono(samples, sound.sample_rate)


steady = harmonics(200.0, [0.3 / i for i in range(1, 11)], seconds=2.0, sample_rate=RATE)
shuffled = with_other_phases(steady, seed=3)
play_side_by_side({"harmonics in step": steady, "same magnitudes, other phases": shuffled})

# %% alt="Left: two waveforms of 10 milliseconds that look quite different, one like a saw, the other irregular. Right: their spectra, which lie on each other."
fig, (waves, levels) = plt.subplots(1, 2, figsize=(9.5, 3))
same = {}
looks = (("in step", steady, "-"), ("other phases", shuffled, "--"))
for (name, sound, style), color in zip(looks, plots.COLOURS, strict=False):
    plots.waveform(waves, sound.slice(1.0, 1.0125), start=1.0, color=color, title="Two shapes …")
    cut = sound.samples[0, RATE : RATE + LONG].double()
    same[name] = spectrum_db(cut, make_window("hann", LONG), FINE)
    levels.plot(hz, same[name], style, lw=1.5, color=color, label=name)
levels.set(xlabel="frequency (Hz)", ylabel="level (dB)", xlim=(0, 2400), ylim=(-45, 0))
levels.set_title("… one level spectrum")
_ = levels.legend(loc="upper right", framealpha=1)

# %% [markdown]
# The pitch is the same, and the timbre nearly so. (Nearly: the ear does notice how peaked the wave is, see Schroeder 1959 in the sources.) Now the same with "Hello world", one transform for all of it:

# %%
scattered = with_other_phases(hello, seed=4)
play_side_by_side({"Hello world": hello, "same magnitudes, other phases": scattered})

# %%
def dynamics(sound):
    """Return how many dB the loudest 50 ms of a sound are above the quietest."""
    pieces = sound.samples[0, : sound.n_samples // 800 * 800].reshape(-1, 800)
    levels = power_to_db(pieces.square().mean(dim=1))
    return float(levels.max() - levels.min())


tops = [round(200 * i * FINE / RATE) for i in range(1, 11)]
gap = (same["in step"][tops] - same["other phases"][tops]).abs().max()
alike = torch.nn.functional.cosine_similarity(steady.samples, shuffled.samples)
before, after = dynamics(hello), dynamics(scattered)
kept = (gap < 0.01) & (alike.abs() < 0.9)
claim("02.20", "other phases keep a tone's levels to 0.01 dB, and change its samples", kept)
statement = "loudest and quietest 50 ms: over 30 dB apart in speech, under 15 with other phases"
claim("02.21", statement, before > 30 and after < 15)

# %% [markdown]
# The words are gone, though no magnitude has changed. Over a long stretch the phase holds *when* things happen. So one spectrum of a whole sentence is a poor picture for a network. The way out is short frames: short enough that "when" is the number of the frame, long enough to tell tones apart. That is lesson 03.

# %% [markdown]
# ## Exercises
#
# 1. Write `one_bin(samples, k)`: $X_k$ of `samples` [time], complex, without `torch.fft` and without the whole matrix. (A telephone exchange can find out which key was pressed from a few single bins.)

# %% tags=["exercise"]
def one_bin(samples: torch.Tensor, k: int) -> torch.Tensor:
    """Return X_k, one complex number, of samples [time]."""
    ### BEGIN SOLUTION
    n = len(samples)
    t = torch.arange(n, dtype=torch.float64)
    return (samples * torch.exp(-2j * math.pi * k * t / n)).sum()
    ### END SOLUTION

# %%
check("02.one_bin", one_bin)

# %% [markdown]
# 2. Write `strongest_hz(samples, sample_rate)`: the frequency of the strongest bin of `samples` [time], in Hz. No window, no padding.

# %% tags=["exercise"]
def strongest_hz(samples: torch.Tensor, sample_rate: int) -> float:
    """Return the frequency in Hz of the strongest bin of samples [time]."""
    ### BEGIN SOLUTION
    k = int(torch.fft.rfft(samples).abs().argmax())
    return k * sample_rate / len(samples)
    ### END SOLUTION

# %%
check("02.strongest_hz", strongest_hz)

# %% [markdown]
# 3. Write `hann_spectrum(samples)`: the complex spectrum of `samples` [time], seen through a periodic Hann window, without any factor.

# %% tags=["exercise"]
def hann_spectrum(samples: torch.Tensor) -> torch.Tensor:
    """Return the windowed spectrum, complex, [freq], with n // 2 + 1 bins."""
    ### BEGIN SOLUTION
    shape = torch.hann_window(len(samples), dtype=samples.dtype)
    return torch.fft.rfft(samples * shape)
    ### END SOLUTION

# %%
check("02.hann_spectrum", hann_spectrum)

# %% [markdown]
# 4. Write `tone_level(samples, shape)`: the level in dB of the strongest tone in `samples` [time], seen through the window `shape` [time]. 0 dB is a sine of amplitude 1, and the tone is on a bin.

# %% tags=["exercise"]
def tone_level(samples: torch.Tensor, shape: torch.Tensor) -> float:
    """Return the level in dB of the strongest tone."""
    ### BEGIN SOLUTION
    strongest = torch.fft.rfft(samples * shape).abs().max()
    return float(20 * torch.log10(2 * strongest / shape.sum()))
    ### END SOLUTION

# %%
check("02.tone_level", tone_level)

# %% [markdown]
# ## What would break this
#
# - **A tone that moves within the frame.** A glide smears over all the bins that it passes. The DFT describes the frame as steady sines, whether that is apt or not.
# - **A frame shorter than a period or two.** In 16 ms, a tone of 100 Hz makes 1.6 turns: its lobe, two bins to either side, reaches past 0 Hz. Hann wants four periods at least to keep neighbouring harmonics apart.
# - **A level without its window.** $|X_k|$ grows with the sum of the window. Levels from two settings cannot be compared before the factor $2/\sum w$; and for noise that factor is the wrong one: noise adds up in power, so there the sum of the squared window counts.
# - **The peak of a tone between bins** reads too low, at worst by what the main lobe has lost half a bin from its top: 1.4 dB with Hann, 3.9 dB with the rectangular window. Padding mends that.
# - **Our claim about the shortest window** holds for two tones of equal strength. A weak neighbour needs low side lobes as well.
#
# ## The short answer
#
# A frame of $n$ samples is multiplied with a window and with $n/2+1$ detectors, each a cosine and a sine of a whole number of turns: one matrix, [freq, time], which the FFT applies in $n \log n$ steps. Each bin $k$ gives a complex number: its magnitude is how much of the frequency $k f_s/n$ there is, its angle where in its turn that sine begins. Nothing is lost; energy is the same on both sides. The window decides what one tone looks like: with Hann, a lobe 4 bins wide and side lobes below -31 dB. Only a longer window separates nearer tones; zeros do not. The levels of one frame are one column of what the network will see.
#
# ## Sources
#
# - J. W. Cooley and J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965: the transform in about $n \log n$ operations instead of $n^2$.
# - M. T. Heideman, D. H. Johnson and C. S. Burrus, "Gauss and the history of the fast Fourier transform", 1984: Gauss had such a method about 1805.
# - G. Goertzel, "An algorithm for the evaluation of finite trigonometric series", 1958: one bin at a time, the method of the first exercise made fast.
# - F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", 1978: compares windows by main lobe and side lobes, in a table that claim 02.10 is held against; and why spectra want the periodic ones.
# - P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967: the mean over overlapping, windowed frames.
# - J. M. Grey, "Multidimensional perceptual scaling of musical timbres", 1977: listeners' judgements of 16 instrument tones fit three dimensions: one for the distribution of energy over the spectrum, two for how the tone begins and changes.
# - R. Plomp and H. J. M. Steeneken, "Effect of phase on the timbre of complex tones", 1969: phase is audible in steady tones, and its effect is small beside that of the levels.
# - M. R. Schroeder, "New results concerning monaural phase sensitivity", 1959: with up to 31 harmonics, the timbre depends strongly on how peaked the phases make the wave.
# - J. Timmer and M. König, "On generating power law noise", 1995: how `pink_noise` is made.
