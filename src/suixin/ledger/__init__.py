"""Double-entry books as data: the chart, balanced transactions, the hash chain, and what an auditor is given."""
