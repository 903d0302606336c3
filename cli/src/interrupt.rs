//! Ctrl+C: the first one asks the work to end, the second one ends the program.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit_code::ExitCode;
use crate::messages;

/// Whether Ctrl+C was pressed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to watch for Ctrl+C; before, it ends the program as it ends any other.
    pub(crate) fn watch() -> Interrupt {
        let interrupt = Interrupt::default();
        let pressed = interrupt.pressed.clone();
        let watching = ctrlc::set_handler(move || {
            if pressed.swap(true, Ordering::SeqCst) {
                process::exit(ExitCode::Interrupted as i32);
            }
        });
        if let Err(why) = watching {
            messages::warning(format_args!("Ctrl+C will end the program without a report ({why})."));
        }
        interrupt
    }

    /// Whether it was pressed.
    pub(crate) fn pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }
}
