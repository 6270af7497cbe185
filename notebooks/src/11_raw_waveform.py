# %% [markdown]
# # 11 · Raw waveform
#
# > "What is audio, how is it broken down to be fed into the network?" Must it be broken down at all? A CNN could look at the samples themselves.
#
# **You will be able to**
#
# - build a spectrogram as a convolution, and so see what a network on samples has to learn first;
# - train a 1-D CNN on samples, read its filters, and sort them by frequency;
# - say what that costs beside log-mel, and what it gives.
#
# **Time:** 30 minutes · **First:** lessons 04 and 06
#
# ## Predict
#
# The first layer of a 1-D CNN has 32 filters, which begin as random numbers. After training on spoken digits between 0 and 4000 Hz, you sort the filters by the frequency that each lets through best. Where will the middle one lie?
#
# - **A** near 2000 Hz: the filters spread evenly over the band
# - **B** clearly below 2000 Hz: there are more filters for low frequencies, as on the mel scale
# - **C** clearly above 2000 Hz: consonants are high, and tell the words apart
#
# <details><summary>Answer, after the run</summary>
#
# **B**: from about 1600 Hz, where chance put it, to about 1050 Hz. Nobody told the network about mel. A likely reason: the power of a voice lies low, and vowels differ there in small steps. The figure of sorted filters shows how close the two curves come; a control further down asks what the filters are worth.
#
# </details>

# %%
import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from avtutor import plots, spectral
from avtutor.batch import Batch
from avtutor.checks import check, claim, stored
from avtutor.datasets import example, group_split, load_sounds, synthetic_digits
from avtutor.explain import first_filters
from avtutor.models import RawWaveformCNN, RawWaveformConfig, SincFilters, SpectrogramCNN
from avtutor.models import SpectrogramCNNConfig, centre_frequencies, cost
from avtutor.player import play_side_by_side
from avtutor.training import Minibatches, Prepared, TrainConfig, evaluate, fit
from avtutor.units import hz_to_mel, mel_to_hz
from avtutor.waveform import Waveform
from avtutor.widgets import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## A spectrogram is a convolution
#
# You know `Conv2d`: a small filter slides over a picture and is multiplied with what lies under it. `Conv1d` does the same over one axis: a filter of, say, 256 numbers slides over the samples, and its **stride** says how many samples it moves at a time.
#
# Now look at lesson 03 again. One bin of the STFT is: take 256 samples, multiply them with a window and a cosine, add up; the same with a sine; move on by the hop. That *is* a `Conv1d`, with two filters a bin, and with the hop as its stride. The filters are given instead of learned.

# %% tags=["by-hand"]
config = spectral.SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80)
sample = torch.arange(256, dtype=torch.float64)
bins = torch.arange(129, dtype=torch.float64)[:, None]
window = spectral.window(config, dtype=torch.float64)
cosines = window * torch.cos(2 * math.pi * bins * sample / 256)  # [bin, tap]
sines = window * torch.sin(2 * math.pi * bins * sample / 256)
bank = torch.cat([cosines, sines])[:, None]  # [2 * bin, channel, tap], as Conv1d has them

voice = example("speech").resample(8000)
samples = voice.samples.double()  # [channel, time]
padded = nn.functional.pad(samples[None], (128, 128), mode="reflect")  # frames centred, lesson 03
filtered = nn.functional.conv1d(padded, bank, stride=80)[0]  # [2 * bin, frame]
own = filtered[:129] ** 2 + filtered[129:] ** 2
print("by convolution:", list(own.shape))

# %%
power = spectral.power(samples, config)[0]
close = float((own - power).abs().max() / power.max())
claim("11.1", "258 fixed filters of a Conv1d give the power spectrogram", close < 1e-9)

# %% [markdown]
# So a network on samples is not the opposite of a spectrogram. It is the same first layer, free to become something else: fewer filters, other frequencies, another shape.
#
# ## Filters from two numbers
#
# How free should it be? There are two answers in use.
#
# - **Learned**: every number of every filter is free. A filter of 81 taps (samples) has 81 numbers. At 8000 Hz that is 10 ms.
# - **Sinc**: each filter is a *band-pass*, which lets one band of frequencies through, and has two numbers: where the band begins, and how wide it is. They are learned; the shape follows from them.
#
# An ideal low-pass that ends at $f$ Hz is the function $2f/r \cdot \mathrm{sinc}(2 f n / r)$ over the samples $n$, with the rate $r$ and $\mathrm{sinc}(x) = \sin(\pi x) / (\pi x)$. A band-pass is one low-pass minus a lower one. Both are endless, so a window cuts them to 81 taps.

# %% tags=["by-hand"]
def band_pass(low: float, high: float, rate: int = 8000, taps: int = 81) -> np.ndarray:
    """Return a filter [tap] that lets through what lies between low and high Hz."""
    n = np.arange(taps) - taps // 2
    upper = 2 * high / rate * np.sinc(2 * high / rate * n)
    lower = 2 * low / rate * np.sinc(2 * low / rate * n)
    return (upper - lower) * (0.54 + 0.46 * np.cos(2 * np.pi * n / (taps - 1)))


layer = SincFilters(32, 81, sample_rate=8000)
bands = layer.bands().detach()
own_bank = np.stack([band_pass(float(low), float(high)) for low, high in bands])
worst = float(np.abs(own_bank - layer.filters().detach().numpy()).max())
claim("11.2", "the band-pass by hand is that of SincFilters", worst < 1e-5)

# %% alt="Left: a filter over 10 ms, a wave that swells and fades. Right: its response over frequency, a hill between the two dashed lines at the edges of its band."
shown = 12
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.6))
left.plot((np.arange(81) - 40) / 8, own_bank[shown])
left.set(title="A filter from two numbers", xlabel="time (ms)", ylabel="weight")
response = np.abs(np.fft.rfft(own_bank[shown], 2048))
right.plot(np.fft.rfftfreq(2048, 1 / 8000), response)
for edge in bands[shown]:
    right.axvline(float(edge), ls="--", color=plots.COLOURS[1])
right.set(title="It lets one band through", xlabel="frequency (Hz)", ylabel="gain")
_ = right.set_xlim(0, 4000)

# %% [markdown]
# The hill is wider than the band, and lower than 1: 10 ms are too short for so narrow a one (lesson 02). Hear what such a filter leaves of a voice: three of the 32, from low to high.

# %%
def through(number: int) -> Waveform:
    """Return the voice through one of the filters."""
    taps = torch.from_numpy(own_bank[number].copy()).float()[None, None]
    out = nn.functional.conv1d(voice.samples[None], taps, padding=40)[0]
    return Waveform(0.5 * out / out.abs().max(), 8000).slice(0.0, 2.0)


heard = {f"{low:.0f} to {high:.0f} Hz": n for n, (low, high) in enumerate(bands)}
names = [list(heard)[n] for n in (4, 14, 24)]
play_side_by_side({name: through(heard[name]) for name in names})

# %% [markdown]
# ## The whole network
#
# `RawWaveformCNN` takes an output of the filters every 4 samples (its stride), then: batch norm, ReLU, and a maximum over each 4 outputs; three more convolutions of 3, each with the same; the mean over time; a dense layer. It follows the network called M5 (Dai and others, Sources), narrower. In the table, `pool` is used four times, and its row shows the last.
#
# What goes in are samples `[batch, time]`. Nothing has set their level, as `below_peak` did for the pictures, so every clip is brought to one loudness first.


# %%
def loud_alike(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the clips with a root mean square of 0.1 each."""
    samples, n = batch.inputs["sound"], batch.lengths["sound"][:, None]
    level = (samples.square().sum(dim=1, keepdim=True) / n).sqrt().clamp(min=1e-4)
    return replace(batch, inputs={"sound": 0.1 / level * samples})


raw = RawWaveformConfig(sample_rate=8000, n_classes=10, n_filters=32, widths=(32, 48, 64))
torch.manual_seed(0)
model = RawWaveformCNN(raw)
print(cost(model, torch.zeros(1, 4800)))

# %% [markdown]
# Beside it a `SpectrogramCNN` on log-mel pictures of the same clips: 40 bands, a frame every 16 ms. Its front end is not counted, since nothing of it is learned.

# %%
small = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10, widths=(8, 16, 24, 32)))
on_samples = cost(model, torch.zeros(1, 4800)).multiplies
on_pictures = cost(small, torch.zeros(1, 40, 38)).multiplies
print(f"on samples {on_samples:,}, on log-mel {on_pictures:,}")
claim("11.3", "on samples: over 3 times the multiplications", on_samples > 3 * on_pictures)

# %% [markdown]
# Most of them lie in the first layers, where time still has many steps. That is the price of starting from samples: the filters run at every fourth of them.
#
# ## Train it
#
# The English digits of eSpeak NG, synthetic voices all of them (lesson 06). A fifth of the voices is kept out for the test.

# %%
said = synthetic_digits(language="en")
split = group_split([one.group for one in said], test_share=0.2, seed=0)
train = load_sounds([said[n] for n in split.train], sample_rate=8000, seconds=0.6)
test = load_sounds([said[n] for n in split.test], sample_rate=8000, seconds=0.6)
print("train:", train)
print("test: ", test)

# %% [markdown]
# The filters before training are kept, to compare. Then eight passes.

# %%
before = first_filters(model)
batches = Prepared(Minibatches(train, batch_size=32, shuffle_seed=0), loud_alike)
_ = fit(model, batches, None, TrainConfig(epochs=8, learning_rate=5e-3))
reached = evaluate(model, Prepared(Minibatches(test, batch_size=64), loud_alike))["accuracy"]
claim("11.4", "voices never heard, from samples alone: over 80 % right (chance 10 %)", reached > 0.8)

# %% [markdown]
# ## What the first layer has learned
#
# In a CNN on photos the first filters end as edges and blobs of colour. Here are six of the 32, as they began and as they are now.

# %% alt="Two rows of six small curves. Above, before training, noise. Below, after training, still noise to the eye, a little smoother in some."
after = first_filters(model)
order = centre_frequencies(after, 8000).argsort()
fig, axes = plt.subplots(2, 6, figsize=(9, 2.8), sharex=True)
for column, number in enumerate(order[torch.linspace(2, 29, 6).long()]):
    for row, filters in enumerate((before, after)):
        axes[row, column].plot((np.arange(81) - 40) / 8, filters[number], lw=0.9)
        axes[row, column].set_yticks([])
axes[0, 0].set_ylabel("before")
axes[1, 0].set_ylabel("after")
fig.suptitle("Filters after training: still ragged", fontsize="medium", weight="bold")
_ = fig.supxlabel("time (ms)", fontsize="small")

# %% [markdown]
# Noise before; afterwards still ragged, though slower waves begin to show on the left (the six are sorted by the frequency that they have learned). What eight passes changed shows better over frequency.
#
# %% [markdown]
# ## Sorted by frequency
#
# The **centre frequency** of a filter is the one that it lets through best: the highest point of its response. Sort the filters by it, as they began and as they are now, and draw them beside two rules: evenly spaced in Hz, and evenly spaced in mel.

# %% alt="Centre frequency over the number of the filter, sorted. Before training the dots lie along the straight line of even spacing; after it they bend: many low ones, few high ones, near the curve of the mel scale."
began = centre_frequencies(before, 8000).sort().values
centres = centre_frequencies(after, 8000).sort().values
even = torch.linspace(0, 4000, 34)[1:-1]
mel = mel_to_hz(torch.linspace(0, hz_to_mel(4000.0), 34)[1:-1])
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(even, ls="--", color="grey", label="even in Hz")
ax.plot(mel, color=plots.COLOURS[1], label="even in mel")
ax.plot(began, "o", ms=4, mfc="none", color=plots.COLOURS[7], label="before training")
ax.plot(centres, "o", ms=4, color=plots.COLOURS[0], label="learned")
ax.set(xlabel="filter, sorted", ylabel="centre frequency (Hz)")
ax.set_title("The learned filters crowd at low frequencies, as mel does")
_ = ax.legend()

# %%
lower = float(began.median() - centres.median())
claim("11.5", "training moves the middle filter down by over 300 Hz", lower > 300)

# %%
from_mel = float((centres - mel).abs().mean())
from_even = float((centres - even).abs().mean())
claim("11.6", "the learned centres lie nearer to mel than to even spacing", from_mel < from_even)

# %% [markdown]
# A caution before this becomes a law of hearing. A filter's highest point is a crude summary, several filters share a frequency, and another seed gives other filters. This page shows one seed. What the bend is worth, the next section asks, over three.
#
# ## Log-mel, sinc or learned?
#
# Five networks, three seeds each, same clips, same passes, same optimiser:
#
# - on **log-mel** pictures;
# - on samples with **sinc** filters, which begin evenly spaced in mel;
# - on samples with **learned** filters;
# - the last two with the filters **frozen** as they began, so that only the layers behind them learn. What is missing then is what learning the filters was worth.
#
# They are tested on other variants of eSpeak NG, on the two English voices of another synthesiser (Pico), and on three people (30 clips: one clip is 3 points).

# %%
table = stored("11_raw_waveform")
table

# %% alt="Five rows, one a network, each with dots for unseen synthetic voices, the other engine and people. Log-mel lies to the right; the frozen random filters lie to the left."
tests = ("unseen voices", "other engine", "people")
kinds = list(table.result)
fig, ax = plt.subplots(figsize=(8, 3.2))
for number, test_side in enumerate(tests):
    for row, kind in enumerate(kinds):
        values = [one[test_side] for one in table.result[kind]]
        label = test_side if row == 0 else None
        place = row + 0.2 * (number - 1)
        ax.plot(values, [place] * 3, "o", ms=5, alpha=0.6, color=plots.COLOURS[number], label=label)
ax.axvline(0.1, ls="--", color="grey")
ax.set_yticks(range(len(kinds)), kinds)
ax.set(xlabel="share of right answers, one dot a seed", xlim=(0, 1.02))
ax.invert_yaxis()
ax.set_title("Front ends are close on unseen voices, far apart elsewhere")
_ = ax.legend(loc="center right", bbox_to_anchor=(0.88, 0.5), fontsize="small")


# %%
def mean(kind: str, what: str) -> float:
    """Return the mean of a column over the seeds."""
    return float(np.mean([one[what] for one in table.result[kind]]))


for kind in kinds:
    print(f"{kind:16s}", *(f"{name} {mean(kind, name):.2f} ·" for name in tests))

# %% [markdown]
# One cell of this table you have just run: learned filters, seed 0, unseen voices.

# %%
seeds = [one["unseen voices"] for one in table.result["learned"]]
print("all three seeds are between", *(f"{value:.2f}" for value in (min(seeds), max(seeds))))
inside = min(seeds) - 0.05 <= reached <= max(seeds) + 0.05
claim("11.7", "this run lies within 0.05 of the stored spread", inside)

# %%
near = mean("log-mel", "unseen voices") - mean("learned", "unseen voices")
far = mean("log-mel", "people") - mean("learned", "people")
ahead = near > 0 and far > near + 0.05
claim("11.8", "log-mel is ahead of learned filters, and further ahead on people", ahead)

# %% [markdown]
# Now the two frozen rows. The learned filters bend towards mel: how much was that bend worth?

# %%
worth = mean("learned", "unseen voices") - mean("learned, frozen", "unseen voices")
claim("11.9", "unseen voices: learning the filters moves it by under 5 points", abs(worth) < 0.05)

# %% [markdown]
# On unseen voices, next to nothing. With 32 filters of noise that never change, the layers behind do as well on these ten words. (On people they are some points behind, which three seeds and thirty clips cannot settle; and learning the sinc filters did not help there.) So the shape that filters take says what was *convenient* for training. It does not say what was *needed*, and a curve that looks like mel is no evidence that it matters. The control, freezing them, costs one line, `model.front_end.requires_grad_(False)`: try it on any layer you are about to explain.
#
# What did matter is where the filters start. Band-passes side by side in mel do better on people than noise does, learned further or not:

# %%
given = mean("sinc, frozen", "people") - mean("learned, frozen", "people")
claim("11.10", "people: frozen band-passes in mel beat frozen noise by over 10 points", given > 0.1)

# %% [markdown]
# ## What log-mel below its peak gives for nothing
#
# Two changes after which a listener still understands every word, made to the test clips only: 20 dB softer, and the sign of every sample changed (as when the wires of a microphone are swapped). A power spectrogram has no sign, and `below_peak` takes the level away. The networks on samples get the level they find here: the softer clips are not brought back to the usual loudness.

# %%
for what in ("unseen voices", "20 dB softer", "sign changed"):
    print(f"{what:14s}", *(f"{kind} {mean(kind, what):.2f} ·" for kind in kinds[:3]))
same = all(
    abs(one["unseen voices"] - one[what]) < 0.01
    for one in table.result["log-mel"]
    for what in ("20 dB softer", "sign changed")
)
claim("11.11", "log-mel below the peak: neither changes an answer in a hundred", same)

# %%
softer = max(mean(kind, "20 dB softer") for kind in ("sinc", "learned"))
claim("11.12", "on samples, 20 dB less and not undone: under 20 % right", softer < 0.2)

# %% [markdown]
# The sign costs the networks on samples a few points. The level takes them down to guessing (`loud_alike` on the test clips would undo it): the running means of the batch norm expect the loudness of the training, and a clip at a tenth of the amplitude probably stays below what the first ReLU lets through. Nothing in the network knows that soft and loud are the same word.
#
# What a front end throws away, a network behind it need not learn to ignore. That is the case for log-mel where data are few. The case against: what it throws away is gone. The phase, which between two microphones tells the direction, clicks shorter than a frame, sounds above its last band are not in the picture. With very much data, and where such things carry the answer, networks on samples have caught up.
#
# ## Play
#
# Choose a filter's output as the recording, and compare its spectrogram with the voice's: the filter kept one band.

# %% alt="The spectrogram explorer with the voice and three filtered versions of it to choose from."
SpectrogramExplorer(
    {"voice": voice.slice(0.0, 2.0)} | {name: through(heard[name]) for name in names},
    n_fft=256, hop_length=80,
)  # fmt: skip

# %% [markdown]
# ## Exercises
#
# 1. Write `steps(n_samples, taps, stride, padding)`: how many outputs a `Conv1d` gives. It starts at the first place where the filter lies wholly on the padded samples, and moves by the stride as long as it does. `padding` zeros are added on both sides.


# %% tags=["exercise"]
def steps(n_samples: int, taps: int, stride: int, padding: int) -> int:
    """Return the number of outputs of a 1-D convolution."""
    ### BEGIN SOLUTION
    return (n_samples + 2 * padding - taps) // stride + 1
    ### END SOLUTION


# %%
check("11.steps", steps)

# %% [markdown]
# 2. Write `centre(taps, rate)`: the frequency in Hz at which the filter `[tap]` lets most through. Take the Fourier transform over 2048 points (zeros fill the filter up), and return the frequency of its largest magnitude.


# %% tags=["exercise"]
def centre(taps: torch.Tensor, rate: int) -> float:
    """Return the frequency in Hz that a filter [tap] lets through best."""
    ### BEGIN SOLUTION
    response = torch.fft.rfft(taps, n=2048).abs()
    return float(response.argmax()) * rate / 2048
    ### END SOLUTION


# %%
check("11.centre", centre)

# %% [markdown]
# 3. Write `first_layer_multiplies(n_filters, taps, stride, n_samples)`: the multiplications of a first layer on `n_samples` samples of one channel, with the padding chosen so that there is one output for every `stride` samples (rounded up).


# %% tags=["exercise"]
def first_layer_multiplies(n_filters: int, taps: int, stride: int, n_samples: int) -> int:
    """Return the number of multiplications for one clip."""
    ### BEGIN SOLUTION
    outputs = -(-n_samples // stride)
    return n_filters * taps * outputs
    ### END SOLUTION


# %%
check("11.first_layer_multiplies", first_layer_multiplies)

# %% [markdown]
# ## What would break this
#
# - **Another sampling rate.** The learned filters are 81 *samples* long. At 16,000 Hz each would let through twice the frequency. Sinc filters know the rate; learned ones must be trained again.
# - **Another loudness.** Shown above: a front end on samples has to be told the level.
# - **A large stride.** Outputs every 4 samples can follow changes up to 1000 Hz. A filter that lets 1500 Hz through is then folded to another frequency, as in lesson 01. ReLU and pooling hide it; they do not undo it.
# - **Few data.** The filters have to be learned from the same clips as the words.
# - **Reading too much into sorted filters.** That they bend like mel says what helps with these words at this rate. Bird calls would bend them elsewhere.
#
# ## The short answer
#
# Audio need not be broken down before the network: a `Conv1d` on samples is a filterbank that is learned, and a spectrogram is the same layer with given filters. On these digits the network taught itself filters that crowd at low frequencies, much as mel does. That looked right, and was worth next to nothing on unseen voices: frozen noise did as well there. The network took more multiplications, had to be told the loudness, and fell behind log-mel, by little on unseen voices of the same synthesiser, by some 20 points on another one and on people. Start with log-mel. Go to samples when you have very many data, or when what you look for is not in the picture.
#
# ## Sources
#
# - W. Dai, C. Dai, S. Qu, J. Li and S. Das, *Very deep convolutional neural networks for raw waveforms*, ICASSP 2017: 1-D CNNs on samples with up to 34 layers, for sounds of the city; with 18 layers over 15 points better than with 3, and level with networks on log-mel.
# - M. Ravanelli and Y. Bengio, *Speech and speaker recognition from raw waveform with SincNet*, arXiv 1812.05920, 2018: filters given by two cut-off frequencies; they learn faster and do better than free ones (speakers and speech).
# - T. Sainath, R. Weiss, A. Senior, K. Wilson and O. Vinyals, *Learning the speech front-end with raw waveform CLDNNs*, Interspeech 2015: on over 2000 hours of speech, samples match log-mel; both together are a little better (3 % fewer wrong words, relative).
# - N. Zeghidour, O. Teboul, F. de Chaumont Quitry and M. Tagliasacchi, *LEAF: a learnable frontend for audio classification*, ICLR 2021: filters, pooling and compression learned together, over many tasks.
# - The voices: eSpeak NG and Pico, synthetic; people from Asterisk and Tux Paint (`data/README.md`).
