"""The command ``avtutor offset``: how late is the sound of a video, and put it right.

What it needs is imported when it runs, so that ``avtutor --help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from avtutor.sync import OffsetEstimate

LONGEST = 600.0  # seconds that are looked at, unless more is asked for
SURE = 0.8
"""The confidence from which on a file is put right without being told to."""


def offset(
    files: Annotated[list[Path], typer.Argument(metavar="VIDEO", help="Video files.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    fix: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write a copy with the sound put right."),
    ] = None,
    shift: Annotated[
        float | None,
        typer.Option(metavar="MS", help="With --fix: so much later, instead of what is found."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="With --fix: even where the offset is not sure.")
    ] = False,
    max_offset: Annotated[
        float, typer.Option(metavar="MS", help="The largest offset that is looked for.")
    ] = 600.0,
    start: Annotated[float, typer.Option(min=0.0, help="First second that is looked at.")] = 0.0,
    end: Annotated[
        float | None, typer.Option(help=f"Last second; the default is {LONGEST:g} s after START.")
    ] = None,
) -> None:
    """Tell how late the sound of each VIDEO is, and how sure that is.

    "+160 ms" is sound that is heard 160 ms after what is seen. --fix copies the file with its sound
    moved back: nothing is encoded again. A file that cannot be read is named on stderr, and the
    exit code is then 1; the others are answered all the same.
    """
    from avtutor.sync import measure_file

    if fix is None and (shift is not None or force):
        _refuse("--shift and --force go with --fix OUT")
    if fix is not None and len(files) != 1:
        _refuse(f"--fix takes one file, got {len(files)}")
    last = start + LONGEST if end is None else end
    failed = False
    for file in files:
        try:
            found = None
            if shift is None:
                found = measure_file(file, max_offset=max_offset / 1000, start=start, end=last)
            _tell(
                file,
                found,
                as_json,
                None if fix is None else _fixed(file, fix, found, shift, force),
            )
        except (ValueError, OSError) as error:  # MediaError is a ValueError
            named = str(error).startswith(str(file))
            typer.echo(f"avtutor: {error}" if named else f"avtutor: {file}: {error}", err=True)
            failed = True
    if failed:
        raise typer.Exit(1)


def _refuse(reason: str) -> None:
    typer.echo(f"avtutor: {reason}", err=True)
    raise typer.Exit(1)


def _fixed(
    file: Path, out: Path, found: OffsetEstimate | None, shift: float | None, force: bool
) -> tuple[Path, int]:
    """Write the copy, and return where, and by how many ms its sound is later."""
    from avtutor.media import move_sound

    milliseconds = shift if found is None else -1000 * found.seconds
    if milliseconds is None:
        raise ValueError("there is nothing to go by")
    if found is not None and found.confidence < SURE and not force:
        raise ValueError(
            f"not fixed, since {found} is below {SURE:.2f}: --force does it all the same, "
            "--shift MS moves the sound by what you say"
        )
    move_sound(file, out, seconds=milliseconds / 1000)
    return out, round(milliseconds)


def _tell(
    file: Path, found: OffsetEstimate | None, as_json: bool, fixed: tuple[Path, int] | None
) -> None:
    """Print what was found and done."""
    if as_json:
        import json

        facts: dict[str, object] = {"file": str(file)}
        if found is not None:
            facts["offset_ms"] = round(found.seconds * 1000, 1)
            facts["confidence"] = round(found.confidence, 4)
        if fixed is not None:
            facts["out"], facts["moved_ms"] = str(fixed[0]), fixed[1]
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    if found is not None:
        typer.echo(f"{found}  {file}")
    if fixed is not None:
        way = "earlier" if fixed[1] < 0 else "later"
        typer.echo(f"{fixed[0]}: the sound is {abs(fixed[1])} ms {way}")
