"""Styles of the printed order: A4, black ink first, nothing fetched from anywhere."""

ORDER_CSS = """
@page { size: A4; margin: 12mm 14mm 14mm; }
:root { --ink: #1c2024; --quiet: #5f6770; --line: #c9c4ba; --faint: #f4f2ed; }
* { box-sizing: border-box; }
html { background: #e9e6e0; }
body { margin: 0; color: var(--ink); font: 9.5pt/1.45 "Noto Sans", "Segoe UI", "Helvetica Neue", Arial,
  "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  font-variant-numeric: tabular-nums; }
:lang(zh-CN) body, body:lang(zh-CN) { font-family: "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei",
  "PingFang SC", "Noto Sans", sans-serif; }
.sheet { width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 12mm 14mm 14mm; background: #fff;
  box-shadow: 0 1px 6px rgba(0, 0, 0, .18); display: flex; flex-direction: column; }
header { display: flex; justify-content: space-between; align-items: flex-end; border-bottom: .7mm solid var(--ink);
  padding-bottom: 2.2mm; }
h1 { font-size: 18pt; line-height: 1.15; margin: 0; font-weight: 600; letter-spacing: .01em; }
h1 small { display: block; font-size: 9.5pt; font-weight: 400; color: var(--quiet); letter-spacing: 0;
  margin-top: .8mm; }
h2 { font-size: 10.5pt; margin: 5mm 0 1.6mm; font-weight: 600; }
.when { margin-left: auto; text-align: right; white-space: nowrap; }
.when b { display: block; font-size: 13pt; font-weight: 600; line-height: 1.2; }
.when span { color: var(--quiet); }
.page:not(:empty)::before { content: " · "; }
a { color: inherit; text-decoration: none; }
a.code { display: flex; flex-direction: column; align-items: center; margin-left: 6mm; font-size: 6.5pt;
  color: var(--quiet); }
a.code svg { display: block; width: 18mm; height: 18mm; }
dl.facts { display: grid; grid-template-columns: repeat(5, auto); gap: 0 7mm; margin: 2.6mm 0 3mm;
  justify-content: space-between; }
dl.facts dt { font-size: 7.5pt; color: var(--quiet); }
dl.facts dd { margin: 0; font-size: 10.5pt; font-weight: 600; }
svg.map { display: block; width: 100%; height: auto; }
svg text { font-family: inherit; fill: var(--ink); }
svg .badge { font-size: 2.9px; font-weight: 600; text-anchor: middle; }
svg .scale { font-size: 2.5px; }
svg .place { font-size: 3.2px; text-anchor: middle; fill: #3a3f44; paint-order: stroke; stroke: #fbfaf7;
  stroke-width: .8px; stroke-linejoin: round; }
.dense svg.map { width: auto; height: var(--map); max-width: 100%; margin: 0 auto; }
.dense td { padding-top: .6mm; padding-bottom: .6mm; }
.dense h2 { margin-top: 3mm; }
.dense footer { padding-top: 0; }
.dense .signatures div { margin-top: 6mm; }
.dense .made { margin-top: 2mm; }
.legend { display: flex; flex-wrap: wrap; gap: .6mm 5mm; margin: 1.6mm 0 0; font-size: 7.5pt; color: var(--quiet);
  align-items: center; }
.legend span { display: inline-flex; align-items: center; gap: 1.4mm; }
.legend svg { width: 8mm; height: 2.6mm; flex: none; }
.legend .credit { margin-left: auto; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
th { font-size: 7.5pt; font-weight: 400; color: var(--quiet); text-align: left; vertical-align: bottom;
  border-bottom: .35mm solid var(--ink); padding: 0 1.6mm 1mm 0; }
td { vertical-align: top; border-bottom: .15mm solid var(--line); padding: 1.3mm 1.6mm 1.3mm 0; }
th.n, td.n { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
tr { break-inside: avoid; }
td.no { font-weight: 600; width: 7mm; }
td.time { white-space: nowrap; width: 13mm; }
td.blank { width: 30mm; border-left: .15mm solid var(--line); }
td p { margin: 0; color: var(--quiet); font-size: 8pt; line-height: 1.4; }
td b { font-weight: 600; }
tr.rest td { background: var(--faint); color: var(--quiet); }
tr.end td { border-bottom: .35mm solid var(--ink); }
tr.sum td { border-bottom: 0; font-weight: 600; }
.swatch { display: inline-block; width: 3.2mm; height: 3.2mm; border-radius: 50%; vertical-align: -.4mm; }
ul.notes { margin: 2mm 0 0; padding-left: 4.5mm; font-size: 8.5pt; color: var(--quiet); }
footer { margin-top: auto; padding-top: 7mm; }
.signatures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8mm; }
.signatures div { border-top: .25mm solid var(--ink); padding-top: 1mm; font-size: 8pt; color: var(--quiet);
  margin-top: 8mm; }
.made { margin: 4mm 0 0; font-size: 7.5pt; color: var(--quiet); display: flex; justify-content: space-between; }
@media print {
  html { background: none; }
  .sheet { width: auto; min-height: 0; margin: 0; padding: 0; box-shadow: none; display: block; break-after: page; }
  .sheet:last-of-type { break-after: auto; }
  footer, .keep { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
