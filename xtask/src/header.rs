//! The C header, from the comments and types of src/ffi.

use crate::{Fallible, place};

const FILE: &str = "include/azs_registration.h";

/// Writes the header.
pub(crate) fn write() -> Fallible {
    std::fs::write(place::root().join(FILE), generate()?)?;
    Ok(())
}

/// Fails where the committed header is not what the sources give.
pub(crate) fn check() -> Fallible {
    let committed = std::fs::read(place::root().join(FILE))?;
    if committed == generate()? {
        return Ok(());
    }
    Err(format!("{FILE} is not what src/ffi gives; run: cargo xtask header").into())
}

fn generate() -> Fallible<Vec<u8>> {
    let root = place::root();
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let bindings = cbindgen::Builder::new().with_crate(root).with_config(config).generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    Ok(header)
}
