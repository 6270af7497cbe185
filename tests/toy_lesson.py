"""A whole lesson in small, for the tests of the pipeline."""

LESSON = "98_a_toy"

SOURCE = '''\
# %% [markdown]
# # 98 · A toy
#
# > "What is audio, and how is it broken down to go into the network?"
#
# **You will be able to** make a sound louder.
#
# **Time:** 20 minutes · **First:** nothing
#
# ## Predict
#
# Twice the amplitude is
#
# - **A** 3 dB more
# - **B** 6 dB more
#
# <details><summary>Answer, after the run</summary>
#
# **B**, nearly.
#
# </details>

# %%
import math

import matplotlib.pyplot as plt

from avtutor.checks import check, claim
from avtutor.checks.grading import compare, exercise

# %%
@exercise("98.louder")
def grade_louder(answer):
    return compare(answer([1.0, 3.0]), [2.0, 6.0])

@exercise("98.decibels")
def grade_decibels(answer):
    return compare(answer(10.0), 20.0, slips={"power: 20 log, not 10 log": 10.0})

# %% alt="A sine wave drawn over two periods, between minus one and one."
wave = [math.sin(n / 10) for n in range(126)]
fig, ax = plt.subplots(figsize=(3, 2))
_ = ax.plot(wave)
_ = ax.set(title="Two periods", xlabel="sample", ylabel="amplitude")

# %%
claim("98.1", "it starts at zero", wave[0] == 0)
claim("98.2", "it reaches one", max(wave) > 0.999)
claim("98.3", "it is | mostly | positive", sum(wave) > 1, miss="both halves are equal")

# %% [markdown]
# ## Exercises

# %% tags=["exercise"]
def louder(samples: list[float]) -> list[float]:
    """Return the samples with twice the amplitude."""
    ### BEGIN SOLUTION
    return [2 * sample for sample in samples]
    ### END SOLUTION

# %%
check("98.louder", louder)

# %% tags=["exercise"]
def decibels(factor: float) -> float:
    """Return how many dB a factor of the amplitude is."""
    if factor <= 0:
        return -math.inf
    ### BEGIN SOLUTION
    ratio = factor**2
    return 10 * math.log10(ratio)
    ### END SOLUTION

# %%
check("98.decibels", decibels)

# %% [markdown]
# ## What would break this
#
# Clipping.
#
# ## The short answer
#
# Numbers.
#
# ## Sources
#
# None.
'''
