/** A small chart, drawn by hand; the same numbers are in a table for who can't see it or wants to read them. */
import type { AnswerBlock } from '../agents/answer.ts';
import { placeOf, scaleOf, tellMark, type Scale } from './chart-scale.ts';

type Chart = Extract<AnswerBlock, { readonly kind: 'chart' }>;
type Point = Chart['points'][number];

export function AnswerChart({ chart }: { readonly chart: Chart }) {
  return (
    <>
      {chart.form === 'bars' ? <Bars points={chart.points} /> : <Line chart={chart} />}
      <details className="chart-data">
        <summary>Numbers of this chart</summary>
        <div className="scroll" tabIndex={0} role="region" aria-label={`Numbers: ${chart.caption}`}>
          <table>
            <tbody>
              {chart.points.map(({ label, shown }, index) => (
                <tr key={`${label}-${index}`}>
                  <th scope="row">{label}</th>
                  <td className="end">{shown}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function Bars({ points }: { readonly points: readonly Point[] }) {
  const scale = scaleOf(
    points.map(({ value }) => value),
    'bars',
  );
  const zero = placeOf(0, scale) * 100;
  return (
    <div className="bars" aria-hidden="true">
      {points.map(({ label, value, shown }, index) => {
        const end = placeOf(value, scale) * 100;
        return (
          <div className="bar-row" key={`${label}-${index}`}>
            <span className="bar-label" title={label}>
              {label}
            </span>
            <span className="bar-lane">
              <span className="bar" style={{ left: `${Math.min(zero, end)}%`, width: `${Math.abs(end - zero)}%` }} />
            </span>
            <span className="bar-shown">{shown}</span>
          </div>
        );
      })}
    </div>
  );
}

const width = 640;
const height = 200;
const edge = { left: 44, right: 8, top: 10, bottom: 24 };

function Line({ chart }: { readonly chart: Chart }) {
  const { points } = chart;
  const scale = scaleOf(
    points.map(({ value }) => value),
    'line',
  );
  const x = (index: number): number => {
    const room = width - edge.left - edge.right;
    return edge.left + (points.length < 2 ? room / 2 : (index / (points.length - 1)) * room);
  };
  const y = (value: number): number => edge.top + (1 - placeOf(value, scale)) * (height - edge.top - edge.bottom);
  const way = points
    .map(({ value }, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
    .join(' ');
  const base = y(scale.min);
  return (
    <svg className="line-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={lineWords(chart)}>
      <Grid scale={scale} y={y} />
      {points.length > 1 && <path className="area" d={`${way} L${x(points.length - 1)} ${base} L${x(0)} ${base} Z`} />}
      <path className="way" d={way} />
      {points.map(({ label, value, shown }, index) => (
        <circle key={`${label}-${index}`} cx={x(index)} cy={y(value)} r={points.length > 40 ? 1.5 : 3}>
          <title>{`${label}: ${shown}`}</title>
        </circle>
      ))}
      {labelled(points).map((index) => (
        <text key={index} x={x(index)} y={height - 6} textAnchor={anchorOf(index, points.length)}>
          {points[index]?.label}
        </text>
      ))}
    </svg>
  );
}

function Grid({ scale, y }: { readonly scale: Scale; readonly y: (value: number) => number }) {
  return (
    <>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={edge.left} x2={width - edge.right} y1={y(tick)} y2={y(tick)} />
          <text x={edge.left - 6} y={y(tick) + 4} textAnchor="end">
            {tellMark(tick)}
          </text>
        </g>
      ))}
    </>
  );
}

/** The points whose names are written below: a few, spread out, with the first and the last. */
function labelled(points: readonly Point[]): readonly number[] {
  const last = points.length - 1;
  if (last < 1) return points.length === 1 ? [0] : [];
  const count = Math.min(5, points.length);
  return [...new Set(Array.from({ length: count }, (_, index) => Math.round((index / (count - 1)) * last)))];
}

function anchorOf(index: number, count: number): 'start' | 'middle' | 'end' {
  if (index === 0 && count > 1) return 'start';
  return index === count - 1 && count > 1 ? 'end' : 'middle';
}

function lineWords({ caption, points }: Chart): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return `${caption}: no values`;
  return `${caption}: from ${first.shown} (${first.label}) to ${last.shown} (${last.label}), ${points.length} points`;
}
