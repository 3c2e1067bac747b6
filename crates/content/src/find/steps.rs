//! How far detectors look, counted for the tests: a text of an outsider must not make them look at the same bytes
//! again and again, and a count says that on every machine alike.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Notes that so many bytes were looked at.
#[cfg(test)]
pub(super) fn note(bytes: usize) {
    STEPS.set(STEPS.get() + bytes);
}

/// Notes nothing.
#[cfg(not(test))]
pub(super) fn note(_bytes: usize) {}

/// How many bytes `look` looked at, each as often as it did.
#[cfg(test)]
pub(super) fn of<T>(look: impl FnOnce() -> T) -> usize {
    STEPS.set(0);
    look();
    STEPS.get()
}
