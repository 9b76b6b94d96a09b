//! Alerts without I/O: what a value means for a condition, the state machine, when to look, and what a
//! rule would have done in the past. Time comes in as an argument, in milliseconds.

mod backtest;
mod band;
mod judge;
mod schedule;
mod state;

pub use backtest::{Course, backtest};
pub use band::Usual;
pub use judge::{Sample, judge};
pub use schedule::{check_rule, is_quiet, next_check};
pub use state::{Blind, Event, Level, Observation, Outcome, Rule, State, step};
