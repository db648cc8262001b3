"""The report's one style sheet: system fonts, two colour schemes, no more than a phone's width where there is none."""

STYLE = """
:root{--ink:#1c2024;--quiet:#5b656e;--paper:#fbfbfa;--card:#fff;--line:#e3e5e8;--blue:#2563eb;--good:#15803d;
--bad:#b91c1c;--goodpaper:#ecf7ef;--badpaper:#fcedec}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8ea;--quiet:#98a1aa;--paper:#131619;--card:#1b1f23;--line:#30363c;
--blue:#7aa7ff;--good:#5fd38a;--bad:#ff8a80;--goodpaper:#16271c;--badpaper:#2e1917}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:58rem;margin:0 auto;padding:1rem}
header,section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;
margin:0 0 1rem}
header.good{background:var(--goodpaper);border-color:var(--good)}header.bad{background:var(--badpaper);
border-color:var(--bad)}
h1{font-size:1.7rem;line-height:1.2;margin:.1rem 0 .5rem}header.good h1,b.good{color:var(--good)}
header.bad h1,b.bad{color:var(--bad)}
h2{font-size:1.1rem;margin:0 0 .6rem}p{margin:.4rem 0}ul{margin:.4rem 0;padding-left:1.2rem}
.eyebrow,.quiet,small{color:var(--quiet)}.eyebrow,.quiet{font-size:.88rem}.eyebrow{margin:0}small{margin-left:.4rem}
.wide{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.34rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{font-weight:500;color:var(--quiet);font-size:.85rem}tr>:first-child{text-align:left;padding-left:0}
tbody tr:last-child td{border-bottom:0}tr>:last-child{padding-right:0}
.range{display:block;color:var(--quiet);font-size:.78rem;line-height:1.25;white-space:nowrap}
table.metrics td{vertical-align:top}
table.limits td:first-child{white-space:normal}.whole{white-space:nowrap}
table.bars td:nth-child(2){width:45%;min-width:5rem}
table.words td{text-align:left;white-space:normal;min-width:7rem}table.words th{text-align:left}
.caution{border-left:3px solid var(--bad);padding-left:.6rem}
table.facts th{text-align:left}table.facts td{text-align:left;white-space:normal;overflow-wrap:anywhere;width:75%}
.tag{font-size:.75rem;border:1px solid var(--bad);color:var(--bad);border-radius:4px;padding:0 .3rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1rem}
figure{margin:0}figcaption{font-weight:600;font-size:.95rem;margin-bottom:.2rem}svg{display:block;width:100%;height:auto}
.grid{stroke:var(--line);stroke-width:1}.tick,.name{fill:var(--quiet);font-size:11px;text-anchor:middle}
.tick.end{text-anchor:end}.line,.even{fill:none;stroke:var(--blue);stroke-width:2;stroke-linejoin:round}
.even{stroke:var(--quiet);stroke-width:1;stroke-dasharray:4 4}.dot{fill:var(--blue)}.bar{fill:var(--blue)}
.meter{height:.65rem;border-radius:3px;background:var(--line)}.meter rect{fill:var(--blue)}
.interval{width:10rem;min-width:7rem;height:1.1rem}.interval .zero{stroke:var(--quiet);stroke-dasharray:2 2}
.interval .span{stroke-width:3;stroke-linecap:round;stroke:currentColor}.interval circle{fill:currentColor}
.interval.good{color:var(--good)}.interval.bad{color:var(--bad)}.interval.chance{color:var(--quiet)}
.confusion{width:auto;margin:1.2rem auto}.confusion td,.confusion th{border:0;text-align:center;padding:.5rem .9rem}
.confusion td.hit,.confusion td.miss{font-size:1.25rem;border:2px solid var(--card);border-radius:8px}
.confusion td.hit{background:var(--goodpaper);color:var(--good)}
.confusion td.miss{background:var(--badpaper);color:var(--bad)}
table.matrix{width:auto;margin:0 auto}.matrix td,.matrix th{border:0;text-align:center;padding:.3rem .45rem}
.matrix thead tr:first-child th{text-align:left}.matrix tr>:last-child{padding-right:.45rem}
.matrix tbody th{text-align:right;white-space:nowrap}.matrix tbody td{border:2px solid var(--card);border-radius:6px}
.matrix .hit{color:var(--good);background:var(--goodpaper)}.matrix .miss{color:var(--bad);background:var(--badpaper)}
.matrix .none{color:var(--quiet)}.matrix .most{box-shadow:inset 0 0 0 1px currentColor}
details{border-bottom:1px solid var(--line);padding:.35rem 0}details:last-child{border:0}
summary{cursor:pointer;font-weight:600}code{font-size:.85rem;overflow-wrap:anywhere}
@media(max-width:40rem){main{padding:.5rem}header,section{padding:.8rem .9rem}table{font-size:.88rem}
th,td{padding:.3rem .3rem;white-space:normal}.interval,small,.beside{display:none}h1{font-size:1.4rem}
.range{white-space:normal;font-size:.7rem}}
@media(max-width:25rem){table{font-size:.8rem}th,td{padding:.3rem .15rem}
table.words td{overflow-wrap:anywhere;min-width:4rem}}
@media print{body{background:#fff}details{display:block}}
"""
