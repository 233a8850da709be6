import { Html } from '../pages/html'

export const dashboardStyleSheet = new Html(`
:root { --good-soft: #e3f3e9; --bad-soft: #fbe6e4; --wait: #8a5a00; --wait-soft: #fdf0d5; --raise: 0 1px 2px rgb(20 25 40 / .06); }
@media (prefers-color-scheme: dark) {
  :root { --good-soft: #17301f; --bad-soft: #3a1c1a; --wait: #f0c063; --wait-soft: #382c12; --raise: none; }
}
body.dashboard { padding: 0 clamp(.75rem, 3vw, 2rem) 3rem; }
.bar { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem;
  max-width: 84rem; margin: 0 auto; padding: .75rem 0; background: var(--paper); }
.bar p, .bar nav { margin: 0; }
.bar nav { max-width: none; gap: .25rem; }
.bar nav a { color: var(--soft); text-decoration: none; padding: .4rem .75rem; border-radius: .6rem; font-weight: 500; }
.bar nav a[aria-current] { background: var(--card); color: var(--ink); box-shadow: var(--raise); }
.brand { font-weight: 700; letter-spacing: -.01em; }
.brand span { color: var(--soft); font-weight: 500; }
.bar .live { margin-left: auto; font-size: .875rem; color: var(--soft); display: flex; align-items: center; gap: .5rem; }
.bar .live[hidden] { display: none; }
p.live::before { content: ''; width: .55rem; height: .55rem; border-radius: 50%; background: var(--bad); }
p.live.on::before { background: var(--good); }
main.columns { max-width: 84rem; display: grid; gap: 1rem; align-items: start; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 62rem) { main.columns { grid-template-columns: minmax(0, 1fr) 24rem; } }
.dashboard .card { box-shadow: var(--raise); padding: 1.25rem; margin: 0; }
.dashboard .card { min-width: 0; }
@media (min-width: 62rem) { .column { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 61.99rem) {
  .column { display: contents; }
  .column:first-child .card:not(:first-child) { order: 1; }
}
.dashboard h2 { font-size: 1rem; }
.dashboard .inside h2 { font-size: .8rem; font-weight: 600; color: var(--soft); margin: 0 0 .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
ol.feed, ol.timeline, ol.rules, ul.plain, ol.plain { list-style: none; margin: 0; padding: 0; }
ol.feed { display: grid; grid-template-columns: minmax(0, 1fr); gap: .5rem; }
.action { border: 1px solid var(--line); border-left-width: 4px; border-radius: .75rem; }
.action.good { border-left-color: var(--good); }
.action.bad { border-left-color: var(--bad); }
.action.waiting { border-left-color: var(--wait); }
.action summary { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25rem 1rem; align-items: baseline;
  padding: .75rem 1rem; cursor: pointer; list-style: none; border-radius: .75rem; color: var(--ink); font-weight: 400; }
.action summary::-webkit-details-marker { display: none; }
.action summary:hover { background: var(--paper); }
.action .what { font-weight: 600; overflow-wrap: anywhere; }
.action .who { font-weight: 400; margin-left: .25rem; }
.action .gist { font-weight: 400; color: var(--soft); font-size: .9rem; margin-left: .25rem; }
.action .verdict { grid-column: 1; display: flex; flex-wrap: wrap; gap: .4rem; }
.action summary time { grid-column: 2; grid-row: 1; }
time { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.dashboard .state, .tag { font-size: .75rem; line-height: 1.2; padding: .25rem .5rem; border-radius: .4rem; }
.dashboard .state { color: var(--wait); background: var(--wait-soft); letter-spacing: .01em; white-space: normal; }
.dashboard .state.good { color: var(--good); background: var(--good-soft); }
.dashboard .state.bad { color: var(--bad); background: var(--bad-soft); }
.tag { border: 1px solid var(--line); color: var(--soft); overflow-wrap: anywhere; display: inline-block; }
.inside { display: grid; gap: 1.25rem; padding: .5rem 1rem 1rem; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
dl.sent { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: .25rem 1rem; margin: 0; font-size: .9rem; }
dl.sent dt { color: var(--soft); overflow-wrap: anywhere; }
dl.sent dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .85rem; line-height: 1.6; }
ol.timeline li { font-size: .9rem; padding: .15rem 0; overflow-wrap: anywhere; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .75rem; }
ol.timeline time { line-height: 1.6; }
form.part { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
.dashboard button, a.button { min-height: 2.25rem; padding: .25rem .85rem; font-size: .875rem; background: var(--card); }
a.button { display: inline-flex; align-items: center; border: 1px solid var(--line); border-radius: .6rem; font-weight: 600;
  text-decoration: none; color: var(--ink); }
.dashboard button.primary { background: var(--accent); }
.dashboard button:hover, a.button:hover { border-color: var(--soft); }
.empty { padding: 1rem; border: 1px dashed var(--soft); border-radius: .75rem; }
pre { font: .8rem/1.7 ui-monospace, monospace; background: var(--paper); border-radius: .6rem; padding: .75rem 1rem; margin: 0 0 1rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.empty pre { margin: 0; }
.switch fieldset { border: 0; padding: 0; margin: 0 0 1rem; min-width: 0; }
.switch legend { padding: 0; margin: 0 0 .4rem; font-size: .875rem; font-weight: 600; }
.segments { display: flex; flex-wrap: wrap; background: var(--paper); border-radius: .6rem; padding: .2rem; gap: .15rem; }
.dashboard .segments button { flex: auto; padding: .2rem .4rem; min-height: 2rem; font-size: .8rem; font-weight: 500; color: var(--soft);
  border: 0; background: transparent; border-radius: .45rem; }
.dashboard .segments button:hover { color: var(--ink); background: var(--line); }
.dashboard .segments button[aria-pressed=true] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.switch p.default { overflow-wrap: anywhere; font-size: .85rem; margin: .15rem 0 0; }
.switch .off { opacity: .65; text-decoration: line-through; }
ol.rules { margin: .5rem 0 0; font-size: .85rem; }
ol.rules li { padding: .15rem 0; overflow-wrap: anywhere; }
.line { display: flex; gap: .5rem; flex-wrap: wrap; }
.line input { flex: 1; min-width: 10rem; }
.dashboard input, .dashboard select { min-height: 2.25rem; font-size: .875rem; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; margin-top: .75rem; }
.stack label { font-size: .8rem; font-weight: 500; color: var(--soft); margin: 0 0 .2rem; }
.stack select { width: 100%; }
.message { padding: .6rem 0; border-top: 1px solid var(--line); }
.message:first-child { border: 0; padding-top: 0; }
.message p { margin: 0; overflow-wrap: anywhere; font-size: .875rem; }
.message .big-code { font-size: 1.6rem; }
.plain li { padding: .3rem 0; overflow-wrap: anywhere; font-size: .9rem; }
.users li { border-top: 1px solid var(--line); padding: .5rem 0; }
.users li:first-child { border: 0; }
.tags { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .25rem; }
.calls li { display: flex; gap: .6rem; align-items: baseline; }
.calls code { font-size: .8rem; }
.status { font: 600 .8rem ui-monospace, monospace; min-width: 2.2rem; }
.status.good { color: var(--good); }
.status.bad { color: var(--bad); }
@media (prefers-reduced-motion: no-preference) { .new { animation: appear 1.2s ease-out; } }
@keyframes appear { from { background: var(--note); } }
`)
