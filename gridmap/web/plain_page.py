"""Pages drawn without Streamlit, without a script and without anything from outside."""

from __future__ import annotations

import html
import math
from functools import lru_cache

from gridmap.i18n import Language, Notice, translator

_STYLE = """
*{box-sizing:border-box}
:root{--ink:#23282d;--quiet:#5f6770;--line:#d8d3c9;--accent:#1f5673;--alert:#9f2a22}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:#efece5;color:var(--ink);
font:15px/1.5 "Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
.ground{position:fixed;inset:0;width:100%;height:100%;z-index:-1}
main{width:min(380px,100%);background:#fffdf9;border:1px solid var(--line);border-radius:10px;padding:32px 32px 24px;
box-shadow:0 12px 40px rgba(60,50,30,.10)}
h1{margin:0 0 2px;font-size:21px;font-weight:650;letter-spacing:.02em}
p{margin:0 0 20px;color:var(--quiet)}
label{display:block;margin:0 0 14px;font-size:13px;color:var(--quiet)}
input{display:block;width:100%;margin-top:4px;padding:10px 12px;border:1px solid var(--line);border-radius:6px;
background:#fff;color:var(--ink);font:inherit}
input:focus,button:focus-visible{outline:2px solid var(--accent);outline-offset:1px;border-color:var(--accent)}
.go{width:100%;padding:11px;border:0;border-radius:6px;background:var(--accent);color:#fff;font:inherit;font-weight:600;
cursor:pointer}
.go:hover{background:#17465e}
progress{width:100%;height:10px;accent-color:var(--accent)}
.step{display:flex;justify-content:space-between;margin:8px 0 4px;font-size:13px}
.notice{margin:0 0 16px;padding:10px 12px;border-left:3px solid var(--alert);background:#fbefec;color:#5c1b15}
.demo{margin-top:22px;padding-top:16px;border-top:1px solid var(--line)}
.demo p{margin:0 0 8px;font-size:13px}
.demo div{display:grid;grid-template-columns:1fr 1fr;gap:8px}
.demo button,.languages button{padding:8px;border:1px solid var(--line);border-radius:6px;background:#fff;
color:var(--ink);font:inherit;font-size:13px;cursor:pointer}
.demo button:hover,.languages button:hover{border-color:var(--accent)}
.languages{display:flex;gap:8px;justify-content:center;margin-top:18px}
.languages button{border-color:transparent;background:none;color:var(--quiet)}
.languages button[aria-current]{color:var(--ink);font-weight:600}
"""


def draw_plain_page(body: str, *, language: Language, title: str = "", head: str = "") -> str:
    """A page around the HTML `body`, in a card before a drawn valley; `head` is added to what it knows of itself."""
    name = html.escape(translator(language)("Grid and railway map"))
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{f"{html.escape(title)} · " if title else ""}{name}</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
{head}
</head>
<body>
{_draw_contours()}
<main>
<h1>{name}</h1>
{body}
</main>
</body>
</html>"""


def draw_notice(notice: Notice) -> str:
    """What happened and what to do, as a part of a page."""
    return f'<div class="notice" role="alert">{html.escape(f"{notice.message} {notice.hint}".strip())}</div>'


def draw_notice_page(notice: Notice, *, language: Language) -> str:
    """A page that only says what happened and what to do."""
    return draw_plain_page(draw_notice(notice), language=language)


@lru_cache(maxsize=1)
def _draw_contours() -> str:
    """A few contour lines of an imagined valley and the railway through it."""
    lines = []
    for level in range(14):
        points = []
        for step in range(61):
            x = step * 24
            y = 60 + level * 66 + 34 * math.sin(x / 210 + level * 0.55) + 16 * math.sin(x / 83 - level * 0.9)
            points.append(f"{x:.0f},{y:.0f}")
        colour = "#dcd6c8" if level != 7 else "#bcd3dc"
        width = 1.2 if level != 7 else 9
        lines.append(f'<polyline points="{" ".join(points)}" stroke="{colour}" stroke-width="{width}"/>')
    rail = "M-10,610 C300,520 620,640 900,560 S1300,470 1460,520"
    lines.append(f'<path d="{rail}" stroke="#8b8f93" stroke-width="5"/>')
    lines.append(f'<path d="{rail}" stroke="#efece5" stroke-width="2.6" stroke-dasharray="14 14"/>')
    return (
        '<svg class="ground" viewBox="0 0 1440 900" preserveAspectRatio="xMidYMid slice" fill="none" '
        f'aria-hidden="true">{"".join(lines)}</svg>'
    )
