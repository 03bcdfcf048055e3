"""docs/gallery.md: one picture a figure of a finished run of the demo, what to look for in it and how it misleads.

    READALIKE_RESULTS=build python scripts/project/gallery.py --results results/demo \\
        --catalogue workflow/report/catalogue.yaml --page docs/gallery.md --pictures docs/gallery

READALIKE_RESULTS names another folder than the demo's: a folder within it would need a record of how it was made.
"""

from pathlib import Path

from PIL import Image

from readalike.captions import needed
from readalike.catalogue import Entry, read_catalogue
from readalike.running.arguments import In, Out
from readalike.running.command import run

WIDTH = 1000  # pixels
# Pictures that README shows too: the data drawn stand beside them, so that a test can draw them again.
IN_README = ("figure-07-resemblance-size",)
INTRODUCTION = """# Gallery

One picture a figure, of the demo (with `--config landing=True`, for Figure 20): its readers are simulated, so that
nothing here is a statement about people. How each is computed: `captions.md` of a run. Written by
`scripts/project/gallery.py` from `workflow/report/catalogue.yaml`.
"""


def main(*, results: In, catalogue: In, page: Out, pictures: Out) -> None:
    """
    results : of the demo
    page : docs/gallery.md
    pictures : the folder beside it
    """
    pictures.mkdir(exist_ok=True)
    parts, missing = [INTRODUCTION], []
    for entry in read_catalogue(catalogue):
        found = sorted((results / "figures").glob(f"{entry.stem}*.png"))
        if found:
            target = pictures / f"{entry.stem}.png"
            shrink(found[0], target)
            if entry.stem in IN_README:
                target.with_suffix(".csv").write_bytes(found[0].with_suffix(".csv").read_bytes())
            parts.append(section(entry, f"{pictures.name}/{target.name}"))
        elif entry.stem.startswith("figure-"):
            missing.append(entry)
    about = "What they need; `captions.md` of a run says how each is computed."
    parts.append(f"## Not of the demo\n{about}\n\n{needed(missing)}\n")
    page.write_text("\n".join(parts), encoding="utf-8")


def section(entry: Entry, picture: str) -> str:
    look_for, misled_by = (" ".join(text.split()) for text in (entry.look_for, entry.misled_by))
    return (
        f"## {entry.heading}\n![{entry.heading}]({picture})\n\n**Look for:** {look_for}\n\n"
        f"**How it misleads:** {misled_by}\n"
    )


def shrink(source: Path, target: Path) -> None:
    """In fewer pixels and colours, since the pictures are part of the repository."""
    with Image.open(source) as picture:
        small = picture.convert("RGB").resize(
            (WIDTH, round(WIDTH * picture.height / picture.width)), Image.Resampling.LANCZOS
        )
        small.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    run(main)
