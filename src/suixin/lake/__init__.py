"""The big-data platform: one data standard, checked ingest, quarantine, atomic snapshots."""
