//! What an operator shuts out before it ends.

use error::Code;
use serde_json::json;

use super::*;
use crate::Flaw;

#[tokio::test(start_paused = true)]
async fn a_token_or_a_caller_is_shut_out_for_as_long_as_the_file_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("revoked");
    let key = SigningKey::ec("ec");
    let issuer = Issuer::publishing(&[&key]);
    let identity = json!({ "resource": RESOURCE, "revoked_file": file });
    let open = || configured(&issuer, identity.clone(), &[("corp", json!({}))]);
    assert_eq!(open().err().unwrap().code(), Code::InvalidArgument, "there is no such file");

    std::fs::write(&file, "\u{feff}# stolen on Tuesday\n\nt-2\n").unwrap();
    let authenticator = open().unwrap();
    let present = async |id: &str, sub: &str| {
        authenticator.look_for_revocations().await;
        present(&authenticator, &key.sign(&claims(&json!({ "jti": id, "sub": sub })))).await.map(drop)
    };
    let shut_out = Err(Refusal::Invalid(Flaw::Revoked));
    assert_eq!(present("t-1", "alice").await, Ok(()));
    assert_eq!(present("t-2", "alice").await, shut_out);
    std::fs::write(&file, " alice \n").unwrap();
    assert_eq!(present("t-1", "alice").await, shut_out, "though it was verified before");
    assert_eq!(present("t-2", "bob").await, Ok(()), "the second look at a file without it");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(present("t-3", "alice").await, shut_out, "a file that is missing lets nobody in");
    std::fs::write(&file, "").unwrap();
    assert_eq!(present("t-3", "alice").await, shut_out, "perhaps it is being written");
    assert_eq!(present("t-1", "alice").await, Ok(()));
}
