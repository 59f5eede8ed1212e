//! Rule: permissions joined by and, or and not.

use std::ops::{BitAnd, BitOr, Not as NotOf};

use crate::auth::{Access, AllowAny, IsAuthenticated, Permission};
use crate::error::Result;

/// A permission that can be joined with others by `&`, `|` and `!`; made by [`rule`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule<P>(P);

/// Makes a permission one that can be joined with others. The first of an expression needs it;
/// [`IsAuthenticated`] and [`AllowAny`] do not.
///
/// They are asked from the left to the right, and no more of them than it takes to decide; an error decides too. Mind
/// the precedence: `&` binds before `|`.
///
/// ```
/// # use sockeye::{Access, Permission, Result, rule, IsAuthenticated};
/// # macro_rules! permissions { ($($p:ident)*) => { $(#[derive(Clone, Copy)] struct $p; impl<U: Sync, O: Sync> Permission<U, O> for $p {
/// #     async fn check(&self, _: &Access<'_, U, O>) -> Result<bool> { Ok(true) } })* } }
/// # permissions!(IsMember IsModerator IsBanned);
/// # fn check(_: impl Permission<String>) {}
/// check(rule(IsMember) & !rule(IsBanned) | IsModerator);
/// check(IsAuthenticated & IsMember);
/// ```
pub fn rule<P>(permission: P) -> Rule<P> {
    Rule(permission)
}

impl<U, O, P: Permission<U, O>> Permission<U, O> for Rule<P>
where
    U: Sync,
    O: Sync,
{
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        self.0.check(access).await
    }
}

/// Both permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct And<P, Q>(P, Q);

impl<U: Sync, O: Sync, P: Permission<U, O>, Q: Permission<U, O>> Permission<U, O> for And<P, Q> {
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        Ok(self.0.check(access).await? && self.1.check(access).await?)
    }
}

/// One of two permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Or<P, Q>(P, Q);

impl<U: Sync, O: Sync, P: Permission<U, O>, Q: Permission<U, O>> Permission<U, O> for Or<P, Q> {
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        Ok(self.0.check(access).await? || self.1.check(access).await?)
    }
}

/// The opposite of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Not<P>(P);

impl<U: Sync, O: Sync, P: Permission<U, O>> Permission<U, O> for Not<P> {
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        Ok(!self.0.check(access).await?)
    }
}

macro_rules! operators {
    ($([$($p:ident)?] $left:ty;)*) => {
        $(
            impl<$($p,)? Q> BitAnd<Q> for $left {
                type Output = Rule<And<Self, Q>>;

                fn bitand(self, other: Q) -> Self::Output {
                    Rule(And(self, other))
                }
            }

            impl<$($p,)? Q> BitOr<Q> for $left {
                type Output = Rule<Or<Self, Q>>;

                fn bitor(self, other: Q) -> Self::Output {
                    Rule(Or(self, other))
                }
            }

            impl<$($p)?> NotOf for $left {
                type Output = Rule<Not<Self>>;

                fn not(self) -> Self::Output {
                    Rule(Not(self))
                }
            }
        )*
    };
}

operators! {
    [P] Rule<P>;
    [] IsAuthenticated;
    [] AllowAny;
}
