//! An exchange with the nodes of a cluster: one request is on its way at a
//! time, and is sent again where its node says that the answer is to be had.
//! Nothing connects here: whoever holds the connections asks where to.

use super::{Exchange, Expected, error};
use crate::exec::filter::redirect::{MAX_FOLLOWED, Redirect, Request};
use crate::parse::resp::{self, Replies};

impl Exchange {
    /// Where the node says that the answer is to be had: nothing more is taken
    /// from it until `follow` or `stay` is called.
    pub fn redirect(&self) -> Option<&Redirect> {
        self.cluster.as_ref()?.redirect.as_ref()
    }

    /// Sends the request again, over a new connection to where its node said.
    pub fn follow(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some((redirect, asked)) = cluster.redirect.take().zip(cluster.asked.as_ref()) else {
            return;
        };
        let mut told = cluster.settings.requests();
        if redirect.asks {
            told.push(vec![b"ASKING".to_vec()]);
        }
        self.to_server.clear();
        for request in &told {
            resp::write_request(request, &mut self.to_server);
            self.expected.push_front(Expected::Told);
        }
        resp::write_request(&asked.words, &mut self.to_server);
        self.replies = Replies::default();
        self.marked = false;
    }

    /// Gives up on a redirect: the request is answered with the reason, and
    /// the session stays where it is.
    pub fn stay(&mut self, why: &str) {
        let Some(cluster) = &mut self.cluster else { return };
        if cluster.redirect.take().is_none() {
            return;
        }
        cluster.asked = None;
        self.expected.pop_front();
        self.to_client.extend_from_slice(&error(why));
        self.answer_what_is_due();
        self.send_next();
    }

    /// Sends a request on, or leaves it for later where another is on its way.
    pub(super) fn send(&mut self, words: &[Vec<u8>], stays: bool) {
        match &mut self.cluster {
            None => resp::write_request(words, &mut self.to_server),
            Some(cluster) => {
                cluster.push(Request { words: words.to_vec(), stays });
                self.send_next();
            }
        }
    }

    /// Sends the next request that waits, if none is on its way.
    pub(super) fn send_next(&mut self) {
        if let Some(cluster) = &mut self.cluster
            && let Some(request) = cluster.next_request()
        {
            resp::write_request(&request.words, &mut self.to_server);
        }
    }

    /// Whether the request that is on its way may be sent to another node:
    /// nothing is lost with this connection.
    pub(super) fn may_move(&self) -> bool {
        let asked = self.cluster.as_ref().and_then(|cluster| cluster.asked.as_ref());
        let told = matches!(self.expected.front(), Some(Expected::Told));
        asked.is_some_and(|asked| !asked.stays) && !told && !self.subscribed.contains(&true)
    }

    /// Whether a reply that has come leads elsewhere. What was kept of another
    /// error goes to the client.
    pub(super) fn is_led(&mut self) -> bool {
        if !std::mem::take(&mut self.may_lead) {
            return false;
        }
        let line = std::mem::take(&mut self.held);
        let Some(cluster) = &mut self.cluster else { return false };
        match Redirect::read(&line) {
            None => self.to_client.extend_from_slice(&line),
            Some(_) if cluster.followed >= MAX_FOLLOWED => {
                let why = format!("{MAX_FOLLOWED} nodes in turn said that another has the answer");
                self.to_client.extend_from_slice(&error(&why));
            }
            Some(redirect) => {
                cluster.followed += 1;
                cluster.redirect = Some(redirect);
                return true;
            }
        }
        false
    }
}
