"""Wrong answers to the exercises of lesson 13: the function, and a phrase of its diagnosis."""


def _product(shares, present):  # noqa: ANN001, ANN202
    product = shares.prod(dim=0)
    return product / product.sum()


def _root(shares, present):  # noqa: ANN001, ANN202
    root = shares[present].log().mean(dim=0).exp()
    return root / root.sum()


def _db(signal, noise):  # noqa: ANN001, ANN202
    return float(10 * (signal.square().mean() / noise.square().mean()).log10())


def _first_ahead(ratios, sound, picture):  # noqa: ANN001, ANN202
    return next(r for r, a, b in zip(ratios, sound, picture, strict=True) if a > b)


def _agree(seen, labels, n):  # noqa: ANN001, ANN202
    return int((seen.roll(n) == labels).sum())


WRONG = {
    "13.fuse": [
        (lambda shares, present: shares[present].mean(dim=0), "the mean of the shares"),
        (lambda shares, present: shares[present].prod(dim=0), "add up to 1"),
        (_root, "the root of the product"),
        (lambda shares, present: shares[present].prod(dim=0).softmax(dim=0), "a softmax"),
        (_product, "a missing sense has no say"),
        (lambda shares, present: shares[present].sum(dim=0), "the sum of the shares"),
    ],
    "13.snr_db": [
        (lambda clean, noisy: _db(clean, noisy - clean), "about its mean"),
        (lambda clean, noisy: 2 * _db(clean - clean.mean(), noisy - clean), "10 log10, not 20"),
        (lambda clean, noisy: -_db(clean - clean.mean(), noisy - clean), "signal over noise"),
        (lambda clean, noisy: _db(clean - clean.mean(), noisy), "noisy less clean"),
        (
            lambda clean, noisy: _db(clean - clean.mean(), noisy - noisy.mean()),
            "not the noisy picture",
        ),
        (
            lambda clean, noisy: float(
                (clean - clean.mean()).square().mean() / (noisy - clean).square().mean()
            ),
            "10 log10 of it",
        ),
    ],
    "13.crossover": [
        (
            lambda ratios, sound, picture: ratios[
                min(range(len(ratios)), key=lambda i: abs(sound[i] - picture[i]))
            ],
            "nearest ratio",
        ),
        (_first_ahead, "meet before it"),
        (
            lambda ratios, sound, picture: _first_ahead(ratios, sound, picture) - 5.0,
            "the middle of the two",
        ),
        (lambda ratios, sound, picture: 1.25, "a place in the list"),
        (lambda ratios, sound, picture: -2.5, "wrong end"),
        (lambda ratios, sound, picture: -7.5, "meet at a ratio of the list"),
    ],
    "13.moved": [
        (
            lambda seen, labels: max(range(-3, 4), key=lambda n: _agree(seen, labels, n)),
            "but for the sign",
        ),
        (lambda seen, labels: float((seen == labels).float().mean()), "how often they agree"),
        (
            lambda seen, labels: min(range(-3, 4), key=lambda n: _agree(seen, labels, -n)),
            "agree least",
        ),
        (
            lambda seen, labels: max(range(4), key=lambda n: _agree(seen, labels, -n)),
            "in both directions",
        ),
    ],
}
