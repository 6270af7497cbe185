# %% [markdown]
# # 00 · Start here
#
# > "I built a CNN for images. I want to feed it video, images and audio together. What is audio, how is it broken down to go into the network, can I use spectrograms as images?"
#
# This lesson goes the whole way once, quickly: from a recording to numbers, to a picture, to a convolutional network, to the name of a language. Each step has a lesson of its own, and is named here with it.
#
# **You will be able to**
#
# - say which steps lie between a sound file and the answer of a network;
# - turn a recording into a picture that a CNN can read, in three lines;
# - ask the one question that every accuracy should be asked: *on whom was it measured?*
#
# **Time:** 20 minutes · **First:** nothing. You have trained a CNN on images before, and read Python.
#
# ## Predict
#
# A small CNN learns to tell Spanish, French, Italian and Russian apart. For each language it hears one person speak for a few minutes. You then play it (1) new sentences by the *same four people*, and (2) sentences by *four other people*. Guessing is right in one of four cases. How often will the network be right?
#
# - **A** often in both: it has learned the languages
# - **B** often with the people it knows, hardly better than guessing with the others
# - **C** hardly better than guessing in both: a few minutes are too little
#
# <details><summary>Answer, after the run</summary>
#
# **B**. With one person a language, *who speaks* and *which language* are the same thing, and the network takes what is easier. The last figure of this lesson shows it; lesson 09 takes it apart.
#
# </details>
#
# ## Is everything here?
#
# One line looks for what the lessons need, and names the mend for what is missing.

# %%
from avtutor import doctor

doctor.report()

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from avtutor import plots
from avtutor.checks import check, claim
from avtutor.datasets import example, stack, voices, windows
from avtutor.player import play
from avtutor.spectral import SpectrogramConfig, log_mel
from avtutor.widgets import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## Sound is a row of numbers
#
# A microphone measures the pressure of the air, here 16,000 times a second. Each measurement is one number, a **sample**. `Waveform` holds the samples and their rate together; its samples have the shape `[channel, time]`. (Lesson 01)

# %%
voice = example("speech_es")
print(voice)
print("samples:", list(voice.samples.shape), voice.samples.dtype)

# %%
play(voice, label="a sentence in Spanish")

# %% alt="Waveform of a Spanish sentence: bursts of large values for the syllables, small values between them."
fig, ax = plt.subplots(figsize=(9, 2.4))
_ = plots.waveform(ax, voice, title="Speech as the network could get it: one number after another")

# %% [markdown]
# ## The same sound as a picture
#
# The row of numbers hides what the ear hears at once: which pitches sound, and when. A **spectrogram** shows it. The sound is cut into short overlapping pieces (**frames**), and for each piece the level at every frequency is computed: one column of the picture. (Lessons 02 and 03)
#
# `log_mel` does this with two habits of the ear built in: the rows stand closer together at low frequencies (the **mel** scale), and levels are in **decibels** (dB), where equal steps are equal ratios. (Lesson 04)

# %%
config = SpectrogramConfig(sample_rate=16000)
picture = log_mel(voice.samples, config)  # [channel, mel, frame]
print("shape:", list(picture.shape))

# %% alt="Log-mel spectrogram of the Spanish sentence: bright stacked lines for vowels, bright patches at high frequencies for s sounds, dark gaps between words."
fig, ax = plt.subplots(figsize=(9, 3.4))
_ = plots.spectrogram(
    ax, picture[0], config, scale="mel", title="The same sentence: time to the right, pitch upwards"
)

# %% [markdown]
# One channel, 64 rows, one column for every hundredth of a second: that is a grey image. A CNN for images can read it as it is.
#
# Try it yourself. Choose a recording, move the sliders, click into the picture to hear from there. Look for the stacked lines of a vowel, and for the cloud of an *s*.

# %% alt="The spectrogram explorer with a Spanish sentence: waveform, spectrogram, and sliders for the settings."
SpectrogramExplorer(
    {"Spanish": voice, "Russian": example("speech_ru"), "lion": example("lion")}, n_mels=64
)

# %% [markdown]
# ## Many pictures with their labels
#
# For each language there is one known voice, and its recordings are divided once and for all: three quarters to train with, one quarter to test with. No recording is on both sides. Each is cut into windows of three seconds.

# %%
KNOWN = {"es": "allison", "fr": "june", "it": "carlo", "ru": "ivrvoice"}
NAMES = ["Spanish", "French", "Italian", "Russian"]


def three_seconds(speakers: dict[str, str], part: str | None) -> list:
    """Return the windows of three seconds of each of these speakers."""
    found = []
    for language, speaker in speakers.items():
        said = voices(language=language, speaker=speaker, part=part)
        found += windows(said, seconds=3.0)[:70]
    return found


train, test = three_seconds(KNOWN, "train"), three_seconds(KNOWN, "test")
print(len(train), "clips to train with,", len(test), "to test with")

# %% [markdown]
# Now every clip becomes a picture. The network wants numbers around zero, so the mean and the spread of the *training* pictures are taken out. (Taking them from the test side as well would let it look ahead.)

# %%
levels = log_mel(stack(train), config)
mean, spread = levels.mean(), levels.std()

# %% [markdown]
# Two small functions, for the pictures and for the labels of any clips:


# %%
def pictures(clips: list) -> torch.Tensor:
    """Return [batch, channel, mel, frame]: log-mel pictures, shifted and scaled."""
    return ((log_mel(stack(clips), config) - mean) / spread)[:, None]


def labels(clips: list) -> torch.Tensor:
    """Return the number of each clip's language, [batch]."""
    return torch.tensor([list(KNOWN).index(clip.language) for clip in clips])


x, y = pictures(train), labels(train)
print("batch of pictures:", list(x.shape), "labels:", list(y.shape))

# %% [markdown]
# ## A CNN, as for images
#
# Three convolutions, each followed by batch normalisation and a ReLU; then the mean over the whole picture, and one linear layer that gives four numbers (**logits**), one a language. Nothing in it knows about sound.


# %%
def block(n_in: int, n_out: int, size: int) -> nn.Sequential:
    """Return a convolution that halves the picture."""
    return nn.Sequential(nn.Conv2d(n_in, n_out, size, stride=2), nn.BatchNorm2d(n_out), nn.ReLU())


torch.manual_seed(0)
network = nn.Sequential(
    block(1, 16, 5),
    block(16, 32, 3),
    block(32, 64, 3),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(64, 4),
)
print("weights to learn:", sum(p.numel() for p in network.parameters()))

# %% [markdown]
# How often is it right? This is the question for a network before training as well: it is the zero of the scale.


# %%
@torch.no_grad()
def accuracy(clips: list) -> float:
    """Return the share of clips whose language the network names."""
    network.eval()
    logits = torch.cat([network(batch) for batch in pictures(clips).split(32)])
    return float((logits.argmax(dim=1) == labels(clips)).float().mean())


untrained = accuracy(test)

# %% [markdown]
# Training is what you know from images: show a batch, compare the logits with the labels (cross entropy), move the weights a little downhill. The step size grows first and then shrinks to nothing (*one-cycle*), which ends in a calmer place than a constant step. Seven rounds through all clips take some ten to twenty seconds. (Lessons 05 and 06 do it with more care.)

# %%
optimizer = torch.optim.AdamW(network.parameters())
steps = 7 * len(x[::32])
pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
network.train()
for _ in range(7):
    for batch in torch.randperm(len(x)).split(32):
        loss = nn.functional.cross_entropy(network(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pace.step()

# %% [markdown]
# ## Which language is this?
#
# Here is one recording that the network has not seen in training. Listen, then look at what it says. A *softmax* turns the logits into shares that add up to 1. They are often called probabilities; how far they can be trusted is a question of its own (lesson 09).

# %%
clip = next(clip for clip in test if clip.language == "it")
play(clip.load(), label="which language is this?")

# %% alt="Four bars, one a language: nearly all of the network's share lies on Italian."
with torch.no_grad():
    shares = network.eval()(pictures([clip])).softmax(dim=1)[0]
fig, ax = plt.subplots(figsize=(7, 2.4))
said = NAMES[int(shares.argmax())]
_ = plots.accuracies(ax, NAMES, shares.tolist(), chance=0.25, title=f"The network says: {said}")
_ = ax.set_xlabel("share of the softmax")

# %% [markdown]
# One clip proves nothing. Here are all the test clips: recordings that it never heard, by voices that it knows.

# %%
known = accuracy(test)
claim(
    "00.1",
    "of over 100 unseen recordings by known voices, 3 in 4 are named",
    len(test) > 100 and known > 0.75,
)
claim("00.2", "the untrained network names fewer than half of them", untrained < 0.5)

# %% [markdown]
# ## On whom was it measured?
#
# The test was fair in one way: no recording was on both sides. In another way it was not: every *voice* was. So here are four other people, one a language, whom the network has never heard.

# %%
OTHERS = {"es": "july", "fr": "armelle", "it": "paola", "ru": "shmyrev"}
strangers = three_seconds(OTHERS, None)
unknown = accuracy(strangers)
print(len(strangers), "clips of people it never heard")

# %% alt="Three bars: the untrained network near chance, the trained one high on known voices, and much lower on voices it never heard."
fig, ax = plt.subplots(figsize=(8, 2.6))
_ = plots.accuracies(
    ax,
    ["before training", "known voices", "voices never heard"],
    [untrained, known, unknown],
    chance=0.25,
    title="It knows the people rather than the languages",
)

# %%
claim("00.3", "on voices never heard it is at least 30 points worse", known - unknown > 0.30)

# %% [markdown]
# The network did what it was asked: it found the easiest difference between four heaps of clips. With one person a heap, that is the person: the voice, the room, the microphone. A test on the same people cannot tell you so. What can be learned about the *language*, and how to measure it honestly, is the subject of lesson 09, where a larger network takes the place of this one.
#
# ## Exercises
#
# 1. Write `chance(labels)`: the share of right answers that you reach by always naming the most frequent label. Every accuracy should stand beside it.


# %% tags=["exercise"]
def chance(labels: torch.Tensor) -> float:
    """Return the accuracy of always naming the most frequent of `labels`, [item], 0 or above."""
    ### BEGIN SOLUTION
    return float(torch.bincount(labels).max() / len(labels))
    ### END SOLUTION


# %%
check("00.chance", chance)

# %% [markdown]
# 2. Write `both_sides(train_voices, test_voices)`: the sorted list of voices that are in both lists. If it is not empty, the test cannot tell language from voice.


# %% tags=["exercise"]
def both_sides(train_voices: list[str], test_voices: list[str]) -> list[str]:
    """Return the voices that are in both lists, each once, sorted."""
    ### BEGIN SOLUTION
    return sorted(set(train_voices) & set(test_voices))
    ### END SOLUTION


# %%
check("00.both_sides", both_sides)

# %% [markdown]
# ## What would break this
#
# - **Another sampling rate.** The rows of the picture mean other frequencies then. `SpectrogramConfig` has no default rate on purpose.
# - **Another person, another room.** You have seen it: the accuracy falls to little more than guessing.
# - **A fifth language, music, silence.** The four shares add up to 1 whatever you play. This network cannot say "none of these".
# - **A random split of the windows.** Two windows of one sentence would stand on both sides, and the test would be easier still. Here whole recordings were divided.
#
# ## The short answer
#
# Audio is a row of numbers, some ten thousand a second. Cut it into short frames, take the level at each frequency, and you have a spectrogram: a grey picture that the CNN you know can be trained on. In 2015 networks of this kind reached about 95 % in naming the language of a recording. This lesson reached a high number too, and then lost it on people that the network had not heard. Both belong to the answer.
#
# | step | here | taught in |
# |---|---|---|
# | sound, samples, rates | `read_audio`, `Waveform` | 01 |
# | which frequencies sound | the Fourier transform | 02 |
# | and when | the spectrogram | 03 |
# | as the ear divides them | `log_mel` | 04 |
# | recordings as data, split by voice | `voices`, `windows` | 05 |
# | the same CNN for both senses | `network` | 06 |
# | what a spectrogram is not | | 07 |
# | what the network listened to | | 08 |
# | which language, honestly | `unknown` | 09 |
# | sound and picture together | | 12 to 17 |
#
# ## Sources
#
# - TopCoder, *Spoken Languages 2*, 2015: a contest with 66,176 recordings of 10 s in 176 languages. H. Harutyunyan and H. Khachatrian described their networks on spectrograms and reported about 95 % accuracy for an ensemble. The speakers were not labelled, so that voices on both sides cannot be excluded.
# - G. Montavon, *Deep learning for spoken language identification*, NIPS Workshop on Deep Learning for Speech Recognition, 2009: convolutional layers on a spectrogram, followed by a time-delay network.
# - The recordings: Asterisk prompts by Allison Smith, June Wallack, Carlo Flora and others; July Jiménez, Armelle Desjardins, Paola Dal Zot, N. Shmyrev. Sources and licences stand in `data/README.md`.
