"""From a score to a decision: limit, price, schedule and reasons, by one versioned policy."""
