/** How charts look on light and on dark paper: Vega's configuration and the values of the specifications' parameters. */
export interface ChartTheme {
  /** Whether rows stand close, as paper allows. */
  readonly dense?: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly config: object;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

function themeOf(params: ChartTheme['params'], grid: string): ChartTheme {
  const { ink, muted } = params;
  const labels = {
    labelColor: muted,
    labelFont: FONT,
    labelFontSize: 11,
    titleColor: muted,
    titleFont: FONT,
    titleFontSize: 11,
    titleFontWeight: 'normal',
  };
  return {
    params,
    config: {
      background: null,
      font: FONT,
      axis: { ...labels, gridColor: grid, domainColor: grid, tickColor: grid, labelPadding: 6 },
      legend: { ...labels, labelColor: ink, labelLimit: 220, symbolStrokeWidth: 2 },
      title: { color: ink, font: FONT, subtitleFont: FONT },
      header: { ...labels, labelColor: ink },
      style: {
        cell: { stroke: 'transparent' },
        'guide-label': { fill: muted, font: FONT },
        'guide-title': { fill: muted, font: FONT },
      },
      text: { font: FONT, fontSize: 11 },
    },
  };
}

export const LIGHT: ChartTheme = themeOf(
  { ink: '#1c2733', muted: '#5a6675', surface: '#ffffff', shade: '#8b97a6', calm: '#d9dfe6', broken: '#c2410c' },
  '#e2e7ed',
);

export const PAPER: ChartTheme = { ...LIGHT, dense: true };

export const DARK: ChartTheme = themeOf(
  { ink: '#e6ebf1', muted: '#a3afbd', surface: '#1a212a', shade: '#7d8998', calm: '#3d4854', broken: '#ff8f5a' },
  '#313b47',
);
