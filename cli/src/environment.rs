//! The environment.

use std::env;

use crate::failure::{Failure, Result};

/// A variable of the environment; one that is blank is not given.
pub(crate) fn variable(name: &str) -> Result<Option<String>> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!("{name} is not Unicode."))),
    }
}
