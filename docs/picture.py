#!/usr/bin/env python3
"""Draws what a command prints on a terminal as an SVG: the picture in the README is a real run.

    docs/picture.py OUT.svg COMMAND [ARGUMENT…]

Run from the top of the repository:

    cargo build --release
    docs/picture.py docs/output.svg target/release/overexposed check fixtures/giftcard

The command runs on a pseudo-terminal, so it colours its output as it would for a person; the middle of
long excerpts is left out, and the picture says so. Standard library only.
"""
import os
import pty
import re
import subprocess
import sys
from html import escape

CELL, LINE, SIZE, PAD, BAR = 8.43, 19, 14, 18, 34  # pixels
BACK, FRAME, TEXT = "#0d1117", "#30363d", "#e6edf3"
COLORS = {
    "30": "#6e7681", "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff",
    "36": "#56d4dd", "37": "#e6edf3", "90": "#8b949e",
}
WIDEST = 110  # columns
MOST, KEPT = 24, 14  # lines of one excerpt; those kept at its top where there are more


def run(command):
    """What the command prints on a terminal, line by line."""
    environment = {**os.environ, "COLUMNS": str(WIDEST), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    data = b""
    try:
        while chunk := os.read(ours, 65536):
            data += chunk
    except OSError:
        pass  # how Linux says that nobody writes any more
    child.wait()
    return data.decode().replace("\r\n", "\n").rstrip("\n").split("\n")


def folded(lines):
    """The lines, with the middle of long excerpts of source left out."""
    out, start = [], None
    for line in lines:
        if "╭─" in line:
            start = len(out)
        out.append(line)
        if "╰────" in line and start is not None and re.search(r"^\s*╰────$", bare(line)):
            if len(out) - start > MOST:
                gone = len(out) - start - KEPT - 5
                middle = f"      \x1b[2m⋮ {gone} lines left out of this picture\x1b[0m"
                out[start + KEPT : -5] = [middle]
            start = None
    return out


def bare(line):
    """The line without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def spans(line):
    """(text, style) of a line; a style is a colour, bold, faint, underline."""
    style = {"fill": TEXT, "bold": False, "faint": False, "line": False}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                yield part, dict(style)
            continue
        codes = part[2:-1].split(";")
        while codes:
            code = codes.pop(0)
            if code in ("", "0"):
                style.update(fill=TEXT, bold=False, faint=False, line=False)
            elif code == "1":
                style["bold"] = True
            elif code == "2":
                style["faint"] = True
            elif code == "4":
                style["line"] = True
            elif code == "39":
                style["fill"] = TEXT
            elif code in ("38", "48"):
                del codes[: 2 if codes[:1] == ["5"] else 4]  # palette and true colours are not drawn
            elif code in COLORS:
                style["fill"] = COLORS[code]


def draw(lines, title):
    """The SVG. Each run of text has its width written down, so that columns meet whatever font is there."""
    plain = [bare(line) for line in lines]
    width = round(max(map(len, [*plain, title])) * CELL + 2 * PAD)
    height = len(lines) * LINE + BAR + 2 * PAD
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(title)}" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{SIZE}">',
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" fill="{BACK}" stroke="{FRAME}"/>',
        *(f'<circle cx="{20 + 20 * n}" cy="18" r="6" fill="{c}"/>' for n, c in enumerate(("#ff5f57", "#febc2e", "#28c840"))),
        f'<text x="{width / 2}" y="23" fill="#8b949e" text-anchor="middle">{escape(title)}</text>',
    ]
    for row, line in enumerate(lines):
        column, y = 0, BAR + PAD + row * LINE + SIZE - 2
        for text, style in spans(line):
            # Blanks around a run would be collapsed; they are drawn by position.
            for match in re.finditer(r"\S+(?: \S+)*", text):
                piece, at = match.group(), column + match.start()
                look = f' fill="{style["fill"]}"'
                look += ' font-weight="bold"' if style["bold"] else ""
                look += ' opacity=".6"' if style["faint"] else ""
                look += ' text-decoration="underline"' if style["line"] else ""
                out.append(
                    f'<text x="{PAD + at * CELL:.1f}" y="{y}" textLength="{len(piece) * CELL:.1f}" '
                    f'lengthAdjust="spacingAndGlyphs"{look}>{escape(piece)}</text>'
                )
            column += len(text)
    return "\n".join([*out, "</svg>", ""])


def main():
    target, command = sys.argv[1], sys.argv[2:]
    lines = folded(run(command))
    title = " ".join([os.path.basename(command[0]), *command[1:]])
    with open(target, "w", encoding="utf-8") as file:
        file.write(draw(lines, "$ " + title))


if __name__ == "__main__":
    main()
