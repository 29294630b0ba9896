//! Whether this machine's address is this machine's: who listens there. A
//! program that carries connections elsewhere (ssh, a cloud's proxy, socat)
//! makes the place unknown, or what the names in its command line say it is.
//! Where nobody can say who listens, the place is unknown as well.
//! Looked at only where something destroys, stops or cannot be read; nobody
//! is ever connected to.

mod programs;

use std::cell::RefCell;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::{Class, Evidence, Kind, Target};
use crate::audit::redact;
use crate::parse::url;
use crate::text::visible;
use crate::world::{Endpoint, Listener, Process, World};

/// The most places of one target that are looked at.
const MAX_ENDPOINTS: usize = 8;

/// The most places that are looked at for one judgement.
const MAX_PLACES: usize = 64;

/// The most characters of a command line that are shown.
const SHOWN: usize = 400;

/// The same, in the one clause that says why a place is not known.
const SHOWN_AS_WHY: usize = 90;

/// A tunnel.
#[derive(Clone, Debug, PartialEq)]
pub struct Tunnel {
    /// Where it listens: `port 5433`.
    pub at: String,
    /// Its command line, without secrets; or why nobody can say who listens
    /// there, which leaves the place as unknown as a tunnel does.
    pub command: Result<String, String>,
    /// What its command line says of where it leads.
    pub names: Vec<Evidence>,
}

impl Tunnel {
    /// The far end alone, to be classified by its names.
    pub fn beyond(&self, target: &Target) -> Target {
        Target { evidence: self.names.clone(), ..Target::of(target.platform.clone()) }
    }

    /// Makes a target of this machine one of the far end, whose names alone
    /// come to the class `beyond`.
    pub fn lead(self, target: &mut Target, beyond: Class) {
        if beyond != Class::Local {
            for evidence in &mut target.evidence {
                evidence.asserts = evidence.asserts.filter(|class| *class != Class::Local);
            }
        }
        let at = &self.at;
        let gap = match &self.command {
            Ok(command) => {
                format!("a tunnel listens on {at}: {}", visible(command, SHOWN_AS_WHY))
            }
            Err(why) => {
                format!("who listens on {at} cannot be told: {}", visible(why, SHOWN_AS_WHY))
            }
        };
        if beyond == Class::Unknown && target.gap.is_none() {
            target.gap = Some(gap);
        }
        target.evidence.extend(self.names.into_iter().map(|name| {
            let source = format!("{}, a tunnel on {at}", name.source);
            Evidence { source: source.into(), ..name }
        }));
        let source = format!("listens on {}", self.at);
        target.evidence.extend(
            self.command.ok().map(|command| Evidence::hint(Kind::Setting, source, command)),
        );
    }
}

/// Whether a program of this name may carry connections elsewhere.
pub fn may_carry(program: &str) -> bool {
    programs::is_carrier(program)
}

/// A place of this machine, and the address where it is reached at one.
type Place = (Endpoint, Option<IpAddr>);

/// The tunnels of this machine, as one judgement asks for them: each place is
/// looked at once.
pub struct Tunnels<'a> {
    /// Commands beside those that are judged, which may open one: those that
    /// name the place count.
    started: &'a [Process],
    world: &'a dyn World,
    seen: RefCell<Vec<(Place, Option<Tunnel>)>>,
}

impl<'a> Tunnels<'a> {
    /// None looked at yet.
    pub fn new(started: &'a [Process], world: &'a dyn World) -> Tunnels<'a> {
        Tunnels { started, world, seen: RefCell::new(Vec::new()) }
    }

    /// The tunnel through which a target of this machine would be reached, if
    /// there is one or nobody can say.
    pub fn find(&self, target: &Target) -> Option<Tunnel> {
        let mut places = endpoints(target);
        places.truncate(MAX_ENDPOINTS);
        let mut hidden = None;
        for place in places {
            match self.at(place) {
                Some(tunnel) if tunnel.command.is_err() => hidden = hidden.or(Some(tunnel)),
                Some(tunnel) => return Some(tunnel),
                None => {}
            }
        }
        hidden
    }

    fn at(&self, place: Place) -> Option<Tunnel> {
        let mut seen = self.seen.borrow_mut();
        if let Some((_, tunnel)) = seen.iter().find(|(known, _)| *known == place) {
            return tunnel.clone();
        }
        let (endpoint, host) = &place;
        if seen.len() >= MAX_PLACES {
            let why = format!("more than {MAX_PLACES} places of this machine are used");
            return Some(Tunnel { at: spelled(endpoint), command: Err(why), names: Vec::new() });
        }
        let tunnel = look(endpoint, *host, self.started, self.world);
        seen.push((place, tunnel.clone()));
        tunnel
    }
}

/// The tunnel at one place.
fn look(
    endpoint: &Endpoint,
    host: Option<IpAddr>,
    started: &[Process],
    world: &dyn World,
) -> Option<Tunnel> {
    let names = |process: &&Process| programs::names_endpoint(process, endpoint);
    let mut opened = started.iter().filter(names);
    if let Some(tunnel) = opened.find_map(|process| through(process, endpoint, world)) {
        return Some(tunnel);
    }
    match world.listeners(endpoint) {
        Ok(listeners) => {
            let mut there = listeners.iter().filter(|listener| reaches(listener, host));
            there.find_map(|listener| carried(listener, endpoint, world))
        }
        Err(why) => Some(Tunnel { at: spelled(endpoint), command: Err(why), names: Vec::new() }),
    }
}

/// A place as it is written on a card.
fn spelled(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Port(port) => format!("port {port}"),
        Endpoint::Socket(path) => visible(&path.to_string_lossy(), 80),
    }
}

/// What an address's host leads to: an address of its own, or any of them.
fn reaches(listener: &Listener, host: Option<IpAddr>) -> bool {
    match (listener.address, host) {
        (Some(bound), Some(host)) => bound == host || bound.is_unspecified(),
        _ => true,
    }
}

/// A process as the tunnel that it is, if it is one.
fn through(process: &Process, endpoint: &Endpoint, world: &dyn World) -> Option<Tunnel> {
    let names = programs::far_end(process, endpoint, world)?;
    let command = Ok(visible(&redact::text(&process.cmdline.join(" ")), SHOWN));
    Some(Tunnel { at: spelled(endpoint), command, names })
}

fn carried(listener: &Listener, endpoint: &Endpoint, world: &dyn World) -> Option<Tunnel> {
    let tunnel = |process: &Process| through(process, endpoint, world);
    if !listener.processes.is_empty() {
        return listener.processes.iter().find_map(tunnel);
    }
    // Another account's descriptors are hidden, its command lines are not: one
    // that names the place is the one that listens there.
    let others = world.processes();
    let mut theirs = others.iter().filter(|process| process.uid == listener.uid);
    theirs
        .find_map(|process| programs::names_endpoint(process, endpoint).then(|| tunnel(process))?)
}

/// The places of this machine that a target may be reached at, with the
/// address where the target names one.
fn endpoints(target: &Target) -> Vec<(Endpoint, Option<IpAddr>)> {
    let ports = || -> Vec<u16> {
        let given = target.evidence.iter().filter(|evidence| evidence.kind == Kind::Port);
        let mut ports: Vec<u16> = given
            .flat_map(|evidence| evidence.value.split(','))
            .filter_map(|port| port.trim().parse().ok())
            .collect();
        if ports.is_empty() {
            ports.extend(default_port(&target.platform));
        }
        ports
    };
    let mut places = Vec::new();
    for evidence in target.evidence.iter().filter(|one| one.asserts == Some(Class::Local)) {
        match evidence.kind {
            Kind::Host => {
                let address = evidence.value.parse().ok();
                places.extend(ports().into_iter().map(|port| (Endpoint::Port(port), address)));
            }
            Kind::Url => {
                let port = url::parse(&evidence.value)
                    .and_then(|url| url.port.or_else(|| default_port(&url.scheme)));
                places.extend(port.map(|port| (Endpoint::Port(port), None)));
            }
            Kind::Socket if &*target.platform == "postgres" => {
                let folder = Path::new(&evidence.value);
                let socket = |port| folder.join(format!(".s.PGSQL.{port}"));
                let sockets = ports().into_iter().map(socket);
                places.extend(sockets.map(|path| (Endpoint::Socket(path), None)));
            }
            Kind::Socket => {
                places.push((Endpoint::Socket(PathBuf::from(&evidence.value)), None));
            }
            _ => {}
        }
    }
    places
}

/// The port of a platform's servers, or of a scheme's.
fn default_port(name: &str) -> Option<u16> {
    Some(match name {
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        "redis" | "rediss" => 6379,
        "mongodb" => 27017,
        "http" => 80,
        "https" => 443,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
