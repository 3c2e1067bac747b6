//! Public demo keys. They are printed in this repository, so they protect nothing: they exist because no
//! simulator may spend time on key generation at start. `keys/README.md` tells how they were made.

/// The private key (RSA 2048, PKCS#1) of the demo app, which a client signs its assertions with.
pub const APP_PRIVATE_KEY: &str = include_str!("../keys/app.key.pem");

/// The public half of [`APP_PRIVATE_KEY`].
pub const APP_PUBLIC_KEY: &str = include_str!("../keys/app.pub.pem");

/// The certificate that clients trust when a simulator serves TLS. Constrained to loopback names.
pub const CA_CERTIFICATE: &str = include_str!("../keys/ca.pem");

/// The server's certificate for `localhost`, `127.0.0.1` and `::1`, until 2075.
pub(crate) const SERVER_CERTIFICATE: &str = include_str!("../keys/server.pem");

/// The key of the server's certificate.
pub(crate) const SERVER_KEY: &str = include_str!("../keys/server.key.pem");
