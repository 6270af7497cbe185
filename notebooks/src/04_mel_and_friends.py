# %% [markdown]
# # 04 · Mel and friends
#
# > "What is audio, how is it broken down to be fed into the network, can I use spectrograms as input images?"
#
# **You will be able to** turn a spectrogram into the picture that most audio networks are given, with every step built by hand: mel bands, decibels, normalisation, and the shape that a `Conv2d` takes. You will also know what an MFCC is, and why two *front ends* (all that turns samples into the network's input) with one name can differ by 20 dB.
#
# **Time:** 35 minutes · **First:** lesson 03 (the spectrogram)
#
# ## Predict
#
# Eight tones climb from 200 Hz to 6600 Hz. Each is 914 Hz above the one before. You hear
#
# - **A** seven equal steps
# - **B** large steps at first, then ever smaller ones
# - **C** small steps at first, then ever larger ones
#
# <details><summary>Answer, after the run</summary>
#
# **B**. The first step goes from 200 to 1114 Hz, a factor of 5.6: more than two octaves (an octave is a factor of 2). The last goes from 5686 to 6600 Hz, a factor of 1.16: less than a quarter of an octave. The ear compares ratios more than differences in Hz.
#
# </details>

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from avtutor import plots, spectral, synth
from avtutor.checks import check, claim
from avtutor.checks.parity import log_mel_beside_torchaudio
from avtutor.datasets import example, stack, stamp, voices, windows
from avtutor.player import play_side_by_side
from avtutor.spectral import SpectrogramConfig, log_mel, mel_filterbank
from avtutor.units import db_to_power, hz_to_mel, mel_to_hz, power_to_db
from avtutor.waveform import Waveform
from avtutor.widgets.spectrogram import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## The ear does not count in Hz
#
# A spectrogram from lesson 03 has a row every 31.25 Hz (16 000 Hz / 512). Do we hear in equal steps of Hz, too? Listen to eight tones from 200 to 6600 Hz, three times: evenly spaced in Hz, evenly on the *mel scale* (which comes next), and by equal ratios, as in music. Turn the volume down first: high tones can be unpleasant.

# %%
def stair(steps: np.ndarray) -> Waveform:
    whole = [4 * round(f / 4) for f in steps]  # whole periods in 0.25 s: no clicks
    tones = [synth.sine(f, seconds=0.25, sample_rate=16000, amplitude=0.1) for f in whole]
    return Waveform(torch.cat([tone.samples for tone in tones], dim=1), 16000)


mels = torch.linspace(hz_to_mel(200.0), hz_to_mel(6600.0), 8)
stairs = {
    "equal steps in Hz": np.linspace(200, 6600, 8),
    "equal steps in mel": mel_to_hz(mels).numpy(),
    "equal ratios": np.geomspace(200, 6600, 8),
}
play_side_by_side({name: stair(steps) for name, steps in stairs.items()})

# %%
for name, steps in stairs.items():
    first, last = steps[1] / steps[0], steps[-1] / steps[-2]
    print(f"{name:18s}: first step × {first:.2f}, last step × {last:.2f}")

# %% [markdown]
# The first stair leaps and then hardly moves. The other two sound far more even.
#
# The **mel scale** makes such judgements into numbers. In 1937 listeners were asked for tones that sound half as high as a given one; from the answers came a scale on which equal steps should sound equally large. A formula in wide use today, from the frequency $f$ in Hz to mel:
#
# $$\mathrm{mel}(f) = 2595 \, \log_{10}\left(1 + \frac{f}{700\ \mathrm{Hz}}\right)$$
#
# 1000 Hz are 1000 mel. In the package this is `hz_to_mel`, and `mel_to_hz` goes back.
#
# Towards 0 Hz the curve comes close to a straight line of $2595 / (700 \ln 10) = 1.61$ mel per Hz. At high frequencies the 1 in the bracket counts less and less, and the mel in an octave grow towards $2595 \log_{10} 2 = 781$.

# %% alt="Mel over frequency, twice. On an axis in Hz the curve leaves a dashed straight line above a few hundred Hz. On a logarithmic axis it is flat below 200 Hz and comes close to a dashed straight line above 2000 Hz."
hz = torch.linspace(20, 8000, 800)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
left.plot(hz, 1.61 * hz, ls="--", color="grey", label="even in Hz: 1.61 mel per Hz")
even = 2595 * torch.log10(hz / 700)
right.plot(hz, even, ls="--", color="grey", label="even in octaves: 781 mel each")
left.plot(hz, hz_to_mel(hz), label="mel")
right.plot(hz, hz_to_mel(hz), label="mel")
left.legend(loc="lower right")
right.legend(loc="upper left")
left.set(title="Towards 0 Hz: even in Hz", xlabel="frequency (Hz)", ylabel="mel")
left.set(xlim=(0, 4000), ylim=(0, 3000))
plots.log_frequency_axis(right, 20, 8000)
_ = right.set_title("Towards high frequencies: even in octaves")

# %% [markdown]
# **A common belief: mel is musical pitch.** In music an octave is a factor of 2, everywhere: a melody keeps its intervals when all its frequencies are doubled. If mel were musical pitch, every octave would have the same number of mel, and the right curve would be straight all along. Count:

# %%
octaves = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0]
sizes = [hz_to_mel(2 * f) - hz_to_mel(f) for f in octaves]
for f, size in zip(octaves, sizes, strict=True):
    print(f"{f:4.0f} to {2 * f:4.0f} Hz: one octave, {size:3.0f} mel")
unequal = sizes[-1] > 4 * sizes[0]
claim("04.1", "the octave from 4000 Hz has over 4 times the mel of that from 125 Hz", unequal)

# %% [markdown]
# So why do networks get mel? It is a cheap compromise that works: fine steps where voices differ in pitch and vowel, coarse ones where speech is mostly hiss. It is not a law of hearing: the experiments behind it were few, and a later one points to a bias in them (Greenwood, below). What a network needs is a sensible spacing that stays the same.
#
# ## Triangles, by hand
#
# A spectrum has 257 bins, one every 31.25 Hz. A **mel band** is a weighted sum of neighbouring bins, and the weights form a triangle over frequency. For 64 bands place 64 + 2 points evenly on the mel scale from 0 to 8000 Hz and turn them back into Hz: the *corners*. Band $m$ = 0 … 63 rises from 0 at corner $m$ to 1 at corner $m+1$ and falls to 0 at corner $m+2$. Where one band falls, the next one rises, and the two weights add up to 1.
#
# The figure below shows 16 bands instead of 64, so that they can be told apart.

# %% tags=["by-hand"]
def triangles(corners: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """Return weights [mel, freq]: row m is a triangle over corners m, m + 1 and m + 2."""
    bank = np.zeros((len(corners) - 2, len(bins)))
    for m in range(len(corners) - 2):
        low, centre, high = corners[m : m + 3]
        for k, f in enumerate(bins):
            if low < f <= centre:
                bank[m, k] = (f - low) / (centre - low)
            elif centre < f < high:
                bank[m, k] = (high - f) / (high - centre)
    return bank


bins = np.arange(257) * 16000 / 512  # Hz
points = np.linspace(hz_to_mel(0.0), hz_to_mel(8000.0), 64 + 2)  # mel
corners = 700 * (10 ** (points / 2595) - 1)  # Hz
own_bank = triangles(corners, bins)
print("own filterbank [mel, freq]:", own_bank.shape)

# %% alt="Sixteen overlapping triangles of height one over frequency. They are narrow and dense at low frequencies and wide at high ones."
wide = mel_to_hz(torch.linspace(0.0, hz_to_mel(8000.0), 16 + 2)).numpy()  # corners, Hz
fine = np.linspace(0, 8000, 2001)
fig, ax = plt.subplots(figsize=(9, 2.6))
for m, row in enumerate(triangles(wide, fine)):
    ax.plot(fine, row, color=plots.COLOURS[m % 2])
ax.set_title("16 bands of equal width in mel: narrow below, wide above")
_ = ax.set(xlabel="frequency (Hz)", ylabel="weight", xlim=(0, 8000), ylim=(0, 1.05))

# %% [markdown]
# The same from the package: `mel_filterbank` (its corners come from `mel_edges`, the middles from `mel_frequencies`). All settings stand in one `SpectrogramConfig`, so that they can't drift apart.

# %%
config = SpectrogramConfig(sample_rate=16000, n_fft=512, hop_length=160, n_mels=64)
bank = mel_filterbank(config)
gap = np.abs(own_bank - bank.numpy()).max()
claim("04.2", "triangles by hand = avtutor.spectral.mel_filterbank, to 1e-6", gap < 1e-6)

# %% [markdown]
# ## From bins to bands: one matrix product
#
# The *power* of a bin is its squared magnitude. A mel band adds up the powers of its bins, each times its weight. For all bands and frames at once that is a matrix product, `bank @ power`: [mel, freq] times [freq, frame] gives [mel, frame].
#
# The sound is a woman who says "Weasels have eaten our phone system".

# %%
speech = example("speech")
samples = speech.samples[0]  # [time]
bin_power = spectral.power(samples, config)
mel_power = bank @ bin_power
print("power     [freq, frame]:", list(bin_power.shape))
print("mel power  [mel, frame]:", list(mel_power.shape))
print("the same from mel():", torch.allclose(mel_power, spectral.mel(samples, config), rtol=1e-4))

# %% [markdown]
# ## Why the logarithm
#
# Left: that mel power as it is. Right: the same numbers in decibels, explained below. Samples lie between -1 and 1 and have no unit, so power has none either; it can be far above 1, since the transform adds up 512 samples.

# %% alt="Two pictures of the same sentence. In power nearly everything is black, with a few bright spots. In decibels the harmonics, the hisses and the pauses can all be seen."
levels = power_to_db(mel_power)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
look = {"origin": "lower", "aspect": "auto", "cmap": "magma", "interpolation": "nearest"}
image = left.imshow(mel_power, extent=(0, speech.duration, 0, 64), **look)
left.set(title="Power: a few bright spots", xlabel="time (s)", ylabel="mel band")
left.grid(visible=False)
fig.colorbar(image, ax=left, label="power")
_ = plots.spectrogram(right, levels, config, scale="mel", title="Decibels: the whole sentence")

# %% [markdown]
# A level in **decibels** is $10 \log_{10}$ of a power (a power here, so 10; for an amplitude it would be 20, lesson 01). Equal *ratios* become equal *steps*: 10 times the power is +10 dB, from a whisper as from a shout. `power_to_db` computes it, `db_to_power` goes back; powers below $10^{-10}$ are raised to that value first, since the logarithm of 0 is minus infinity. So -100 dB is the floor.
#
# How many dB does one sentence span? Sort all its values and leave out the lowest and the highest hundredth.

# %%
low, high = (round(q, -1) for q in torch.quantile(levels, torch.tensor([0.01, 0.99])).tolist())
black = float((mel_power < mel_power.max() / 510).float().mean())  # rounds to 0 of 255
span = high - low  # dB
print(f"98 % of all values span about {span:.0f} dB: a factor of 10^{span / 10:.0f} in power")
claim("04.3", "the middle 98 % of one spoken sentence span more than 60 dB", span > 60)
statement = "in 256 linear steps of power, over 80 % of a spoken sentence would round to black"
claim("04.4", statement, black > 0.8)

# %% [markdown]
# **A common belief: 0 in a dB picture is silence.** 0 dB is a power of 1, and on the colour scale above that is a bright cell. Silence, all samples 0, lies at the floor, -100 dB. This matters when you pad (below).
#
# ## The whole front end by hand
#
# Everything so far in one function, in plain NumPy: reflect the ends, cut frames, window, Fourier transform, square, triangles, logarithm.

# %% tags=["by-hand"]
def log_mel_by_hand(samples: np.ndarray, n_fft: int = 512, hop_length: int = 160) -> np.ndarray:
    """Return levels in dB, [mel, frame], of samples [time] at 16 kHz."""
    padded = np.pad(samples, n_fft // 2, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    columns = []
    for start in range(0, len(padded) - n_fft + 1, hop_length):
        spectrum = np.fft.rfft(padded[start : start + n_fft] * hann)  # [freq]
        columns.append(own_bank @ np.abs(spectrum) ** 2)  # [mel]
    return 10 * np.log10(np.maximum(np.stack(columns, axis=1), 1e-10))


own = torch.from_numpy(log_mel_by_hand(samples.double().numpy()))  # float64
package = log_mel(samples, config)  # float32
loudest = db_to_power(package).max()
gap = (db_to_power(own) - db_to_power(package)).abs().max() / loudest
claim("04.5", "own log-mel = avtutor.spectral.log_mel, in power to 1e-5 of the maximum", gap < 1e-5)
log_mel_beside_torchaudio(own.float(), samples, config)

# %% [markdown]
# The last line compares with a third, independent implementation, torchaudio's `MelSpectrogram` and `AmplitudeToDB`, with the same settings (`avtutor/_torchaudio.py`, `log_mel_module`). Where torchaudio is not installed, it says so.
#
# `log_mel` works on all frames of a block at once, in blocks that the processor's cache can hold; `make bench` measures its speed beside other libraries on your machine. `LogMel(config)` is the same as a layer, to put in front of a network.
#
# ## Play
#
# Move *n_mels* from 128 down to 8 and watch the harmonics of the voice merge. Then set *n_fft* to 256 and *n_mels* to 128 and look at the lowest rows: the hatched bands hold no bin, and the line of facts counts them. The next section says why.

# %% alt="The spectrogram explorer with 64 mel bands: a spoken sentence, with controls for window, hop, bands and range."
SpectrogramExplorer({"speech": speech, "blackbird": example("blackbird")}, n_mels=64)

# %% [markdown]
# ## Bands narrower than bins
#
# More bands are not always more detail. With 128 bands the lowest triangle reaches from 0 to 28 Hz, and the bins lie at 0, 31.25, 62.5 … Hz. No bin falls inside: whatever the sound, this band holds nothing. torchaudio warns about it; here you see it.

# %% alt="Three pictures of the lowest mel bands. With 128 bands at n_fft 512 the lowest row is dark all the way. With 64 bands, or with n_fft 1024, it is not."
empty = []
fig, axes = plt.subplots(1, 3, figsize=(10, 3))
for ax, (n_mels, n_fft) in zip(axes, [(128, 512), (64, 512), (128, 1024)], strict=True):
    narrow = SpectrogramConfig(sample_rate=16000, n_fft=n_fft, n_mels=n_mels)
    empty.append(int((mel_filterbank(narrow).sum(dim=1) == 0).sum()))
    lowest = log_mel(samples, narrow)[:12]
    image = ax.imshow(lowest, extent=(0, speech.duration, -0.5, 11.5), **look)
    image.set_clim(-100, 30)
    ax.set_title(f"{n_mels} bands, n_fft {n_fft}:\n{empty[-1] or 'none'} empty")
    ax.set(xlabel="time (s)", ylabel="mel band")
    ax.grid(visible=False)
_ = fig.colorbar(image, ax=axes, label="level (dB)")

# %%
statement = "128 bands at n_fft 512 leave an empty band, 64 bands or n_fft 1024 do not"
claim("04.6", statement, empty == [1, 0, 0])

# %% [markdown]
# What to do: fewer bands, a larger `n_fft`, or a higher `f_min`. If you raise only `n_fft` and keep `win_length` at 512, the row fills too, but with values interpolated between the old bins: zero padding adds points, not resolution (lesson 02).
#
# ## MFCC: the spectrum of a spectrum
#
# Before neural networks, most speech recognisers were given **MFCCs**, *mel-frequency cepstral coefficients*: take one frame of the log-mel spectrogram, 64 levels, and measure how much of each of a set of cosine waves is in it. Row $k$ of the cosine transform holds $k$ half waves over the bands $b = 0 … 63$:
#
# $$c_k = s_k \sum_{b=0}^{63} L_b \cos\left(\frac{\pi k (b + 1/2)}{64}\right), \qquad s_0 = \sqrt{1/64},\quad s_k = \sqrt{2/64}$$
#
# $L_b$ is the level of band $b$ in dB, and so $c_k$ is in dB too; $s_k$ scales each wave to length 1. Usually the first 13, $k = 0 … 12$, are kept. In the package: `mfcc`, and `dct_matrix` for the waves.

# %%
n_mels, n_mfcc = 64, 13
band = np.arange(n_mels)
waves = np.array([np.cos(np.pi * k * (band + 0.5) / n_mels) for k in range(n_mfcc)])
waves *= np.sqrt(2 / n_mels)
waves[0] /= np.sqrt(2)
own_mfcc = waves @ own.numpy()  # [coefficient, frame]
gap = np.abs(own_mfcc - spectral.mfcc(samples, config, n_mfcc=13).numpy()).max()
print("MFCC [coefficient, frame]:", own_mfcc.shape)
claim("04.7", "own MFCC = avtutor.spectral.mfcc, to 0.01 dB", gap < 0.01)

# %% alt="Left: four cosine waves over the mel bands, flat, half a wave, one wave, one and a half. Right: the levels of one frame of a vowel, ragged, and a smooth curve through it that 13 coefficients give."
frame = int(own.mean(dim=0).argmax())  # the loudest frame
rebuilt = waves.T @ own_mfcc[:, frame]  # each wave times its coefficient, added up
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
for k in range(4):
    left.plot(waves[k], label=f"$c_{k}$")
left.set(title="c₀ is flat, each next wave is finer", xlabel="mel band", ylabel="weight")
left.set_ylim(-0.27, 0.2)
left.legend(ncols=4, loc="lower center")
right.plot(own[:, frame], label="log-mel: 64 numbers")
right.plot(rebuilt, label="from 13 MFCCs")
right.set(title="13 coefficients keep the broad shape", xlabel="mel band", ylabel="level (dB)")
_ = right.legend()

# %% [markdown]
# $c_0$ is 8 times the mean level of the frame ($64 / \sqrt{64} = 8$). $c_1$ is the tilt: positive if the low bands are stronger, negative for an "s". $c_2$ compares both ends with the middle. Later ones are finer ripples, and what is left out is the finest: mostly the single harmonics of the voice.
#
# Those recognisers modelled each number by itself, so they wanted numbers that vary independently. Mel bands rise and fall together, neighbours most of all; MFCCs do so much less:

# %%
def mean_correlation(rows: np.ndarray) -> float:
    """Return the mean size of the correlation over time, over all pairs of rows."""
    return float(np.abs(np.corrcoef(rows)[np.triu_indices(len(rows), k=1)]).mean())


neighbours = np.diag(np.corrcoef(own.numpy()), k=1).mean()
bands, coefficients = mean_correlation(own.numpy()), mean_correlation(own_mfcc)
statement = "mel bands correlate above 0.5 in the mean, neighbours above 0.8, MFCCs below 0.4"
claim("04.8", statement, bands > 0.5 and neighbours > 0.8 and coefficients < 0.4)

# %% [markdown]
# A CNN wants the opposite: **its kernel expects that neighbours belong together**, as pixels do. And the cosine transform mixes all bands into every coefficient:

# %%
touched = own.clone()
touched[20, frame] += 10.0  # one band of one frame 10 dB louder
bands_changed = int((touched != own).any(dim=1).sum())
mfcc_changed = int((np.abs(waves @ touched.numpy() - own_mfcc) > 1e-3).any(axis=1).sum())
print(f"one cell changed: {bands_changed} row of the log-mel, {mfcc_changed} rows of the MFCCs")
all_touched = bands_changed == 1 and mfcc_changed == 13
claim("04.9", "a change in one mel band changes all 13 MFCCs", all_touched)

# %% [markdown]
# In a shorter throat and mouth, a vowel has its peaks a few bands higher. In log-mel that is roughly a shift upwards, which a convolution follows. In MFCCs it is thirteen other numbers. So: log-mel for a CNN.
#
# ## What a change of gain does
#
# Someone turns the microphone down by half. Every sample is halved, every power is a quarter, and a quarter is $10 \log_{10} 0.25 = -6.02$ dB.

# %%
quiet = log_mel(0.5 * samples, config)
change = quiet - package
print(f"every cell changes by {change.mean():.2f} dB")
even = ((change + 6.02).abs() < 0.01).all()
claim("04.10", "half the amplitude moves every cell by -6.02 dB", bool(even))
relative = (quiet - quiet.max()) - (package - package.max())
print("after subtracting each clip's maximum, the same:", bool((relative.abs() < 0.01).all()))

# %% [markdown]
# In power a gain multiplies, in log-mel it adds a constant, as when you turn up the brightness of a picture. Subtracting the clip's maximum (**peak-relative dB**) removes it. That also removes what level could have told: a shout is no brighter than a whisper, and a clip of nothing but faint noise comes out at full brightness.
#
# ## What a channel does
#
# The word has a second meaning, besides an axis of a tensor: a **channel** is all that lies between mouth and file: room, microphone, telephone. While it does not change, it acts as a filter: a convolution over time, which multiplies each frequency by its own factor. If it is also short, in log-mel it should add *one constant per band*. Here is one, four numbers long, that muffles.

# %%
channel = torch.tensor([0.22, 0.38, 0.22, 0.04])
before = torch.nn.functional.pad(samples, (3, 0))  # nothing before the beginning
muffled = torch.conv1d(before[None, None], channel.flip(0)[None, None])[0, 0]
play_side_by_side({"as recorded": speech, "muffled": Waveform.from_mono(muffled, 16000)})

# %%
difference = log_mel(muffled, config) - package  # [mel, frame]
response = torch.fft.rfft(channel, n=512).abs() ** 2  # what the filter does to each bin
predicted = power_to_db((bank @ response) / bank.sum(dim=1))  # as if a band's bins were equal
spread = difference.std(dim=1)  # how far it is from constant over time
print(f"predicted: lowest band {predicted[0]:.0f} dB, highest band {predicted[-1]:.0f} dB")

# %% alt="Change of level over mel band: a curve that falls from about minus 1 decibel to about minus 34 at the highest band. The measured points lie on the predicted line."
fig, ax = plt.subplots(figsize=(9, 2.8))
ax.plot(predicted, color=plots.COLOURS[1], label="predicted from the filter")
measured = difference.mean(dim=1)
ax.errorbar(range(64), measured, yerr=spread, fmt=".", label="measured: mean, spread over time")
ax.set(title="A channel adds one constant per band", xlabel="mel band", ylabel="change (dB)")
_ = ax.legend()

# %% [markdown]
# The bars of the spread are mostly hidden by the dots. A constant per band is removed by subtracting each band's mean over time:

# %%
def without_mean(levels: torch.Tensor) -> torch.Tensor:
    return levels - levels.mean(dim=-1, keepdim=True)


left_over = without_mean(log_mel(muffled, config)) - without_mean(package)
share = left_over.square().mean().sqrt() / difference.square().mean().sqrt()
as_predicted = (spread < 2).all() and ((measured - predicted).abs() < 2).all()
claim("04.11", "a short filter adds one constant per band, as predicted to 2 dB", bool(as_predicted))
claim("04.12", "subtracting each band's mean removes over 90 % of a filter's change", bool(share < 0.1))

# %% [markdown]
# That is cheap insurance against a network that learns the microphone instead of the word. The price: whatever is constant over the clip goes too, such as a steady hum, or what the vowels of one voice have in common.
#
# ## Normalise with the training side only
#
# A network trains best on numbers around 0 with a spread around 1. The usual recipe: for each band, subtract the mean and divide by the standard deviation over the **training** clips, and keep those 2 × 64 numbers with the model. For test clips use the same numbers.
#
# Below, `voices` finds one speaker's recordings, `windows` cuts them into pieces of 3 s, and `stack` makes one tensor [item, time] of the pieces (lesson 05). Training and test side are different recordings.

# %%
def clips(language: str, speaker: str, part: str) -> torch.Tensor:
    spoken = voices(language=language, speaker=speaker, part=part)
    return log_mel(stack(windows(spoken, seconds=3.0)), config)  # [item, mel, frame]


train, test = clips("en", "allison", "train"), clips("en", "allison", "test")
mean, std = train.mean(dim=(0, 2)), train.std(dim=(0, 2))  # [mel]
ready = (test - mean[:, None]) / std[:, None]  # [item, mel, frame]
print(f"test side: mean {ready.mean():.1f}, standard deviation {ready.std():.1f}")
russian = clips("ru", "ivrvoice", "test")
stranger = (russian - mean[:, None]) / std[:, None]
away = bool(stranger.mean().abs() > 0.1)
print("another voice, in Russian: mean more than 0.1 away from 0:", away)

# %% [markdown]
# Why not the mean and spread of the test clips? Because then what the network sees of one clip depends on the company it comes in. Here the same clip is normalised twice: among three clips of its own voice, and among three of the Russian one.

# %%
seen = []
for others in (test[1:4], russian[:3]):
    batch = torch.cat([test[:1], others])  # the same clip first, other clips beside it
    centred = batch - batch.mean(dim=(0, 2))[:, None]
    seen.append(centred[0] / batch.std(dim=(0, 2))[:, None])
apart = (seen[0] - seen[1]).square().mean().sqrt()
statement = "with test-side statistics, a clip's company moves it by over 0.2 standard deviations"
claim("04.13", statement, bool(apart > 0.2))

# %% [markdown]
# In an experiment that is a leak: the test side has helped to prepare its own input. In use it is a fault: the network gets another input for a clip alone than for the same clip in a batch. (If you normalise each clip *by itself*, as above for the channel, nothing leaks: it needs no other clip.)
#
# ## What the network sees
#
# From a file to the tensor that goes into a `Conv2d`:

# %%
pictures = log_mel(speech.samples, config)  # [channel, time] to [channel, mel, frame]
batch = ((pictures - mean[:, None]) / std[:, None])[None]  # [batch, channel, mel, frame]
first_layer = torch.nn.Conv2d(in_channels=1, out_channels=16, kernel_size=3, padding=1)
print("file       ", f"{speech.duration:.2f} s at {speech.sample_rate} Hz")
print("samples    ", list(speech.samples.shape), "[channel, time]")
print("log-mel    ", list(pictures.shape), "[channel, mel, frame]")
print("batch      ", list(batch.shape), "[batch, channel, mel, frame]")
print("first layer", list(first_layer(batch).shape), "[batch, feature, mel, frame]")

# %% [markdown]
# Beside it, a picture of a lion, [height, width, colour]:

# %%
photo = stamp("cats/lion").load_picture()  # [height, width, 3]
print("picture:", list(photo.shape), photo.dtype, f"values 0 to {torch.iinfo(photo.dtype).max}")
print("log-mel:", list(pictures.shape), pictures.dtype, f"98 % of values {low:.0f} to {high:.0f} dB")

# %% [markdown]
# | | picture | log-mel spectrogram |
# |---|---|---|
# | channels | 3 colours | 1 |
# | numbers | whole, 0 to 255 | real, in dB, mostly negative |
# | a step to the right | a pixel | 10 ms (`hop_length / sample_rate`) |
# | a step up | a pixel, the same length as to the right | one mel band: not a time, and more Hz the higher you are |
# | width | chosen when resized | follows from the duration: 100 frames a second |
# | axes may be | scaled, cropped, mirrored | see lesson 07 |
# | brightness | light | level; a constant added is a gain |
#
# So yes: a spectrogram can be used as an input image, with one channel. It is not a photo, though, and lesson 07 measures what that means.
#
# How many numbers does a second take? The rows of a frame, times 16 000 / 160 = 100 frames a second.

# %%
rate = config.sample_rate // config.hop_length  # frames a second
per_second = {
    "samples": config.sample_rate,
    "STFT (real and imaginary)": 2 * spectral.stft(samples, config).shape[0] * rate,
    "power": bin_power.shape[0] * rate,
    "log-mel": package.shape[0] * rate,
    "MFCC": own_mfcc.shape[0] * rate,
}
for name, count in per_second.items():
    print(f"{name:26s}{count:6d} numbers a second")

# %% [markdown]
# The STFT holds over three times as many numbers as the sound, since its frames overlap (512 / 160 = 3.2). The step to power drops the phase and half of the numbers, mel bands drop three quarters of the rest, MFCCs four fifths of that. Lesson 03 guessed a phase anew; the detail inside a mel band can't be computed back.
#
# ### Stored as a picture of 8 bits
#
# Some pipelines save spectrograms as PNG. 80 dB in 255 steps are 0.314 dB a step, so rounding costs at most half of that, 0.157 dB:

# %%
top = package.max()
scaled = ((package - (top - 80)) / 80).clamp(0, 1)  # 0 to 1 over 80 dB
pixels = (scaled * 255).round().to(torch.uint8)
error = (pixels.float() / 255 - scaled).abs().max() * 80
cut = float((package < top - 80).float().mean())
print(f"largest rounding error {error:.2f} dB")
print(f"below the range of 80 dB, and lost: about {round(100 * cut, -1):.0f} % of the cells")
claim("04.14", "8 bits over 80 dB cost at most 0.16 dB", bool(0 < error < 0.16))

# %% [markdown]
# So rounding is not the problem. The scale is: if each picture is stretched from its own darkest to its own brightest value, the level is gone, and the file does not say how to get it back. Colour maps and resizing come in lesson 07.
#
# ### A common belief: padding is harmless
#
# Clips in a batch need one length, so short ones get zeros at the end. But which zeros? Two ways to add two seconds:

# %%
silent_end = log_mel(torch.nn.functional.pad(samples, (0, 32000)), config)  # zero samples
zero_end = torch.nn.functional.pad(package, (0, 200))  # zeros in the dB picture
moved = package.mean() - silent_end.mean()
louder = float((package < 0).float().mean())
print(f"zeros in the dB picture are louder than about {round(100 * louder, -1):.0f} % of the sentence")
claim("04.15", "two seconds of zero samples move the clip's mean by over 20 dB", bool(moved > 20))
claim("04.16", "0 dB is louder than over half of a spoken sentence", louder > 0.5)

# %% alt="Two pictures of the sentence with two seconds added. With zero samples the added part is black, at minus 100 decibels. With zeros in the dB picture it is a bright even block."
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 2.8))
same = {"scale": "mel", "top": 35.0, "db_range": 135.0}  # from the floor, -100 dB, to +35 dB
plots.spectrogram(left, silent_end, config, title="Zero samples: columns at -100 dB", **same)
_ = plots.spectrogram(right, zero_end, config, title="Zeros in the picture: a loud block", **same)

# %% [markdown]
# With the first, a mean over the clip depends on how much padding there is; with the second, the network sees a loud hiss that nobody recorded. What to do: take statistics before padding, normalise, then pad with the normalised value 0 (the mean of the training side), and tell the layers that pool over time how long each clip really is.
#
# ## Two front ends with one name
#
# "64-band log-mel at 16 kHz" does not settle what you get. The libraries differ:
#
# | | mel scale | area norm | logarithm, floor | default `n_fft`, hop, bands |
# |---|---|---|---|---|
# | this package | HTK | no | 10 log10, 1e-10 | 512, 160, 64 |
# | torchaudio | HTK | no | none, or 10 log10, 1e-10 | 400, 200, 128 |
# | librosa | Slaney | yes | none, or 10 log10, 1e-10, at most 80 dB below the maximum | 2048, 512, 128 |
# | Whisper | Slaney | yes | log10, 1e-10, at most 8 below the maximum, then + 4, / 4 | 400, 160, 80 |
# | Kaldi | HTK, triangles drawn in mel, from 20 Hz | no | natural log, 1.2e-7; samples from -32768 to 32767, high frequencies raised first | 512 (window 400), 160, 23 |
#
# *HTK* is the mel formula of this lesson, named after a speech toolkit that uses it. *Slaney* is a scale that is linear up to 1000 Hz and logarithmic above. *Area norm* divides each triangle by half its width in Hz, so that all have area 1. The HTK toolkit and Kaldi draw their triangles straight on the mel axis; torchaudio, librosa and this package draw them straight in Hz. What does each choice change, for the same sentence?

# %%
slaney = np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), 66)  # 8000 Hz is 8 times 1000 Hz
slaney_corners = np.where(slaney < 15, slaney * 200 / 3, 1000 * 6.4 ** ((slaney - 15) / 27))
area = 2 / (slaney_corners[2:] - slaney_corners[:-2])
others = {
    "Slaney scale, no area norm": triangles(slaney_corners, bins),
    "Slaney scale, area norm": triangles(slaney_corners, bins) * area[:, None],
    "HTK, triangles drawn in mel": triangles(points, 2595 * np.log10(1 + bins / 700)),
}
off = {}
for name, other in others.items():
    their = power_to_db(torch.from_numpy(other) @ bin_power.double())
    off[name] = their - package
    distance = off[name].square().mean().sqrt()  # dB
    print(f"{name:28s} about {10 * round(float(distance) / 10)} dB apart (root mean square)")

# %% alt="Change of level over mel band for the two Slaney front ends. Without area norm it swings from about plus 16 to minus 8 decibels. With area norm it lies between 0 and minus 25. The third, HTK drawn in mel, lies on zero."
fig, ax = plt.subplots(figsize=(9, 2.8))
for name, values in off.items():
    ax.plot(values.mean(dim=1), label=name)
ax.axhline(0, color="grey", ls="--", lw=1)
ax.set(title="Same sound, same shape [64, frame], other levels", xlabel="mel band")
ax.set(ylabel="level against\nthis package (dB)", ylim=(-30, 34))
_ = ax.legend(ncols=3, loc="upper right")

# %%
worst = off["Slaney scale, area norm"]
in_spreads = float((worst.abs() / std[:, None]).mean())
print(f"Slaney with area norm: off by about {in_spreads:.0f} standard deviation (training side)")
apart_db = worst.square().mean().sqrt()
drawn = bool(off["HTK, triangles drawn in mel"].abs().max() < 1)
statement = "HTK without and Slaney with area norm are over 10 dB apart (root mean square)"
claim("04.17", statement, bool(apart_db > 10))
claim("04.18", "drawing the triangles in mel instead of Hz changes no cell by 1 dB", drawn)

# %% [markdown]
# The shapes agree and nothing raises an error, so a model trained with one front end can be used with another without a warning. Keep the settings with the model, and test that one known clip gives the same numbers in training and in use.
#
# ## Exercises
#
# 1. Write `hz_of_mel(mel)`, the inverse of the mel formula above: for a tensor of mel values, a tensor of the same shape with the frequencies in Hz. Solve the formula for $f$.

# %% tags=["exercise"]
def hz_of_mel(mel: torch.Tensor) -> torch.Tensor:
    """Return the frequencies in Hz of points on the mel scale, of any shape."""
    ### BEGIN SOLUTION
    return 700 * (10 ** (mel / 2595) - 1)
    ### END SOLUTION

# %%
check("04.hz_of_mel", hz_of_mel)

# %% [markdown]
# 2. Write `triangle`: the weights of one mel band. It is 0 up to `left`, rises in a straight line *in Hz* to 1 at `centre`, falls in a straight line to 0 at `right`, and stays there. `left` < `centre` < `right`, all in Hz. Try it without a loop.

# %% tags=["exercise"]
def triangle(frequencies: torch.Tensor, left: float, centre: float, right: float) -> torch.Tensor:
    """Return the weight of each frequency [freq] in the band, [freq]."""
    ### BEGIN SOLUTION
    rising = (frequencies - left) / (centre - left)
    falling = (right - frequencies) / (right - centre)
    return torch.minimum(rising, falling).clamp(min=0)
    ### END SOLUTION

# %%
check("04.triangle", triangle)

# %% [markdown]
# 3. Write `standardise(train, test)`: the test clips, each band minus its mean and divided by its standard deviation *on the training side*. Both are log-mel, [item, mel, frame]; they may differ in items and frames. A band that never changes in training has a standard deviation of 0: where it is below 1e-5, divide by 1e-5.

# %% tags=["exercise"]
def standardise(train: torch.Tensor, test: torch.Tensor) -> torch.Tensor:
    """Return test [item, mel, frame] normalised per band with the statistics of train."""
    ### BEGIN SOLUTION
    mean = train.mean(dim=(0, 2), keepdim=True)  # [1, mel, 1]
    std = train.std(dim=(0, 2), keepdim=True)
    return (test - mean) / std.clamp(min=1e-5)
    ### END SOLUTION

# %%
check("04.standardise", standardise)

# %% [markdown]
# 4. Another library hands you log-mel as [frame, mel], one tensor a clip, all of one length. Write `to_batch(clips)`: one tensor that `Conv2d(1, …)` takes, as this lesson lays it out, [batch, channel, mel, frame].

# %% tags=["exercise"]
def to_batch(clips: list[torch.Tensor]) -> torch.Tensor:
    """Return clips, each [frame, mel], as one tensor [batch, channel = 1, mel, frame]."""
    ### BEGIN SOLUTION
    return torch.stack([clip.T for clip in clips])[:, None]
    ### END SOLUTION

# %%
check("04.to_batch", to_batch)

# %% [markdown]
# ## What would break this
#
# - **The floor.** A gain shifts every cell by the same amount only above -100 dB. The quietest hundredth of the sentence lies below about -60 dB; multiply it by 0.01 (-40 dB), and those cells stop at -100.
# - **A long channel.** A filter is one constant per band only if it is much shorter than the window (here 4 samples against 512). The echo of a hall lasts a hundred frames; it smears one frame into the next, and subtracting means does not remove it.
# - **Noise that is added.** Powers add, levels in dB do not. Noise fills the quiet cells and leaves the loud ones: no constant undoes it.
# - **Another voice.** One voice's statistics did not bring another to mean 0: train on many.
# - **Another sampling rate.** `n_fft` and `hop_length` are in samples: at 8 kHz the same numbers are windows twice as long, and `f_max` halves.
#
# ## The short answer
#
# Cut the sound into frames, take the power of each frequency, add it up in bands that widen upwards (mel), take the logarithm (dB), and normalise with numbers from the training side. One clip becomes a picture of shape [1, mel, frame], a batch [batch, 1, mel, frame], and a `Conv2d` takes it as it takes a grey picture. Keep the mel scale, area norm, logarithm and floor with the model: they are part of it.
#
# ## Sources
#
# - S. S. Stevens, J. Volkmann, E. B. Newman (1937), *A scale for the measurement of the psychological magnitude pitch*: listeners set tones to half the pitch of given ones; the scale made from that was named mel.
# - D. D. Greenwood (1997), *The Mel Scale's disqualifying bias and a consistency of pitch-difference equisections in 1956 with equal cochlear distances and equal frequency ratios*: seven listeners divided an interval of pitch differently going up than going down; the mel scale of 1940 agrees with the upward settings, so it may carry the same bias.
# - D. O'Shaughnessy (1987), *Speech Communication: Human and Machine*: the formula with 2595 and 700.
# - S. B. Davis, P. Mermelstein (1980), *Comparison of parametric representations for monosyllabic word recognition in continuously spoken sentences*: of the representations compared, mel-frequency cepstral coefficients recognised most words.
# - S. Furui (1981), *Cepstral analysis technique for automatic speaker verification*: cepstra averaged over the utterance are subtracted against the response of the telephone line.
# - O. Abdel-Hamid, A. Mohamed, H. Jiang, L. Deng, G. Penn, D. Yu (2014), *Convolutional neural networks for speech recognition*: the CNN gets mel filterbank levels and not MFCCs, because the cosine transform does not keep locality; 6 to 10 % fewer errors than fully connected networks.
# - S. Young and others, *The HTK Book*; M. Slaney (1998), *Auditory Toolbox, version 2*: the two mel scales in use.
# - A. Radford and others (2022), *Robust speech recognition via large-scale weak supervision*: Whisper's input is an 80-band log-mel spectrogram, windows of 25 ms every 10 ms.
