# %% [markdown]
# # 01 · What is sound
#
# > "What is audio, and how is it broken down to be fed into the network?"
#
# **You will be able to** say what each number in a sound file means, work out how many numbers a second reach the network, predict which false tone (or stripe, or turning wheel) too few samples give, and tell what a bit is worth.
#
# **Time:** 40 minutes · **First:** lesson 00
#
# Some cells play sounds. Begin with the volume low: each is played at its own level, so quiet things are quiet and loud things are loud. (A player holds an MP3, made by `avtutor.player.mp3_bytes`.) Where a cell only draws, read its figure and pass over its code.
#
# ## Predict
#
# Hz means "times a second", and a *tone* in this lesson is a sine. A tone of 5000 Hz is measured 8000 times a second, and the measurements are played back. You hear
#
# - **A** 5000 Hz, since 8000 is more than 5000
# - **B** 5000 Hz, a little rougher
# - **C** 3000 Hz, a clean tone
# - **D** nothing
#
# <details><summary>Answer, after the run</summary>
#
# **C**. The samples of 5000 Hz *are* the samples of 3000 Hz, upside down. No later step, and no network, can tell which of the two it was.
#
# </details>

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from avtutor import media, plots, units
from avtutor.checks import check, claim
from avtutor.datasets import bundled_root, example, examples, stamp
from avtutor.player import play, play_side_by_side
from avtutor.spectral import SpectrogramConfig, frequencies, power
from avtutor.synth.tones import chirp, sine
from avtutor.waveform import Waveform
from avtutor.widgets import SamplingExplorer
from avtutor.widgets.sampled import alias_of, quantise

plots.use_style()

# %% [markdown]
# ## From air to numbers
#
# **Pressure.** Air presses on everything with about 101 325 pascals (Pa). A sound is a small, fast change of that pressure, spreading at about 340 metres a second. The changes are tiny. The faintest tone that a young ear notices is about 20 millionths of a pascal; a conversation one metre away has about a thousand times that:

# %%
pressure = 20e-6 * 1000  # Pa
print(f"conversation: {pressure:.2f} Pa")
print(f"one part in {101_325 / pressure / 1e6:.0f} million of the pressure of the air")

# %% [markdown]
# **Voltage.** A microphone's membrane follows the pressure, and gives a voltage in step with it. With a sensitivity of 10 millivolts a pascal, those 0.02 Pa become 0.2 millivolts. An amplifier makes them larger, by an amount that somebody sets with a knob. Remember the knob.
#
# **Numbers.** A converter measures the voltage at even steps in time. Each measurement is a **sample**. The **sampling rate** says how many it takes in a second, in Hz. We read a sample as a share of the largest voltage that the converter can hold (**full scale**), so it lies between -1 and 1. It has no unit, and nobody can go back to pascals: the knob is not in the file.
#
# Here is a real voice: a sentence, then one hundredth of a second of it.

# %% alt="Top: the waveform of a spoken sentence over three seconds, bursts of sound between pauses. Bottom: 10 milliseconds of it as a smooth curve through 160 dots."
voice = example("speech")
fig, (whole, close) = plt.subplots(2, 1, figsize=(8, 4.4))
_ = plots.waveform(whole, voice, title='One sentence: "Weasels have eaten our phone system"')
_ = whole.axvspan(0.3, 0.31, color=plots.COLOURS[1])
part = voice.slice(0.3, 0.31)
_ = plots.waveform(close, part, start=0.3, points=True, title="The orange line: 160 samples")

# %%
play(voice, label=examples()["speech"])

# %% [markdown]
# ## What a sound file holds
#
# `media.audio_info` reads what the header of a file says; `media.read_audio` reads the samples, and `media.write_audio` writes them. What is read is a `Waveform`: a tensor `samples` of shape **[channel, time]**, and `sample_rate` beside it. Neither is of use without the other: 44 100 numbers are one second at 44 100 Hz, and more than five seconds at 8000 Hz. (`units.seconds_to_samples` and `units.samples_to_seconds` go between seconds and numbers of samples.)

# %%
path = bundled_root() / "tuxpaint/sounds/household/Washing-machine.ogg"
print("compressed as", media.audio_info(path).encoding)
machine = media.read_audio(path)
print(machine)
print(machine.samples.shape, machine.samples.dtype)
play(machine, label="a washing machine, in stereo")

# %% [markdown]
# Two **channels**: two microphones, or two tracks of a studio, sampled at the same instants. *Stereo* is two, *mono* is one. They are like the colour channels of a picture; but red, green and blue mostly look alike, and two microphones need not.
#
# `machine.mono()` is the mean of the channels, and a mean can cancel. To compare, take the **power** of each: the mean of its squared samples.

# %%
left, right = machine.samples
for name, samples in (("left", left), ("right", right), ("mono", machine.mono().samples)):
    print(f"{name:<6}power {samples.square().mean():.4f}")
upside_down = Waveform(torch.stack([left, -left]), machine.sample_rate)
print("left and its mirror image, as mono:", float(upside_down.mono().samples.square().mean()))

# %% [markdown]
# In the mean, two unrelated channels of equal power lose half of it, equal ones nothing, opposite ones everything. That last case is a cable soldered the wrong way round, and it happens: look at the channels before you mix them.
#
# ### How many numbers is that?
#
# You know pictures, so compare. The picture a CNN is usually given has 224 × 224 pixels in 3 colours.

# %%
picture = 224 * 224 * 3
print(f"one picture               {picture:>8,} numbers")
usual = {"telephone, mono": (8000, 1), "speech, mono": (16_000, 1), "CD, stereo": (44_100, 2)}
for name, (rate, channels) in usual.items():
    numbers = rate * channels
    print(f"one second, {name:<15}{numbers:>7,} numbers: one picture is {picture / numbers:.1f} s")

# %% [markdown]
# Sound is the thinner stream: 9.4 s of speech weigh as much as one picture. But the numbers lie in one long row. A word lasts thousands of samples, and a convolution over 3 samples at 16 000 Hz sees a fifth of a millisecond. Lessons 02 to 04 make that row short and wide.

# %% [markdown]
# ## How loud: amplitude and dB
#
# The **amplitude** of a tone is its highest value. Real sounds come and go, so one says how strong they are by their power, or by its root, the **rms** (root of the mean square).
#
# From the faintest tone to the pain of a jet engine, pressures differ by a million to one. So amplitude and power are written as logarithms, in **decibels**:
#
# - a ratio of powers $P$ is $10 \log_{10} P$ dB
# - a ratio of amplitudes $A$ is $20 \log_{10} A$ dB. It is the same number, since $P = A^2$.
#
# A dB is a ratio, so it needs a reference. In the air this is usually the 20 millionths of a pascal from above: the conversation, a thousand times that, has 60 dB of *sound pressure level*. In a file it is full scale, and the unit is called **dBFS**. In this course an rms of 1 is 0 dBFS. (Many meters call a full-scale *sine* 0 dBFS. Its rms is $1/\sqrt 2$, so they read 3.01 dB more than we do. Ask which.)

# %%
def level_db(samples):
    """Return the level of samples in dBFS: 10 log10 of their power."""
    return units.power_to_db(float(samples.double().square().mean()))


for factor in (1.0, 0.5, 0.1, 0.01):
    print(f"amplitude × {factor:<5} {units.amplitude_to_db(factor):7.2f} dB")
print(f"and back: 60 dB is amplitude × {units.db_to_amplitude(60.0):.0f}")
rms = voice.samples.square().mean().sqrt()
print(f"the voice, 20 log10 of its rms:   {20 * torch.log10(rms):.1f} dBFS")
print(f"the voice, 10 log10 of its power: {level_db(voice.samples):.1f} dBFS")

# %% [markdown]
# Halving is -6.02 dB: $20 \log_{10} 2 = 6.02$. That number comes back when we count bits.
#
# **A common belief: dB in a file is loudness.** It is not. The knob: nobody knows how many pascals full scale was, or will be. And the ear does not weigh all frequencies alike. These two tones have the same level in the file.

# %%
low = sine(100.0, seconds=1.5, sample_rate=16_000, amplitude=0.1)
high = sine(3000.0, seconds=1.5, sample_rate=16_000, amplitude=0.1)
print(f"100 Hz: {level_db(low.samples):.1f} dBFS, 3000 Hz: {level_db(high.samples):.1f} dBFS")
play_side_by_side({"100 Hz": low, "3000 Hz, same dBFS": high})

# %% [markdown]
# Most people find the second much louder, and small loudspeakers hardly give the first at all. Loudness is measured with listeners (ISO 226, in the sources); dBFS is measured with a mean. A network sees neither ear nor pascals, only samples, and so it sees the knob. Lesson 04 takes the knob away again.
#
# ## Too few samples: the false tone
#
# Take a tone of $f$ Hz and measure it $f_s$ times a second, at the times $t = n / f_s$ for $n = 0, 1, 2, …$ Its samples are $\sin(2\pi f n / f_s)$. Now take a second tone, $f - k f_s$ with a whole number $k$:
#
# $$\sin\left(2\pi (f - k f_s) \frac{n}{f_s}\right) = \sin\left(2\pi f \frac{n}{f_s} - 2\pi k n\right) = \sin\left(2\pi f \frac{n}{f_s}\right)$$
#
# A whole number of turns changes nothing, so the samples are *the same numbers*. 5000 Hz at a rate of 8000 Hz gives the samples of 5000 - 8000 = -3000 Hz, which is 3000 Hz upside down, since $\sin(-x) = -\sin x$.

# %% alt="Two sine curves, one of 5000 and one of 3000 hertz, over one millisecond; they cross exactly at the nine sampled points."
t = torch.linspace(0, 0.001, 500)
points = torch.arange(9) / 8000
fig, ax = plt.subplots(figsize=(8, 2.8))
ax.plot(1000 * t, torch.sin(2 * torch.pi * 5000 * t), label="5000 Hz")
ax.plot(1000 * t, torch.sin(2 * torch.pi * -3000 * t), "--", label="3000 Hz, upside down")
ax.plot(1000 * points, torch.sin(2 * torch.pi * 5000 * points), "ko", label="samples, 8000 Hz")
ax.set(title="Two tones, the same samples", xlabel="time (ms)", ylabel="value", ylim=(-1.1, 1.6))
_ = ax.legend(loc="upper center", ncols=3)

# %% [markdown]
# This is **aliasing**: a tone under a false name. A player, which has to choose, gives the lowest tone that fits the samples. Choose $k$ as the whole number nearest to $f / f_s$, and you have what is heard:
#
# $$f_{alias} = \left| f - \mathrm{round}\left(\frac{f}{f_s}\right) f_s \right|$$
#
# in Hz, never above $f_s / 2$, the **Nyquist frequency**. Below it a tone stays what it is.
#
# Measure it, in the plainest way: count how often a tone goes up through zero in one second.

# %%
def upward_crossings(samples):
    """Return how often a row of samples goes from below zero to zero or above."""
    return int(((samples[:-1] < 0) & (samples[1:] >= 0)).sum())


tones = torch.arange(150.0, 20_000.0, 350.0)
predicted = (tones - (tones / 8000).round() * 8000).abs()
# a phase, so that no sample falls on a zero
sampled = [sine(f, seconds=1.0, sample_rate=8000, phase=0.3).samples[0] for f in tones.tolist()]
measured = torch.tensor([float(upward_crossings(samples)) for samples in sampled])
package = torch.tensor([alias_of(f, 8000) for f in tones.tolist()])
print(f"{len(tones)} tones; by hand as in avtutor: {torch.equal(predicted, package)}")

# %% alt="Frequency heard against frequency played: a zigzag between 0 and 4000 hertz, with measured dots on the predicted line."
fig, ax = plt.subplots(figsize=(8, 3))
fine = torch.arange(0.0, 20_000.0, 10.0)
ax.plot(fine, [alias_of(f, 8000) for f in fine.tolist()], label="predicted", color=plots.COLOURS[0])
ax.plot(tones, measured, "o", ms=4, label="measured, by counting", color=plots.COLOURS[1])
ax.axvline(4000, color="0.4", ls=":", label="half of the rate")
ax.set(xlabel="frequency of the tone (Hz)", ylabel="frequency heard (Hz)")
ax.set(xlim=(0, 20_000), ylim=(0, 5200))
ax.set_title("Sampled 8000 times a second, every tone lands between 0 and 4000 Hz")
_ = ax.legend(loc="upper center", ncols=3)

# %%
gap = (measured - predicted).abs().max()
claim("01.1", "a tone is heard at |f - round(f / fs) fs|, to 1 Hz", gap < 1.5)

# %% [markdown]
# Now by ear: a glide, from 200 Hz evenly up to 7800 Hz in three seconds. The second player has every sixth sample of it, so its rate is 48 000 / 6 = 8000 Hz. Where does it turn round?

# %%
glide = chirp(200.0, 7800.0, seconds=3.0, sample_rate=48_000, amplitude=0.2)
folded = Waveform(glide.samples[:, ::6].clone(), 8000)
filtered = glide.resample(8000)
glides = {"48 000 Hz": glide, "every 6th sample": folded, "filtered first": filtered}
play_side_by_side(glides)

# %% [markdown]
# The third player is the remedy. An **anti-alias filter** takes out what the new rate cannot hold *before* samples are dropped: at half of the rate the glide fades instead of turning round. The same for the eye, in steps of 50 ms. (The rise at the very end is a tick: the glide stops abruptly.)

# %% alt="Left: frequency over time; the glide rises to 7800 hertz, the version without filter turns round at 4000 hertz. Right: level over time; the filtered version falls by more than 60 decibels from the middle on, and rises again in the last step."
fig, (pitch, level) = plt.subplots(1, 2, figsize=(9, 3))
for (name, sound), style in zip(glides.items(), ("-", "--", ":"), strict=True):
    pieces = sound.samples[0].reshape(60, -1)  # 60 pieces of 50 ms
    times = (torch.arange(60) + 0.5) * 0.05
    heard = torch.tensor([upward_crossings(piece) / 0.05 for piece in pieces])
    levels = torch.tensor([level_db(piece) for piece in pieces])
    pitch.plot(times, heard.where(levels > -60, torch.nan), style, lw=2, label=name)
    level.plot(times, levels, style, lw=2)
pitch.set(title="Without a filter it turns round", xlabel="time (s)", ylabel="frequency (Hz)")
level.set(title="With it, it fades", xlabel="time (s)", ylabel="level (dBFS)")
_ = pitch.legend()

# %% [markdown]
# ### The filter, by hand
#
# You know this machine: a convolution with a stride, its weights fixed instead of learned. They are a *sinc*, $\sin(\pi x) / (\pi x)$, which lets through what lies below a cutoff and nothing above; it never ends, so a taper brings it to zero after 24 zero crossings.

# %% tags=["by-hand"]
EVERY, ZEROS, ROLLOFF = 6, 24, 0.945  # cut a little below half of the new rate, at 0.945 of it

reach = int(ZEROS * EVERY / ROLLOFF)  # samples on each side
x = torch.arange(-reach, reach + 1, dtype=torch.float64) * ROLLOFF / EVERY
weights = torch.sinc(x) * torch.cos(torch.pi * x / ZEROS / 2) ** 2 * ROLLOFF / EVERY

by_hand = torch.nn.functional.conv1d(
    glide.samples[None].double(),  # [batch, channel, time]
    weights[None, None],  # [channel out, channel in, time]
    stride=EVERY,
    padding=reach,
)[0]
print(f"{len(weights)} weights, their sum is {weights.sum():.3f}; {by_hand.shape[1]} samples out")

# %% [markdown]
# The package's `avtutor.resample.resample`, which `Waveform.resample` called above, does the same for any two rates. It must keep 3000 Hz, and take out 5000 Hz, which would fold:

# %%
gap = (by_hand - filtered.samples).abs().max()
claim("01.2", "the filter by hand is avtutor.resample", gap < 1e-5)
change = {}
for f in (3000.0, 5000.0):
    tone = sine(f, seconds=1.0, sample_rate=48_000)
    change[f] = level_db(tone.resample(8000).samples) - level_db(tone.samples)
works = abs(change[3000.0]) < 0.1 and change[5000.0] < -40
claim("01.3", "resampled to 8 kHz, 3 kHz stays to 0.1 dB, 5 kHz falls by over 40 dB", works)

# %% [markdown]
# ### A real bird
#
# This blackbird ends its phrase on a clean whistle. At a rate of 44 100 / 6 = 7350 Hz only what lies below 3675 Hz can be held, and the whistle is above.

# %%
bird = example("blackbird").slice(1.8, 4.3)
bird_folded = Waveform(bird.samples[:, ::6].clone(), 7350)
bird_filtered = bird.resample(7350)
birds = {"44 100 Hz": bird, "every 6th sample": bird_folded, "filtered first": bird_filtered}
play_side_by_side(birds)

# %% [markdown]
# Count the whistle as we counted the tones:

# %%
def whistle_pitch(sound):
    """Return the frequency in Hz of the whistle, from 2.15 to 2.25 s, by counting."""
    return upward_crossings(sound.slice(2.15, 2.25).samples[0]) / 0.1


true, false = whistle_pitch(bird), whistle_pitch(bird_folded)
print(f"the whistle: {true / 1000:.1f} kHz, after folding {false / 1000:.1f} kHz")
folds = abs(alias_of(true, 7350) - false) < 25  # counting in 0.1 s is good to 10 Hz
claim("01.4", "a bird's whistle folds to where the formula says", folds)

# %% [markdown]
# To see it we borrow an instrument that lesson 02 builds: a **spectrum** says how much of each frequency there is.

# %%
def spectrum_db(sound, n_fft):
    """Return frequencies in Hz, and the level in dBFS that a sine at each of them would have.

    It looks at n_fft samples at a time, and takes the mean.
    """
    config = SpectrogramConfig(sample_rate=sound.sample_rate, n_fft=n_fft, hop_length=n_fft // 2)
    levels = units.power_to_db(power(sound.samples[0], config).mean(dim=-1))
    return frequencies(config), levels - units.power_to_db(n_fft**2 / 8)

# %% alt="Three spectra of the whistle: the original peaks near 4600 hertz; without a filter the peak is near 2800 hertz; with the filter there is no peak below 3675 hertz."
fig, ax = plt.subplots(figsize=(8, 3.2))
for (name, sound), n_fft in zip(birds.items(), (3072, 512, 512), strict=True):  # 70 ms each
    f, levels = spectrum_db(sound.slice(2.0, 2.3), n_fft)
    plots.spectrum(ax, f, levels, label=name)
ax.axvline(3675, color="0.4", ls=":", label="half of the new rate")
ax.set(xlim=(0, 7350), ylim=(-100, 25), ylabel="level (dBFS)")
ax.set_title(f"The whistle at {true:.0f} Hz comes back at 7350 - {true:.0f} = {7350 - true:.0f} Hz")
_ = ax.legend(loc="upper left", ncols=2)

# %% [markdown]
# Dropping samples does not drop that power: what was above half of the rate now lies below it, on top of what was there. Afterwards no filter can take it out.
#
# ### A higher sampling rate
#
# **A common belief: a higher sampling rate is always better.** The rate says what a file *could* hold. The voice has 16 000 samples a second. Here it is resampled to 44 100 Hz, beside a cymbal that came with 44 100.

# %%
def share_above(sound, limit):
    """Return the share of the power that lies above `limit` Hz."""
    size = torch.fft.rfft(sound.samples[0].double()).abs().square()
    place = torch.linspace(0, sound.sample_rate / 2, len(size))
    return float(size[place > limit].sum() / size.sum())


voice_up, cymbal = voice.resample(44_100), example("cymbal")
print(f"{voice_up.n_samples / voice.n_samples:.1f} times as many numbers for the same voice")
empty = share_above(voice_up, 8000) < 1e-6 and share_above(cymbal, 8000) > 0.01
claim("01.5", "a voice raised from 16 to 44.1 kHz has nothing above 8 kHz; a cymbal has", empty)
play(cymbal, label="the cymbal")

# %% alt="Spectra of the voice and of a cymbal, both at 44100 hertz: the voice is empty above 8 kilohertz, the cymbal reaches above 15 kilohertz."
fig, ax = plt.subplots(figsize=(8, 3))
for name, sound in (("voice, raised from 16 000 Hz", voice_up), ("cymbal", cymbal)):
    f, levels = spectrum_db(sound, 2048)
    plots.spectrum(ax, f, levels - levels.max(), label=name)
ax.axvline(8000, color="0.4", ls=":")
ax.set(ylim=(-110, 5), ylabel="level (dB of its peak)")
ax.set_title("Both at 44 100 Hz; above 8 kHz only one of them has sound")
_ = ax.legend()

# %% [markdown]
# So a rate is chosen by where the task's information lies. Speech is understood at 8000 Hz and recognised well at 16 000 Hz; a bat needs hundreds of thousands. Twice the rate is twice the numbers, twice the work, and half the time that a convolution of fixed length sees. And if one class was recorded at 8000 Hz and the other at 44 100 Hz, the network learns to look above 4 kHz.
#
# ## The same in pictures
#
# A picture is sampled too, in space. `picture[::4, ::4]` keeps every fourth pixel: the rate is now 1/4 a pixel, and stripes of more than 1/8 pair (dark and bright) a pixel fold, by the same formula.
#
# The rings below are a glide for the eye. They grow finer from the centre, to 0.35 a pixel at the middle of each edge. Where they reach 0.25, one pair for each pixel that is kept, the formula gives 0, as at the centre: a *false centre* should stand there.

# %%
edge = torch.arange(-100, 100) / 100
rings = 0.5 + 0.5 * torch.cos(2 * torch.pi * 100 * 0.35 / 2 * (edge[:, None] ** 2 + edge**2))
zebra = stamp("animals/mammals/equines/zebra").load_picture().float().mean(dim=-1) / 255
shrink = torch.nn.functional.interpolate
shrunk = []
for image in (rings, zebra):
    small = shrink(image[None, None], scale_factor=1 / 4, mode="bilinear", antialias=True)[0, 0]
    shrunk.append((image, image[::4, ::4], small))

# %% [markdown]
# Left the picture, in the middle every fourth pixel, right the same after an anti-alias filter, which PyTorch's `interpolate` leaves out unless you write `antialias=True`. Below, a zebra.

# %% alt="Two rows of three pictures. Top: fine rings; shrunk without filter there are nine centres instead of one; with filter only the true one, and grey around it. Bottom: a zebra; shrunk without filter its stripes become blots, with filter most become grey."
fig, axes = plt.subplots(2, 3, figsize=(9, 5.4))
for row, images in zip(axes, shrunk, strict=True):
    for ax, values in zip(row, images, strict=True):
        ax.imshow(values, cmap="gray", vmin=0, vmax=1)
        ax.set_axis_off()
titles = ("the picture", "every 4th pixel: false centres", "filtered first: grey")
for ax, title in zip(axes[0], titles, strict=True):
    ax.set_title(title)

# %%
_, folded_rings, filtered_rings = shrunk[0]  # 50 × 50 pixels, the centre at 25
out = round(25 * 0.25 / 0.35)  # from the centre to where the rings reach 0.25
here, there = slice(21, 30), slice(21 + out, 30 + out)
pair = torch.stack([folded_rings[here, here].flatten(), folded_rings[here, there].flatten()])
twins = torch.corrcoef(pair)[0, 1] > 0.8
grey = filtered_rings[here, there].std() < 0.1 * filtered_rings[here, here].std()
as_said = twins and grey
claim("01.6", "shrunk rings have a false centre where the formula says; filtered, grey", as_said)

# %% [markdown]
# Strided convolution and max pooling drop samples in the same way, one reason why a CNN's answer can change when its picture moves by a pixel (Zhang 2019).
#
# ### And in time: the wagon wheel
#
# A film samples time, some 24 times a second. Between two frames this wheel turns by 36°, counter-clockwise. It has eight spokes, so it looks the same every 45°: in the formula, $f$ is 36/45 = 0.8 a frame and $f_s$ is 1 a frame. The nearest whole number is 1; 0.8 - 1 = -0.2, and -0.2 of 45° is -9°. The eye should see it turn *backwards*.

# %%
y, x = torch.meshgrid(torch.linspace(1, -1, 96), torch.linspace(-1, 1, 96), indexing="ij")
radius, angle = torch.hypot(x, y), torch.atan2(y, x)


def wheel(turn):
    """Return a picture [height, width] of a wheel with eight spokes, turned by `turn` degrees."""
    spokes = (torch.cos(8 * (angle - turn * torch.pi / 180)) > 0.8) & (radius < 0.9)
    rim = (radius > 0.82) & (radius < 0.95)
    return (spokes | rim | (radius < 0.15)).float()


film = [wheel(36 * frame) for frame in range(6)]

# %% alt="Six frames of a wheel with eight spokes. An orange dot on one spoke moves forward by 36 degrees a frame; a blue dot on the nearest spoke moves back by 9 degrees a frame."
fig, axes = plt.subplots(1, 6, figsize=(9.6, 1.9))
for frame, (ax, image) in enumerate(zip(axes, film, strict=True)):
    ax.imshow(1 - 0.5 * image, cmap="gray", vmin=0, vmax=1, extent=(-1, 1, -1, 1))
    for turn, colour in ((90 + 36 * frame, plots.COLOURS[1]), (90 - 9 * frame, plots.COLOURS[0])):
        place = torch.tensor(turn * torch.pi / 180)
        ax.plot(0.65 * torch.cos(place), 0.65 * torch.sin(place), "o", color=colour, ms=8)
    ax.set_axis_off()
    ax.set_title(f"frame {frame}", weight="normal")
title = "Orange: one spoke, 36° forward a frame. Blue: the nearest, 9° back. The eye follows blue"
_ = fig.suptitle(title, size="medium", weight="bold")

# %% [markdown]
# Let a program follow it: of all turns up to half a spoke's distance either way, take the one that makes a frame most like the next.

# %%
turns = range(-22, 23)
seen = []
for frame in range(5):
    misfit = [float((wheel(36 * frame + turn) - film[frame + 1]).abs().mean()) for turn in turns]
    seen.append(turns[misfit.index(min(misfit))])
print("degrees a frame:", seen)
claim("01.7", "a wheel that turns 36° a frame is seen to turn 9° back", seen == [-9] * 5)

# %% [markdown]
# ## Rounding: what a bit is worth
#
# The converter also rounds. With $b$ **bits** a sample can take $2^b$ values. They begin at -1 and are one step $\Delta = 2 / 2^b$ apart; the highest is $1 - \Delta$, since 0 is one of them. A CD has 16 bits and 65 536 values; with 3 bits there are 8.

# %% tags=["by-hand"]
def round_to_bits(samples, bits, dither=None):
    """Return samples rounded to 2 ** bits values; dither is noise in steps, added before."""
    step = 2.0 ** (1 - bits)
    in_steps = samples / step
    if dither is not None:
        in_steps = in_steps + dither
    return (torch.round(in_steps) * step).clamp(-1, 1 - step)


odd = torch.linspace(-1.2, 1.2, 1000, dtype=torch.float64)
same = torch.from_numpy(quantise(odd.numpy(), bits=3, dither=False))
print("by hand as in avtutor:", torch.equal(round_to_bits(odd, 3), same))

# %% alt="A sine of 100 hertz and the same rounded to 3 bits: a staircase. Below, the difference: a jagged curve between plus and minus half a step, the same in both periods."
tone = sine(100.0, seconds=0.02, sample_rate=48_000, amplitude=0.7)
stairs = Waveform(round_to_bits(tone.samples, 3), 48_000)
rest = Waveform(stairs.samples - tone.samples, 48_000)
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 4.4), sharex=True, height_ratios=(2, 1))
_ = plots.waveform(top, tone, label="100 Hz", color="0.5")
_ = plots.waveform(top, stairs, label="3 bits", color=plots.COLOURS[0])
_ = plots.waveform(bottom, rest, color=plots.COLOURS[1])
top.set(xlabel="", title="Rounding makes a staircase")
bottom.set(ylabel="error", ylim=(-0.2, 0.2), title="The error repeats with the wave")
_ = top.legend()

# %% [markdown]
# *If* the error were any value between $-\Delta/2$ and $\Delta/2$ with equal chance, its power would be $\Delta^2 / 12$. One bit more halves $\Delta$, which is a quarter of the power: $10 \log_{10} 4 = 6.02$ dB. Hence the rule "6 dB a bit", and for 16 bits the 96 dB of the CD.
#
# But look at the error: it is no noise, it repeats with the wave. The remedy is strange: add noise *before* rounding. **Dither** is the difference of two random numbers between 0 and 1, in steps: it lies between -1 and 1 step, most often near 0. (Its probability density is a triangle, hence the name TPDF.) Its power is $2 \Delta^2 / 12$, so the error is now $3 \Delta^2 / 12$: three times as much, $10 \log_{10} 3 = 4.77$ dB.

# %%
def triangle(samples, seed=0):
    """Return TPDF dither for these samples, in steps: between -1 and 1, most often near 0."""
    generator = torch.Generator().manual_seed(seed)
    two = torch.rand(2, *samples.shape, generator=generator, dtype=torch.float64)
    return two[0] - two[1]


def signal_to_error(samples, bits, dithered):
    """Return how far the rounding error lies below the sound, in dB."""
    rounded = round_to_bits(samples, bits, triangle(samples) if dithered else None)
    return level_db(samples) - level_db(rounded - samples)

# %% [markdown]
# Measure it, on a sine that fills the whole scale, on one of half that size, and on the voice (also halved: dither needs room, or it is clipped). The slope of a straight line through the measurements is the worth of a bit.

# %%
full = sine(997.0, seconds=1.0, sample_rate=48_000, amplitude=1.0).samples.double()
sounds = {"full sine": full, "half sine": full / 2, "half voice": voice.samples.double() / 2}


def db_a_bit(name, bits, dithered):
    """Return the slope of a straight line through the ratios, in dB a bit."""
    ratios = [signal_to_error(sounds[name], b, dithered) for b in bits]
    return np.polyfit(bits, ratios, 1)[0]


few = {name: db_a_bit(name, range(1, 9), False) for name in ("full sine", "half voice")}
many = {name: db_a_bit(name, range(3, 15), True) for name in ("half sine", "half voice")}
for what, slopes in (("rounded, 1 to 8 bits", few), ("dithered, 3 to 14 bits", many)):
    for name, slope in slopes.items():
        print(f"{what:<23} {name:<11} {slope:.2f} dB a bit")

# %% alt="Left: level of the sound above its error, against bits: lines that rise. Right: what each further bit gains. With dither it is 6 decibels every time; only rounded, the second bit gives a full sine 7 and the voice nothing; both come to 6 at many bits."
fig, (total, gain) = plt.subplots(1, 2, figsize=(9, 3.4))
series = (("full sine", False), ("half voice", False), ("half sine", True), ("half voice", True))
for (name, dithered), style in zip(series, ("o:", "s:", "o-", "s-"), strict=True):
    bits = torch.arange(3 if dithered else 1, 15)
    ratios = torch.tensor([signal_to_error(sounds[name], int(b), dithered) for b in bits])
    label = f"{name}, {'dithered' if dithered else 'rounded'}"
    total.plot(bits, ratios, style, ms=4)
    gain.plot(bits[1:], ratios.diff(), style, ms=4, label=label)
total.set(xlabel="bits", ylabel="sound above error (dB)", title="More bits, less error")
gain.set(xlabel="bits", ylabel="gained by this bit (dB)", ylim=(0, 11))
gain.set_title("With dither, 6.02 dB each time")
_ = gain.legend(ncols=2, fontsize="small")

# %%
cost = signal_to_error(full / 2, 12, False) - signal_to_error(full / 2, 12, True)
print(f"at 12 bits dither costs {cost:.1f} dB")
claim("01.8", "at 12 bits TPDF dither costs a tone 4.77 dB", abs(cost - 4.77) < 0.15)
exact = all(abs(slope - 6.02) < 0.05 for slope in many.values())
claim("01.9", "with dither a bit is worth 6.02 dB, of a tone and of a voice", exact)
uneven = few["full sine"] > 6.4 and few["half voice"] < 5.5
claim("01.10", "only rounded to 1 to 8 bits, a full sine gains more a bit, a voice less", uneven)

# %% [markdown]
# So the rule is exact with dither. Without, it holds from about 8 bits, as long as nothing is clipped. At fewer it does not. The full sine gains more, since its tops lie above $1 - \Delta$ and are clipped, by less with each bit. The voice gains less: with 1 to 3 bits most of it is smaller than half a step, becomes 0, and the error is nearly as large as the sound.
#
# ### What dither buys
#
# What kind of thing is the error without dither? Take 500 Hz at a rate of 16 000 Hz: the tone repeats every 32 samples, and so does its rounding error. A sound that repeats 500 times a second has only multiples of 500 Hz in it (lesson 02): overtones that nobody played.

# %%
tone = sine(500.0, seconds=1.0, sample_rate=16_000, amplitude=0.5).samples[0].double()
errors = {
    "rounded": round_to_bits(tone, 4) - tone,
    "dithered": round_to_bits(tone, 4, triangle(tone)) - tone,
}
shares = {}
for name, error in errors.items():
    size = torch.fft.rfft(error).abs().square()  # one value for each Hz, 0 to 8000
    shares[name] = float(size[500:8000:500].sum() / size[1:].sum())
    print(f"{name:<9} share of the error at multiples of 500 Hz: {shares[name]:.0%}")
apart = shares["rounded"] > 0.99 and shares["dithered"] < 0.01
says = "a tone's rounding error lies at multiples of its frequency; with dither it does not"
claim("01.11", says, apart)

# %% alt="Spectra of the rounding error of a 500 hertz tone at 4 bits: without dither, sharp peaks at odd multiples of 500 hertz; with dither, a flat line."
fig, ax = plt.subplots(figsize=(8, 3))
for name, error in errors.items():
    f, levels = spectrum_db(Waveform.from_mono(error.float(), 16_000), 2048)
    plots.spectrum(ax, f, levels, label=f"error, {name}")
ax.set(ylim=(-100, 0), ylabel="level (dBFS)")
ax.set_title("4 bits: dither turns false overtones into an even hiss")
_ = ax.legend(loc="upper right", ncols=2)

# %% [markdown]
# The dithered error is the larger one in sum, and the better one to have: neither its mean nor its power follows the sound (Lipshitz and others 1992).
#
# By ear: the voice with 4 bits. The last two players hold the error alone, at its own level. In one of them you can follow the sentence.

# %%
plain = Waveform(round_to_bits(voice.samples, 4), 16_000)
noisy = Waveform(round_to_bits(voice.samples, 4, triangle(voice.samples)).float(), 16_000)
play_side_by_side({
    "4 bits": plain,
    "4 bits, dithered": noisy,
    "error of the first": Waveform(plain.samples - voice.samples, 16_000),
    "error of the second": Waveform(noisy.samples - voice.samples, 16_000),
})

# %% [markdown]
# The same in numbers: in pieces of 50 ms, does the rms of the error follow the rms of the voice? A correlation of 1 would be "exactly", 0 "not at all"; we ask for more than 0.5 without dither, and for less than 0.3 either way with it.

# %%
def rms_of_pieces(samples):
    """Return the rms of each 50 ms (800 samples) of the voice."""
    return samples[0, : 59 * 800].reshape(59, 800).square().mean(dim=-1).sqrt()


follows = {}
for name, sound in (("rounded", plain), ("dithered", noisy)):
    pair = torch.stack([rms_of_pieces(voice.samples), rms_of_pieces(sound.samples - voice.samples)])
    follows[name] = float(torch.corrcoef(pair)[0, 1])
copies = follows["rounded"] > 0.5 and abs(follows["dithered"]) < 0.3
claim("01.12", "a voice's rounding error follows the voice; with dither it does not", copies)

# %% [markdown]
# And where a sound is smaller than half a step, rounding leaves nothing: every sample becomes 0, the error is the sound itself with the sign turned. With dither the sound is still there, under the hiss: now and then it tips a sample over to the next step, more often where the sound is high. Here is a violin, a little under half a step of 4 bits.

# %%
violin = example("violin").slice(0.2, 1.7)
step = 2.0 ** (1 - 4)
factor = 0.45 * step / violin.samples.abs().max()
faint = Waveform(violin.samples * factor, violin.sample_rate)
silent = round_to_bits(faint.samples, 4)
dithered = round_to_bits(faint.samples, 4, triangle(faint.samples))
saved = Waveform(dithered.float(), faint.sample_rate)
likeness = float(torch.corrcoef(torch.cat([faint.samples, saved.samples]))[0, 1])
saved_it = not silent.any() and likeness > 0.1
claim("01.13", "a violin under half a step is lost by rounding; dither keeps it", saved_it)
play_side_by_side({"the faint violin": faint, "4 bits, dithered": saved})

# %% [markdown]
# ## Play
#
# All of it in one place (`avtutor.widgets.sampled.compute` is the same in Python). Blue is before, red after. Try, in this order:
#
# 1. **The tone**, one sample in 6 kept, no filter. Move the frequency down to 1000 Hz, then upwards past 4000 Hz and past 8000 Hz: the tone that comes out climbs, turns round, and climbs again. Switch the filter on.
# 2. **The blackbird**, one sample in 6, filter off and on. Listen to both.
# 3. **The voice** with all samples and 16 bits, then 12, 8, 4, 2. At which number do you begin to hear the error? Switch dither on there.

# %% alt="The SamplingExplorer: spectra of a tone of 5000 hertz before and after keeping one sample in six; the alias stands at 3000 hertz."
explorer = SamplingExplorer({"blackbird": bird, "voice": voice}, frequency=5000, keep_every=6)
explorer.source = "a tone"
explorer

# %% [markdown]
# ## Exercises
#
# Each is one function (ten minutes or so for all four); the cell under it checks it, and says what looks wrong.
#
# 1. `cut`: samples between two times.

# %% tags=["exercise"]
def cut(samples: torch.Tensor, sample_rate: int, start: float, end: float) -> torch.Tensor:
    """Return the part of samples [channel, time] from start up to, but without, end (seconds).

    Each time belongs to the sample nearest to it.
    """
    ### BEGIN SOLUTION
    first, last = round(start * sample_rate), round(end * sample_rate)
    return samples[:, first:last]
    ### END SOLUTION

# %%
check("01.cut", cut)

# %% [markdown]
# 2. `to_level`: the same sound at a given rms level, in dBFS (0 dBFS is an rms of 1).

# %% tags=["exercise"]
def to_level(samples: torch.Tensor, level: float) -> torch.Tensor:
    """Return samples [channel, time], scaled so that their rms over all of them is level dBFS."""
    ### BEGIN SOLUTION
    rms = samples.square().mean().sqrt()
    return samples * (10 ** (level / 20) / rms)
    ### END SOLUTION

# %%
check("01.to_level", to_level)

# %% [markdown]
# 3. `to_codes`: the whole numbers that a file with so many bits would hold. With 3 bits they run from -4 to 3, and -4 stands for -1.0. What lies beyond becomes the nearest code that there is.

# %% tags=["exercise"]
def to_codes(samples: torch.Tensor, bits: int) -> torch.Tensor:
    """Return the code of each sample, int64: rounded to the nearest step, and clipped."""
    ### BEGIN SOLUTION
    steps = 2 ** (bits - 1)
    return torch.round(samples * steps).clamp(-steps, steps - 1).to(torch.int64)
    ### END SOLUTION

# %%
check("01.to_codes", to_codes)

# %% [markdown]
# 4. `seen_speed`: a wheel with equal spokes turns so many times a second and is filmed. How fast does it seem to turn? Forwards is positive, backwards negative. (Count in spokes first, then go back to turns.)

# %% tags=["exercise"]
def seen_speed(turns_per_second: float, n_spokes: int, frames_per_second: float) -> float:
    """Return the turns a second that are seen: the smallest that explain the film."""
    ### BEGIN SOLUTION
    spokes = turns_per_second * n_spokes
    seen = spokes - round(spokes / frames_per_second) * frames_per_second
    return seen / n_spokes
    ### END SOLUTION

# %%
check("01.seen_speed", seen_speed)

# %% [markdown]
# ## What would break this
#
# - **A forgotten rate.** Samples without their rate have no time. Played at 16 000 Hz, a recording of 8000 Hz is an octave too high and half as long, and no error is raised.
# - **Dropping samples with a slice.** `samples[:, ::6]` is the bug of this lesson. Resample, in sound and in pictures.
# - **A tone exactly at half of the rate.** Then the samples depend on the phase: a sine caught at its zeros is silence. The formula is for what lies between.
# - **Clipping.** Above full scale the converter gives its highest number. The error is then large, follows the sound, and no dither mends it.
# - **A number called dB with nothing after it.** dBFS, dB of sound pressure, dB of a peak: ask what 0 dB is.
#
# ## The short answer
#
# Sound is pressure that changes in time. A microphone makes it a voltage, a converter measures that voltage at even steps and rounds each measurement: a `Waveform` of shape [channel, time] and a sampling rate. The rate sets the highest frequency that can be held, half of it; what lies above must be filtered out before, or it comes back as a false tone, as it does with stripes and wheels. Bits set how small a difference is kept: 6.02 dB each, exactly so with dither. Values are shares of full scale, so dB in a file is not loudness. At 16 000 Hz the network gets 16 000 numbers a second and channel, in one long row; the next lesson begins to fold that row into a picture.
#
# ## Sources
#
# - C. E. Shannon 1949, *Communication in the presence of noise*: a function without frequencies above W Hz is given completely by its values 1/(2W) seconds apart. He calls the fact common knowledge in the art, and names Nyquist 1928, who found the limit for telegraph signals.
# - S. P. Lipshitz, R. A. Wannamaker and J. Vanderkooy 1992, *Quantization and dither: a theoretical survey*: triangular dither two steps wide makes mean and power of the error independent of the sound, at three times the error power.
# - ISO 226, *Normal equal-loudness-level contours*: which levels of pure tones listeners judge equally loud; low tones need far more pressure than those near 3 kHz.
# - R. Zhang 2019, *Making convolutional networks shift-invariant again*: filtering before each downsampling step made image classifiers steadier under shifts, and also more accurate.
# - D. Purves, J. A. Paydarfar and T. J. Andrews 1996, *The wagon wheel illusion in movies and reality*: in films the effect comes from the frames; the authors report that people see it in continuous light too, which others have disputed since.
# - J. O. Smith, *Digital Audio Resampling*: band-limited interpolation with a windowed sinc, the method of `avtutor.resample`.
