//! websockets-routes: handlers by path, what becomes of strangers, and hooks before the upgrade.

mod hooks;
mod mounted;
mod paths;
