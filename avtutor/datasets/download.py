"""Public data sets: the folder that the user has, or an archive fetched, checked and unpacked."""

import os
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

from avtutor.datasets.decoded import cache_folder

CHUNK = 1 << 16
TIMEOUT = 30.0
"""Seconds without a byte after which a download is given up."""


@dataclass(frozen=True)
class Archive:
    """A tar archive that can be downloaded.

    Args:
        name: of the folder that it is unpacked to.
        url: where it is.
        sha256: its published checksum.
    """

    name: str
    url: str
    sha256: str


def _progress(text: str) -> None:
    """Write over one line of standard error, where that is a terminal and no notebook."""
    if sys.stderr.isatty() and "ipykernel" not in sys.modules:
        sys.stderr.write(f"\r{text}")
        sys.stderr.flush()


class _Resuming:
    """Fetches a file for pooch, and goes on where an earlier attempt was cut off."""

    def __init__(self, partial: Path) -> None:
        self.partial = partial

    def __call__(self, url: str, output_file: str, pooch: object = None) -> None:
        there = self.partial.stat().st_size if self.partial.exists() else 0
        headers = {"Range": f"bytes={there}-"} if there else {}
        try:
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                if answer.status_code != 416:  # 416: nothing is left to be fetched
                    answer.raise_for_status()
                    self._receive(answer, there if answer.status_code == 206 else 0)
        except requests.RequestException as error:
            raise ConnectionError(
                f"{url} could not be downloaded ({error}); what has come is kept in "
                f"{self.partial}, and the next call goes on from there"
            ) from error
        shutil.move(self.partial, output_file)

    def _receive(self, answer: requests.Response, there: int) -> None:
        total = there + int(answer.headers.get("Content-Length", 0))
        with self.partial.open("ab" if there else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                there += len(chunk)
                _progress(f"{answer.url}: {there / 1e6:.1f} of {total / 1e6:.1f} MB ")
        _progress("\n")
        if there < total:
            raise requests.ConnectionError(f"it ended after {there} of {total} bytes")


def fetch(archive: Archive) -> Path:
    """Return the folder of an archive, downloaded and unpacked into the cache where it is not yet.

    A download that was cut off is taken up again where the server allows it. The checksum is
    looked at before anything is unpacked, and the folder appears whole or not at all.

    Raises:
        ConnectionError: if it cannot be downloaded.
        ValueError: if its checksum is not the published one.
    """
    places = cache_folder() / "datasets"
    whole = places / archive.name
    if whole.is_dir():
        return whole
    places.mkdir(parents=True, exist_ok=True)
    pooch.get_logger().setLevel("WARNING")
    packed = pooch.retrieve(
        archive.url,
        known_hash=f"sha256:{archive.sha256}",
        fname=f"{archive.name}.tar.gz",
        path=places,
        downloader=_Resuming(places / f"{archive.name}.partial"),
    )
    with tempfile.TemporaryDirectory(dir=places) as folder:
        with tarfile.open(packed) as tar:
            tar.extractall(Path(folder) / "unpacked", filter="data")
        os.replace(Path(folder) / "unpacked", whole)
    os.unlink(packed)
    return whole


def find_folder(
    root: Path | str | None,
    *,
    title: str,
    variable: str,
    archive: Archive | None = None,
    download: bool = False,
    home: str,
) -> Path:
    """Return where a public data set lies.

    That is `root`; else the folder that the environment variable names; else the one that was
    downloaded earlier; else, if `download` says so, the one that is downloaded now.

    Args:
        root: a folder that the user has, or None.
        title: of the data set, for messages.
        variable: the environment variable.
        archive: what may be downloaded, if there is such a thing.
        download: whether to.
        home: where a person gets it from.
    Raises:
        ValueError: if it is nowhere, or the folder that is named is not there.

    >>> find_folder("no_such_folder", title="ESC-50", variable="AVTUTOR_ESC50", home="its page")
    Traceback (most recent call last):
    ValueError: ESC-50: there is no folder no_such_folder
    """
    named = os.environ.get(variable, "")
    for given, source in ((root, ""), (named or None, f" ({variable} names it)")):
        if given is not None:
            folder = Path(given).expanduser()
            if not folder.is_dir():
                raise ValueError(f"{title}: there is no folder {folder}{source}")
            return folder
    if archive is not None:
        kept = cache_folder() / "datasets" / archive.name
        if kept.is_dir():
            return kept
        if download:
            return fetch(archive)
    last = f"; or pass download=True (from {archive.url})" if archive else ""
    raise ValueError(
        f"{title} is not on this machine: get it from {home} and pass its folder, or set "
        f"{variable} to it{last}"
    )
