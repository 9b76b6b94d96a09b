//! Forecasts: how they are asked for and what they say.
