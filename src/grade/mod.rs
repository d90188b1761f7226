//! What does each of many submissions earn, and why?
//!
//! `intake` brings what students handed in into memory, `project` finds the project inside, the engine audits it, and
//! `criteria` turns what was found into marks by a `Rubric`. `output` tells staff and students.

mod adjust;
mod anonymous;
mod base;
mod batch;
mod criteria;
mod csv;
mod deployment;
mod evidence;
mod intake;
mod marks;
mod output;
mod project;
mod regrade;
mod rubric;
mod single;

pub use adjust::Adjustments;
pub use base::Base;
pub use batch::{Batch, Progress, Request, grade};
pub use marks::{Adjustment, Change, Code, Copy, Graded, Mark, Outcome, Place, Problem, Reason, Student};
pub use output::{File, Format, files, render};
pub use regrade::{Changed, Earlier};
pub use rubric::{Rubric, SCHEMA};
