// SPDX-License-Identifier: Apache-2.0
#include "core/report/style.h"

#include "core/report/palette.h"

namespace tw {
namespace {

constexpr const char* kColours = R"(
:root{color-scheme:light dark;
--panel:#FFFFFF;--raised:#F8F9F9;--line:#E0E3E6;--grid:#EBEDEF;--ink:#1A1E22;--ink2:#4A525A;--ink3:#616A73;--accent:#0B7570;--soft:#DCEFED;
--l1:#0B7570;--l2:#D27C0C;--l3:#005BA7;--l4:#B279BF;--l5:#393E46;--l6:#7E5D00}
@media screen and (prefers-color-scheme:dark){:root{
--panel:#1B1E21;--raised:#22262A;--line:#2D3237;--grid:#272B2F;--ink:#E8EAEC;--ink2:#B4BBC2;--ink3:#959DA5;--accent:#4FC7BB;--soft:#163532;
--l1:#4FC7BB;--l2:#EA843F;--l3:#71B5FF;--l4:#B577C1;--l5:#E0E6E9;--l6:#FFE887}}
)";

constexpr const char* kLayout = R"(
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--panel);color:var(--ink);font:14px/20px Inter,system-ui,"Segoe UI","Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
.page{display:grid;grid-template-columns:192px minmax(0,952px);gap:32px;max-width:1240px;padding:40px 32px 64px;margin:0}
nav{position:sticky;top:40px;align-self:start;font-size:13px}
.mark{display:flex;align-items:center;gap:10px;font-weight:600;margin-bottom:24px}
.mark svg{width:22px;height:22px}
nav ul{list-style:none;margin:0;padding:0;border-left:2px solid var(--line)}
nav li a{display:block;padding:3px 12px;color:var(--ink2);text-decoration:none;margin-left:-2px;border-left:3px solid transparent}
nav li a:hover{color:var(--accent)}
nav li a:focus-visible,summary:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
nav p{color:var(--ink3);font-size:12px;line-height:17px;margin:24px 0 0}
header .date{color:var(--ink2);font-size:12px;margin:0}
h1{font-size:28px;line-height:36px;margin:4px 0 0;font-weight:600;letter-spacing:-.01em;overflow-wrap:anywhere}
.subtitle{color:var(--ink2);font-size:15px;line-height:22px;margin:2px 0 0}
section{margin-top:32px}
h2{font-size:18px;line-height:24px;font-weight:600;margin:0 0 8px}
h3{font-size:14px;line-height:20px;font-weight:600;margin:20px 0 4px}
h3 small,h2 small{font-weight:400;color:var(--ink2);font-size:12px;margin-left:6px}
p{margin:0 0 8px;max-width:720px}
a{color:var(--accent)}
.figures{display:flex;flex-wrap:wrap;border:1px solid var(--line);border-radius:8px;margin:24px 0 0;overflow:hidden}
.figures>div{flex:1 1 auto;padding:10px 16px;box-shadow:-1px 0 0 var(--line),0 -1px 0 var(--line)}
.figures span{display:block;color:var(--ink2);font-size:11px;line-height:16px}
.figures b{display:block;font-size:20px;line-height:28px;font-weight:600;white-space:nowrap}
ol.findings{list-style:none;margin:0;padding:0;counter-reset:finding}
ol.findings li{counter-increment:finding;display:grid;grid-template-columns:28px minmax(72px,max-content) 1fr;gap:0 16px;padding:6px 0;border-bottom:1px solid var(--line)}
ol.findings li::before{content:counter(finding);color:var(--ink3)}
ol.findings li.whole{grid-template-columns:28px 1fr}
table{border-collapse:collapse;width:100%;font-size:12px;line-height:16px}
th{background:var(--raised);color:var(--ink2);font-weight:600;text-align:left}
th,td{padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
th{overflow-wrap:normal}td:first-child{min-width:96px}
th.n,td.n{text-align:right}td.n{white-space:nowrap}
.wide{overflow-x:auto;max-width:100%}
.tall{max-height:420px;overflow:auto;border:1px solid var(--line);border-radius:6px}
.tall th{position:sticky;top:0}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:0 32px;margin:0 0 12px;font-size:13px}
dl.facts div{display:flex;justify-content:space-between;gap:16px;padding:4px 0;border-bottom:1px solid var(--line)}
dt{color:var(--ink2)}
dd{margin:0;text-align:right;overflow-wrap:anywhere}
dd del{color:var(--ink3);margin-right:6px}
.source{border:1px solid var(--line);border-radius:8px;padding:12px 16px 4px;margin:0 0 12px}
.source h3{margin:0 0 2px}
.source code{overflow-wrap:anywhere}
code,pre{font:12px/18px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow:auto;max-height:420px;margin:4px 0}
details{margin:4px 0}
summary{cursor:pointer;color:var(--accent);font-size:12px;font-weight:600;width:max-content}
button{font:inherit;font-size:12px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:2px 10px;cursor:pointer;margin:4px 8px 0 0}
button:hover{background:var(--raised)}
.note{border-left:3px solid var(--accent);padding:0 0 0 14px;margin:0 0 16px}
.note blockquote{margin:0 0 8px;padding-left:12px;border-left:2px solid var(--line);color:var(--ink2)}
.note table{width:auto}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(440px,1fr));gap:16px 24px}
figure{margin:0}
figcaption{font-weight:600;font-size:13px;margin-bottom:4px}
.sample{display:grid;grid-template-columns:1fr 1fr;border:1px solid var(--line);border-radius:8px;margin:0 0 12px;overflow:hidden}
.sample .prompt{grid-column:1/-1;background:var(--raised);border-bottom:1px solid var(--line)}
.sample>div{padding:8px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.sample>div+div+div{border-left:1px solid var(--line)}
.sample .target{grid-column:1/-1;border-left:0!important;border-top:1px solid var(--line);color:var(--ink2)}
.sample small{display:block;color:var(--ink3);font-size:11px}
.texts{border:1px solid var(--line);border-radius:8px;overflow:hidden}
.texts>div{display:grid;grid-template-columns:28px 1fr 64px;gap:8px;padding:8px 14px;border-top:1px solid var(--line)}
.texts>div:first-child{border-top:0}
.texts .no{color:var(--ink3)}
.texts .score{text-align:right}
.shaded{white-space:pre-wrap;overflow-wrap:anywhere;line-height:24px;max-width:none;margin:0}
.shaded span{background:var(--c);color:var(--on);border-radius:3px;padding:2px 1px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.legend{display:flex;align-items:center;gap:8px;font-size:12px;color:var(--ink2)}
.scale{display:inline-flex}
.scale i{width:5px;height:10px;background:var(--c);-webkit-print-color-adjust:exact;print-color-adjust:exact}
.again{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:10px 16px;margin-bottom:8px}
footer{color:var(--ink3);font-size:12px;margin-top:40px}
)";

constexpr const char* kDrawings = R"(
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:11px;fill:var(--ink);font-family:inherit;font-variant-numeric:tabular-nums}
svg .tick{fill:var(--ink3)}
svg .end{text-anchor:end}
svg .mid{text-anchor:middle}
.fill{fill:var(--c);-webkit-print-color-adjust:exact;print-color-adjust:exact}
svg text.on{fill:var(--on);font-weight:600}
.grid{stroke:var(--grid)}
.axis{stroke:var(--ink3)}
polyline,line[class^=l]{fill:none;stroke-width:2;stroke-linejoin:round}
.l1{stroke:var(--l1)}.l2{stroke:var(--l2)}.l3{stroke:var(--l3)}.l4{stroke:var(--l4);stroke-dasharray:6 3}
.l5{stroke:var(--l5);stroke-dasharray:2 3}.l6{stroke:var(--l6);stroke-dasharray:8 3 2 3}
.chart{max-width:560px}
)";

constexpr const char* kNarrowAndPrint = R"(
@media (max-width:900px){.page{grid-template-columns:minmax(0,1fr);padding:24px 16px}nav{position:static}nav ul,nav p{display:none}.charts{grid-template-columns:1fr}}
@media print{nav,button,details.data{display:none}.page{display:block;padding:0;max-width:none}section{break-inside:auto}
figure,.sample,.texts>div,.source,svg{break-inside:avoid}h2,h3{break-after:avoid}.tall{max-height:none;overflow:visible;border:0}pre{max-height:none;white-space:pre-wrap}a{color:inherit}}
)";

constexpr const char* kScript = R"(
"use strict";
for(const box of document.querySelectorAll("details.data")){
  const text=box.querySelector("pre").textContent;
  const add=(label,act)=>{const b=document.createElement("button");b.type="button";b.textContent=label;b.addEventListener("click",()=>act(b));box.insertBefore(b,box.querySelector("pre"));};
  add("Copy as CSV",b=>{
    const done=()=>{b.textContent="Copied";};
    const byHand=()=>{const s=getSelection();s.selectAllChildren(box.querySelector("pre"));document.execCommand("copy");done();};
    if(navigator.clipboard){navigator.clipboard.writeText(text).then(done,byHand);}else{byHand();}
  });
  add("Save as CSV",()=>{
    const a=document.createElement("a");a.href=URL.createObjectURL(new Blob([text],{type:"text/csv"}));a.download=box.id.replace(/-data$/,"")+".csv";a.click();URL.revokeObjectURL(a.href);
  });
}
)";

} // namespace

std::string reportStyle()
{
    return std::string(kColours) + kLayout + kDrawings + palette::styleSheet() + kNarrowAndPrint;
}

const char* reportScript()
{
    return kScript;
}

} // namespace tw
