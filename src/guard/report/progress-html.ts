/**
 * Progress as one page that needs nothing else: no script, no font, no picture from elsewhere. It follows the reader's
 * light or dark, and under each chart stands the table that it was drawn from.
 */
import type { CodeBaseProgress, ConceptCount, ConceptProgress, ProgressPoint } from '../progress.ts';
import { dayOf, nameOf } from './progress-text.ts';

/** The page. `title`: of what. */
export function progressHtml(progress: CodeBaseProgress, title: string): string {
  const { points, declared } = progress;
  const [first, last] = [points[0], points.at(-1)];
  const span =
    first === undefined || last === undefined ? '' : `${dayOf(first)} to ${dayOf(last)}, ${points.length} points`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}: one implementation of each concept</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escape(title)}</h1>
<p>One implementation of each concept: how far it has come. ${span}. Every point is under the rules of today.</p>
</header>
${declared.map((one) => section(one, points)).join('\n')}
${foundSection(points)}
</main>
</body>
</html>
`;
}

function section({ concept, before, after, gone, came }: ConceptProgress, points: readonly ProgressPoint[]): string {
  const id = escape(concept);
  const counts = points.map((point) => point.concepts[concept]);
  const isDone = after?.rivals.length === 0;
  return `<section aria-labelledby="h-${id}">
<h2 id="h-${id}">${id}${isDone ? ' <span class="done">one implementation</span>' : ''}</h2>
<dl>
${figure('others left', before?.rivals.length, after?.rivals.length)}
${figure('files that use them', users(before), users(after))}
<div><dt>gone</dt><dd>${gone.length}</dd></div>
<div><dt>new</dt><dd class="${came.length > 0 ? 'bad' : ''}">${came.length}</dd></div>
</dl>
${chart(concept, points, [
  { name: 'others', style: 'rivals', values: counts.map((count) => count?.rivals.length) },
  { name: 'files that use them', style: 'users', values: counts.map(users) },
])}
${table(points, counts)}
${came.length === 0 ? '' : `<p>New since then:</p><ul>${came.map((one) => `<li><code>${escape(one)}</code></li>`).join('')}</ul>`}
</section>`;
}

/** What one concept gains may go on elsewhere: all that is found, declared or not. */
function foundSection(points: readonly ProgressPoint[]): string {
  const values = points.map(({ found }) => found);
  const rows = points.map((point) => rowOf(point, `<td>${point.found}</td>`));
  return `<section aria-labelledby="h-found">
<h2 id="h-found">All concepts with rivals, declared or not</h2>
<dl>
${figure('found', values[0], values.at(-1))}
</dl>
${chart('All concepts with rivals', points, [{ name: 'concepts', style: 'rivals', values }])}
${tableOf(['found'], rows)}
</section>`;
}

function figure(name: string, before: number | undefined, after: number | undefined): string {
  const [was, is] = [before, after].map((value) => (value === undefined ? 'not there' : String(value)));
  return `<div><dt>${name}</dt><dd>${was === is ? is : `${was} → <strong>${is}</strong>`}</dd></div>`;
}

function users(count: ConceptCount | undefined): number | undefined {
  return count === undefined ? undefined : count.consumers + count.testConsumers;
}

// --- the chart ---

const width = 720;
const panelHeight = 120;
const left = 48;
const right = 16;
const panelGap = 44;
const top = 34;

type Series = { readonly name: string; readonly style: string; readonly values: readonly (number | undefined)[] };

/** Panels over one time, each with a scale of its own. */
function chart(title: string, points: readonly ProgressPoint[], panels: readonly Series[]): string {
  const xs = placesOf(points);
  const height = top + panels.length * panelHeight + (panels.length - 1) * panelGap + 38;
  const drawn = panels.map((series, index) => panel(series, points, xs, top + index * (panelHeight + panelGap)));
  const text = panels.map(
    ({ name, values }) => `${name} ${values[0] ?? 'not there'} to ${values.at(-1) ?? 'not there'}`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}: ${text.join(', ')}. The figures are in the table below.">
${drawn.join('\n')}
${dates(points, xs, height - 8)}
</svg>`;
}

/** By time; where all are of one moment, evenly. */
function placesOf(points: readonly ProgressPoint[]): readonly number[] {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const inner = width - left - right;
  return points.map(({ at }, index) => {
    const share = last > first ? (at - first) / (last - first) : points.length < 2 ? 0.5 : index / (points.length - 1);
    return round(left + Math.min(1, Math.max(0, share)) * inner);
  });
}

function panel(
  { name, style: kind, values }: Series,
  points: readonly ProgressPoint[],
  xs: readonly number[],
  y: number,
): string {
  const known = values.filter((value) => value !== undefined);
  const most = niceMax(Math.max(1, ...known));
  const bottom = y + panelHeight;
  const place = (value: number): number => round(bottom - (value / most) * panelHeight);
  const grid = [0, most / 2, most].filter(Number.isInteger).map((value) => {
    const at = place(value);
    return `<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/><text class="axis" x="${left - 8}" y="${at + 4}" text-anchor="end">${value}</text>`;
  });
  const runs = runsOf(
    values.map((value, index) => (value === undefined ? undefined : ([xs[index] ?? 0, place(value)] as const))),
  );
  const lines = runs.map((run) => `<polyline points="${run.map((pair) => pair.join(',')).join(' ')}"/>`);
  const areas = runs.map(
    (run) =>
      `<polygon points="${[[run[0]?.[0] ?? 0, bottom], ...run, [run.at(-1)?.[0] ?? 0, bottom]].map((pair) => pair.join(',')).join(' ')}"/>`,
  );
  const dots = values.flatMap((value, index) => {
    const point = points[index];
    if (value === undefined || point === undefined) return [];
    return [
      `<circle cx="${xs[index]}" cy="${place(value)}" r="3.5"><title>${dayOf(point)} ${nameOf(point)}: ${value} ${name}</title></circle>`,
    ];
  });
  return `<g class="${kind}"><text class="name" x="${left}" y="${y - 10}">${name}</text>${[...grid, ...areas, ...lines, ...dots].join('')}</g>`;
}

/** Stretches without a gap. */
function runsOf(
  places: readonly (readonly [number, number] | undefined)[],
): readonly (readonly (readonly [number, number])[])[] {
  const runs: (readonly [number, number])[][] = [[]];
  for (const place of places) {
    if (place === undefined) runs.push([]);
    else runs.at(-1)?.push(place);
  }
  return runs.filter((run) => run.length > 0);
}

/** The first, the last, and those between that have room. */
function dates(points: readonly ProgressPoint[], xs: readonly number[], y: number): string {
  const room = 110;
  const end = xs.at(-1) ?? 0;
  let taken = -room;
  return points
    .map((point, index) => {
      const [x, isLast] = [xs[index] ?? 0, index === points.length - 1];
      if (!isLast && (x - taken < room || (index > 0 && end - x < room))) return '';
      if (isLast && index > 0 && x - taken < room / 2) return '';
      taken = x;
      const anchor = index === 0 ? 'start' : isLast ? 'end' : 'middle';
      return `<text class="axis" x="${x}" y="${y}" text-anchor="${anchor}">${dayOf(point)}</text>`;
    })
    .join('');
}

/** A round number from which the scale goes down to nought: even, so that its half is whole. */
function niceMax(value: number): number {
  if (value <= 2) return 2;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].map((one) => one * size).find((one) => one >= value && one % 2 === 0);
  return step ?? value;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

// --- the table ---

function table(points: readonly ProgressPoint[], counts: readonly (ConceptCount | undefined)[]): string {
  const rows = points.map((point, index) => {
    const count = counts[index];
    const cells =
      count === undefined
        ? '<td colspan="3" class="none">the canonical one is not there yet</td>'
        : [count.rivals.length, count.consumers, count.testConsumers].map((value) => `<td>${value}</td>`).join('');
    return rowOf(point, cells);
  });
  return tableOf(['others', 'files that use them', 'in tests'], rows);
}

function rowOf(point: ProgressPoint, cells: string): string {
  return `<tr><th scope="row">${dayOf(point)}</th><td class="commit"><code>${nameOf(point)}</code></td>${cells}</tr>`;
}

function tableOf(columns: readonly string[], rows: readonly string[]): string {
  const heads = columns.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="table"><table>
<thead><tr><th scope="col">when</th><th scope="col" class="commit">commit</th>${heads}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #1d2127; --soft: #5d6673; --line: #e1e0da; --rivals: #b3372b; --users: #1f5fa8; --done: #1d7a45; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --card: #1c2026; --ink: #e8eaed; --soft: #9ca6b3; --line: #2f353d; --rivals: #f0867a; --users: #7fb2ee; --done: #6fcf97; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 800px; margin: 0 auto; padding: 32px 16px 48px; }
h1 { font-size: 1.6rem; margin: 0 0 4px; }
h2 { font-size: 1.15rem; margin: 0 0 12px; display: flex; flex-wrap: wrap; align-items: center; gap: 10px; }
header p, dt { color: var(--soft); }
header p { margin: 0 0 24px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin: 0 0 24px; }
.done { font-size: .8rem; font-weight: 600; color: var(--done); border: 1px solid currentColor; border-radius: 99px; padding: 1px 10px; }
dl { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 0 0 16px; }
dt { font-size: .8rem; }
dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
.bad { color: var(--rivals); }
.none { color: var(--soft); white-space: normal; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
svg .name { fill: var(--ink); font-weight: 600; }
.grid { stroke: var(--line); }
.rivals { --own: var(--rivals); } .users { --own: var(--users); }
polyline { fill: none; stroke: var(--own); stroke-width: 2; stroke-linejoin: round; }
polygon { fill: var(--own); opacity: .1; }
circle { fill: var(--own); }
.table { overflow-x: auto; margin-top: 16px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 8px; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; white-space: normal; vertical-align: bottom; }
th:first-child, .commit { text-align: left; }
tbody th { font-weight: 400; }
code { font: .85em ui-monospace, monospace; }
@media (max-width: 520px) {
  section { padding: 16px 12px; }
  dl { gap: 8px 20px; }
  th, td { padding: 4px; }
  table { font-size: .8rem; }
  svg text { font-size: 24px; }
  polyline, circle { stroke-width: 4; stroke: var(--own); }
}
`;
