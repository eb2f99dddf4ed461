-- The queue with the least certain verdicts first, in any state.
CREATE INDEX checked_least_certain ON checked (state, (abs(score - 0.5)), id);
