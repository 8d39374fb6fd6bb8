"""Figures by township that a bank publishes to government and fund: computed, suppressed, kept as they were published."""
