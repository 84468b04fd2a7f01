"""The cost-against-quality curve, in characters for a terminal and as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from cascadeflow.evaluation.policies import Case, Point, always_cheap, always_strong, cascade, sweep

WIDTH, HEIGHT = 76, 20
"""Of the curve in a terminal, in characters."""
HEADING = "Quality kept (up) at what cost (right), in % of always strong"
_PIXELS = (760, 460)
_MARGINS = (64, 16, 210, 48)  # left, top, right, bottom
_COLOURS = {"our gate": "#1f6feb", "shorter is right": "#8250df", "coin flip": "#8c959f"}
_DOTS = {"always cheap": "#bf8700", "this threshold": "#1f6feb", "perfect gate": "#1a7f37", "always strong": "#cf222e"}
_LETTERS = {"always cheap": "C", "this threshold": "G", "perfect gate": "P", "always strong": "S"}


class Place(NamedTuple):
    """A point of the curve.

    Attributes:
        cost: in per cent of always asking the strong model.
        quality: likewise.
    """

    cost: float
    quality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What is drawn.

    Attributes:
        lines: name → its points, by rising cost.
        dots: name → where it lies.
    """

    lines: dict[str, list[Place]]
    dots: dict[str, Place]


def curve_of(cases: Sequence[Case]) -> Curve | None:
    """The curve of a gate over all its thresholds, and what it is measured against.

    Args:
        cases: the questions.

    Returns:
        None where the strong model costs nothing or is never right, so that there is no scale.
    """
    everything = range(len(cases))
    cheap, strong = always_cheap(cases).point(everything), always_strong(cases).point(everything)
    if not strong.cost or not strong.quality:
        return None

    def place(point: Point) -> Place:
        return Place(100 * point.cost / strong.cost, 100 * point.quality / strong.quality)

    kept = [case.accepted for case in cases]
    return Curve(
        lines={
            "our gate": [place(step.point) for step in sweep(cases)][::-1],
            "shorter is right": [place(step.point) for step in sweep(cases, lambda case: -case.length)][::-1],
            "coin flip": [place(cheap), place(strong)],
        },
        dots={
            "always cheap": place(cheap),
            "this threshold": place(cascade(cases, kept).point(everything)),
            "perfect gate": place(cascade(cases, [case.right for case in cases]).point(everything)),
            "always strong": place(strong),
        },
    )


def terminal_curve(curve: Curve, width: int = WIDTH) -> str:
    """The curve in characters, without colour.

    Args:
        curve: what is drawn.
        width: columns.
    """
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, HEIGHT)
    for (name, places), marker in zip(curve.lines.items(), ("braille", "·", "."), strict=True):
        plotext.plot([p.cost for p in places], [p.quality for p in places], label=name, marker=marker)
    for name, place in curve.dots.items():
        plotext.scatter([place.cost], [place.quality], marker=_LETTERS[name])
    drawn = "\n".join(line.rstrip() for line in plotext.uncolorize(plotext.build()).rstrip().splitlines())
    legend = "  ".join(f"{letter} {name}" for name, letter in _LETTERS.items())
    return f"{HEADING}\n{drawn}\n{legend}"


def svg_curve(curve: Curve, title: str) -> str:
    """The curve as an SVG picture.

    Args:
        curve: what is drawn.
        title: stands above it.
    """
    width, height = _PIXELS
    left, top, right, bottom = _MARGINS
    top += 24
    places = [place for line in curve.lines.values() for place in line] + list(curve.dots.values())
    x_end = max(place.cost for place in places) * 1.02
    y_low, y_high = _padded(min(p.quality for p in places), max(p.quality for p in places))

    def x(cost: float) -> float:
        return left + (width - left - right) * cost / x_end

    def y(quality: float) -> float:
        return height - bottom - (height - top - bottom) * (quality - y_low) / (y_high - y_low)

    def text(at_x: float, at_y: float, words: str, anchor: str = "start", extra: str = "") -> str:
        return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}"{extra}>{escape(words)}</text>'

    middle = (top + height - bottom) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        text(left, 24, title, extra=' font-size="14" font-weight="bold"'),
        text((left + width - right) / 2, height - 10, "cost, % of always strong", "middle"),
        text(16, middle, "quality, % of always strong", "middle", f' transform="rotate(-90 16 {middle:.1f})"'),
    ]
    for tick in _ticks(0, x_end):
        parts.append(_line([(x(tick), top), (x(tick), height - bottom)], "#eaeef2"))
        parts.append(text(x(tick), height - bottom + 16, f"{tick:g}", "middle"))
    for tick in _ticks(y_low, y_high):
        parts.append(_line([(left, y(tick)), (width - right, y(tick))], "#eaeef2"))
        parts.append(text(left - 6, y(tick) + 4, f"{tick:g}", "end"))
    row = top + 8.0
    beside = width - right + 16
    for name, line in curve.lines.items():
        dashes = ' stroke-dasharray="5 4"' if name == "coin flip" else ""
        parts.append(_line([(x(p.cost), y(p.quality)) for p in line], _COLOURS[name], 2, dashes))
        parts.append(_line([(beside, row - 4), (beside + 24, row - 4)], _COLOURS[name], 2, dashes))
        parts.append(text(beside + 32, row, name))
        row += 20
    for name, place in curve.dots.items():
        for at_x, at_y in ((x(place.cost), y(place.quality)), (beside + 12, row - 4)):
            parts.append(f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="5" fill="{_DOTS[name]}"/>')
        parts.append(text(beside + 32, row, f"{name}: {place.quality:.1f} at {place.cost:.1f}"))
        row += 20
    return "\n".join([*parts, "</svg>", ""])


def _line(points: Sequence[tuple[float, float]], colour: str, width: int = 1, extra: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{extra}/>'


def _padded(low: float, high: float) -> tuple[float, float]:
    room = max(1.0, 0.08 * (high - low))
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, five or so."""
    step = next(size for size in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if (high - low) / size <= 6)
    first = -(-low // step)
    return [step * (first + number) for number in range(int((high - step * first) / step) + 1)]
