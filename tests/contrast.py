"""Contrast of what a page shows, by sums: every text with what it stands on, as the browser paints them."""

TEXT_RATIO, PART_RATIO = 4.5, 3.0  # WCAG 2.1, level AA: text; parts of controls and of drawings
# A colour as the browser paints it, by painting it, on top of others where it is not opaque.
PAINTED = """
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const painted = (...colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = "#f0f"; pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const style = (element) => getComputedStyle(element);
  const role = (name) => style(document.documentElement).getPropertyValue(name).trim();
"""
# Every text of the page outside the map: [words, its colour, what it stands on].
WORDS = """() => {%s
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, words = texts.currentNode.textContent.trim();
    if (!words || element.closest("svg, script, noscript, option") || !element.checkVisibility()) continue;
    const grounds = [];
    for (let each = element; each; each = each.parentElement) grounds.unshift(style(each).backgroundColor);
    found.push([words.slice(0, 40), painted(...grounds, style(element).color), painted(...grounds)]);
  }
  return found;
}""".replace("%s", PAINTED)


def luminance(colour: list[int]) -> float:
    """Return the relative luminance of a colour of three bytes, as WCAG 2.1 defines it."""
    shares = [channel / 255 for channel in colour]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: list[int], other: list[int]) -> float:
    """Return the contrast of two colours, 1 to 21."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(found: list[tuple[str, list[int], list[int]]], least: float) -> list[tuple[str, float]]:
    """Return what has less contrast than is asked, of [what, colour, ground]."""
    return sorted({(what, round(ratio(colour, ground), 2)) for what, colour, ground in found if ratio(colour, ground) < least})
