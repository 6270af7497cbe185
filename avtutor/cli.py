"""The commands: ``avtutor doctor``, ``lab``, ``explore``, ``language``, ``offset``.

What a command needs is imported in the command, so that ``avtutor --help`` answers at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from avtutor import cli_offset

FIRST_LESSON = Path("notebooks", "00_start_here.ipynb")
LONGEST = 60.0  # seconds on one page, unless more is asked for
LONGEST_SPOKEN = 600.0  # seconds that are listened to for a language

app = typer.Typer(
    help="Sound, pictures and neural networks: the course, and the package behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    """Turn what the package refuses into one line on stderr and exit code 1."""
    try:
        yield
    except (ValueError, OSError) as error:  # MediaError is a ValueError
        typer.echo(f"avtutor: {error}", err=True)
        raise typer.Exit(1) from None


def _version(asked: bool) -> bool:
    if asked:
        from avtutor import __version__

        typer.echo(f"avtutor {__version__}")
        raise typer.Exit
    return asked


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command()
def doctor() -> None:
    """Check what the lessons need, and name the mends."""
    from avtutor import doctor as checks

    findings = checks.examine()
    typer.echo(checks.table(findings))
    if not checks.lessons_can_run(findings):
        raise typer.Exit(1)


@app.command(context_settings={"ignore_unknown_options": True})
def lab(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Passed on, as in: avtutor lab --no-browser")
    ] = None,
) -> None:
    """Open the lessons in JupyterLab."""
    with _told_in_one_line():
        root = checkout()
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        # The whole checkout is served, since lessons link to CLAIMS.md and data/README.md; the
        # address that Jupyter prints, or opens, is that of the first lesson.
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON.as_posix()}",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        command.append("--allow-root")  # as in a container; Jupyter refuses root otherwise
    command += arguments or []
    # On a new machine matplotlib lists the fonts once, and says so: here, not under a first figure.
    fonts = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(fonts, check=False, capture_output=True)
    if sys.platform == "win32":  # os.execv there returns to the prompt at once
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    os.execv(sys.executable, command)


@app.command()
def explore(
    file: Annotated[Path, typer.Argument(help="A sound file, or a video file with sound.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the page.")] = None,
    start: Annotated[float, typer.Option(min=0.0, help="First second.")] = 0.0,
    end: Annotated[
        float | None, typer.Option(help=f"Last second; the default is {LONGEST:g} s after START.")
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Look at the sound in FILE, in the browser.

    Writes the spectrogram explorer with this sound as one page, which needs nothing else.
    """
    from avtutor.media import audio_info, read_audio

    with _told_in_one_line():
        last = start + LONGEST if end is None else end
        rest = audio_info(file).duration - last  # NaN where the file does not tell
        waveform = read_audio(file, start=start, end=last)
        from avtutor.widgets import SpectrogramExplorer

        page = page_of(SpectrogramExplorer({file.name: waveform}).to_html(), title=file.name)
        target = out or Path(tempfile.mkdtemp(prefix="avtutor-")) / f"{file.stem}.html"
        if target.resolve() == file.resolve():
            raise ValueError(f"{target} is the recording itself; --out names the page to write")
        target.write_text(page, encoding="utf-8")
    if end is None and rest > 0:
        typer.echo(f"the page shows {start:g} to {last:g} s; {rest:.0f} s follow", err=True)
    typer.echo(target)
    if open_page:
        webbrowser.open(target.resolve().as_uri())


@app.command()
def language(
    files: Annotated[list[Path], typer.Argument(help="Sound files, or video files with sound.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say of each FILE whether English is spoken in it, or "not sure".

    The first ten minutes of a file are listened to. A file that cannot be read is named on
    stderr, and the exit code is then 1; the others are answered all the same.
    """
    import json

    from avtutor.language import identify
    from avtutor.media import read_audio

    failed = False
    for file in files:
        try:
            verdict = identify(read_audio(file, end=LONGEST_SPOKEN))
        except (ValueError, OSError) as error:
            typer.echo(f"avtutor: {error}", err=True)
            failed = True
            continue
        if as_json:
            facts = {
                "file": str(file),
                "language": verdict.language,
                "shares": {name: round(share, 4) for name, share in verdict.shares.items()},
                "reason": verdict.reason,
                "speech_seconds": round(verdict.speech_seconds, 2),
            }
            typer.echo(json.dumps(facts, ensure_ascii=False))
        else:
            typer.echo(f"{file}: {verdict}")
    if failed:
        raise typer.Exit(1)


app.command()(cli_offset.offset)


def checkout() -> Path:
    """Return the folder that holds the lessons: where this package lies, else where we are.

    Raises:
        ValueError: if neither holds them.
    """
    places = (Path(__file__).resolve().parents[1], Path.cwd())
    for place in places:
        if (place / FIRST_LESSON).is_file():
            return place
    looked_in = " or ".join(dict.fromkeys(str(place) for place in places))
    raise ValueError(
        f"there is no {FIRST_LESSON.as_posix()} in {looked_in}; "
        "the lessons come with the repository: run this in a clone of it"
    )


def page_of(fragment: str, *, title: str) -> str:
    """Return a whole HTML page around a fragment.

    >>> print(page_of("<p>here</p>", title="a < b"))
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>a &lt; b</title>
    <body>
    <p>here</p>
    </body>
    </html>
    """
    from html import escape

    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<body>
{fragment}
</body>
</html>"""


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
