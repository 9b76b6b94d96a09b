//! Forecasts: models, how good they were, and what they say comes next.
