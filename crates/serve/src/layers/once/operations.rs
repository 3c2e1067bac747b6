//! What is known of writes: the seam behind which memory gives way to a durable store.

use call::BoxFuture;
use error::Result;
use tool::Answer;

/// Ends when the operation that it was given for does.
pub(crate) type Ended = BoxFuture<'static, ()>;

/// The state of operations, claimed by one call at a time.
pub(crate) trait Operations: Send + Sync {
    /// Claims an operation, or says why it is not to be run. After [`Claim::Fresh`] and [`Claim::Unknown`] the
    /// claimer must call [`Operations::finish`] or [`Operations::abandon`]. `digest` is of the arguments.
    fn begin<'a>(&'a self, id: &'a str, digest: &'a str) -> BoxFuture<'a, Result<Claim>>;

    /// Says how a claimed operation ended.
    fn finish<'a>(&'a self, id: &'a str, end: End) -> BoxFuture<'a, Result<()>>;

    /// The claimer is gone without a word: the fate of the operation is unknown.
    fn abandon(&self, id: &str);
}

/// How an operation stands when a call asks for it.
pub(crate) enum Claim {
    /// Nobody did it: the caller does it now.
    Fresh,
    /// A former attempt may have done it: the caller finds out now.
    Unknown,
    /// It is done.
    Done(Box<Answer>),
    /// It was asked for with other arguments.
    OtherArguments,
    /// Another call is at it.
    Running(Ended),
}

/// How an attempt ended.
pub(crate) enum End {
    /// With this answer.
    Done(Box<Answer>),
    /// It was sent, and whether it was done is unknown.
    Unknown,
    /// Nothing happened: the operation may be asked for again, with other arguments too.
    Nothing,
}
