//! The approval page beside `serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use ::call::{CancellationToken, Clock};
use identity::Authenticator;

use super::Failure;
use crate::approvals::Desk;
use crate::approvals::page::{self, Guests, Room};
use crate::config::Place;
use crate::hall::Hall;
use crate::http::Peers;
use crate::start::{Built, Start};
use crate::tls::Tls;

/// The page's socket, bound.
pub(super) struct Page {
    place: Place,
    hall: Hall,
}

/// The page, ready to be served.
pub(super) struct Furnished {
    hall: Hall,
    room: Room,
}

impl Page {
    /// Binds the page's socket, if there is a page.
    pub(super) async fn bind(place: Option<Place>) -> error::Result<Option<Self>> {
        match place {
            Some(place) => {
                Ok(Some(Self { hall: Hall::bind("approvals.listen", place.listen).await?, place }))
            }
            None => Ok(None),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.hall.address()
    }

    /// The page over what the process has opened.
    pub(super) fn furnish(
        self,
        start: &Start,
        built: &Built,
        authenticator: Option<Arc<Authenticator>>,
    ) -> Result<Furnished, Failure> {
        let (seal, signer) = start.seal_and_signer()?;
        let store = Arc::new(built.store.store.clone());
        let desk =
            Desk { approvals: store.clone(), signer, log: built.recorder.clone(), clock: Clock::system() };
        let Place { host, origin, secure, .. } = self.place;
        let tenants = built.tenants.clone();
        let guests = Guests { seal, authenticator, tenants, secure, host, origin };
        let room = Room::new(&start.front.catalogue, desk, store, guests);
        Ok(Furnished { hall: self.hall, room })
    }
}

impl Furnished {
    /// Serves the page to the peers that the MCP listener serves, and as often.
    pub(super) async fn serve(self, peers: Arc<Peers>, tls: Option<Tls>, stop: CancellationToken) {
        page::serve(self.room.guarded(peers), self.hall, tls, stop).await;
    }
}
