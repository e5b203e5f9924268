/** Every bound and threshold of the optimizer, in one place, each with its unit and its reason. */
export const bounds = Object.freeze({
  /** Bytes of one file of calls: it is read in one go. */
  fileBytesMax: 33_554_432,
  /** Calls in one file. 100,000 take about 1.5 s to read and less than that for any analysis (measured). */
  rowsMax: 100_000,
  /** Bytes and rows from which a thread of its own reads and computes: less holds nobody up for longer than 100 ms. */
  apartFromBytes: 524_288,
  apartFromRows: 10_000,
  /** Columns of one file: more is not a table of calls. */
  columnsMax: 200,
  /** Bytes of one CSV record or JSON line. A quote that is never closed ends here and not at the end of the file. */
  recordBytesMax: 1_048_576,
  /** Levels of nesting that a JSON line is flattened through: `response.usage.input_tokens` has three. */
  nestingMax: 4,
  /** Seconds that a question may have waited for before each step: longer is no pace, and a slip for something else. */
  paceSecondsMax: 30,
  /** Share of rows that may be left out when the user allows it; more is a wrong mapping, not a few bad rows. */
  badRowShareMax: 0.01,
  /** Faults that an error names; the rest are counted. */
  faultsNamed: 5,
  /** Tokens of one call: a thousand times the largest context window on the market. */
  tokensPerCallMax: 1_000_000_000,
  /** Years that a time of a call may have: outside, the column was read in a wrong unit. */
  yearMin: 2000,
  yearMax: 2100,
  /**
   * Calls kept in memory per process, at about 0.5 KB each, so that the tools of a run parse their file once: eight of
   * the largest files, or the files of many users at once.
   */
  rowsKept: 800_000,
  /** Entries in a list of a result (groups, anomalies, candidates): results are journaled and read by people. */
  listedMax: 10,
  /** Entries in a list by day: a year. */
  daysListedMax: 366,

  /** 99th percentile of latency above which the tail is called high, in ms (from the earlier system). */
  highTailMs: 1_000,
  /** A value is an anomaly by z-score beyond this (from the earlier system). */
  anomalyZ: 3,
  /** An anomaly is severe beyond this: twice the threshold. */
  severeZ: 6,
  /** A value is an anomaly by Tukey's fences beyond this many interquartile ranges (from the earlier system). */
  anomalyIqr: 1.5,
  /** More anomalies than this are of medium severity (from the earlier system). */
  mediumAnomalies: 5,
  /** A larger share of severe anomalies is critical (from the earlier system). */
  criticalSevereShare: 0.5,
  /** Values below which no anomaly is looked for: with 10 values no z-score can pass 3, with 30 the spread is known. */
  anomalyValuesMin: 30,
  /** |r| from which a correlation is significant, and beyond which it is strong (from the earlier system). */
  correlationSignificant: 0.7,
  correlationStrong: 0.9,
  /** Pairs of values below which no correlation is computed. */
  correlationPairsMin: 10,
  /** Values below which no percentile is computed. */
  percentileValuesMin: 5,
  /** Hours of data from which hours of the day can be compared: each hour is then seen twice. */
  hourlySpanHoursMin: 48,
  /** Days of data from which days can be compared, and from which weekdays can. */
  dailySpanDaysMin: 2,
  weekdaySpanDaysMin: 14,
  /** An hour is a peak from this many times the average hour. */
  peakFactor: 1.5,
  /** An hour of the day is slow from this many times the median latency of all hours. */
  slowHourFactor: 1.2,
  /** Whole days below which no trend is computed: a week, so that weekends don't pass for a trend. */
  trendDaysMin: 7,
  /** A trend is clear from this share of explained variance and this relative change over the period. */
  trendR2Min: 0.5,
  trendChangeMin: 0.05,
  /** Days of data from which a cost is projected to 30 days. */
  projectionDaysMin: 7,
  /** Output tokens are capped at this quantile when the user names no cap. */
  outputCapQuantile: 0.95,
  /** Completeness from which data are sufficient, and from which they are partial (from the earlier system). */
  sufficientFrom: 0.8,
  partialFrom: 0.4,
} as const);
