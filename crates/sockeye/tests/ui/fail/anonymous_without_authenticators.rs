//! Clients allowed to be nobody where nobody asks who they are.

use sockeye::{DefaultHandler, Router, endpoint};

fn main() {
    let endpoint = endpoint(|| DefaultHandler).allow_anonymous();
    let _: Router = Router::new().route("/", endpoint);
}
