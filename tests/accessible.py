"""What axe-core finds wrong with a page for people who do not see it, see it otherwise, or use the keyboard alone."""

from typing import Any

import pytest

# Of axe's four; the others are advice.
GRAVE = ("serious", "critical")


def faults(page: Any) -> list[str]:
    """Grave faults of a page as it stands in the browser, folded parts opened first: axe does not look into them."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{fault['impact']}: {fault['help']}: {node['html']}"
        for fault in found
        for node in fault["nodes"]
        if fault["impact"] in GRAVE
    ]
