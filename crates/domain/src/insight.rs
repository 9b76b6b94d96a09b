//! Insights: findings, what they stand on, and what they suggest.
