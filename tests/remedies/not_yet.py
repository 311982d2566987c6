"""Scenarios whose plan does not lead on yet, and what is said that does not help. To be empty."""

NOT_YET: dict[str, str] = {
    "a REPLACE is killed with a file half-way, on a tenant that appends": "o.events/jan.csv (answer-lost): nothing is gained: (0, 0, 1, 1) → (1, 0, 0, 0), ['replaced waits']",
    "killed with a rotated file half-way": "o.events/log.csv (answer-lost): nothing is gained: (0, 0, 2, 0) → (0, 0, 2, 0), ['answer-lost decision', 'waits waits']",
}
