"""Ten animals of which the folder holds several independent recordings."""

TUXPAINT = {
    "cat": ("seasonal/halloween/blackcat",),
    "chicken": ("animals/birds/hen", "animals/birds/rooster"),
    "cow": ("animals/mammals/bovines/cow", "animals/mammals/bovines/cow_white"),
    "dog": ("animals/mammals/dogs/dog",),
    "duck": ("animals/birds/duck", "animals/birds/drake"),
    "frog": ("animals/amphibians/frog",),
    "horse": ("animals/mammals/equines/horse",),
    "owl": ("animals/birds/owl",),
    "pig": ("animals/mammals/pig", "animals/mammals/pig_golden", "animals/mammals/pig_golden2"),
    "sheep": ("animals/mammals/bovines/sheep", "animals/mammals/bovines/sheep_lamb"),
}
"""Stamps by the animal that is heard."""

GCOMPRIS = {
    "cat": ("farm/cat",), "chicken": ("farm/chicken",), "cow": ("farm/cow",),
    "dog": ("farm/dog", "noises/bark_1", "noises/bark_3"), "duck": ("farm/duck",),
    "frog": ("noises/frogs",), "horse": ("farm/horse",), "owl": ("farm/owl",),
    "pig": ("farm/pig",), "sheep": ("farm/sheep",),
}  # fmt: skip
"""GCompris' farm animals and noises, likewise."""

OVOS = {
    "cat": "cat", "chicken": "rooster", "cow": "cow", "dog": "dog", "duck": "duck",
    "frog": "frog", "horse": "horse", "owl": "owl", "pig": "pig", "sheep": "sheep",
}  # fmt: skip
"""The OVOS skill's files, likewise."""
