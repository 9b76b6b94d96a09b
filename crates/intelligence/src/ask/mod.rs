//! Questions in words become questions.
