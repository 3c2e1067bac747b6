//! How many bytes a value has as JSON, without writing it anywhere.

use std::io;

use serde::Serialize;

/// Bytes of `value` as compact JSON.
#[must_use]
pub fn weigh(value: &impl Serialize) -> usize {
    let mut scale = Scale(0);
    match serde_json::to_writer(&mut scale, value) {
        Ok(()) => scale.0,
        // What cannot be written is too heavy for every bound.
        Err(_) => usize::MAX,
    }
}

struct Scale(usize);

impl io::Write for Scale {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_weighs_what_would_be_written() {
        let value = serde_json::json!({"a": ["x\n", 1.5, null], "ü": true});
        assert_eq!(weigh(&value), value.to_string().len());
    }
}
