//! The life of a call, phase by phase:
//!
//! identify → attribute → resolve → quote → admit → intend → forward → meter (while the answer passes) → rate →
//! settle → observe.
//!
//! Every path ends in the same last phase: the duty to settle a call goes with its answer's body, so
//! that its end, its breaking off and its being dropped all settle it. Nothing here listens; the
//! gateway and the library's client both call [`Worker::call`].
//!
//! **Invariant:** once an intent is kept, exactly one of *settled* and *released* follows, unless
//! the process dies. **Invariant:** where a call goes is the configuration's alone to say.

mod refusal;

mod house;
mod provider;
mod record;
mod setup;

mod attribute;
pub mod headers;
mod identify;
mod identity;
mod keyring;
mod resolve;
mod window;

mod admit;
mod auto;
mod worst;

mod exchange;
mod respond;

mod encoded;
mod estimate;
mod reply;
mod settle;

pub use house::{Books, House, Limits, Observer, Worker};
pub use keyring::{Holder, Keyring};
pub use provider::{Alias, Directory, Provider};
pub use record::{Kept, RecordError, Recorder};
pub use refusal::Refusal;
pub use reply::{Passing, Reply};
pub use setup::SetupError;
