//! Due work, derived from state: what a job must do next (design: no second queue that could fall out of step).
