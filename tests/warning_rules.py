"""Rules of two signals of early warning, written by hand."""

TEXT = """
schema_version: 1
name: test
version: "1"
levels:
  - {severity: watch, from_points: 10}
  - {severity: act, from_points: 20}
  - {severity: urgent, from_points: 30}
levels_source: test
since: 2026-01-01
close_after_weeks: 2
evidence_rows: 3
loans_an_officer: 200
scale: {intercept: -3, weight: 0.1, days: 182, source: test, since: 2026-01-01}
signals:
  - code: repayment_late
    worse: higher
    bands: [{beyond: 30, points: 10}, {beyond: 60, points: 30}]
    actions: {watch: promise, act: visit, urgent: collect}
    source: test
    since: 2026-01-01
  - code: cash_low
    worse: lower
    bands: [{beyond: 2, points: 5}, {beyond: 1, points: 10}]
    actions: {watch: call, act: reschedule, urgent: visit}
    source: test
    since: 2026-01-01
"""
