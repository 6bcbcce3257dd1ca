//! The worker: sends the messages of the outbox by e-mail, deletes what has expired, and makes signing keys. `usersctl work` runs it.
//!
//! Components only record that somebody must hear of something (`record_event()` in migration 0021). The worker claims the recorded
//! messages ([`store`]), finds the recipient and makes the token of the link at the moment of sending, renders the message
//! ([`Composer`]) and delivers it ([`Delivery`]). Any number of workers run side by side.

mod backoff;
mod database;
mod delivery;
mod housekeeping;
pub mod keys;
mod limits;
mod log;
mod message;
mod probes;
mod run;
mod stop;
mod store;
mod wake;

pub use delivery::{Delivery, Directory, Smtp, SmtpUrl};
pub use limits::Limits;
pub use message::{Composer, Links, Templates, sender_domain};
pub use run::{Config, work};
pub use store::{CLAIM, Entry, drop_message, list, retry, retry_all};
