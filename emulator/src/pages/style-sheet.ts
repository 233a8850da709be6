import { Html } from './html'

export const styleSheet = new Html(`
:root {
  color-scheme: light dark;
  --paper: #f4f5f7; --card: #fff; --ink: #171a21; --soft: #565d6d; --line: #dde0e7;
  --accent: #3f4fd8; --on-accent: #fff; --note: #fff6dc; --note-line: #e8cf86; --bad: #b3261e; --good: #17693c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101218; --card: #1a1d26; --ink: #eceef4; --soft: #a4abbc; --line: #323747;
    --accent: #9aa6ff; --on-accent: #11142a; --note: #2b2616; --note-line: #6b5a22; --bad: #ff9c94; --good: #84d9a6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1.5rem 1rem; min-height: 100dvh; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; overflow-wrap: break-word;
}
body.popup { min-height: 0; padding: 0; }
main { max-width: 60rem; margin: 0 auto; }
main.narrow { max-width: 26rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem; margin: 0 0 1rem; }
body.popup .card { border: 0; border-radius: 0; margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
p { margin: 0 0 1rem; }
p:last-child { margin-bottom: 0; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.eyebrow { color: var(--soft); font-size: .875rem; margin: 0 0 .25rem; }
.note { background: var(--note); border: 1px solid var(--note-line); border-radius: .75rem; padding: .75rem 1rem; font-size: .875rem; }
.card .note { margin-top: 1.25rem; }
.error { color: var(--bad); font-weight: 600; }
dl.facts { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: .4rem 1rem; margin: 0 0 1.25rem;
  padding: .9rem 0; border: solid var(--line); border-width: 1px 0; }
dl.facts dt { color: var(--soft); overflow-wrap: anywhere; }
dl.facts dd { margin: 0; font-weight: 600; text-align: right; overflow-wrap: anywhere; unicode-bidi: isolate; white-space: pre-wrap; }
label { display: block; font-weight: 600; margin: 0 0 .35rem; }
input, select, button { font: inherit; color: inherit; border-radius: .6rem; min-height: 2.75rem; }
input, select { background: var(--paper); border: 1px solid var(--soft); padding: .4rem .75rem; max-width: 100%; }
input.code { width: 100%; font-size: 1.75rem; letter-spacing: .35em; text-align: center; font-variant-numeric: tabular-nums; }
::placeholder { color: var(--soft); opacity: 1; }
input[aria-invalid=true] { border-color: var(--bad); }
button { border: 1px solid var(--line); background: transparent; padding: .4rem 1.1rem; font-weight: 600; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.buttons { display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; margin-top: 1rem; }
.inline { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
.inline label { font-size: .875rem; }
.rows { display: grid; gap: 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; max-width: 60rem; margin: 0 auto 1rem; }
nav strong { margin-right: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border: 0; color: var(--soft); font-size: .875rem; font-weight: 500; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.state { font-weight: 600; white-space: nowrap; }
.state.good { color: var(--good); }
.state.bad { color: var(--bad); }
.big-code { font: 600 2.25rem/1.2 ui-monospace, monospace; letter-spacing: .15em; margin: 0 0 .25rem; }
ol.messages { list-style: none; margin: 0; padding: 0; }
input.wide { width: 100%; }
input.words { font-size: 1.25rem; letter-spacing: .1em; font-family: ui-monospace, monospace; }
a.button { display: flex; align-items: center; justify-content: center; min-height: 2.75rem; border-radius: .6rem;
  border: 1px solid var(--line); color: inherit; font-weight: 600; text-decoration: none; }
a.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
p.buttons { text-align: center; }
button:disabled { opacity: .6; cursor: default; }
button.bad { color: var(--bad); border-color: var(--bad); }
summary { cursor: pointer; padding: .6rem 0; font-weight: 600; color: var(--accent); border-radius: .4rem; }
details.ways { margin-top: .75rem; }
details.ways > summary { text-align: center; list-style: none; }
details.ways > summary::-webkit-details-marker { display: none; }
ul.links, ul.authenticators, ul.codes { list-style: none; margin: 0 0 1rem; padding: 0; }
ul.links a { display: grid; grid-template-columns: minmax(0, 1fr); padding: .65rem 1rem; min-height: 2.75rem; align-content: center; border: 1px solid var(--line);
  border-radius: .6rem; margin: 0 0 .5rem; text-decoration: none; font-weight: 600; color: inherit; }
ul.links a:hover, button:hover, a.button:hover { border-color: var(--accent); }
ul.links a .soft { font-weight: 400; font-size: .875rem; }
ul.authenticators { border-bottom: 1px solid var(--line); }
ul.authenticators li { border-top: 1px solid var(--line); padding: .75rem 0; display: grid;
  grid-template-columns: minmax(0, 1fr) auto; gap: .25rem 1rem; align-items: start; overflow-wrap: anywhere; }
ul.authenticators .soft { font-size: .875rem; }
ul.authenticators time { white-space: nowrap; }
details.remove[open] { grid-column: 1 / -1; text-align: right; }
details.remove > summary { list-style: none; text-align: right; font-size: .875rem; padding: .2rem 0; }
details.remove > summary::-webkit-details-marker { display: none; }
.tag { font-size: .75rem; border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .5rem; color: var(--soft); }
ul.codes { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .4rem; }
ul.codes li { background: var(--paper); border-radius: .4rem; padding: .35rem; text-align: center; }
.qr { display: block; margin: 0 auto; border-radius: .75rem; background: #fff; }
.key { font-weight: 600; }
`)
