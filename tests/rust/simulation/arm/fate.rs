//! What happens to a request on its way, drawn from the seed.

use std::time::Duration;

use azs_registration::transport::{Reach, TransportError, TransportFault};

use crate::simulation::chance::Chance;

/// The latest effect after a request was written. The resource provider has 60 s.
const LATEST_EFFECT: u64 = 55_000;

/// When a write takes effect that is not answered as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landing {
    Never,
    /// Before its end is told.
    Before,
    /// So long after it was written.
    Late(Duration),
}

/// An answer that is not the service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Canned {
    /// 429, with the seconds of its Retry-After.
    Throttled(Option<u64>),
    /// An error of ARM.
    Status(u16, &'static str),
    /// A proxy's page with status 200.
    Page,
    Redirect,
}

/// How a request's end is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// By the service's answer.
    Served,
    /// The connection is cut.
    Cut,
    /// The answer is cut.
    Truncated,
    /// Not at all.
    Silence,
    Canned(Canned),
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Until the first byte is written.
    pub(crate) connect: Duration,
    /// It is never written.
    pub(crate) unreachable: Option<TransportFault>,
    /// From there until the service works on it.
    pub(crate) there: Duration,
    /// From there until the client hears of it.
    pub(crate) back: Duration,
    pub(crate) landing: Landing,
    pub(crate) told: Told,
}

impl Fate {
    /// Nothing happens to it, in no time.
    pub(crate) const CALM: Fate = Fate {
        connect: Duration::from_millis(11),
        unreachable: None,
        there: Duration::ZERO,
        back: Duration::ZERO,
        landing: Landing::Before,
        told: Told::Served,
    };
}

/// How likely what is, of a thousand requests.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Slow answers, of up to 50 s.
    pub(crate) slow: u32,
    pub(crate) unreachable: u32,
    pub(crate) cut: u32,
    pub(crate) truncated: u32,
    pub(crate) silence: u32,
    pub(crate) throttled: u32,
    pub(crate) request_timeout: u32,
    pub(crate) server_error: u32,
    pub(crate) page: u32,
    pub(crate) redirect: u32,
    pub(crate) another_operation: u32,
    pub(crate) resolver: u32,
}

impl Weather {
    /// Some weather: mostly mild, some harsh, with a favourite fault or without any.
    pub(crate) fn draw(chance: &mut Chance) -> Weather {
        let most: u64 = *chance.pick(&[0, 0, 10, 30, 30, 60, 150]);
        let mut some = || {
            let rate = if most == 0 { 0 } else { chance.below(most + 1) };
            if chance.permille(500) { u32::try_from(rate).unwrap() } else { 0 }
        };
        let mut weather = Weather {
            slow: some(),
            unreachable: some(),
            cut: some(),
            truncated: some(),
            silence: some(),
            throttled: some(),
            request_timeout: some(),
            server_error: some(),
            page: some(),
            redirect: some(),
            another_operation: some(),
            resolver: some(),
        };
        if chance.permille(200) {
            let favourite = [
                &mut weather.cut,
                &mut weather.silence,
                &mut weather.server_error,
                &mut weather.page,
                &mut weather.unreachable,
                &mut weather.throttled,
            ];
            let at = usize::try_from(chance.below(6)).unwrap();
            for (number, rate) in favourite.into_iter().enumerate() {
                if number == at {
                    *rate = 300;
                }
            }
        }
        weather
    }

    /// What happens to a request.
    pub(crate) fn fate(&self, chance: &mut Chance) -> Fate {
        let mut fate = Fate {
            // The driver looks every 10 ms while it waits with a token: what it sees ended has ended before the next
            // request is written.
            connect: chance.millis(11, 60),
            there: chance.millis(5, 120),
            back: chance.millis(1, 60),
            ..Fate::CALM
        };
        if chance.permille(self.slow) {
            fate.there = chance.millis(100, 30_000);
            fate.back = chance.millis(100, 20_000);
        }
        let mut draw = chance.below(1000);
        let mut is = |rate: u32| {
            let hit = draw < u64::from(rate);
            draw = draw.saturating_sub(u64::from(rate));
            // Once hit, nothing else is.
            if hit {
                draw = u64::MAX;
            }
            hit
        };
        let (unreachable, cut, truncated, silence) =
            (is(self.unreachable), is(self.cut), is(self.truncated), is(self.silence));
        let (throttled, request_timeout, server_error) =
            (is(self.throttled), is(self.request_timeout), is(self.server_error));
        let (page, redirect) = (is(self.page), is(self.redirect));
        let (another_operation, resolver) = (is(self.another_operation), is(self.resolver));
        if unreachable {
            let fault = *chance.pick(&[
                TransportFault::ConnectionRefused,
                TransportFault::NameNotResolved,
                TransportFault::ConnectionFailed,
                TransportFault::ConnectTimeout,
            ]);
            if fault == TransportFault::ConnectTimeout {
                fate.connect = Duration::from_secs(20);
            }
            fate.unreachable = Some(fault);
        } else if cut {
            fate.landing = doubtful_landing(chance);
            fate.told = Told::Cut;
        } else if truncated {
            fate.told = Told::Truncated;
        } else if silence {
            fate.landing = doubtful_landing(chance);
            fate.told = Told::Silence;
        } else if throttled {
            let seconds = chance.between(0, 30);
            let named = chance.permille(700).then_some(seconds);
            fate.landing = Landing::Never;
            fate.told = Told::Canned(Canned::Throttled(named));
        } else if request_timeout {
            fate.landing = doubtful_landing(chance);
            fate.told = Told::Canned(Canned::Status(408, "RequestTimeout"));
        } else if server_error {
            fate.landing = doubtful_landing(chance);
            let (status, code) = *chance.pick(&[
                (500, "InternalServerError"),
                (503, "ServiceUnavailable"),
                (504, "GatewayTimeout"),
            ]);
            fate.told = Told::Canned(Canned::Status(status, code));
        } else if page {
            fate.landing = doubtful_landing(chance);
            fate.told = Told::Canned(Canned::Page);
        } else if redirect {
            fate.landing = Landing::Never;
            fate.told = Told::Canned(Canned::Redirect);
        } else if another_operation {
            fate.landing = Landing::Never;
            fate.told = Told::Canned(Canned::Status(409, "AnotherOperationInProgress"));
        } else if resolver {
            fate.landing = doubtful_landing(chance);
            fate.told = Told::Canned(Canned::Status(502, "MetadataResolverBadGatewayError"));
        }
        fate
    }
}

fn doubtful_landing(chance: &mut Chance) -> Landing {
    let late = chance.millis(500, LATEST_EFFECT);
    match chance.below(3) {
        0 => Landing::Never,
        1 => Landing::Before,
        _ => Landing::Late(late),
    }
}

pub(crate) fn lost(reach: Reach, fault: TransportFault) -> TransportError {
    TransportError { reach, fault, cause: "simulated".to_owned() }
}
