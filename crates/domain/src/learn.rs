//! Detectors and models: how they are described, trained and judged.
