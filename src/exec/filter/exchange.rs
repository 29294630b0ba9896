//! What a read-only session's filter does with the bytes of one connection:
//! requests that only read go on to the server, to the others the answer is
//! the filter's, each in its place among the server's own. In a cluster, a
//! request is sent again where its node says (`redirect`). Bytes in, bytes
//! out; nothing is sent or received here.

mod cluster;

use std::collections::VecDeque;

use super::redirect::Cluster;
use crate::parse::redis::reads;
use crate::parse::resp::{Malformed, Replies, Reply, Requests};
use crate::text::visible;

/// Answers that a connection may wait for before no more requests are taken.
const MAX_WAITING: usize = 1_024;
/// Bytes that may wait to be sent before no more are taken.
const MAX_BYTES: usize = 1 << 20;
/// What subscribers are told, in front of the channel's name.
const MESSAGES: &[&str] = &["message", "pmessage", "smessage"];
/// Subscribing and its contrary, as requests and as their confirmations.
const SUBSCRIBING: &[&str] =
    &["subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"];

/// What comes next on the way to the client.
#[derive(Debug)]
enum Expected {
    /// A reply of the server's.
    Reply,
    /// The reply after which nothing is subscribed to or monitored.
    Reset,
    /// So many confirmations, or one error.
    Confirmations(usize),
    /// The filter's own answer.
    Own(Vec<u8>),
    /// A reply of the server's, in whose place goes the filter's.
    Instead(Vec<u8>),
    /// The reply to what a new node was told first, which the client never
    /// asked for.
    Told,
}

/// One connection through the filter.
#[derive(Debug, Default)]
pub struct Exchange {
    requests: Requests,
    replies: Replies,
    expected: VecDeque<Expected>,
    /// A reply that the client may not see, as far as it has come.
    held: Vec<u8>,
    /// Whether a transaction is open, and whether something in it was refused.
    transaction: bool,
    refused: bool,
    /// Channels and patterns, and channels of shards, that are subscribed to.
    subscribed: [bool; 2],
    monitoring: bool,
    /// Whether messages come marked as such (RESP3).
    marked: bool,
    /// Whether nothing more is taken from the client.
    over: bool,
    /// What is known of the cluster, where the filter follows its redirects.
    cluster: Option<Cluster>,
    /// Whether the reply that comes may be a redirect.
    may_lead: bool,
    /// What waits to be sent to the server.
    pub to_server: Vec<u8>,
    /// What waits to be sent to the client.
    pub to_client: Vec<u8>,
}

impl Exchange {
    /// One that follows the redirects of a cluster's nodes.
    pub fn in_cluster() -> Exchange {
        Exchange { cluster: Some(Cluster::default()), ..Exchange::default() }
    }

    /// Whether the client may send more now.
    pub fn takes_requests(&self) -> bool {
        !self.over
            && self.expected.len() < MAX_WAITING
            && self.cluster.as_ref().is_none_or(|cluster| cluster.size < MAX_BYTES)
            && self.to_server.len() < MAX_BYTES
            && self.to_client.len() < MAX_BYTES
    }

    /// Whether the server may send more now.
    pub fn takes_replies(&self) -> bool {
        self.to_client.len() < MAX_BYTES
    }

    /// Whether all has been said: the connection ends once it is sent.
    pub fn is_over(&self) -> bool {
        self.over && self.expected.is_empty()
    }

    /// Takes what the client sent.
    pub fn from_client(&mut self, bytes: &[u8]) {
        self.requests.push(bytes);
        while !self.over {
            match self.requests.next_request() {
                Ok(None) => break,
                Ok(Some(words)) => self.request(&words),
                Err(why) => {
                    self.answer(format!("-ERR Protocol error: {why}\r\n"));
                    self.over = true;
                }
            }
        }
    }

    /// Takes what the server sent.
    ///
    /// # Errors
    /// It is not the protocol: where an answer ends is not known any more.
    pub fn from_server(&mut self, mut bytes: &[u8]) -> Result<(), Malformed> {
        while !bytes.is_empty() && !self.is_over() && self.redirect().is_none() {
            if self.replies.is_between() {
                self.may_lead = bytes.first() == Some(&b'-') && self.may_move();
            }
            let (used, reply) = self.replies.read(bytes)?;
            let (part, rest) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
            bytes = rest;
            let hides = self.may_lead
                || matches!(self.expected.front(), Some(Expected::Instead(_) | Expected::Told));
            match hides {
                true if self.held.len() > MAX_BYTES => return Err("a reply that is too long"),
                true => self.held.extend_from_slice(part),
                false => self.to_client.extend_from_slice(part),
            }
            let Some(reply) = reply.filter(|_| !self.is_led()) else { continue };
            if self.replied(&reply)
                && let Some(cluster) = &mut self.cluster
            {
                cluster.answered(&reply);
                self.send_next();
            }
            self.answer_what_is_due();
        }
        Ok(())
    }

    /// Answers whatever waits for the server, which cannot be reached, and
    /// ends the connection.
    pub fn fail(&mut self, why: &str) {
        self.to_server.clear();
        if let Some(cluster) = &mut self.cluster {
            cluster.clear();
        }
        let waiting = std::mem::take(&mut self.expected);
        for expected in waiting {
            match expected {
                Expected::Own(answer) => self.to_client.extend_from_slice(&answer),
                Expected::Told => {}
                _ => self.to_client.extend_from_slice(&error(why)),
            }
        }
        self.over = true;
    }

    fn request(&mut self, words: &[Vec<u8>]) {
        let name = words.first().map(|word| String::from_utf8_lossy(word).to_ascii_lowercase());
        let name = name.unwrap_or_default();
        let stays = self.transaction || self.monitoring;
        if !reads::only(words) {
            self.refused |= self.transaction;
            let name = visible(&name.to_ascii_uppercase(), 40);
            return self.answer(format!(
                "-READONLY holdpoint opened this session read-only: {name} as it stands is not \
                 known to read only, and was not sent. For write access, which a person confirms: \
                 holdpoint exec --write -- redis-cli …\r\n"
            ));
        }
        let expected = match name.as_str() {
            "exec" if self.transaction && self.refused => {
                // As a replica that has refused one of its commands.
                let aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
                self.transaction = false;
                self.refused = false;
                self.expected.push_back(Expected::Instead(aborted.into()));
                return self.send(&[b"DISCARD".to_vec()], stays);
            }
            "multi" => {
                self.transaction = true;
                Expected::Reply
            }
            "exec" | "discard" => {
                self.transaction = false;
                self.refused = false;
                Expected::Reply
            }
            "reset" => {
                self.transaction = false;
                self.refused = false;
                Expected::Reset
            }
            "hello" => {
                self.marked = false;
                Expected::Reply
            }
            "monitor" => {
                self.monitoring = true;
                Expected::Reply
            }
            // In a transaction it is queued as any other.
            name if SUBSCRIBING.contains(&name) && !self.transaction => {
                Expected::Confirmations(words.len().saturating_sub(1).max(1))
            }
            _ => Expected::Reply,
        };
        self.expected.push_back(expected);
        self.send(words, stays);
    }

    fn answer(&mut self, text: String) {
        self.expected.push_back(Expected::Own(text.into_bytes()));
        self.answer_what_is_due();
    }

    /// Gives the filter's own answers whose turn has come.
    fn answer_what_is_due(&mut self) {
        while self.replies.is_between()
            && let Some(Expected::Own(answer)) =
                self.expected.pop_front_if(|next| matches!(next, Expected::Own(_)))
        {
            self.to_client.extend_from_slice(&answer);
        }
    }

    /// A reply has come in full. Says whether it ends what answers a request.
    fn replied(&mut self, reply: &Reply) -> bool {
        let head = String::from_utf8_lossy(&reply.head).into_owned();
        let head = head.as_str();
        if self.is_unasked(reply, head) {
            self.to_client.append(&mut self.held);
            return self.confirmed(reply, head);
        }
        // Confirmations that never came are not what this answers, unless it
        // is the error that came instead.
        while let Some(Expected::Confirmations(_)) = self.expected.front() {
            self.expected.pop_front();
            if reply.kind == b'-' {
                return true;
            }
        }
        match self.expected.pop_front() {
            Some(Expected::Reset) => {
                self.subscribed = [false; 2];
                self.monitoring = false;
            }
            Some(Expected::Instead(answer)) => {
                self.held.clear();
                self.to_client.extend_from_slice(&answer);
            }
            Some(Expected::Told) => {
                let line = std::mem::take(&mut self.held);
                if reply.kind == b'-' {
                    let said = String::from_utf8_lossy(line.get(1..).unwrap_or_default());
                    self.fail(&format!(
                        "the node that has the answer refuses what this session has set \
                         elsewhere: {}",
                        said.trim_end()
                    ));
                }
                return false;
            }
            _ => {}
        }
        true
    }

    /// Takes what answers no request; says whether it is the last of a
    /// subscription's confirmations.
    fn confirmed(&mut self, reply: &Reply, head: &str) -> bool {
        if !SUBSCRIBING.contains(&head) {
            return false;
        }
        let shards = usize::from(head.starts_with('s') && !head.starts_with("sub"));
        if let Some(subscribed) = self.subscribed.get_mut(shards) {
            *subscribed = reply.number.is_none_or(|left| left > 0);
        }
        match self.expected.front_mut() {
            Some(Expected::Confirmations(count)) if *count > 1 => *count -= 1,
            Some(Expected::Confirmations(_)) => {
                self.expected.pop_front();
                return true;
            }
            _ => {}
        }
        false
    }

    /// Whether it answers no request: a message, what a monitor sees, or one
    /// of a subscription's confirmations.
    fn is_unasked(&mut self, reply: &Reply, head: &str) -> bool {
        match reply.kind {
            b'>' => {
                self.marked = true;
                true
            }
            b'+' => self.monitoring && head.starts_with(|first: char| first.is_ascii_digit()),
            b'*' if !self.marked => {
                let subscribing = matches!(self.expected.front(), Some(Expected::Confirmations(_)));
                (subscribing || self.subscribed.contains(&true))
                    && (MESSAGES.contains(&head) || SUBSCRIBING.contains(&head))
            }
            _ => false,
        }
    }
}

/// An error of the filter's own.
fn error(why: &str) -> Vec<u8> {
    format!("-ERR holdpoint: {}\r\n", visible(why, 300)).into_bytes()
}

#[cfg(test)]
mod tests;
