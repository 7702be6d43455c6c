"""Throughput and latency percentiles over connections as an SVG, written by hand: one panel a picture, one line a series."""

from html import escape
from math import log10

WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 560, 360, 70, 40, 330, 260
COLORS = {"quire": "#1f5fa8", "nginx": "#2a7f3f", "redis": "#b03a2e", "postgres": "#7d5ba6"}
DASHES = {"p50": "", "p90": "6 3", "p99": "2 3"}


def nice(value):
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


class Panel:
    """A logarithmic panel: connections to the right, values upwards."""

    def __init__(self, title, unit, xs, series):
        self._title, self._unit, self._xs, self._series = title, unit, xs, series
        values = [y for _, _, ys in series for y in ys]
        self._low, self._high = decade(min(values), down=True), decade(max(values), down=False)

    def _x(self, x):
        position = self._xs.index(x) / max(1, len(self._xs) - 1)
        return LEFT + position * PLOT_WIDTH

    def _y(self, y):
        share = (log10(y) - log10(self._low)) / (log10(self._high) - log10(self._low))
        return TOP + PLOT_HEIGHT * (1 - share)

    def draw(self, left, top):
        out = [f'<g transform="translate({left},{top})">',
               f'<text x="{LEFT}" y="22" font-weight="bold">{escape(self._title)}</text>']
        for mark in marks(self._low, self._high):
            y = self._y(mark)
            out.append(f'<line x1="{LEFT}" x2="{LEFT + PLOT_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                       f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{nice(mark)}</text>')
        for x in self._xs:
            out.append(f'<text x="{self._x(x):.1f}" y="{TOP + PLOT_HEIGHT + 18}" text-anchor="middle">{x}</text>')
        out.append(f'<text x="{LEFT + PLOT_WIDTH / 2}" y="{TOP + PLOT_HEIGHT + 38}" text-anchor="middle">'
                   f'connections; {escape(self._unit)}</text>')
        for number, (name, kind, ys) in enumerate(self._series):
            out += self._line(number, name, kind, ys)
        return out + ["</g>"]

    def _line(self, number, name, kind, ys):
        style = f'stroke="{COLORS.get(name, "#444")}" stroke-width="2" stroke-dasharray="{DASHES.get(kind, "")}"'
        points = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in zip(self._xs, ys))
        key_y = TOP + 12 + 18 * number
        key_x = LEFT + PLOT_WIDTH + 14
        return [f'<polyline points="{points}" fill="none" {style}/>',
                f'<line x1="{key_x}" x2="{key_x + 28}" y1="{key_y}" y2="{key_y}" {style}/>',
                f'<text x="{key_x + 34}" y="{key_y + 4}">{escape(f"{name} {kind}".strip())}</text>']


def decade(value, down):
    """The next of 1, 2, 5, 10, ... below or above a value."""
    steps = [factor * 10.0 ** power for power in range(-3, 9) for factor in (1, 2, 5)]
    return max(step for step in steps if step < value) if down else min(step for step in steps if step > value)


def marks(low, high):
    return [factor * 10.0 ** power for power in range(-3, 9) for factor in (1, 2, 5)
            if low * 0.999 <= factor * 10.0 ** power <= high * 1.001]


def panels_of(curve):
    xs = curve["connections"]
    rates = [(name, "", ys) for name, ys in curve["throughput"].items()]
    latencies = [(name, kind, [one[kind] for one in ones])
                 for name, ones in curve["latency"].items() for kind in DASHES]
    return [Panel(f"{curve['name']}: throughput", "a second", xs, rates),
            Panel(f"{curve['name']}: latency at half of it", "microseconds", xs, latencies)]


def write_svg(path, curves):
    rows = [panels_of(curve) for curve in curves]
    width, height = 2 * WIDTH, HEIGHT * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for row, panels in enumerate(rows):
        for column, panel in enumerate(panels):
            out += panel.draw(column * WIDTH, row * HEIGHT)
    path.write_text("\n".join(out + ["</svg>", ""]), encoding="utf-8")
