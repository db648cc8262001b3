"""Pictures of the pages, of facts that never change: ``python tests/screenshots.py FOLDER``, in .venv, with Chromium.

Each of sample_pages is drawn at a phone's width and at a desk's, in the light scheme and in the dark one.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "functions")]

from browsers import launched  # noqa: E402 - it lies beside this file
from playwright.sync_api import Browser  # noqa: E402
from sample_pages import PAGES  # noqa: E402

WIDTHS = {"phone": 360, "desk": 1100}
SCHEMES = ("light", "dark")
TALLEST = 2_400  # pixels: a picture shows how a page looks, and needs not all of a long one


def file_name(page: str, width: str, scheme: str) -> str:
    """A picture's name: ``a-run-phone-dark.png``."""
    return f"{page.replace(' ', '-')}-{width}-{scheme}.png"


def draw(browser: Browser, folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Draw pages, each its HTML by its name, into a folder; the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for width, pixels in WIDTHS.items():
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": pixels, "height": 700}, color_scheme=scheme)
            shown = context.new_page()
            for name, body in pages.items():
                shown.set_content(body)
                height = min(shown.evaluate("document.documentElement.scrollHeight"), TALLEST)
                drawn.append(folder / file_name(name, width, scheme))
                area = {"x": 0, "y": 0, "width": pixels, "height": height}
                shown.screenshot(path=drawn[-1], full_page=True, clip=area, animations="disabled")
            context.close()
    return drawn


def main() -> None:
    """Draw all pages into the folder that is named."""
    with launched() as browser:
        drawn = draw(browser, Path(sys.argv[1]), PAGES)
    print(f"{len(drawn)} pictures in {sys.argv[1]}, {sum(one.stat().st_size for one in drawn) // 1024} KB")


if __name__ == "__main__":
    main()
